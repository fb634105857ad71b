"""Orders that change and keep their date, ids that are given twice, answers that overtake each other, clocks that are
set back: what the shop said last is what counts here."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import deliveries, page, reconcile
from connectors.intake import upsert as inbox_upsert
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder
from connectors.shops.access import access_of
from orders.models import Order
from tests.connectors.conftest import Ticking, order_body
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db

KEY = {"order_key": "wc_order_first"}
NEXT_DAY = {"date_created_gmt": "2026-11-22T09:00:00", "date_modified_gmt": "2026-11-22T09:00:00"}
LATER = {"order_key": "wc_order_other", **NEXT_DAY}


def read(body: dict[str, Any]) -> IncomingOrder:
    found = platform("woocommerce").read("order.updated", json.dumps(body).encode(), facts={})
    assert isinstance(found, IncomingOrder)
    return found


def upsert(shop: Any, body: dict[str, Any], **kwargs: Any) -> InboxOrder | None:
    return inbox_upsert.upsert(shop, read(body), json.dumps(body).encode(), via=inbox_upsert.PULL, truth=True, **kwargs)


def minutes(number: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(minutes=number)


def edit_keeping_the_date(fake: Ticking, id_: int, quantity: int) -> None:
    """As on the old order storage: the lines change, the date does not, and the webhook is lost."""
    doc = fake.orders.doc(id_)
    doc["lines"][0]["quantity"] = quantity
    fake.store.put("order", doc)


def test_an_edit_without_a_new_date_and_without_its_webhook_is_seen_by_the_pull(connected: Any, fake: Ticking) -> None:
    placed = fake.place_order([("SCN-00001", 1)])
    visit(connected)
    edit_keeping_the_date(fake, placed["id"], 3)
    # The list of changes does not have it, nor does its overlap: only the look back does.
    Shop.objects.filter(pk=connected.pk).update(cursor=minutes(60))
    visit(connected)
    assert Order.objects.get().lines.get().quantity == 1
    Shop.objects.filter(pk=connected.pk).update(look_back_after=minutes(-1))
    visit(connected)
    assert Order.objects.get().lines.get().quantity == 3
    assert ShopEvent.objects.filter(shop=connected, code="looked_back", params__count=1).exists()
    assert Shop.objects.get(pk=connected.pk).look_back_after > minutes(15)


def test_an_edit_without_a_new_date_is_seen_by_the_daily_proof(connected: Any, fake: Ticking) -> None:
    placed = fake.place_order([("SCN-00001", 1)])
    visit(connected)
    edit_keeping_the_date(fake, placed["id"], 3)
    found = reconcile.prove(connected)
    assert found.healed == [placed["number"]]
    assert Order.objects.get().lines.get().quantity == 3


def test_the_id_of_an_order_given_to_another_customer_makes_a_second_order(shop: Any, goods: Any) -> None:
    upsert(shop, order_body(340, **KEY))
    first = Order.objects.get()
    other = order_body(340, **LATER)
    whose = {"first_name": "Bruno", "address_1": "Corso Francia 9", "phone": "3470000001"}
    other["shipping"] = {**other["shipping"], **whose}
    upsert(shop, other)
    first.refresh_from_db()
    second = Order.objects.exclude(pk=first.pk).get()
    assert (first.name, second.name) == ("Ada Neri", "Bruno Neri")
    assert (first.street, second.street) == ("Via Roma 340", "Corso Francia 9")
    assert (first.state, second.state) == ("received", "ready")
    assert first.problems.get().code == "id_reused"
    assert ShopEvent.objects.get(code="id_reused").params == {"number": "340"}
    assert InboxOrder.objects.get(order=second).external_id == "340"
    assert InboxOrder.objects.get(order=first).told_last  # the shop is told nothing of it any more
    # A late word about the first one changes neither.
    assert upsert(shop, order_body(340, **KEY, customer_note="late")) is None
    assert Order.objects.filter(note="late").count() == 0


@pytest.mark.parametrize("silent", [{"order_key": ""}, {"order_key": None}, {"order_key": ["x"]}])
def test_a_word_that_does_not_say_its_key_leaves_the_order_its_own(shop: Any, goods: Any, silent: Any) -> None:
    """Else the next customer's order under that id would be taken for it: their goods would go to his address."""
    upsert(shop, order_body(340, **KEY))
    word = {"date_modified_gmt": "2026-11-20T10:30:00", "customer_note": "x", **silent}
    assert upsert(shop, order_body(340, **word))
    first = Order.objects.get()
    assert first.note == "x"
    upsert(shop, order_body(340, **LATER))
    assert Order.objects.count() == 2
    first.refresh_from_db()
    assert (first.note, first.problems.get().code) == ("x", "id_reused")


def test_a_draft_that_was_placed_later_keeps_its_key_and_is_the_same_order(shop: Any, goods: Any) -> None:
    upsert(shop, order_body(340, **KEY))
    upsert(shop, order_body(340, **KEY, **NEXT_DAY))
    assert Order.objects.count() == 1


def test_the_answer_that_was_asked_for_later_wins_whichever_is_written_last(shop: Any, goods: Any) -> None:
    upsert(shop, order_body(1), at=minutes(-10))
    newer, older = order_body(1, customer_note="newer"), order_body(1, customer_note="older")
    assert upsert(shop, newer, at=minutes(-1))
    assert upsert(shop, older, at=minutes(-2)) is None
    assert Order.objects.get().note == "newer"
    # The guard off: with a moment after it the same answer is taken.
    assert upsert(shop, older, at=minutes(0))
    assert Order.objects.get().note == "older"


def test_a_cancellation_after_the_shops_clock_was_set_back_counts(shop: Any, goods: Any) -> None:
    upsert(shop, order_body(1, date_modified_gmt="2026-11-20T15:00:00"), at=minutes(-5))
    upsert(shop, order_body(1, status="cancelled", date_modified_gmt="2026-11-20T13:00:00"), at=minutes(-1))
    assert Order.objects.get().state == "cancelled"


def test_a_deletion_that_is_read_late_does_not_undo_the_restoration(shop: Any, goods: Any) -> None:
    """Neither is asked of the shop, which does not answer: only their own times tell."""
    body = order_body(1)
    upsert(shop, body, at=minutes(-30))
    stored = [
        Delivery(shop=shop, dedupe=topic.encode(), topic=topic, body=json.dumps(content).encode(), received_at=at)
        for topic, content, at in [
            ("order.restored", body, minutes(-5)),
            ("order.deleted", {"id": 1}, minutes(-10)),
        ]
    ]
    Delivery.objects.bulk_create(stored)
    inbox_upsert.withdraw(shop, "1", at=minutes(-10))
    for _again in range(6):  # a deletion is asked of the shop first, which does not answer
        deliveries.drain()
        Delivery.objects.filter(state="new").update(try_after=minutes(-1))
    assert Delivery.objects.exclude(state="done").count() == 0
    assert Order.objects.get().state == "ready"
    # A deletion after it does count.
    inbox_upsert.withdraw(shop, "1", at=minutes(-1))
    assert Order.objects.get().state == "cancelled"


def test_a_shop_that_answers_older_than_it_told_is_asked_again(connected: Any, fake: Ticking) -> None:
    placed = fake.place_order([("SCN-00001", 1)], silent=True)
    ahead = {**placed, "date_modified_gmt": "2099-01-01T00:00:00", "customer_note": "ahead"}
    body = json.dumps(ahead).encode()
    Delivery.objects.create(shop=connected, dedupe=b"x", topic="order.updated", body=body)
    deliveries.drain()
    assert Delivery.objects.get().state == "new"  # an API that lags: in a moment
    for _again in range(3):
        Delivery.objects.update(try_after=minutes(-1))
        deliveries.drain()
    assert Delivery.objects.get().state == "done"
    assert Order.objects.get().note == ""  # after patience the shop itself is believed


def test_a_list_that_is_older_than_what_is_known_is_not_believed_without_asking(connected: Any, fake: Ticking) -> None:
    placed = fake.place_order([("SCN-00001", 1)])
    visit(connected)
    old = list(platform("woocommerce").orders_since(access_of(connected), minutes(-600), None).orders)
    fake.tick(60)
    fake.orders.change(placed["id"], {"customer_note": "changed"})
    visit(connected)
    assert Order.objects.get().note == "changed"
    page.take(connected, old, at=timezone.now())  # a cache gave the page of before
    assert Order.objects.get().note == "changed"


@pytest.mark.parametrize(
    ("base", "asked"), [("EUR", False), ("HUF", True), (None, True)], ids=["reckons in EUR", "in forints", "unknown"]
)
def test_an_order_paid_in_another_currency_is_a_question_unless_the_shop_reckons_in_ours(
    shop: Any, goods: Any, base: str | None, asked: bool
) -> None:
    Shop.objects.filter(pk=shop.pk).update(facts={"currency": base} if base else {})
    shop.refresh_from_db()
    paid = {"payment_method": "stripe", "payment_method_title": "Carta", "date_paid_gmt": "2026-11-20T10:00:00"}
    upsert(shop, order_body(1, currency="HUF", total="30.00", transaction_id="ch_1", **paid))
    order = Order.objects.get()
    assert (order.payment, order.state) == ("prepaid", "received" if asked else "ready")
    assert list(order.problems.values_list("code", "params")) == (
        [("foreign_currency", {"currency": "HUF"})] if asked else []
    )


def test_a_shop_that_is_disconnected_while_it_is_read_stays_so(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.errors import NeedsHand

    def read_and_fail(*_args: Any) -> None:
        Shop.objects.filter(pk=connected.pk).update(state=Shop.State.GONE)
        raise NeedsHand

    monkeypatch.setattr(type(platform("woocommerce")), "orders_since", read_and_fail)
    visit(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.pull_lease_token) == (Shop.State.GONE, None)


def test_the_amounts_of_a_second_order_stay_its_own(shop: Any, goods: Any) -> None:
    upsert(shop, order_body(340, **KEY))
    upsert(shop, order_body(340, **LATER, total="74.80"))
    assert sorted(Order.objects.values_list("sale_total", flat=True)) == [D("39.90"), D("74.80")]
