"""A reseller cancels an order of his, and takes it back where that can be done."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from core.money import ZERO
from orders import problems, states
from orders.errors import NotRestored, SentMeanwhile
from orders.fulfilment import parcels, standing
from orders.intake.creation import lock
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`done`: this click did it, else it was cancelled before. `given_back`: into the wallet, EUR, VAT included."""

    done: bool
    given_back: Decimal


@transaction.atomic
def cancel(order_id: int, *, by: int, shown_open: bool) -> Cancelled:
    """`shown_open`: the page said that nothing was charged. Raises SentMeanwhile when it was sent since, TooLate."""
    order = lock(order_id)
    if order.state == Order.State.CANCELLED:
        return Cancelled(False, standing.of(order).given_back or ZERO)
    if shown_open and not order.is_open:
        raise SentMeanwhile(number=order.number)
    order = parcels.cancel(order_id, by=by)
    return Cancelled(True, standing.of(order).given_back or ZERO)


def may_restore(order: Order) -> bool:
    """Never sent, cancelled by a person and not by its shop, its customer not forgotten."""
    if order.state != Order.State.CANCELLED or order.shipment_id or order.forgotten_at:
        return False
    last = order.events.filter(code__in=["cancelled", "cancelled_in_shop"]).order_by("-id").first()
    return last is not None and last.code == "cancelled"


@transaction.atomic
def restore(order_id: int, *, by: int) -> bool:
    """Takes a cancellation back: the order is checked again and waits. Whether this click did it: one that is open
    stays as it is. Raises NotRestored for one that was sent, or that its shop cancelled."""
    order = lock(order_id)
    if order.is_open:
        return False
    if not may_restore(order):
        raise NotRestored(number=order.number)
    states.move(order, Order.State.RECEIVED, event="restored", by=by)
    problems.recompute(order, by=by)
    return True
