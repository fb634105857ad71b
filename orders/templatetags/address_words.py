"""What templates say about an address. `{% load address_words %}`."""

from __future__ import annotations

import re

from django import template

from orders.intake.data import ADDRESS, as_kept
from orders.models import Order

register = template.Library()
_GAPS = re.compile(r"[\s().\-/\u2010-\u2015]+")


def _same_number(told: str, kept: str) -> bool:
    """Only spaces, or the prefix of Italy, make the difference: nothing that a reader would want to compare."""
    told = re.sub(r"^00(?=[1-9])", "+", _GAPS.sub("", told))
    return told == kept or f"+39{told}" == kept


@register.filter
def given(order: Order, name: str) -> str:
    """What the shop wrote in a field of the address, where the order has it in another form; "" where it is the same
    or a person changed it."""
    told = dict(zip(ADDRESS, order.shop_data.get("address") or (), strict=False))
    text, mine = str(told.get(name, "")), getattr(order, name)
    if name == "phone" and _same_number(text, mine):
        return ""
    return text if text != mine and as_kept(order.shop_data)[name] == mine else ""
