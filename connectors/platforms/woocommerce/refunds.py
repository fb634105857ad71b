"""What of an order was given back. WooCommerce takes refunds off neither its total nor its quantities: the order's body
names only their sums, `GET orders/<id>/refunds` says which pieces. That answer is kept in the body under `mciRefunds`,
where our plugin puts it too. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce.fields import amount, entries, id_of, items, metas
from core.money import CENT, ZERO, BadAmount, cents, exact_from_shop

HIDDEN = "mciRefunds"
_KEPT = ("quantity", "total", "total_tax")


@dataclass(frozen=True, slots=True)
class Back:
    """What was given back of one line: pieces, and EUR with VAT."""

    quantity: int
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """`total`: what the customer pays in the end, to two places; None when it cannot be read. `whole`: all of it was
    given back. `lines`: what was, by the line's id, where the shop told (`known`)."""

    total: Decimal | None
    whole: bool = False
    known: bool = False
    lines: Mapping[int, Back] = field(default_factory=dict)


def are_in(data: Mapping[str, Any]) -> bool:
    """Does the order name refunds, and not yet their pieces?"""
    return bool(entries(data, "refunds")) and HIDDEN not in data


def trimmed(refunds: Any) -> list[dict[str, Any]]:
    """Of the shop's answer only what is read here: reasons and names have no business in our records."""
    kept = []
    for refund in refunds if isinstance(refunds, list) else ():
        lines = []
        for item in items(refund, "line_items") if isinstance(refund, dict) else ():
            ties = [{"key": key, "value": value} for key, value, _entry in metas(item) if key == "_refunded_item_id"]
            lines.append({**{name: item.get(name) for name in _KEPT}, "meta_data": ties})
        kept.append({"id": refund.get("id") if isinstance(refund, dict) else None, "line_items": lines})
    return kept


def account(data: Mapping[str, Any], doubts: list[Doubt]) -> Account:
    """The total less the refunds. A part refund is a question to a person even where the pieces are known."""
    total = amount(data.get("total"), "total", doubts)
    if total is None:
        return Account(None)
    if total < ZERO:
        doubts.append(Doubt("bad_price", "total", {"value": str(cents(total))}))
        return Account(None)
    refunds = entries(data, "refunds")
    refunded = Decimal(0)
    for refund in refunds:
        part = amount(refund.get("total") if isinstance(refund, dict) else refund, "refund", doubts)
        if part is None:
            return Account(None)
        refunded += abs(part)
    if not refunds:
        return Account(cents(total))
    left = total - refunded
    if refunded and left <= _tolerance(data.get("total"), total):
        return Account(max(cents(left), ZERO), whole=True)
    lines = _lines(data)
    params = {"amount": str(cents(refunded))}
    if lines is not None:
        params["pieces"] = str(sum(back.quantity for back in lines.values()))
    doubts.append(Doubt("partly_refunded", "", params))
    return Account(max(cents(left), ZERO), known=lines is not None, lines=lines or {})


def _tolerance(written: Any, total: Decimal) -> Decimal:
    """How far a whole refund may miss the total: one unit of the shop's last place, never less than a cent. A shop that
    shows no cents is off by a whole euro, which must be little beside the total."""
    places = len(str(written).partition(".")[2])
    unit = max(Decimal(1).scaleb(-places), CENT)
    return unit if unit == CENT or unit * 50 <= total else CENT


def _lines(data: Mapping[str, Any]) -> dict[int, Back] | None:
    """None unless the details are there for each refund, and each of their lines can be told."""
    found = data.get(HIDDEN)
    if not isinstance(found, list):
        return None
    named = {id_of(refund.get("id")) for refund in items(data, "refunds")}
    if {id_of(refund.get("id")) if isinstance(refund, dict) else None for refund in found} != named or None in named:
        return None
    known = {id_of(item.get("id")) for item in items(data, "line_items")} - {None}
    back: dict[int, Back] = {}
    for refund in found:
        for item in items(refund, "line_items"):
            tie = next((id_of(value) for key, value, _entry in metas(item) if key == "_refunded_item_id"), None)
            quantity = _quantity(item.get("quantity"))
            try:
                gross = abs(exact_from_shop(item.get("total"))) + abs(exact_from_shop(item.get("total_tax")))
            except BadAmount:
                return None
            if tie is None or tie not in known or quantity is None:
                return None
            before = back.get(tie, Back(0, ZERO))
            back[tie] = Back(before.quantity + quantity, before.gross + gross)
    return back


def _quantity(value: Any) -> int | None:
    """Pieces of a refund, which WooCommerce counts below zero; 0 where only money went back."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or abs(value) > 9999:
        return None
    return abs(int(value))
