"""An order as its source tells it, before it is rows; and the form in which two words of a shop are compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.address import Address, normal, with_aside
from core.money import ZERO
from orders.models import Order
from orders.problems import Doubt

ADDRESS = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")
_WIDTHS = {row.name: row.max_length for row in Order._meta.fields if row.name in (*ADDRESS, "note")}
MINE = "mine"  # in Order.shop_data: the sections that a person wrote anew


@dataclass(frozen=True, slots=True)
class LineData:
    """`variant_id` when the caller already knows it (a match); else it is looked up by SKU, then EAN. `quantity` in the
    source's own units, `pieces` of ours in each of them; 0 with `sent`, those that have left the shop already: no line
    is made of it. `shop_line`, `attributes`, `bundle`: as in OrderLine."""

    sku: str
    name: str
    quantity: int
    variant_id: int | None = None
    external_id: str = ""
    sale_gross: Decimal | None = None
    ignored: bool = False
    pieces: int = 1
    shop_line: str = ""
    attributes: Sequence[tuple[str, str]] = ()
    bundle: str = ""
    sent: int = 0


@dataclass(frozen=True, slots=True)
class OrderData:
    """An order as its source tells it. `sale_total`: what the customer pays in all, VAT included, in `currency`.
    `to_collect`: what the courier collects (EUR); None means the whole `sale_total` when it is COD."""

    address: Address
    lines: Sequence[LineData]
    payment: str
    payment_reason: str = ""
    payment_detail: str = ""
    currency: str = "EUR"
    sale_total: Decimal | None = None
    to_collect: Decimal | None = None
    note: str = ""
    source: str = "manual"
    source_label: str = ""
    source_number: str = ""
    placed_at: dt.datetime | None = None
    doubts: Sequence[Doubt] = ()
    fiscal: Mapping[str, str] = field(default_factory=dict)
    details: Sequence[tuple[str, str]] = ()


def sections(data: OrderData) -> dict[str, Any]:
    """The content of `data` by section, as JSON, for comparison with what the shop said before."""
    return {
        "address": [getattr(data.address, name) for name in ADDRESS] + [data.note],
        "lines": [_row(line) for line in data.lines],
        "payment": [data.payment, data.payment_reason, data.payment_detail, str(data.to_collect)],
        "total": [data.currency, str(data.sale_total)],
    }


def _row(line: LineData) -> list[Any]:
    row = [line.sku, line.external_id, line.name, line.quantity, str(line.sale_gross)]
    wishes = [list(pair) for pair in line.attributes]
    return [*row, wishes, line.sent] if line.sent else [*row, wishes] if wishes else row


def kept(address: Address, note: str) -> dict[str, str]:
    """Field → text as an order keeps it: in its normal form, cut to its column."""
    note, address = with_aside(note, address, most=_WIDTHS["note"]), normal(address)
    words = {name: getattr(address, name)[: _WIDTHS[name]] for name in ADDRESS}
    return {**words, "note": note}


def as_kept(told: Mapping[str, Any]) -> dict[str, str]:
    """As `kept`, of what a shop said."""
    *values, note = told.get("address") or [""] * (len(ADDRESS) + 1)
    return kept(Address(**dict(zip(ADDRESS, map(str, values), strict=True))), str(note))


def told_to_collect(order: Order) -> Decimal | None:
    """What the shop said that a courier has to collect, where it is not the whole total."""
    return _amount(order.shop_data.get("payment", [])[3:4])


def told_collect(order: Order) -> Decimal | None:
    """What the courier collects by the shop's last word."""
    return collected(_amount(order.shop_data.get("total", [])[1:2]), told_to_collect(order))


def _amount(told: Sequence[str]) -> Decimal | None:
    return Decimal(told[0]) if told and told[0] != "None" else None


def collected(total: Decimal | None, given: Decimal | None) -> Decimal | None:
    """COD collects what was given by the source, else all that the customer pays."""
    amount = given if given is not None else total
    return amount if amount is None or amount >= ZERO else None
