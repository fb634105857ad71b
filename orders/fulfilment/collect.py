"""The amount that the courier collects, lowered while the parcel is still here: the customer paid, or was given back, a
part of it in the shop after Sincronizza."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from django.db import transaction

from core.money import ZERO, cents, vat_on
from orders import timeline
from orders.errors import NotLowered, OrderCancelled, TooLate
from orders.intake.creation import lock
from orders.models import Order
from orders.questions import alerts
from shipping.models import Shipment
from shipping.parcels import booking, tracking
from wallet import moves


@transaction.atomic
def lower(order_id: int, amount: Decimal, *, by: int | None) -> Order:
    """Lowers what is collected at the door to `amount` (EUR, gross) in the order, on the parcel and in the books; 0.00:
    it is prepaid from now on, the COD fee is given back and the guarantee released. A packed parcel goes back to be
    packed, for its label says the old amount. The same amount again: nothing. Raises OrderCancelled, TooLate when the
    parcel has left, NotLowered for an amount that is not less, InsufficientFunds when the wallet cannot pay what the
    margin does not."""
    order = lock(order_id)
    if order.payment == Order.Payment.PREPAID and amount == ZERO and order.shipment_id:
        return order
    shipment = _parcel(order)
    booked = order.to_collect or ZERO
    if amount == booked:
        return order
    if not ZERO <= amount < booked or amount != cents(amount):
        raise NotLowered(amount=str(amount), collect=str(booked))
    fee_net, fee_vat = (order.cod_fee_net or ZERO, _fee_vat(order, shipment)) if amount == ZERO else (ZERO, ZERO)
    _write(order, amount, fee_net, fee_vat)
    booking.lower(shipment, amount, by=by)
    if shipment.state == Shipment.State.PACKED:
        tracking.move(shipment, Shipment.State.TO_PICK, by=by, note=f"COD {booked} → {amount}")
    moves.lower(order.reference, collect=amount, fee_net=fee_net, fee_vat=fee_vat, by=by)
    timeline.record(order.pk, "collect_lowered", by=by, before=str(booked), amount=str(amount))
    _settle(order)
    alerts.changed_here(order)
    return order


def _settle(order: Order) -> None:
    """Takes the alert away when the courier collects no more than it says that the customer owes."""
    for row in order.problems.filter(code="owes_less"):
        if (order.to_collect or ZERO) <= Decimal(row.params["owed"]):
            row.delete()


def _parcel(order: Order) -> Shipment:
    if order.state == Order.State.CANCELLED:
        raise OrderCancelled
    if order.state != Order.State.DISPATCHED or order.payment != Order.Payment.COD or order.shipment_id is None:
        raise TooLate(number=order.number)
    shipment = Shipment.objects.get(pk=order.shipment_id)
    if shipment.state not in tracking.STILL_HERE:
        raise TooLate(number=order.number)
    return shipment


def _fee_vat(order: Order, shipment: Shipment) -> Decimal:
    """The part of the order's VAT that the COD fee made: VAT is reckoned per rate on the summed net."""
    by_rate: defaultdict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for line in order.lines.filter(unit_net__isnull=False):  # what was sent: its prices are frozen
        assert line.unit_net is not None
        assert line.vat_rate is not None
        by_rate[line.vat_rate] += line.unit_net * line.quantity
    rate = shipment.method.vat_rate
    without = by_rate[rate] + (order.shipping_net or ZERO)
    return vat_on(without + (order.cod_fee_net or ZERO), rate) - vat_on(without, rate)


def _write(order: Order, amount: Decimal, fee_net: Decimal, fee_vat: Decimal) -> None:
    assert order.cost is not None
    assert order.vat is not None
    assert order.cod_fee_net is not None
    order.cod_fee_net, order.vat = order.cod_fee_net - fee_net, order.vat - fee_vat
    order.cost -= fee_net + fee_vat
    if amount:
        order.to_collect, order.margin = amount, amount - order.cost
    else:
        order.payment, order.payment_reason, order.to_collect = Order.Payment.PREPAID, "paid_after_all", None
        order.margin = None if order.sale_total is None else order.sale_total - order.cost  # COD is in EUR
    order.version += 1
    order.save()
