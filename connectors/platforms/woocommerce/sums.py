"""Does an order add up? WooCommerce's total is the sum of its lines, shipping and fees with their taxes, to the cent;
one that is not was changed by a plugin or by hand in a way that the order does not show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce.fields import entries, items, metas, opened
from core.money import CENT, ZERO, BadAmount, cents, exact_from_shop

_PARTS = ("line_items", "shipping_lines", "fee_lines")
# What takes off the total without a line of its own: gift cards, credit.
_TAKES_OFF = ("gift", "credit", "voucher", "wallet", "ywgc", "store_coupon", "points", "contribution")


def judge(data: Mapping[str, Any], doubts: list[Doubt]) -> None:
    """Adds `sums_differ` where the total is not what its parts make, by more than their rounding."""
    if any(name not in data for name in _PARTS):
        return  # not the whole order: nothing can be said
    total = _amount(data.get("total"))
    parts = [part for name in _PARTS for part in entries(data, name)]
    if total is None or not parts or total < ZERO:
        return
    net, taxes = Decimal(0), Decimal(0)
    for part in parts:
        if not isinstance(part, dict):
            return
        amounts = (_amount(part.get("total")), _amount(part.get("total_tax", "0")))
        if amounts[0] is None or amounts[1] is None:
            return  # said as a doubt by whoever reads the line
        net, taxes = net + amounts[0], taxes + amounts[1]
    unit = max(CENT, Decimal(1).scaleb(-len(str(data.get("total")).partition(".")[2])))
    room = unit * (len(parts) + 1)
    if abs(total - net - taxes) <= room:
        return
    whole_tax = _amount(data.get("total_tax"))
    if whole_tax is not None and abs(total - net - whole_tax) <= room:
        return  # taxes that a plugin reckons for the whole order alone
    gap = net + taxes - total
    if gap > ZERO and any(abs(gap - off) <= room for off in _taken_off(data)):
        return
    doubts.append(Doubt("sums_differ", "", {"total": str(cents(total)), "sum": str(cents(net + taxes))}))


def _taken_off(data: Mapping[str, Any]) -> Iterator[Decimal]:
    """What gift cards and their kin may have taken off: each amount of a field by itself, and their sum."""
    fields = [("gift_cards", data.get("gift_cards"))]
    fields += [(key.lower(), opened(value)) for key, value, _entry in metas(data)]
    fields += [("gift_coupon", row.get("amount")) for row in items(data, "gift_card_lines")]
    for key, value in fields:
        if any(word in key for word in _TAKES_OFF):
            found = list(_amounts(value))
            yield from found
            yield sum(found, Decimal(0))


def _amounts(value: Any, depth: int = 0) -> Iterator[Decimal]:
    if isinstance(value, dict) and depth < 3:
        named = [one for key, one in value.items() if key in ("amount", "used", "value", "discount", "total")]
        for one in named[:1] or list(value.values())[:40]:
            yield from _amounts(one, depth + 1)
    elif isinstance(value, list) and depth < 3:
        for one in value[:40]:
            yield from _amounts(one, depth + 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        found = _amount(str(value))
        if found is not None:
            yield abs(found)


def _amount(value: Any) -> Decimal | None:
    try:
        return exact_from_shop(value)
    except BadAmount:
        return None
