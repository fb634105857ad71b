"""What the desk's templates say about parcels. `{% load desk_words %}`."""

from __future__ import annotations

from collections.abc import Container

from django import template

from shipping.models import Shipment

register = template.Library()

_STEPS = {  # state of the parcel → the right that its next step asks for, and that step
    Shipment.State.TO_PICK: ("pack", "pack"),
    Shipment.State.PACKED: ("ship", "ship"),
    Shipment.State.SHIPPED: ("deliver", "deliver"),
    Shipment.State.OUT_FOR_DELIVERY: ("deliver", "deliver"),
    Shipment.State.HELD: ("deliver", "deliver"),
    Shipment.State.DELIVERED: ("deliver", "undo"),
}


@register.filter
def next_step(shipment: Shipment, may: Container[str]) -> str:
    """What somebody who `may` so much does next with a parcel, from the list: pack | ship | deliver | undo, or ""."""
    right, step = _STEPS.get(Shipment.State(shipment.state), ("", ""))
    return step if right in may else ""
