"""The order of events, whatever the courier: what was told of the way back is not the way out. A parcel that goes back
and is then "delivered" was delivered to its sender."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from shipping.couriers.base import Event, State


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Oldest first; of the same minute as they were told."""
    return tuple(sorted(events, key=lambda event: event.at))


def back_and_forth(events: Iterable[Event]) -> tuple[Event, ...]:
    """Once it goes back, delivered means returned, and a van or a depot on that way moves nothing."""
    found: list[Event] = []
    returning = False
    for event in events:
        returning = returning or event.returning or event.state == State.RETURNING
        if returning and event.state == State.DELIVERED:
            event = replace(event, state=State.RETURNED, returning=True)
        elif returning and event.state in (State.OUT_FOR_DELIVERY, State.HELD):
            event = replace(event, state=State.INFO, returning=True)
        elif returning:
            event = replace(event, returning=True)
        found.append(event)
    return tuple(found)
