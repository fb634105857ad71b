"""What the shops are told: the truth of the moment, once, to the right order."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import stock
from connectors.intake import deliveries, reconcile, upsert
from connectors.models import InboxOrder, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import RawOrder
from connectors.platforms.woocommerce.fulfilment import TRACKING_META
from connectors.shops import health
from connectors.shops.access import access_of
from orders.dispatch import runs
from orders.fulfilment import parcels, undo
from orders.intake import editing
from orders.models import Order
from shipping.models import Method
from tests.connectors.conftest import KEY, make_shop
from tests.orders import stage

pytestmark = pytest.mark.django_db


def arrived(shop: Shop, fake: Any, **kwargs: Any) -> tuple[Order, int]:
    """An order of the shop's checkout, read and sent by MCI, with its id in the shop."""
    if Method.objects.filter(code="espresso").exists():
        method = Method.objects.get(code="espresso")
    else:
        method = stage.method()
        stage.money(shop.dropshipper, "500.00")
    placed = fake.place_order([("SCN-00001", 1)], **kwargs)
    raw = platform("woocommerce").order(access_of(shop), str(placed["id"]))
    assert isinstance(raw, RawOrder)
    assert raw.reading is not None
    row = upsert.upsert(shop, raw.reading, raw.body, via=upsert.WEBHOOK)
    assert row is not None
    assert row.order is not None
    variant = row.order.lines.get().variant
    stock.receive(variant.pk, 5, by=None)
    editing.choose_method([row.order_id], method.pk, dropshipper_id=shop.dropshipper_id, by=None)
    run = runs.dispatch_now(row.order_id, dropshipper_id=shop.dropshipper_id, key=uuid.uuid4(), by=None)
    assert run.result == "dispatched", run.params
    return Order.objects.get(pk=row.order_id), placed["id"]


def in_shop(fake: Any, id_: int) -> dict[str, Any]:
    found: dict[str, Any] = fake.orders.present(fake.orders.doc(id_))
    return found


def notes(fake: Any, id_: int) -> list[str]:
    return [note["note"] for note in fake.orders.notes(id_) if "TRK-1" in note["note"] or "MCI" in note["note"]]


def ship(order: Order) -> None:
    parcels.mark_packed(order.pk, by=None)
    parcels.mark_shipped(order.pk, tracking_number="TRK-1", by=None)


def test_a_shipped_order_is_told_with_its_tracking_once(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    assert sweep.tell_due(budget_s=5) == 0  # in the warehouse: no news
    ship(order)

    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.tell_due(budget_s=5) == 0

    told = in_shop(fake, id_)
    assert told["status"] == "completed"
    rows = next(meta["value"] for meta in told["meta_data"] if meta["key"] == TRACKING_META)
    assert [row["tracking_number"] for row in rows] == ["TRK-1"]
    assert len(notes(fake, id_)) == 1


def test_a_cod_order_is_completed_only_when_the_customer_has_it(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="cod")
    ship(order)
    sweep.tell_due(budget_s=5)
    assert in_shop(fake, id_)["status"] == "processing"

    parcels.mark_delivered(order.pk, by=None)
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, id_)["status"] == "completed"
    assert not InboxOrder.objects.get(order=order).told_last  # the cash is still to come

    parcels.mark_remitted(order.pk, by=None)
    assert sweep.tell_due(budget_s=5) == 1
    assert InboxOrder.objects.get(order=order).told_last


def test_a_parcel_that_was_shipped_and_delivered_meanwhile_is_one_message(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    parcels.mark_delivered(order.pk, by=None)

    assert sweep.tell_due(budget_s=5) == 1

    assert in_shop(fake, id_)["status"] == "completed"
    assert len(notes(fake, id_)) == 1


def test_an_answer_that_was_lost_does_not_tell_the_customer_twice(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    row = InboxOrder.objects.select_related("order__shipment__method__courier").get(order=order)
    platform("woocommerce").tell_order(access_of(connected), sweep.news_of(row))  # told, and the worker died here

    assert sweep.tell_due(budget_s=5) == 1

    assert len(notes(fake, id_)) == 1
    tracked = [meta for meta in in_shop(fake, id_)["meta_data"] if meta["key"] == TRACKING_META]
    assert len(tracked) == 1


def test_our_own_news_coming_back_by_webhook_raises_no_alert(connected: Any, fake: Any) -> None:
    order, _id = arrived(connected, fake, payment="stripe")
    ship(order)
    sweep.tell_due(budget_s=5)
    fake.flush()
    deliveries.drain(budget_s=5)

    assert list(order.problems.all()) == []
    order.refresh_from_db()
    assert order.state == Order.State.DISPATCHED


def test_an_order_that_the_merchant_cancelled_keeps_his_status(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    fake.orders.set_status(id_, "cancelled")

    assert sweep.tell_due(budget_s=5) == 1

    assert in_shop(fake, id_)["status"] == "cancelled"


@pytest.mark.parametrize("gone", ["trash", "delete"])
def test_an_order_that_left_the_shop_stays_away_and_is_not_asked_for_again(
    connected: Any, fake: Any, gone: str
) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    getattr(fake.orders, gone)(id_)

    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.tell_due(budget_s=5) == 0

    if gone == "trash":
        assert in_shop(fake, id_)["status"] == "trash"


def test_an_order_cancelled_in_mci_is_told_to_the_merchant_alone(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    parcels.cancel(order.pk, by=None)

    assert sweep.tell_due(budget_s=5) == 1

    [note] = [note for note in fake.orders.notes(id_) if order.number in note["note"]]
    assert not note["customer_note"]
    assert in_shop(fake, id_)["status"] == "processing"


def test_a_shop_that_is_away_is_told_later_and_asked_ever_more_seldom(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    fake.faults.add(f"orders/{id_}", status=500)

    assert sweep.tell_due(budget_s=5) == 0
    connected.refresh_from_db()
    assert connected.news_failures == 1
    assert connected.news_after > timezone.now()
    assert connected.news_lease_until is None
    assert sweep.tell_due(budget_s=5) == 0  # it is not bothered before its time
    assert connected.events.filter(code="shop_unreachable").count() == 1

    Shop.objects.update(news_after=timezone.now())
    assert sweep.tell_due(budget_s=5) == 1
    connected.refresh_from_db()
    assert connected.news_failures == 0


def test_refused_credentials_switch_the_shop_to_reconnect_and_the_news_wait(connected: Any, fake: Any) -> None:
    order, _id = arrived(connected, fake, payment="stripe")
    ship(order)
    fake.keys.add(KEY, "cs_" + "f" * 40)

    assert sweep.tell_due(budget_s=5) == 0

    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == (Shop.State.BROKEN, "key_refused")
    assert sweep.waiting(connected) == 1


def test_one_order_that_is_refused_does_not_hold_up_the_others_and_is_seen(
    connected: Any, fake: Any, owner: Any, client_for: Any
) -> None:
    bad, bad_id = arrived(connected, fake, payment="stripe")
    good, good_id = arrived(connected, fake, payment="stripe")
    ship(bad)
    ship(good)
    fake.faults.add(f"orders/{bad_id}", status=200)

    assert sweep.tell_due(budget_s=5) == 1

    assert in_shop(fake, good_id)["status"] == "completed"
    row = InboxOrder.objects.get(order=bad)
    assert row.news_error == "unreadable"
    client = client_for(owner)
    page = client.get(reverse("connectors:shop", args=[connected.pk])).content.decode()
    assert f'data-stuck="{row.pk}"' in page
    assert 'data-news="1"' in page

    client.post(reverse("connectors:tell", args=[connected.pk]))
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, bad_id)["status"] == "completed"
    assert f'data-stuck="{row.pk}"' not in client.get(reverse("connectors:shop", args=[connected.pk])).content.decode()


def test_an_order_that_we_stumble_over_holds_up_neither_the_others_nor_the_stock(
    connected: Any, fake: Any, caplog: pytest.LogCaptureFixture
) -> None:
    first, _first_id = arrived(connected, fake)
    second, second_id = arrived(connected, fake)
    for order in (first, second):
        ship(order)
    InboxOrder.objects.filter(order=first).update(external_id="nonsense")

    assert sweep.tell_due(budget_s=5) == 1

    assert any("TRK-1" in note for note in notes(fake, second_id))
    row = InboxOrder.objects.get(order=first)
    assert (row.news_error, row.told, row.news_failures) == ("error", "", 1)
    connected.refresh_from_db()
    assert (connected.news_lease_until, connected.news_failures) == (None, 0)
    assert "could not be told" in caplog.text


def test_a_shop_that_we_stumble_over_lets_the_others_be_told_and_checked(connected: Any, fake: Any) -> None:
    lost, _id = arrived(connected, fake)
    ship(lost)
    other = make_shop(connected.dropshipper, address="http://127.0.0.1:9")
    odd = Shop.objects.get(pk=connected.pk)
    Shop.objects.filter(pk=connected.pk).update(platform="gone", stock_on=True, last_check_at=None)  # switched off

    assert sweep.tell_due(budget_s=5) == 0
    assert health.check_due() == 2
    past = timezone.now() - dt.timedelta(hours=1)
    Shop.objects.update(prove_after=past)
    assert reconcile.prove_due(budget_s=5) == 0
    assert not Shop.objects.filter(prove_after__lte=timezone.now()).exists()

    odd.refresh_from_db()
    other.refresh_from_db()
    assert odd.last_check_at
    assert other.last_check_at
    assert other.trouble  # it was asked and does not answer
    assert odd.news_lease_until is None


def test_two_workers_do_not_speak_to_one_shop_at_once(connected: Any, fake: Any) -> None:
    order, _id = arrived(connected, fake, payment="stripe")
    ship(order)
    Shop.objects.update(news_lease_until=timezone.now() + dt.timedelta(minutes=1), news_lease_token=uuid.uuid4())
    assert sweep.tell_shop(connected.pk) == 0
    assert sweep.tell_due(budget_s=5) == 0

    Shop.objects.update(news_lease_until=timezone.now() - dt.timedelta(seconds=1))  # its worker died
    assert sweep.tell_due(budget_s=5) == 1


def test_a_paused_shop_is_left_alone(connected: Any, fake: Any) -> None:
    order, _id = arrived(connected, fake, payment="stripe")
    ship(order)
    Shop.objects.update(state=Shop.State.PAUSED)
    assert sweep.tell_due(budget_s=5) == 0
    Shop.objects.update(state=Shop.State.ACTIVE)
    assert sweep.tell_due(budget_s=5) == 1


def test_the_sweep_of_shops_with_nothing_to_tell_is_two_queries(
    connected: Any, fake: Any, django_assert_num_queries: Any
) -> None:
    """What was corrected since it was told, by an index of corrected parcels alone; and the shops that are behind."""
    arrived(connected, fake, payment="stripe")
    with django_assert_num_queries(2):
        assert sweep.tell_due(budget_s=5) == 0


def told_of(fake: Any, id_: int) -> list[str]:
    return [str(note["note"]) for note in fake.orders.notes(id_) if note["customer_note"]]


@pytest.mark.parametrize("delivered", [False, True])
def test_a_corrected_number_takes_the_place_of_the_wrong_one_in_the_shop(
    connected: Any, fake: Any, staff: Any, delivered: bool
) -> None:
    """Also where the shop had been told all there was: the order has news again."""
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    sweep.tell_due(budget_s=5)
    if delivered:
        parcels.mark_delivered(order.pk, by=None)
        sweep.tell_due(budget_s=5)
        assert InboxOrder.objects.get(order=order).told_last
        undo.take_back(order.pk, "undelivered", reason="Vicino", by=staff.pk)
    undo.renumber(order.pk, "TRK", reason="Etichetta", by=staff.pk)

    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.tell_due(budget_s=5) == 0

    rows = next(meta["value"] for meta in in_shop(fake, id_)["meta_data"] if meta["key"] == TRACKING_META)
    assert [row["tracking_number"] for row in rows] == ["TRK"]
    first, second = sorted(told_of(fake, id_), key=len)
    assert "TRK-1" in first
    assert "TRK " in second
    assert "TRK-1" in second  # what was wrong
    parcels.mark_delivered(order.pk, by=None)
    assert sweep.tell_due(budget_s=5) == 1
    assert InboxOrder.objects.get(order=order).told_last
    assert len(told_of(fake, id_)) == 2


def test_a_cod_order_that_was_delivered_by_mistake_is_open_in_the_shop_again(
    connected: Any, fake: Any, staff: Any
) -> None:
    order, id_ = arrived(connected, fake, payment="cod")
    ship(order)
    parcels.mark_delivered(order.pk, by=None)
    sweep.tell_due(budget_s=5)
    assert in_shop(fake, id_)["status"] == "completed"
    undo.take_back(order.pk, "undelivered", reason="Vicino", by=staff.pk)
    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.tell_due(budget_s=5) == 0
    assert in_shop(fake, id_)["status"] == "processing"
    assert len(told_of(fake, id_)) <= 1  # the customer reads nothing of it
    parcels.mark_delivered(order.pk, by=None)
    sweep.tell_due(budget_s=5)
    assert in_shop(fake, id_)["status"] == "completed"


def test_an_id_that_the_shop_gave_to_another_order_stays_told(connected: Any, fake: Any, staff: Any) -> None:
    order, _id = arrived(connected, fake, payment="stripe")
    ship(order)
    sweep.tell_due(budget_s=5)
    InboxOrder.objects.filter(order=order).update(external_id="7~1", told_last=True)
    undo.renumber(order.pk, "TRK-2", reason="x", by=staff.pk)
    assert sweep.reopen_corrected() == 0
