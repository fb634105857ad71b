"""A parcel's two axes, where it is and where its cash is: which value may follow which, and who moves it."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from shipping.errors import BadTransition
from shipping.models import Shipment, ShipmentEvent
from shipping.parcels import numbers

S = Shipment.State
C = Shipment.Cash

STATES: dict[str, frozenset[str]] = {
    S.TO_PICK: frozenset({S.PACKED, S.SHIPPED, S.CANCELLED}),
    S.PACKED: frozenset({S.TO_PICK, S.SHIPPED, S.CANCELLED}),
    # A parcel may be back at the desk before its courier said a word.
    S.SHIPPED: frozenset({S.OUT_FOR_DELIVERY, S.HELD, S.DELIVERED, S.RETURNING, S.RETURNED, S.LOST}),
    S.OUT_FOR_DELIVERY: frozenset({S.HELD, S.DELIVERED, S.RETURNING, S.RETURNED, S.LOST}),
    S.HELD: frozenset({S.OUT_FOR_DELIVERY, S.DELIVERED, S.RETURNING, S.RETURNED, S.LOST}),
    S.RETURNING: frozenset({S.RETURNED, S.LOST}),
    S.DELIVERED: frozenset(),
    S.RETURNED: frozenset(),
    S.LOST: frozenset({S.DELIVERED, S.RETURNED}),  # found again: orders/failed/lost.py
    S.CANCELLED: frozenset(),
}
CASH: dict[str, frozenset[str]] = {
    C.NONE: frozenset(),
    C.BOOKED: frozenset({C.COLLECTED, C.REVERSED}),
    C.COLLECTED: frozenset({C.REMITTED}),
    C.REMITTED: frozenset(),
    C.REVERSED: frozenset({C.COLLECTED}),  # it was lost, and delivered after all
}
# What a person may take back who did it by mistake; never what a courier said.
BACK: dict[str, frozenset[str]] = {
    S.PACKED: frozenset({S.TO_PICK}),
    S.SHIPPED: frozenset({S.PACKED, S.TO_PICK}),
    S.DELIVERED: frozenset({S.SHIPPED, S.OUT_FOR_DELIVERY, S.HELD}),
}
CASH_BACK: dict[str, str] = {C.COLLECTED: C.BOOKED, C.REMITTED: C.COLLECTED}
TAKEN_BACK = "↩ "  # begins the note of such an event
# The parcel is still in the house: the dispatch can be undone.
STILL_HERE = frozenset({S.TO_PICK, S.PACKED})


def may_move(shipment: Shipment, to: str) -> bool:
    return to in STATES[shipment.state]


def move(
    shipment: Shipment, to: str, *, by: int | None, tracking: str = "", note: str = "", loaded: bool = False
) -> None:
    """Moves a parcel whose order the caller has locked and writes its event; `tracking` becomes its number.
    BadTransition, TrackingTaken (but not for what is `loaded`: see shipping/parcels/numbers.py): nothing was
    changed."""
    before = shipment.state
    if not may_move(shipment, to):
        raise BadTransition(**{"from": str(S(before).label), "to": str(S(to).label)})
    now = timezone.now()
    shipment.state = to
    fields = ["state"]
    if tracking:
        numbers.take(shipment, tracking, loaded=loaded)
        shipment.tracking = tracking
        fields.append("tracking")
    if to == S.SHIPPED:
        shipment.shipped_at = now
        fields.append("shipped_at")
    if to == S.DELIVERED:
        shipment.delivered_at = now
        fields.append("delivered_at")
    shipment.save(update_fields=fields)
    ShipmentEvent.objects.create(
        shipment=shipment, axis="state", from_value=before, to_value=to, note=note[:200], by_id=by, at=now
    )


def move_cash(shipment: Shipment, to: str, *, by: int | None, note: str = "") -> None:
    """Moves the cash of a COD parcel whose order the caller has locked and writes its event. Raises BadTransition."""
    before = shipment.cash
    if to not in CASH[before]:
        raise BadTransition(**{"from": str(C(before).label), "to": str(C(to).label)})
    shipment.cash = to
    shipment.save(update_fields=["cash"])
    ShipmentEvent.objects.create(
        shipment=shipment, axis="cash", from_value=before, to_value=to, note=note[:200], by_id=by, at=timezone.now()
    )


def back_to(shipment: Shipment) -> str:
    """Where it was before it came to be where it is, if a person may take that step back; else "". A step that was
    taken back is none: what was packed and handed over by mistake goes back to be picked."""
    came: list[str] = []
    at = ""
    for before, to, note in (
        shipment.events.filter(axis="state").order_by("id").values_list("from_value", "to_value", "note")
    ):
        at = to
        if note.startswith(TAKEN_BACK):
            del came[-1:]
        else:
            came.append(before)
    known = came and at == shipment.state and came[-1] in BACK.get(shipment.state, frozenset())
    return came[-1] if known else ""


def move_back(shipment: Shipment, *, by: int | None, note: str) -> None:
    """Takes the last step of a parcel back that the caller has locked; what was said of it to others is corrected. A
    number that it had is free again and stays in its history. BadTransition where `back_to` knows no way."""
    before, to = shipment.state, back_to(shipment)
    if not to:
        raise BadTransition(**{"from": str(S(before).label), "to": "–"})
    now = timezone.now()
    events = [_event(shipment, "state", before, to, TAKEN_BACK + note, by, now)]
    if before == S.DELIVERED:
        shipment.delivered_at = None
    if before == S.SHIPPED:
        numbers.give_up(shipment)
        events.append(_event(shipment, "tracking", shipment.tracking, "", TAKEN_BACK + note, by, now))
        shipment.shipped_at, shipment.tracking = None, ""
    shipment.state, shipment.corrected_at = to, now
    shipment.save(update_fields=["state", "delivered_at", "shipped_at", "tracking", "corrected_at"])
    ShipmentEvent.objects.bulk_create(events)


def move_cash_back(shipment: Shipment, *, by: int | None, note: str) -> None:
    """Takes the last step of a locked parcel's cash back. Raises BadTransition."""
    before = shipment.cash
    to = CASH_BACK.get(before, "")
    if not to:
        raise BadTransition(**{"from": str(C(before).label), "to": "–"})
    shipment.cash, shipment.corrected_at = to, timezone.now()
    shipment.save(update_fields=["cash", "corrected_at"])
    _event(shipment, "cash", before, to, TAKEN_BACK + note, by, shipment.corrected_at).save()


def renumber(shipment: Shipment, tracking: str, *, by: int | None, note: str) -> None:
    """Another number for a locked parcel that left under a wrong one, which stays in its history. TrackingTaken."""
    before, now = shipment.tracking, timezone.now()
    numbers.give_up(shipment)
    numbers.take(shipment, tracking)
    shipment.tracking, shipment.corrected_at = tracking, now
    shipment.save(update_fields=["tracking", "corrected_at"])
    _event(shipment, "tracking", before, tracking, note, by, now).save()


def _event(
    shipment: Shipment, axis: str, before: str, to: str, note: str, by: int | None, at: dt.datetime
) -> ShipmentEvent:
    return ShipmentEvent(shipment=shipment, axis=axis, from_value=before, to_value=to, note=note[:200], by_id=by, at=at)


def _last(shipment: Shipment, axis: str, to: str) -> ShipmentEvent | None:
    rows = shipment.events.filter(axis=axis, to_value=to).select_related("by")
    return rows.order_by("-id").first()


def last_step(shipment: Shipment, axis: str = "state") -> ShipmentEvent | None:
    """Who brought it where it is, and when."""
    return _last(shipment, axis, shipment.state if axis == "state" else shipment.cash)
