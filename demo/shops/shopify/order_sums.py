"""What an order comes to: its sums in the store's currency, what is paid, what is still owed, and the status of it."""

from dataclasses import dataclass
from decimal import Decimal

from .gids import Doc, cents

VAT = Decimal("0.22")


def vat_in(gross: Decimal) -> Decimal:
    """The VAT that a price holds; the shop enters prices with it."""
    return cents(gross - gross / (1 + VAT))


@dataclass(frozen=True, slots=True)
class Sums:
    lines: Decimal  # before discounts
    discounts: Decimal
    subtotal: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal
    original_total: Decimal
    current_subtotal: Decimal
    current_tax: Decimal
    current_total: Decimal
    received: Decimal
    refunded: Decimal
    outstanding: Decimal
    capturable: Decimal


def line_total(line: Doc, quantity: int | None = None) -> Decimal:
    """After its discount; for a part of the line, the part of it."""
    whole, wanted = line["quantity"], line["quantity"] if quantity is None else quantity
    full = Decimal(line["price"]) * whole - Decimal(line["discount"])
    return cents(full * wanted / whole) if whole else Decimal("0.00")


def sums(order: Doc) -> Sums:
    zero = Decimal("0.00")
    lines = sum((Decimal(line["price"]) * line["quantity"] for line in order["lines"]), zero)
    discounts = sum((Decimal(line["discount"]) for line in order["lines"]), zero)
    shipping = sum((Decimal(line["price"]) for line in order["shipping_lines"]), zero)
    subtotal = lines - discounts
    total = subtotal + shipping
    removed = sum((line_total(line, line["quantity"] - line["current_quantity"]) for line in order["lines"]), zero)
    refunded_shipping = sum((Decimal(refund["shipping"]) for refund in order["refunds"]), zero)
    current_subtotal = subtotal - removed
    current_total = current_subtotal + shipping - refunded_shipping
    paid = _of(order, ("SALE", "CAPTURE"), "SUCCESS")
    refunded = _of(order, ("REFUND",), "SUCCESS")
    captured = _of(order, ("CAPTURE",), "SUCCESS")
    capturable = zero if order["voided"] else max(zero, _of(order, ("AUTHORIZATION",), "SUCCESS") - captured)
    added = sum((line_total(line) for line in order["lines"] if line["added"]), zero)
    return Sums(
        lines=lines,
        discounts=discounts,
        subtotal=subtotal,
        shipping=shipping,
        tax=vat_in(total),
        total=total,
        original_total=total - added,
        current_subtotal=current_subtotal,
        current_tax=vat_in(current_total),
        current_total=current_total,
        received=paid,
        refunded=refunded,
        outstanding=current_total - (paid - refunded),
        capturable=capturable,
    )


def _of(order: Doc, kinds: tuple[str, ...], status: str) -> Decimal:
    found = (t for t in order["transactions"] if t["kind"] in kinds and t["status"] == status)
    return sum((Decimal(each["amount"]) for each in found), Decimal("0.00"))


def financial_status(order: Doc, of: Sums) -> str:
    """As GraphQL names it. `financial` of the document wins: a status that no transaction explains."""
    if order["financial"]:
        return str(order["financial"])
    if of.received:
        if of.refunded >= of.received:
            return "REFUNDED"
        if of.refunded:
            return "PARTIALLY_REFUNDED"
        return "PARTIALLY_PAID" if of.outstanding > 0 else "PAID"
    if order["voided"]:
        return "VOIDED"
    if of.capturable:
        return "AUTHORIZED"
    return "PAID" if of.total == 0 else "PENDING"


def shipping_status(order: Doc, fulfilment_orders: list[Doc]) -> str:
    """As GraphQL names it, from the lines that must be sent and their fulfilment orders."""
    wanted = sum(line["current_quantity"] for line in order["lines"] if line["requires_shipping"])
    sent = sum(line["fulfilled"] for line in order["lines"])
    if not wanted and not sent:
        return "RESTOCKED" if order["cancelled_at"] else "FULFILLED" if order["fulfilled_at"] else "UNFULFILLED"
    if sent >= wanted:
        return "FULFILLED"
    if sent:
        return "PARTIALLY_FULFILLED"
    states = {each["status"] for each in fulfilment_orders if each["status"] not in ("CLOSED", "CANCELLED")}
    for state, word in (("ON_HOLD", "ON_HOLD"), ("SCHEDULED", "SCHEDULED"), ("IN_PROGRESS", "IN_PROGRESS")):
        if states == {state}:
            return word
    return "UNFULFILLED"
