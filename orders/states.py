"""The order's own axis: which state may follow which, and the one function that moves an order along it."""

from __future__ import annotations

from typing import Any

from orders import timeline
from orders.errors import BadMove
from orders.models import Order

S = Order.State

TRANSITIONS: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.RECEIVED, S.READY, S.CANCELLED}),
    S.RECEIVED: frozenset({S.READY, S.CANCELLED}),
    S.READY: frozenset({S.RECEIVED, S.DISPATCHED, S.CANCELLED}),
    S.DISPATCHED: frozenset({S.COMPLETED, S.CANCELLED}),
    S.COMPLETED: frozenset(),
    S.CANCELLED: frozenset({S.RECEIVED, S.READY}),  # restored in the shop; never after a dispatch
}


# What a person may take back; a shop or a courier never does.
BACK: dict[str, str] = {S.COMPLETED: S.DISPATCHED}


def may_move(before: str, after: str) -> bool:
    return after in TRANSITIONS[before]


def move(order: Order, to: str, *, event: str, by: int | None = None, **params: Any) -> None:
    """Moves an order that the caller has locked and writes its timeline. Raises BadMove."""
    if not may_move(order.state, to):
        raise BadMove(number=order.number, **{"from": order.get_state_display(), "to": str(S(to).label)})
    if order.state == S.CANCELLED and order.shipment_id:
        raise BadMove(number=order.number, **{"from": order.get_state_display(), "to": str(S(to).label)})
    order.state = to
    order.save(update_fields=["state", "updated_at"])
    timeline.record(order.pk, event, by=by, **params)


def move_back(order: Order) -> None:
    """The last step of a locked order was a mistake; the caller writes on the timeline what it was. Raises BadMove."""
    to = BACK.get(order.state, "")
    if not to:
        raise BadMove(number=order.number, **{"from": order.get_state_display(), "to": "–"})
    order.state = to
    order.save(update_fields=["state", "updated_at"])
