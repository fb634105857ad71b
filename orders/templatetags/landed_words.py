"""What an article costs once it is sent, for pages of lower rooms: the catalogue says what is left of its price before
and after the shipping. `{% load landed_words %}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from catalog.models import Variant
from orders.dispatch.landed_cost import Cheapest, cheapest
from shipping.tariffs.quotes import Tariff

register = template.Library()


@register.simple_tag
def with_shipping(items: Iterable[Any]) -> list[tuple[Any, Cheapest | None]]:
    """Each variant, or offer with its lowest variant, beside the cheapest way to send one piece of it within Italy,
    prepaid; None where no method takes it. 1 query however many."""
    rows = list(items)
    if not rows:
        return []
    tariff = Tariff.load()
    return [(row, cheapest(row if isinstance(row, Variant) else row.lowest, tariff)) for row in rows]


@register.simple_tag
def cheapest_of(variant: Variant, priced: Iterable[tuple[Any, Cheapest | None]]) -> Cheapest | None:
    """That of one of the variants that `with_shipping` priced."""
    return next((way for row, way in priced if row == variant), None)
