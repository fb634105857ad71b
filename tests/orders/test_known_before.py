"""What is known of before: the same number of a marketplace, a customer to whom something went, a door, and where a
customer stands a second time. Always the company's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from orders.entry import marketplaces, recipients
from orders.intake import editing
from orders.models import Order
from orders.questions import copies
from tests import cast
from tests.orders import stage
from tests.orders.test_finding import names
from tests.orders.test_finding import orders as orders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *[("EBAY", "eBay"), (" tik  tok shop ", "TikTok Shop"), ("TikTok", "TikTok Shop"), ("subito.it", "Subito")],
        *[("facebook", "Facebook Marketplace"), ("Marketplace", "Facebook Marketplace"), ("amazon.IT", "Amazon")],
        *[("fb marketplace", "Facebook Marketplace"), ("ebay.it", "eBay"), ("Il  mio banco", "Il mio banco")],
        *[(name.upper(), name) for name in marketplaces.KNOWN],
    ],
)
def test_a_marketplace_has_one_name(written: str, name: str) -> None:
    assert marketplaces.written(written) == name


def test_the_same_number_of_a_marketplace_is_known(orders: dict[str, Order], dropshipper: Any) -> None:
    typed, tenant = orders["typed"], dropshipper.pk

    def before(reference: str, marketplace: str = "", **more: Any) -> Order | None:
        return marketplaces.typed_before(tenant, marketplace=marketplace, reference=reference, **more)

    assert before(" # 88 ") == before("88", "EBAY.it") == before("88", but=orders["late"].pk) == typed
    assert [before(""), before(" "), before("8"), before("88", "Amazon"), before("88", but=typed.pk)] == [None] * 5
    assert [before("IT-7"), before("IT-7", "Casa")] == [None] * 2  # a shop's
    late = orders["late"]
    Order.objects.filter(pk=late.pk).update(source_number="88", source_label="")
    assert before("88", "Amazon") == before("88", "eBay") == late  # the newest; without a name it may be any
    Order.objects.filter(pk=late.pk).update(state="cancelled")
    assert (
        before("88"),
        marketplaces.typed_before(orders["theirs"].dropshipper_id, marketplace="", reference="88"),
    ) == (typed, None)


def test_a_customer_of_before_is_offered_once_by_his_newest_order(orders: dict[str, Order], dropshipper: Any) -> None:
    late, shop, typed = orders["late"], orders["shop"], orders["typed"]

    def like(**asked: str) -> list[str]:
        return [names([one.order], orders)[0] for one in recipients.like(dropshipper.pk, **asked)]

    assert like(name="giulia") == like(phone="333 1234") == like(name="ros giu") == ["late"]  # of three the newest
    assert like(name="ugo") == like(phone="0039 333 000") == like(phone="30000") == ["shop"]
    assert [like(name="ug"), like(name="u g"), like(phone="3330"), like(), like(name="zz", phone="12345678")] == [
        []
    ] * 5
    Order.objects.filter(pk=typed.pk).update(street="Via Dora 1")
    assert like(name="giulia rossi") == ["late", "typed"]
    Order.objects.filter(pk__in=[typed.pk, late.pk]).update(street="", street2="", postcode="", city="Cuneo")
    assert like(name="giulia rossi") == ["late", "unknown"]
    Order.objects.filter(pk=late.pk).update(name="")
    assert like(phone="333 1234") == ["unknown", "typed"]
    Order.objects.filter(pk=typed.pk).update(forgotten_at=timezone.now())
    Order.objects.filter(pk=shop.pk).update(forget_asked_at=timezone.now())
    assert (like(phone="333 1234"), like(name="ugo")) == (["unknown"], [])
    known = recipients.one(dropshipper.pk, orders["unknown"].pk)
    assert known == recipients.Known(orders["unknown"])
    gone = [late.pk, typed.pk, shop.pk, orders["theirs"].pk]
    assert [recipients.one(dropshipper.pk, pk) for pk in gone] == [None] * 4
    fields = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")
    assert known.fill == str({name: getattr(orders["unknown"], name) for name in fields}).replace("'", '"')


def test_the_door_to_which_an_order_went_before(orders: dict[str, Order], dropshipper: Any) -> None:
    door = replace(stage.ADDRESS, street="V. Garibaldi, n. 12", name="Chiunque", postcode=" 10122 ")

    def before(address: Any = door, **more: Any) -> Order | None:
        return recipients.sent_before(dropshipper.pk, address, **more)

    late, unknown = orders["late"], orders["unknown"]
    assert (before(), before(but=late.pk)) == (late, unknown)
    for state in ("draft", "cancelled"):
        Order.objects.filter(pk=late.pk).update(state=state)
        assert before() == unknown
    assert before(replace(door, street="Via Garibaldi 13")) is None
    for other in ({"street": "", "street2": ""}, {"postcode": ""}, {"postcode": "10"}):  # no door is one
        Order.objects.filter(pk=unknown.pk).update(**other)
        assert before(replace(door, **other)) is None


def test_where_a_customer_stands_a_second_time(orders: dict[str, Order], dropshipper: Any, owner: Any) -> None:
    tenant, shop, typed = dropshipper.pk, orders["shop"], orders["typed"]
    copy = editing.duplicate(shop.pk, by=owner.pk)
    second = editing.duplicate(copy.pk, by=owner.pk)
    theirs = editing.duplicate(orders["theirs"].pk, by=cast.member(orders["theirs"].dropshipper).pk)
    assert copies.of([shop.pk]) == {copy.pk, second.pk}
    assert copies.of([copy.pk]) == {second.pk}
    assert copies.of([typed.pk]) == copies.of([]) == set()
    Order.objects.filter(pk__in=[copy.pk, second.pk]).update(name="Altro", email="", phone="", postcode="1")
    Order.objects.filter(pk=shop.pk).update(fiscal={"tax_code": "T1"})
    [person] = copies.persons([shop.pk])
    said = {"email": "ugo@example.com", "phone": "+393330000003", "name": "Ugo Neri", "postcode": "14100"}
    assert person == copies.Person(**said, street="Via Po 3", tax_code="T1")

    def of(known: copies.Person, *tenants: int) -> list[str]:
        found = {**orders, "copy": copy, "second": second, "theirs 2": theirs}
        return names(copies.of_persons(tenants or (tenant,), [known]), found)

    mine = {"typed": {"email": " Ugo@EXAMPLE.com "}, "late": {"phone": "0039 (333) 000-0003"}}
    mine |= {"unknown": {"name": " ugo   NERI ", "postcode": "14100 "}}
    for name, fields in mine.items():
        Order.objects.filter(pk=orders[name].pk).update(**fields)
    assert of(person) == ["late", "typed", "unknown"]
    assert of(copies.Person(email="UGO@example.com")) == ["typed"]
    assert of(copies.Person(phone="333 0000003")) == ["late"]
    assert of(copies.Person(name="Ugo Neri", postcode=" 14100")) == ["unknown"]
    assert of(person, orders["theirs"].dropshipper_id) == ["theirs 2"]
    nobody = [copies.Person(), copies.Person(phone="000003"), copies.Person(name="–", postcode="14100")]
    assert [of(one) for one in nobody] == [[]] * 3
    Order.objects.filter(pk=orders["late"].pk).update(forgotten_at=timezone.now())
    assert of(person) == ["typed", "unknown"]
    assert (copies.last_figures("1234567"), copies.last_figures("123456"), copies.last_figures("+39 333 0000003")) == (
        "1234567",
        "",
        "330000003",
    )
    assert (copies.plain_name(" ugo \t neri "), copies.plain_name("– 7")) == ("UGO NERI", "")
