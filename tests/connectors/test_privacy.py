"""Forgetting customers: those who ask, those of old orders; never one whose parcel is still to come."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import privacy, upsert
from connectors.models import Delivery, InboxOrder, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import PrivacyRequest
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.intake import follow
from orders.models import Order, OrderEvent
from tests.connectors.arrivals import PREPAID, arrive, ready_shop
from tests.connectors.conftest import make_shop, order_body

pytestmark = pytest.mark.django_db
PERSONAL = ("name", "company", "street", "street2", "postcode", "city", "phone", "email", "note")


def keep_delivery(shop: Any, number: int, *, age: dt.timedelta = dt.timedelta(), state: str = "done") -> Delivery:
    body = b'{"id": %d, "billing": {"first_name": "Ada"}}' % number
    return Delivery.objects.create(
        shop=shop,
        dedupe=str(number).encode(),
        topic="order.updated",
        body=body,
        state=state,
        received_at=timezone.now() - age,
    )


def ended(shop: Any, number: int, **fields: Any) -> Order:
    order = arrive(shop, number, **fields)
    follow.withdraw(order.pk)
    order.refresh_from_db()
    return order


def known(order: Any) -> bool:
    order.refresh_from_db()
    values = [getattr(order, name) for name in PERSONAL]
    row = InboxOrder.objects.get(order=order)
    gone = (values == ["–", *[""] * 8], bytes(row.raw) == b"", "address" not in order.shop_data, bool(row.forgotten_at))
    assert len(set(gone)) == 1, gone
    return not gone[0]


def ask(shop: Any, *numbers: str, **fields: str) -> None:
    privacy.answer(shop, PrivacyRequest("customer", external_ids=numbers, **fields))


def test_who_asks_is_forgotten_with_what_the_shop_wrote_of_him(shop: Any, goods: Any) -> None:
    his, other = ended(shop, 101), ended(shop, 102)
    about_him, about_other = keep_delivery(shop, 101), keep_delivery(shop, 102)
    ask(shop, "101")
    assert not known(his)
    assert known(other)
    about_him.refresh_from_db()
    about_other.refresh_from_db()
    assert (bytes(about_him.body), b"Ada" in bytes(about_other.body)) == (b"", True)
    assert (his.source_number, his.sale_total, his.lines.count()) == ("101", his.sale_total, 1)
    assert str(his.sale_total) == "39.90"
    event = ShopEvent.objects.get(code="customer_forgotten")
    assert event.params == {"count": 1, "waiting": 0}
    assert "Ada" not in str(event.params)


def test_a_message_about_another_order_is_kept_though_the_number_is_within_its_own(shop: Any, goods: Any) -> None:
    ended(shop, 101)
    unread = keep_delivery(shop, 21012, state="dead")
    ask(shop, "101")
    unread.refresh_from_db()
    assert b"Ada" in bytes(unread.body)


def test_he_is_found_by_his_address_too(shop: Any, goods: Any) -> None:
    order = ended(shop, 101)
    assert known(order)
    ask(shop, customer="ADA@example.it")
    assert not known(order)


def test_a_parcel_that_is_still_to_come_is_not_made_unsendable(shop: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 101, **PREPAID)
    ask(shop, "101")
    assert known(order)
    assert ShopEvent.objects.get(code="customer_forgotten").params == {"count": 0, "waiting": 1}
    assert privacy.sweep() == 0
    runs.dispatch_now(
        order.pk,
        dropshipper_id=shop.dropshipper_id,
        key="1f0c7a52-9f3f-4a5e-8f0e-6a2b3c4d5e6f",
        by=None,
        source="woocommerce",
    )
    assert privacy.sweep() == 0
    assert known(order)
    parcels.mark_packed(order.pk, by=None)
    parcels.mark_shipped(order.pk, tracking_number="T1", by=None)
    assert privacy.sweep() == 0
    parcels.mark_delivered(order.pk, by=None)
    assert privacy.sweep() == 1
    assert not known(order)
    shipment = Order.objects.get(pk=order.pk).shipment
    assert shipment is not None
    assert [getattr(shipment, name) for name in PERSONAL] == ["–", *[""] * 8]
    assert shipment.tracking == "T1"


def test_a_late_word_of_the_shop_does_not_bring_him_back(shop: Any, goods: Any) -> None:
    order = ended(shop, 101)
    ask(shop, "101")
    arrived = InboxOrder.objects.get(order=order)
    body = json.dumps(order_body(101, date_modified_gmt="2026-12-20T10:00:00")).encode()
    reading = platform("woocommerce").read("order.updated", body, facts={})
    assert upsert.upsert(shop, reading, body, via=upsert.PULL, truth=True) is None  # type: ignore[arg-type]
    assert not known(order)
    assert InboxOrder.objects.get().pk == arrived.pk


def test_twice_asked_is_once_forgotten(shop: Any, goods: Any) -> None:
    order = ended(shop, 101)
    for _time in range(2):
        ask(shop, "101")
    assert OrderEvent.objects.filter(order=order, code="forgotten").count() == 1
    assert list(ShopEvent.objects.order_by("pk").values_list("params__waiting", flat=True)) == [0, 0]


def test_a_question_is_answered_with_numbers_for_the_staff(shop: Any, goods: Any) -> None:
    order = ended(shop, 101)
    privacy.answer(shop, PrivacyRequest("data", customer="ada@example.it", external_ids=("999",)))
    assert ShopEvent.objects.get(code="data_request").params == {"count": 1, "numbers": "101"}
    assert known(order)


def test_a_whole_shop_is_forgotten_and_no_other(shop: Any, other_dropshipper: Any, goods: Any) -> None:
    stranger = make_shop(other_dropshipper, address="https://other.example.it")
    mine, theirs = [ended(shop, 101), ended(shop, 102)], ended(stranger, 101)
    privacy.answer(shop, PrivacyRequest("shop"))
    assert [known(order) for order in mine] == [False, False]
    assert known(theirs)


def test_old_customers_are_forgotten_without_being_asked(shop: Any, goods: Any, settings: Any) -> None:
    old, new, never_sent = ended(shop, 101), ended(shop, 102), arrive(shop, 103)
    long_ago = timezone.now() - dt.timedelta(days=settings.RETENTION_CUSTOMER_DAYS + 1)
    Order.objects.filter(pk__in=[old.pk, never_sent.pk]).update(placed_at=long_ago)
    assert privacy.sweep() == 2
    assert [known(order) for order in (old, new, never_sent)] == [False, True, False]
    assert privacy.sweep() == 0


def test_old_messages_go_and_those_that_wait_stay(shop: Any, goods: Any, settings: Any) -> None:
    age = dt.timedelta(days=settings.RETENTION_MESSAGE_DAYS, hours=1)
    for number, state in enumerate(("done", "ignored", "dead", "new")):
        keep_delivery(shop, number, age=age, state=state)
    keep_delivery(shop, 9)
    over, still_open = ended(shop, 101), arrive(shop, 102)
    InboxOrder.objects.update(updated_at=timezone.now() - age)
    privacy.sweep()
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["done", "new"]
    assert bytes(InboxOrder.objects.get(order=over).raw) == b""
    assert bytes(InboxOrder.objects.get(order=still_open).raw) != b""


def test_a_dead_message_of_another_order_with_the_same_figures_is_kept(shop: Any, goods: Any) -> None:
    ended(shop, 2)
    line = b'{"id": 77, "line_items": [{"id": 2, "quantity": 2, "order_item_id": 2}], "billing": {"first_name": "Ada"}'
    whole = Delivery.objects.create(shop=shop, dedupe=b"w", topic="order.updated", body=line + b"}", state="dead")
    ask(shop, "2")
    whole.refresh_from_db()
    assert (whole.state, b"Ada" in bytes(whole.body)) == ("dead", True)


def test_a_message_that_waits_is_emptied_only_when_it_would_come_to_nothing(shop: Any, goods: Any) -> None:
    ended(shop, 101)
    still_open = arrive(shop, 102)
    his, other = keep_delivery(shop, 101, state="new"), keep_delivery(shop, 102, state="new")
    ask(shop, "101", "102")
    his.refresh_from_db()
    other.refresh_from_db()
    assert (his.state, bytes(his.body)) == ("ignored", b"")
    assert (other.state, b"Ada" in bytes(other.body)) == ("new", True)
    assert known(still_open)


def test_an_emptied_message_is_not_read_again_and_its_repeat_is_read_whole(shop: Any, goods: Any) -> None:
    from connectors.intake import deliveries, receive

    ended(shop, 101)
    row = keep_delivery(shop, 101)
    ask(shop, "101")
    deliveries.replay(row.pk)
    row.refresh_from_db()
    assert row.state == "done"
    stored = (shop.pk, bytes(row.dedupe), row.topic, "", "{}", b'{"id": 9}')
    receive._store(*stored, again=True)
    row.refresh_from_db()
    assert (row.state, bytes(row.body)) == ("new", b'{"id": 9}')


@pytest.mark.parametrize("reason", ["a customer's words", "Ada Neri, Via Roma 1"])
def test_what_stays_of_params_is_codes_and_amounts(reason: str) -> None:
    from orders.privacy import impersonal

    params = {"number": "MCI-1", "amount": "12.34", "count": 3, "reason": reason, "changes": [["name", "a", reason]]}
    assert impersonal(params) == {"number": "MCI-1", "amount": "12.34", "count": 3, "reason": "–", "changes": []}
    assert impersonal({"phone": 3331234567, "on": True, "none": None, "memory": {"a": reason}}) == {
        "phone": "–",
        "on": True,
        "none": None,
        "memory": {},
    }


@pytest.mark.parametrize("anew", [False, True])
def test_an_id_that_the_shop_gives_to_another_customer_is_not_the_forgotten_ones(
    shop: Any, goods: Any, anew: bool
) -> None:
    """A shop that was reset counts anew; also when it was connected anew since."""
    ended(shop, 101, order_key="wc_order_first")
    ask(shop, "101")
    if anew:
        shop.state = "gone"
        shop.save()
        shop = make_shop(shop.dropshipper, address=shop.address)
    times = {"date_created_gmt": "2026-11-25T10:00:00", "date_modified_gmt": "2026-11-25T10:00:00"}
    other = arrive(shop, 101, order_key="wc_order_second", **times)
    assert (other.name, Order.objects.count()) == ("Ada Neri", 2)
