"""A half-typed order is kept for the one who types it, is never written over silently, and goes when it is sent."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from orders import privacy
from orders.entry import half_typed
from orders.models import HalfTyped, Order
from tests import cast
from tests.orders import stage
from tests.orders.test_entry_page import filled

pytestmark = pytest.mark.django_db
KEEP = "orders:keep"


def outcome(answer: Any) -> str:
    assert answer.status_code == 200
    return re.findall(r'data-outcome="(\w+)"', answer.content.decode())[0]


def revision(answer: Any) -> str:
    return re.findall(r'data-revision="(\d+)"', answer.content.decode())[0]


def live() -> list[HalfTyped]:
    return list(HalfTyped.objects.filter(state="live"))


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    return {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("key", "revision") if name in page
    }


def test_what_is_typed_is_kept_offered_and_taken_up_again_as_it_was(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    stage.method()
    stage.variant("MCI-1")
    client = client_for(owner)
    form = filled(("MCI-1", 2), ("NON-C-E", 1), postcode="10", note="  Campanello", sale_total="39,9x", window="a")

    assert outcome(client.post(reverse(KEEP), form)) == "kept"
    assert not Order.objects.exists()

    later = client_for(owner)  # another browser, another session
    offered = later.get(reverse("orders:new")).content.decode()
    listed = later.get(reverse("orders:list")).content.decode()
    for page in (offered, listed):
        assert "data-resume" in page
        assert "Giulia Rossi" in page
        assert "2 articoli" in page
    assert 'value="Giulia Rossi"' not in offered

    resumed = later.get(reverse("orders:new"), {"half": "1"}).content.decode()
    for value in ("Giulia Rossi", "MCI-1", "NON-C-E", "10", "39,9x", form["key"]):
        assert f'value="{value}"' in resumed
    assert form_of(resumed)["revision"] == "1"


def test_nobody_else_sees_it_not_the_company_nor_a_stranger_nor_the_accounting(
    dropshipper: Any, owner: Any, other_dropshipper: Any, client_for: Any
) -> None:
    client_for(owner).post(reverse(KEEP), filled(("MCI-1", 1)))
    others = [cast.member(dropshipper, role="orders"), cast.member(other_dropshipper)]
    for person in others:
        client = client_for(person)
        for page in (client.get(reverse("orders:new")), client.get(reverse("orders:new"), {"half": 1})):
            assert "Giulia Rossi" not in page.content.decode()
        client.post(reverse("orders:discard"))
        client.post(reverse("orders:restore"))
    assert len(live()) == 1
    bookkeeper = client_for(cast.member(dropshipper, Member.Role.ACCOUNTING))
    for name in ("keep", "discard", "restore"):
        assert bookkeeper.post(reverse(f"orders:{name}")).status_code == 403
    assert "data-resume" not in bookkeeper.get(reverse("orders:list")).content.decode()


def test_the_database_holds_one_for_each_person_and_company(dropshipper: Any, owner: Any) -> None:
    def one(**fields: Any) -> None:
        HalfTyped.objects.create(dropshipper=dropshipper, user=owner, key=uuid.uuid4(), **fields)

    one()
    with pytest.raises(IntegrityError), transaction.atomic():
        one()
    one(order=stage.order(dropshipper, (stage.variant().sku, 1)))
    one(state="discarded")


def test_a_second_window_does_not_write_over_the_first_until_somebody_says_so(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    first = filled(("MCI-1", 1), window="one")
    other = filled(("MCI-2", 1), name="Piero Bianchi", window="two")
    shown = revision(client.post(reverse(KEEP), first))

    told = client.post(reverse(KEEP), other)
    assert outcome(told) == "other"
    assert "Giulia Rossi" in told.content.decode()  # whose draft it is that is kept
    assert [half_typed.recipient(row.content) for row in live()] == ["Giulia Rossi"]

    assert outcome(client.post(reverse(KEEP) + "?instead", other)) == "kept"
    assert [half_typed.recipient(row.content) for row in live()] == ["Piero Bianchi"]
    assert (
        outcome(client.post(reverse(KEEP), first | {"revision": shown})) == "other"
    )  # and now it is the other way round

    client.post(reverse("orders:restore"))  # nothing is lost: they change places
    assert [half_typed.recipient(row.content) for row in live()] == ["Giulia Rossi"]
    client.post(reverse("orders:restore"))
    assert [half_typed.recipient(row.content) for row in live()] == ["Piero Bianchi"]


def test_two_windows_that_took_up_the_same_draft_do_not_write_over_each_other(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    form = filled(("MCI-1", 1), window="one")
    client.post(reverse(KEEP), form)
    shown = form_of(client.get(reverse("orders:new"), {"half": 1}).content.decode())

    assert outcome(client.post(reverse(KEEP), form | {"name": "A", "window": "two", **shown})) == "kept"
    assert outcome(client.post(reverse(KEEP), form | {"name": "B", "window": "three", **shown})) == "other"
    assert outcome(client.post(reverse(KEEP), form | {"name": "C", "window": "two", **shown})) == "kept"
    assert half_typed.recipient(live()[0].content) == "C"


@pytest.mark.parametrize("do", ["send", "draft", "again", "sync"])
def test_it_goes_when_the_order_is_saved_and_what_comes_late_is_not_kept_again(
    do: str, dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method, client = stage.method(), client_for(owner)
    stage.variant("MCI-1")
    form = filled(("MCI-1", 1), method=method.pk, window="one", do=do)
    client.post(reverse(KEEP), form)
    assert len(live()) == 1
    assert client.post(reverse("orders:new"), form).status_code == 302
    assert live() == []
    assert HalfTyped.objects.get().content == {}

    assert outcome(client.post(reverse(KEEP), form)) == "sent"
    assert live() == []
    # The other side of it: without what is remembered of the form, the edit of an order would come back.
    order = Order.objects.get()
    if do in ("send", "draft"):
        edit = f"{reverse(KEEP)}?order={order.pk}"
        again = form | {"key": str(uuid.uuid4()), "version": order.version, "name": "Anna Neri", "do": "draft"}
        assert outcome(client.post(edit, again)) == "kept"
        assert client.post(reverse("orders:edit", args=[order.pk]), again).status_code == 302
        assert outcome(client.post(edit, again)) == "sent"
        HalfTyped.objects.filter(state="sent").delete()
        assert outcome(client.post(edit, again)) == "kept"  # the guard off


def test_a_draft_whose_order_was_saved_by_one_who_was_killed_is_not_offered(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    client, key = client_for(owner), uuid.uuid4()
    client.post(reverse(KEEP), filled(("MCI-1", 1), key=str(key)))
    order = stage.order(dropshipper, (stage.variant().sku, 1))
    assert "data-resume" in client.get(reverse("orders:new")).content.decode()
    assert "data-resume" in client.get(reverse("orders:list")).content.decode()
    Order.objects.filter(pk=order.pk).update(entry_key=key)
    assert "data-resume" not in client.get(reverse("orders:new")).content.decode()
    assert "data-resume" not in client.get(reverse("orders:list")).content.decode()


def test_it_is_put_away_and_had_back(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    client.post(reverse(KEEP), filled(("MCI-1", 1)))
    page = client.post(reverse("orders:discard"), follow=True).content.decode()
    assert "data-resume" not in page
    assert "data-restore" in page
    answer = client.post(reverse("orders:restore"))
    assert answer.url == reverse("orders:new") + "?half=1"
    assert 'value="Giulia Rossi"' in client.get(answer.url).content.decode()
    assert client.post(reverse("orders:discard"), follow=True).status_code == 200
    HalfTyped.objects.all().delete()
    assert client.post(reverse("orders:restore")).url == reverse("orders:new")  # long gone: no error


def test_an_empty_form_is_no_draft_and_one_that_was_emptied_is_none_any_more(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    blank = dict.fromkeys(("name", "phone", "street", "postcode", "city", "province", "sale_total"), "")
    empty = filled(("", 1), window="a") | blank
    assert outcome(client.post(reverse(KEEP), empty)) == "empty"
    assert outcome(client.post(reverse(KEEP), empty | {"phone": "333"})) == "kept"
    assert outcome(client.post(reverse(KEEP), empty)) == "empty"
    assert not HalfTyped.objects.exists()
    for nonsense in ({}, {"lines-TOTAL_FORMS": "x", "name": "W" * 5000, "revision": "9" * 40, "window": "w" * 900}):
        assert client.post(reverse(KEEP), nonsense).status_code == 200


def test_an_edit_is_kept_beside_and_says_when_the_order_changed_since(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method, client = stage.method(), client_for(owner)
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    url = reverse("orders:edit", args=[order.pk])
    form = filled(("MCI-1", 1), version=order.version, street="Via Nuova 5", window="w")
    assert outcome(client.post(f"{reverse(KEEP)}?order={order.pk}", form)) == "kept"
    assert "data-resume" not in client.get(reverse("orders:new")).content.decode()  # it is no new order

    offered = client.get(url).content.decode()
    assert "data-resume" in offered
    assert "Via Nuova 5" not in offered
    assert "Via Nuova 5" in client.get(url, {"half": 1}).content.decode()

    Order.objects.filter(pk=order.pk).update(version=order.version + 1)
    resumed = client.get(url, {"half": 1}).content.decode()
    assert "data-stale" in resumed
    assert f'name="version" value="{order.version}"' in resumed  # saving it asks, as with any stale form
    assert client.post(url, form).status_code == 422
    assert "Via Nuova 5" in client.get(url, {"half": 1}).content.decode()

    stranger = client_for(cast.member(cast.dropshipper()))
    for name in ("keep", "discard", "restore"):
        assert stranger.post(f"{reverse(f'orders:{name}')}?order={order.pk}").status_code == 404


def test_without_javascript_a_round_trip_and_a_refusal_keep_it_too(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    client.post(reverse("orders:new"), filled(("MCI-1", 1), do="add"))
    assert len(live()) == 1
    assert client.post(reverse("orders:new"), filled(("NON-C-E", 1), name="")).status_code == 422
    HalfTyped.objects.all().delete()
    assert client.post(reverse("orders:new"), filled(("NON-C-E", 1), street="")).status_code == 422
    assert half_typed.recipient(live()[0].content) == "Giulia Rossi"


@pytest.mark.parametrize("known_by", ["email", "phone", "name"])
def test_a_customer_who_is_forgotten_is_forgotten_in_what_is_being_typed(
    known_by: str, dropshipper: Any, owner: Any, other_dropshipper: Any, client_for: Any
) -> None:
    order = stage.order(dropshipper, (stage.variant().sku, 1), source="woocommerce")
    said = {
        "email": {"email": " GIULIA@example.com ", "name": "X", "phone": ""},
        "phone": {"email": "", "name": "X", "phone": "02 111222 / 333 1234567"},
        "name": {"email": "", "name": "giulia  ROSSI", "phone": ""},
    }[known_by]
    mine = filled(("MCI-1", 1), **said)
    stranger = cast.member(other_dropshipper)
    colleague = cast.member(dropshipper, role="orders")
    for person in (owner, colleague, stranger):
        client_for(person).post(reverse(KEEP), mine)
    client_for(owner).post(reverse("orders:discard"))  # what was put away is reached too
    another = cast.member(dropshipper, role="orders")
    client_for(another).post(reverse(KEEP), filled(("MCI-1", 1), name="Anna Neri", phone="", email="", postcode="1"))

    privacy.ask([order.pk])

    assert set(HalfTyped.objects.values_list("user_id", flat=True)) == {another.pk, stranger.pk}


def test_an_edit_of_a_forgotten_order_goes_with_it_whatever_it_says(dropshipper: Any, owner: Any) -> None:
    order = stage.order(dropshipper, (stage.variant().sku, 1))
    Order.objects.filter(pk=order.pk).update(state="cancelled")
    content = half_typed.content_of({"name": "Tutt'altra"}, [])
    place = half_typed.Place(dropshipper.pk, owner.pk, order.pk)
    half_typed.keep(place, content, key=uuid.uuid4(), window="w")
    assert privacy.forget([order.pk]) == [order.pk]
    assert not HalfTyped.objects.exists()
    assert Order.objects.get().forgotten_at <= timezone.now()
