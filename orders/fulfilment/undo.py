"""What the desk did by mistake, taken back with its reason: packed, handed over, delivered, its cash paid over; and the
number of a parcel that left under a wrong one.

Each act takes one step back, the last one, and only where nothing followed that others rely on: a delivery while its
cash is not paid over, a handing over while the parcel is in the courier's hands by our word alone and for DAYS. Stock
and books are mirrored, the timeline keeps both steps, and what shops were told is corrected by their news."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from catalog import stock
from core.errors import AlreadyDone
from orders import problems, states, timeline
from orders.errors import CashPaidOver, HasReturn, LongGone, NothingToTakeBack, SameTracking
from orders.fulfilment.parcels import must_not_be_own
from orders.intake.creation import lock
from orders.models import Order
from orders.warehouse import manifests
from shipping.models import Shipment
from shipping.parcels import numbers, tracking
from wallet import reversals
from wallet.reversals import reason_of

S, Cash = Shipment.State, Shipment.Cash
DAYS = 3  # after that the courier has it, or it is a return
SOON = dt.timedelta(minutes=15)  # how long the page offers the undo of a moment ago by itself
# What takes a step back, by where the parcel is; and its code on the timeline.
STEPS: dict[str, str] = {S.PACKED: "unpacked", S.SHIPPED: "unshipped", S.DELIVERED: "undelivered"}
ON_THE_ROAD = (S.SHIPPED, S.OUT_FOR_DELIVERY, S.HELD, S.RETURNING)


def step_of(order: Order) -> str:
    """Which step of its parcel can be taken back now: a code of STEPS, or ""."""
    shipment = order.shipment
    if shipment is None or order.state == Order.State.CANCELLED or not tracking.back_to(shipment):
        return ""
    if shipment.state == S.DELIVERED and shipment.cash == Cash.REMITTED:
        return ""
    return "" if shipment.state == S.SHIPPED and _is_long_gone(shipment) else STEPS.get(shipment.state, "")


@transaction.atomic
def take_back(order_id: int, step: str, *, reason: str, by: int) -> Order:
    """Takes the last step of the parcel back; `step` is the one that the reader saw, so that a second tab takes back
    nothing else. Raises AlreadyDone, NothingToTakeBack, CashPaidOver, HasReturn, LongGone; ReasonMissing."""
    reason, order = reason_of(reason), lock(order_id)
    shipment = _parcel(order)
    if STEPS.get(shipment.state) != step or not tracking.back_to(shipment):
        done = order.events.filter(code=step).select_related("by").order_by("-id").first()
        if done is not None:
            raise AlreadyDone.told(done.by, done.at)
        raise NothingToTakeBack(state=shipment.get_state_display())
    if shipment.state == S.DELIVERED:
        _undelivered(order, shipment, reason=reason, by=by)
    elif shipment.state == S.SHIPPED and _is_long_gone(shipment):
        raise LongGone(days=DAYS)
    params = {"tracking": shipment.tracking} if shipment.state == S.SHIPPED else {}
    if shipment.state == S.SHIPPED:
        stock.unship(order.reference, by=by)
        manifests.stays(shipment.pk)
    tracking.move_back(shipment, by=by, note=reason)
    timeline.record(order.pk, step, by=by, text=reason, **params)
    return order


def _undelivered(order: Order, shipment: Shipment, *, reason: str, by: int) -> None:
    """The courier has not collected either; the order is under way again."""
    if shipment.cash == Cash.REMITTED:
        raise CashPaidOver
    if order.cases.exclude(state="refused").exists():  # what the customer gives back, the customer has
        raise HasReturn
    if shipment.cash == Cash.COLLECTED:
        tracking.move_cash_back(shipment, by=by, note=reason)
    if order.state == Order.State.COMPLETED:
        states.move_back(order)


def _is_long_gone(shipment: Shipment) -> bool:
    return shipment.shipped_at is None or shipment.shipped_at < timezone.now() - dt.timedelta(days=DAYS)


# ---- cash


@transaction.atomic
def take_back_cash(order_id: int, *, reason: str, by: int) -> bool:
    """The courier's cash is not in after all: margin and guarantee leave the wallet again, the order waits for the cash
    as before. False: so much waits for a second person. Raises AlreadyDone; NothingToTakeBack; AlreadySpent with the
    gap; OwnMatter; ReasonMissing; ProposalWaits."""
    reason, order = reason_of(reason), lock(order_id)
    must_not_be_own(order, by)
    shipment = _parcel(order)
    _must_be_remitted(order, shipment)
    amount = reversals.remittance_to_take_back(order.reference)
    if reversals.take_back_remittance(order.reference, reason=reason, by=by) is not None:
        return False
    _cash_back(order, shipment, amount, reason=reason, by=by)
    return True


@transaction.atomic
def confirm_cash(order_id: int, proposal_id: int, *, by: int) -> Order:
    """The second person's word. As `take_back_cash`, and what wallet/second_person.py refuses."""
    order = lock(order_id)
    must_not_be_own(order, by)
    shipment = _parcel(order)
    amount = reversals.remittance_to_take_back(order.reference)

    def settle(reason: str) -> None:
        _must_be_remitted(order, shipment)
        _cash_back(order, shipment, amount, reason=reason, by=by)

    reversals.confirm_remittance(proposal_id, reference=order.reference, by=by, settle=settle)
    return order


def _must_be_remitted(order: Order, shipment: Shipment) -> None:
    if shipment.cash == Cash.REMITTED:
        return
    done = order.events.filter(code="cod_unremitted").select_related("by").order_by("-id").first()
    if done is not None and shipment.cash == Cash.COLLECTED:
        raise AlreadyDone.told(done.by, done.at)
    raise NothingToTakeBack(state=shipment.get_cash_display())


def _cash_back(order: Order, shipment: Shipment, amount: Decimal, *, reason: str, by: int) -> None:
    tracking.move_cash_back(shipment, by=by, note=reason)
    if order.state == Order.State.COMPLETED:
        states.move_back(order)
    timeline.record(order.pk, "cod_unremitted", by=by, text=reason, amount=str(amount))


# ---- the number


@transaction.atomic
def renumber(order_id: int, number: str, *, reason: str, by: int, unusual: bool = False) -> Order:
    """Another tracking number for a parcel that left under a wrong one: told to the shop by its news, to the reseller
    by an alert; the old one stays in the history and is found. Raises SameTracking, TrackingTaken, TrackingUnusual
    (unless somebody says that it is right); NothingToTakeBack when the parcel is not on the road; ReasonMissing."""
    reason, order = reason_of(reason), lock(order_id)
    shipment = _parcel(order)
    if shipment.state not in ON_THE_ROAD or not shipment.tracking:
        raise NothingToTakeBack(state=shipment.get_state_display())
    before = shipment.tracking
    if before.upper() == number.upper():
        raise SameTracking(tracking=number)
    if not unusual:
        numbers.must_be_usual(shipment.method.courier, number)
    tracking.renumber(shipment, number, by=by, note=reason)
    timeline.record(order.pk, "renumbered", by=by, tracking=number, used=before, text=reason)
    params = {"tracking": number, "used": before, "text": reason}
    problems.alert(order, "renumbered", params)
    return order


def _parcel(order: Order) -> Shipment:
    """The order's parcel, locked: another one that gives up its number may make it the holder."""
    if order.shipment_id is None:
        raise NothingToTakeBack(state=order.get_state_display())
    rows = Shipment.objects.select_for_update(no_key=True, of=("self",)).select_related("method__courier")
    return rows.get(pk=order.shipment_id)
