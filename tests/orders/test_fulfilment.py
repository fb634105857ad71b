"""After Sincronizza: each step once, and a cancellation that leaves the books as if nothing had been."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Stock
from core.errors import Refused
from orders.dispatch import runs
from orders.errors import TooLate
from orders.fulfilment import parcels
from orders.models import Order
from tests.orders import stage
from wallet.queries import balances

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(dropshipper: Any) -> Any:
    """Makes a dispatched order, prepaid or COD, with 100.00 in the wallet before."""
    method = stage.method()
    stage.variant("MCI-1", pieces=10)
    stage.money(dropshipper, "100.00")

    def make(payment: str = "prepaid") -> Order:
        order = stage.order(dropshipper, ("MCI-1", 2), method=method, payment=payment, total="89.90")
        item = runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
        assert item.result == "dispatched"
        order.refresh_from_db()
        return order

    return make


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
def test_cancelling_before_it_leaves_reverses_money_stock_and_shipment(
    dropshipper: Any, sent: Any, payment: str
) -> None:
    order = sent(payment)
    assert balances(dropshipper.pk).available != Decimal("100.00")

    parcels.cancel(order.pk, by=None)
    parcels.cancel(order.pk, by=None)

    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED
    money = balances(dropshipper.pk)
    assert (money.available, money.held, money.cod_due) == (Decimal("100.00"), 0, 0)
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (10, 0)
    assert order.shipment is not None
    assert (order.shipment.state, order.shipment.cash) == ("cancelled", "reversed" if payment == "cod" else "")
    assert order.events.filter(code="cancelled").count() == 1


def test_a_packed_parcel_is_cancelled_by_staff_only_and_a_shipped_one_by_nobody(sent: Any) -> None:
    order = sent()
    parcels.mark_packed(order.pk, by=None)
    with pytest.raises(TooLate):
        parcels.cancel(order.pk, by=None)
    parcels.mark_shipped(order.pk, tracking_number="BRT123", by=None)
    with pytest.raises(TooLate):
        parcels.cancel(order.pk, by=None, staff=True)
    order.refresh_from_db()
    assert order.state == Order.State.DISPATCHED


def test_shipping_takes_the_pieces_out_once_and_keeps_the_tracking(sent: Any) -> None:
    order = sent()
    for _ in range(2):
        parcels.mark_shipped(order.pk, tracking_number="BRT123", by=None)
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (8, 0)
    order.refresh_from_db()
    assert order.shipment is not None
    assert (order.shipment.state, order.shipment.tracking) == ("shipped", "BRT123")
    assert order.events.filter(code="shipped").count() == 1


def test_a_prepaid_order_is_completed_at_delivery(sent: Any) -> None:
    order = sent()
    parcels.mark_shipped(order.pk, tracking_number="BRT123", by=None)
    parcels.mark_delivered(order.pk, by=None)
    parcels.mark_delivered(order.pk, by=None)
    order.refresh_from_db()
    assert order.state == Order.State.COMPLETED


def test_a_cod_order_pays_its_margin_when_the_courier_remits_and_only_once(dropshipper: Any, sent: Any) -> None:
    order = sent("cod")
    parcels.mark_shipped(order.pk, tracking_number="BRT123", by=None)
    parcels.mark_delivered(order.pk, by=None)
    order.refresh_from_db()
    assert order.state == Order.State.DISPATCHED
    assert order.margin is not None
    due = balances(dropshipper.pk).cod_due
    assert due == order.margin

    for _ in range(2):
        parcels.mark_remitted(order.pk, by=None)

    money = balances(dropshipper.pk)
    assert (money.available, money.held, money.cod_due) == (Decimal("100.00") + due, 0, 0)
    order.refresh_from_db()
    assert order.state == Order.State.COMPLETED


def test_a_parcel_that_was_never_sent_cannot_be_shipped(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1))
    with pytest.raises(Refused):
        parcels.mark_shipped(order.pk, tracking_number="BRT123", by=None)
