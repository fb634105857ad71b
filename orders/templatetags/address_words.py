"""What templates say about an address. `{% load address_words %}`."""

from __future__ import annotations

from django import template

from orders.data import ADDRESS, as_kept
from orders.models import Order

register = template.Library()


@register.filter
def given(order: Order, name: str) -> str:
    """What the shop wrote in a field of the address, where the order has it in another form; "" where it is the same
    or a person changed it."""
    told = dict(zip(ADDRESS, order.shop_data.get("address") or (), strict=False))
    text, mine = str(told.get(name, "")), getattr(order, name)
    return text if text != mine and as_kept(order.shop_data)[name] == mine else ""
