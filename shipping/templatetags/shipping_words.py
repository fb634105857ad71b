"""What templates say about parcels. `{% load shipping_words %}`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shipping.models import Shipment, ShipmentEvent

register = template.Library()

STATE_TONES = {
    "to_pick": ("info", "clipboard-list"),
    "packed": ("info", "package"),
    "shipped": ("info", "truck"),
    "out_for_delivery": ("info", "truck-delivery"),
    "held": ("warn", "hand-stop"),
    "delivered": ("ok", "circle-check"),
    "returning": ("warn", "truck-return"),
    "returned": ("neutral", "arrow-back-up"),
    "lost": ("danger", "zoom-question"),
    "cancelled": ("neutral", "ban"),
}
_CASH_TONES = {
    "booked": ("cod", "cash"),
    "collected": ("info", "truck"),
    "remitted": ("ok", "circle-check"),
    "reversed": ("neutral", "arrow-back-up"),
}
_CASH_EVENTS: dict[str, tuple[str, Promise]] = {
    "booked": ("cash", _("Cash on delivery booked")),
    "collected": ("cash", _("The courier has the cash")),
    "remitted": ("building-bank", _("The courier paid the cash over")),
    "reversed": ("arrow-back-up", _("The COD booking is reversed")),
    "": ("cash", _("Nothing is collected at the door.")),  # it was paid after all: see booking.lower
}
_LOWERED = ("cash", _("Less is collected at the door"))


@register.filter
def state_look(shipment: Shipment) -> dict[str, Any]:
    """`tone`, `icon` and `words` of where the parcel is; `at`: since when, as far as it is known."""
    tone, icon = STATE_TONES[shipment.state]
    if shipment.state == Shipment.State.DELIVERED:
        at = shipment.delivered_at
    else:
        at = None if shipment.state in ("to_pick", "packed", "cancelled") else shipment.shipped_at
    return {"tone": tone, "icon": icon, "words": shipment.get_state_display(), "at": at}


PAPERS: dict[str, Any] = {
    "label": _("Label printed"),
    "slip": _("Packing slip printed"),
    "ddt": _("Transport document printed"),
    "return": _("Return slip printed"),
}


@register.filter
def cash_look(shipment: Shipment) -> dict[str, Any]:
    """`tone`, `icon` and `words` of where the cash of a COD parcel is."""
    tone, icon = _CASH_TONES[shipment.cash]
    return {"tone": tone, "icon": icon, "words": shipment.get_cash_display()}


@register.filter
def event_look(event: ShipmentEvent) -> dict[str, Any]:
    """`icon` and `words` of a step."""
    if event.axis == "cash":
        icon, words = _LOWERED if event.from_value == event.to_value else _CASH_EVENTS[event.to_value]
        return {"icon": icon, "words": words}
    if event.axis == "address":
        return {"icon": "map-pin", "words": _("Address changed")}
    if event.axis == "paper":
        return {"icon": "printer", "words": PAPERS.get(event.to_value, event.to_value)}
    return {"icon": STATE_TONES[event.to_value][1], "words": Shipment.State(event.to_value).label}


@register.filter
def cash_steps(shipment: Shipment, cash_at: dict[str, Any]) -> list[dict[str, Any]]:
    """The way of the cash: what is behind, where it is, what is to come; `cash_at` is when each step was taken."""
    way = ["booked", "reversed"] if shipment.cash == "reversed" else ["booked", "collected", "remitted"]
    here = way.index(shipment.cash)
    return [
        {
            "icon": _CASH_EVENTS[cash][0],
            "words": Shipment.Cash(cash).label,
            "class": "now" if index == here and index < len(way) - 1 else "done" if index <= here else "",
            "at": cash_at.get(cash) if index <= here else None,
        }
        for index, cash in enumerate(way)
    ]


@register.filter
def kilos(grams: int) -> str:
    """Grams as kg with up to three places, in the reader's language."""
    return number_format(f"{(Decimal(grams) / 1000).normalize():f}", use_l10n=True)
