"""What happens to an order after Sincronizza: packed, shipped, delivered, its cash remitted; or cancelled with
everything reversed while the parcel is still here. Each step locks order → stock → wallet and writes the timeline."""

from __future__ import annotations

import hashlib
import json

from django.db import transaction

from accounts.errors import OwnMatter
from accounts.queries import works_for
from catalog import stock
from core.errors import AlreadyDone
from core.money import ZERO
from orders import states, timeline
from orders.errors import CollectChanged, LabelChanged, NotInPreview, PackAgain, ShippedUnder, TooLate
from orders.intake.creation import lock
from orders.intake.data import ADDRESS
from orders.models import Order
from orders.questions import alerts
from orders.warehouse import holding
from shipping.models import Shipment
from shipping.parcels import numbers, tracking
from wallet import moves

S = Shipment.State


@transaction.atomic
def cancel(order_id: int, *, by: int | None, staff: bool = False) -> Order:
    """Cancels an order. Dispatched ones only while the parcel is still here (the reseller until it is being packed,
    staff until it leaves): stock, money and COD booking are reversed. Cancelled already: nothing, and staff hear by
    whom (AlreadyDone). Raises TooLate; OwnMatter for staff who work for the reseller: as such they cancel on the
    reseller's pages."""
    order = lock(order_id)
    if order.state == Order.State.CANCELLED:
        done = order.events.filter(code="cancelled").select_related("by").order_by("-id").first()
        if staff and done is not None:
            raise AlreadyDone.told(done.by, done.at)
        return order
    if staff:
        must_not_be_own(order, by)
    if order.is_open:
        states.move(order, Order.State.CANCELLED, event="cancelled", by=by)
        return order
    shipment = _shipment(order)
    if shipment.state not in ((S.TO_PICK, S.PACKED) if staff else (S.TO_PICK,)):
        raise TooLate(number=order.number)
    stock.release(order.reference, by=by)
    tracking.move(shipment, S.CANCELLED, by=by)
    holding.release(order)
    if shipment.cash:
        tracking.move_cash(shipment, Shipment.Cash.REVERSED, by=by)
    states.move(order, Order.State.CANCELLED, event="cancelled", by=by)
    moves.undo(order.reference, by=by, memo=order.number)
    alerts.drop(order)
    timeline.record(order.pk, "reversed", by=by)
    return order


@transaction.atomic
def mark_packed(order_id: int, *, by: int | None, shown: str | None = None, at_the_desk: bool = False) -> Order:
    """The parcel is closed. Twice is once, and at the desk it is told (AlreadyDone). `shown`: the `collect_mark` of the
    page that the packer saw, if he saw one. Raises CollectChanged, LabelChanged."""
    order = lock(order_id)
    shipment = _shipment(order)
    _check_shown(order, shown)
    if shipment.state == S.PACKED:
        _told(shipment, at_the_desk)
        return order
    tracking.move(shipment, S.PACKED, by=by)
    holding.release(order)
    timeline.record(order.pk, "packed", by=by)
    _label_is_new(order)
    return order


@transaction.atomic
def mark_shipped(
    order_id: int,
    *,
    tracking_number: str,
    by: int | None,
    shown: str | None = None,
    at_the_desk: bool = False,
    unusual: bool = False,
    expected: str = "",
) -> Order:
    """The courier took the parcel: the pieces leave the stock. The same tracking number twice is once. `shown` as in
    mark_packed. At the desk, one whose amount was lowered after it was packed is packed again first, one whose address
    was changed is packed with it, nobody else's parcel has the number, it looks like one of the courier's (or is
    `unusual`, as somebody says who looked), and what was done before is told: PackAgain, CollectChanged, LabelChanged,
    TrackingTaken, TrackingUnusual, AlreadyDone, ShippedUnder. `expected`: where the parcel was on the page that is
    confirmed, else NotInPreview."""
    order = lock(order_id)
    shipment = _shipment(order)
    if shipment.state == S.SHIPPED and shipment.tracking == tracking_number:
        _told(shipment, at_the_desk)
        return order
    if at_the_desk and shipment.state not in tracking.STILL_HERE and shipment.tracking:
        raise shipped_under(shipment)
    _check_shown(order, shown)
    if expected and shipment.state != expected:
        raise NotInPreview
    if at_the_desk and must_be_packed_again(shipment):
        raise PackAgain
    if at_the_desk and shown is None and shipment.state == S.TO_PICK and _label_is_old(order):  # a list has no address
        raise LabelChanged
    if at_the_desk and not unusual:
        numbers.must_be_usual(shipment.method.courier, tracking_number)
    tracking.move(shipment, S.SHIPPED, by=by, tracking=tracking_number, loaded=not at_the_desk)
    holding.release(order)
    stock.ship(order.reference, by=by)
    timeline.record(order.pk, "shipped", by=by, tracking=tracking_number)
    _label_is_new(order)
    return order


@transaction.atomic
def mark_delivered(order_id: int, *, by: int | None, at_the_desk: bool = False) -> Order:
    """The customer has it. A prepaid order is completed; a COD order waits for the courier's cash. Twice is once, and
    at the desk it is told (AlreadyDone)."""
    order = lock(order_id)
    shipment = _shipment(order)
    if shipment.state == S.DELIVERED:
        _told(shipment, at_the_desk)
        return order
    tracking.move(shipment, S.DELIVERED, by=by)
    timeline.record(order.pk, "delivered", by=by)
    if shipment.cash:
        tracking.move_cash(shipment, Shipment.Cash.COLLECTED, by=by)
        timeline.record(order.pk, "cod_collected", by=by, amount=str(shipment.cod_amount))
    else:
        states.move(order, Order.State.COMPLETED, event="completed", by=by)
    return order


@transaction.atomic
def mark_remitted(order_id: int, *, by: int | None, at_the_desk: bool = False) -> Order:
    """The courier's remittance is on the supplier's account: margin into the wallet, guarantee released. Twice is once,
    and at the desk it is told (AlreadyDone). OwnMatter for the reseller's own people."""
    order = lock(order_id)
    must_not_be_own(order, by)
    shipment = _shipment(order)
    if shipment.cash == Shipment.Cash.REMITTED:
        _told(shipment, at_the_desk, axis="cash")
        return order
    tracking.move_cash(shipment, Shipment.Cash.REMITTED, by=by)
    moves.remit(order.reference, by=by)
    amount = max(order.margin or ZERO, ZERO)
    timeline.record(order.pk, "cod_remitted", by=by, amount=str(amount))
    states.move(order, Order.State.COMPLETED, event="completed", by=by)
    return order


def _told(shipment: Shipment, at_the_desk: bool, *, axis: str = "state") -> None:
    """A second tab, or a colleague, hears who did it before and when."""
    last = tracking.last_step(shipment, axis) if at_the_desk else None
    if last is not None:
        raise AlreadyDone.told(last.by, last.at)


def shipped_under(shipment: Shipment) -> ShippedUnder:
    """Why a parcel is not sent again under another number: who sent it, when, and under which."""
    left = shipment.events.filter(axis="state", to_value=S.SHIPPED).select_related("by").order_by("-id").first()
    said = AlreadyDone.told(left.by if left else "", left.at if left else shipment.created_at).params
    return ShippedUnder(tracking=shipment.tracking, **said)


def must_be_packed_again(shipment: Shipment) -> bool:
    """Whether it was taken out of the packed ones because its label is not right any more. Who took it out by hand, for
    it was not packed at all, has no label to print again."""
    last = shipment.events.filter(axis="state").order_by("-id").first() if shipment.state == S.TO_PICK else None
    return last is not None and last.from_value == S.PACKED and not last.note.startswith(tracking.TAKEN_BACK)


def _label_is_old(order: Order) -> bool:
    """Whether a reseller changed the address after it was sent, and no packer saw that yet."""
    return order.problems.filter(code="readdressed").exists()


def _label_is_new(order: Order) -> None:
    """The packer saw the address that a reseller changed after it was sent."""
    order.problems.filter(code="readdressed").delete()


def must_not_be_own(order: Order, by: int | None) -> None:
    if by is not None and works_for(by, order.dropshipper_id):
        raise OwnMatter


def _check_shown(order: Order, shown: str | None) -> None:
    """A label says what the page said: another amount is looked at first."""
    if shown is None or shown == collect_mark(order):
        return
    if shown.partition("@")[0] != collect_mark(order).partition("@")[0]:
        raise CollectChanged
    raise LabelChanged


def collect_mark(order: Order) -> str:
    """What a label says and may have changed, as the desk's forms carry it: the amount at the door and, of one whose
    address was changed, which address it is: "39.90@1b2c3d4e"."""
    amount = str(order.to_collect) if order.payment == Order.Payment.COD and order.to_collect is not None else ""
    if order.readdressed_at is None:
        return amount
    label = json.dumps([*(getattr(order, name) for name in (*ADDRESS, "note")), order.method_id])
    return f"{amount}@{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def _shipment(order: Order) -> Shipment:
    """The order's shipment, which nobody moves who has not locked the order; TooLate for an order that has none (it was
    cancelled or never sent)."""
    if order.shipment_id is None or order.state == Order.State.CANCELLED:
        raise TooLate(number=order.number)
    return Shipment.objects.get(pk=order.shipment_id)
