"""A shop's order as the data of one of ours, with what the reseller taught us of his shop: payment methods by their id,
products by their subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from connectors.intake import flagged
from connectors.models import Match, PaymentRule, Shop
from connectors.platforms import base as platform_base
from connectors.platforms import payment_words
from connectors.platforms.base import IncomingLine, IncomingOrder
from orders.intake import creation
from orders.models import Order
from orders.problems import CATALOGUE, Doubt


def product_subject(external_id: str) -> str:
    """What a Match of one variation hangs on; "" for a simple product, or one that was deleted."""
    _product, slash, variation = external_id.partition("/")
    return f"product:{external_id}"[:110] if slash and variation not in ("", "0") else ""


def subject_of(line: IncomingLine) -> str:
    """What a Match hangs on: the shop's SKU or, without one, its product."""
    if line.sku:
        return f"sku:{line.sku.strip().upper()}"
    return f"product:{line.external_id}" if line.external_id else ""


@dataclass(frozen=True, slots=True)
class Learned:
    """What the reseller taught us of his shop: payment methods by their id, products by their subject. `ours`: of the
    SKUs that "need no shipping" those that are articles of ours."""

    rules: Mapping[str, PaymentRule]
    matches: Mapping[str, Match]
    ours: frozenset[str] = frozenset()

    def match(self, line: IncomingLine) -> Match | None:
        return self.matches.get(product_subject(line.external_id)) or self.matches.get(subject_of(line))

    def told_apart(self, line: IncomingLine) -> IncomingLine:
        """A variation whose SKU was linked when another variation of its product carried it: the SKU is the product's,
        and which size and colour it is must be said of this one too."""
        mine = product_subject(line.external_id)
        taught = self.matches.get(subject_of(line)) if line.sku else None
        if not mine or taught is None or mine in self.matches:
            return line
        product = mine.partition("/")[0]
        same = (match for subject, match in self.matches.items() if subject.startswith(f"{product}/"))
        if not any((match.variant_id, match.quantity) == (taught.variant_id, taught.quantity) for match in same):
            return line
        return replace(line, sku="", name=f"{line.name} (SKU {line.sku})"[:200])


def learned(shop: Shop, readings: Sequence[IncomingOrder]) -> Learned:
    """For these readings; 2 statements, and one more where a line is said to need no shipping."""
    methods = {name for reading in readings for name in (reading.gateway, *reading.marks) if name}
    rules = PaymentRule.objects.filter(shop=shop, gateway__in=methods)
    lines = [line for reading in readings for line in reading.lines]
    wanted = Q(subject__in={subject_of(line) for line in lines})
    products = {mine.partition("/")[0] for line in lines if (mine := product_subject(line.external_id))}
    for product in sorted(products):
        wanted |= Q(subject__startswith=f"{product}/")
    matches = Match.objects.filter(wanted, shop=shop)
    found = {match.subject: match for match in matches}
    return Learned({rule.gateway: rule for rule in rules}, found, flagged.articles(readings))


def data_of(shop: Shop, reading: IncomingOrder, known: Learned | None = None) -> creation.OrderData:
    """The reading as an order's data, with what the reseller taught us."""
    known = known or learned(shop, [reading])
    rule = rule_of(reading, known.rules)
    payment, reason = (rule.kind, "rule") if rule else (reading.payment, reading.payment_reason)
    lines = flagged.to_send([known.told_apart(line) for line in reading.lines], known.match, known.ours)
    return creation.OrderData(
        address=reading.address,
        lines=[_line(line, known.match(line)) for line in lines],
        payment=payment,
        payment_reason=reason,
        payment_detail=reading.gateway_title,
        currency=reading.currency,
        sale_total=reading.total,
        to_collect=reading.to_collect,
        note=reading.note,
        source=shop.platform,
        source_label=shop.name,
        source_number=reading.number,
        placed_at=reading.placed_at,
        doubts=[
            *_of_catalogue(reading.doubts, payment),
            *_currency(shop, reading, payment),
            *flagged.doubts(lines, known.match),
            *(flagged.collected_beside(reading, known.match, known.ours) if payment == Order.Payment.COD else ()),
        ],
        fiscal=reading.fiscal,
        details=reading.details,
    )


def _of_catalogue(doubts: Sequence[platform_base.Doubt], payment: str) -> list[Doubt]:
    """Of what is only asked of cash on delivery nothing where it is none."""
    apart = {"collected_beside"} if payment != Order.Payment.COD else set()
    return [Doubt(one.code, one.subject, one.params) for one in doubts if one.code in CATALOGUE.keys() - apart]


def _currency(shop: Shop, reading: IncomingOrder, payment: str) -> list[Doubt]:
    """A store that reckons in another currency may sell at our figures as they are: 29.90 EUR became 29.90 forints. One
    that reckons in EUR and lets its customers pay in theirs turned the amounts itself."""
    if reading.currency == "EUR" or payment == Order.Payment.COD or shop.facts.get("currency") == "EUR":
        return []
    return [Doubt("foreign_currency", "", {"currency": reading.currency})]


def rule_of(reading: IncomingOrder, rules: Mapping[str, PaymentRule]) -> PaymentRule | None:
    """What the reseller said of this order's marks (the more particular) or of its payment method. That the method
    pays before does not make the money of an order come that the shop still waits for."""
    names = (*reading.marks, reading.gateway) if reading.rule_applies else ()
    rule = next((rules[name] for name in names if name in rules), None)
    if rule is None:
        return None
    if rule.kind != Order.Payment.PREPAID:
        return None if _card_took_it(reading) else rule
    return None if reading.payment == Order.Payment.AWAITING and reading.status == "on-hold" else rule


def _card_took_it(reading: IncomingOrder) -> bool:
    """A card or wallet that we know, and the shop has its payment: whoever paid is not asked again at the door. (A
    transfer's date is no proof: merchants use the transfer for cash on delivery, for want of another.)"""
    known = payment_words.known(reading.gateway) == payment_words.ELECTRONIC
    return known and (reading.payment, reading.payment_reason) == (Order.Payment.PREPAID, "paid")


def _line(line: IncomingLine, match: Match | None) -> creation.LineData:
    fields: dict[str, Any] = {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "external_id": line.external_id,
        "sale_gross": line.sale_gross,
        "shop_line": line.line_id,
        "attributes": line.attributes,
        "bundle": line.bundle,
        "sent": line.sent,
    }
    if match is None:
        return creation.LineData(**fields)
    if match.variant_id is None:
        return creation.LineData(**fields, ignored=True)
    return creation.LineData(**fields, variant_id=match.variant_id, pieces=match.quantity)
