"""A parcel's two axes, where it is and where its cash is: which value may follow which, and who moves it."""

from __future__ import annotations

from django.utils import timezone

from shipping.errors import BadTransition
from shipping.models import Shipment, ShipmentEvent

S = Shipment.State
C = Shipment.Cash

STATES: dict[str, frozenset[str]] = {
    S.TO_PICK: frozenset({S.PACKED, S.SHIPPED, S.CANCELLED}),
    S.PACKED: frozenset({S.TO_PICK, S.SHIPPED, S.CANCELLED}),
    S.SHIPPED: frozenset({S.OUT_FOR_DELIVERY, S.HELD, S.DELIVERED, S.RETURNING, S.LOST}),
    S.OUT_FOR_DELIVERY: frozenset({S.HELD, S.DELIVERED, S.RETURNING, S.LOST}),
    S.HELD: frozenset({S.OUT_FOR_DELIVERY, S.DELIVERED, S.RETURNING, S.LOST}),
    S.RETURNING: frozenset({S.RETURNED, S.LOST}),
    S.DELIVERED: frozenset(),
    S.RETURNED: frozenset(),
    S.LOST: frozenset(),
    S.CANCELLED: frozenset(),
}
CASH: dict[str, frozenset[str]] = {
    C.NONE: frozenset(),
    C.BOOKED: frozenset({C.COLLECTED, C.REVERSED}),
    C.COLLECTED: frozenset({C.REMITTED}),
    C.REMITTED: frozenset(),
    C.REVERSED: frozenset(),
}
# The parcel is still in the house: the dispatch can be undone.
STILL_HERE = frozenset({S.TO_PICK, S.PACKED})


def may_move(shipment: Shipment, to: str) -> bool:
    return to in STATES[shipment.state]


def move(shipment: Shipment, to: str, *, by: int | None, tracking: str = "", note: str = "") -> None:
    """Moves a parcel that the caller has locked and writes its event. BadTransition: nothing was changed."""
    before = shipment.state
    if not may_move(shipment, to):
        raise BadTransition(**{"from": str(S(before).label), "to": str(S(to).label)})
    now = timezone.now()
    shipment.state = to
    fields = ["state"]
    if tracking:
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
    """Moves the cash of a COD parcel that the caller has locked and writes its event. Raises BadTransition."""
    before = shipment.cash
    if to not in CASH[before]:
        raise BadTransition(**{"from": str(C(before).label), "to": str(C(to).label)})
    shipment.cash = to
    shipment.save(update_fields=["cash"])
    ShipmentEvent.objects.create(
        shipment=shipment, axis="cash", from_value=before, to_value=to, note=note[:200], by_id=by, at=timezone.now()
    )
