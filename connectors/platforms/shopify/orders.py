"""An order of Shopify in our terms: from the GraphQL API, which is the truth, and from a webhook's body, which has
other names for the same things and tells less of the payment, and nothing of what holds the order back. Pure.

What the customer pays is reckoned in his own currency (presentment). Ids have 64 bits and stay text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt, IncomingLine, IncomingOrder, Unreadable
from connectors.platforms.shopify import order_address, order_delivery, order_extras, order_lines, order_marks
from connectors.platforms.shopify.order_lines import MAX_LINES as MAX_LINES
from connectors.platforms.shopify.order_words import HIDDEN as HIDDEN
from connectors.platforms.shopify.order_words import MAX_ID as MAX_ID
from connectors.platforms.shopify.order_words import Words, amount, block, form_of, id_of, objects
from connectors.platforms.shopify.order_words import date as date
from connectors.platforms.shopify.payment import Facts, classify, tag_rule
from core.money import ZERO
from core.strict import text

_SENT = {"FULFILLED": "all", "PARTIALLY_FULFILLED": "part", "PARTIAL": "part"}
_PAID = frozenset({"PAID", "PARTIALLY_REFUNDED"})
BY_PART = "FulfillmentOrder/"  # begins the name of an order that only one of its fulfilment orders tells
OURS = "MCI annullato"  # the tag that fulfilment.py gives to an order that was cancelled here


def read_order(data: Any) -> IncomingOrder:
    """One order in either form. Raises Unreadable."""
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    words = form_of(data)
    external_id = order_id(data)
    if not external_id:
        raise Unreadable(reason="no id")
    updated = date(words.pick(data, "updatedAt", "updated_at"))
    placed = date(words.pick(data, "processedAt", "processed_at")) or date(words.pick(data, "createdAt", "created_at"))
    if updated is None:
        raise Unreadable(reason="no date")
    doubts: list[Doubt] = []
    shop_currency = _currency(words.pick(data, "currencyCode", "currency"))
    currency = _currency(words.pick(data, "presentmentCurrencyCode", "presentment_currency")) or shop_currency
    one_currency = not shop_currency or currency == shop_currency
    total = _total(data, words, doubts)
    outstanding = _outstanding(data, words, one_currency)
    extras = order_extras.read(data, words)
    sending = order_delivery.read(data, words, extras.attributes)
    lines = order_lines.read(data, words, sending, doubts)
    address, extension = order_address.read(data, words, extras.phone, doubts)
    status = text(words.pick(data, "displayFinancialStatus", "financial_status"), 40).upper()
    sent = _SENT.get(text(words.pick(data, "displayFulfillmentStatus", "fulfillment_status"), 40).upper(), "")
    cancelled = bool(words.pick(data, "cancelledAt", "cancelled_at"))
    names, tags = _names(words.pick(data, "paymentGatewayNames", "payment_gateway_names")), _tags(data.get("tags"))
    verdict = classify(
        Facts(
            status=status,
            gateways=names,
            marks=tags,
            total=total,
            outstanding=outstanding,
            one_currency=one_currency,
            has_address=bool(address.street or address.city or address.postcode),
            test=data.get("test") is True,
            point_of_sale=text(words.pick(data, "sourceName", "source_name"), 40) == "pos",
            sent=sent,
            taken=_taken(data),
            terms=isinstance(data.get("payment_terms"), dict),
        )
    )
    refunded = _refunded(data, words)
    given_back = status in _PAID and not outstanding and _is_all(refunded, data, words)
    live = verdict.live and not cancelled and not given_back
    doubts += [doubt for doubt in sending.doubts if doubt.code not in {known.code for known in doubts}]
    if live and all(doubt.code != "on_hold_in_shop" for doubt in doubts):
        doubts += order_marks.holds(tags, data, words)
    if order_marks.sent_by_market(tags, data, words):
        lines = [replace(line, elsewhere=True) for line in lines]
    asked = any(doubt.code == "partly_sent" for doubt in doubts)
    doubts += _of_the_order(data, words, lines, sent, asked=asked) if live else []
    cards = order_lines.gift_cards(data, words) if live and verdict.kind in ("cod", "review") else []
    if cards:  # no question where it turns out to be paid: connectors/intake/flagged.py
        doubts.append(Doubt("collected_beside", "gift_card", {"names": ", ".join(cards[:5])[:200]}))
    if live and (refunded or status == "PARTIALLY_REFUNDED"):
        doubts.append(Doubt("partly_refunded", "", {"amount": str(refunded) if refunded else "–"}))
    return IncomingOrder(
        external_id=external_id,
        number=text(data.get("name"), 60).removeprefix("#") or external_id,
        status="cancelled" if cancelled else "refunded" if given_back else status.lower(),
        live=live,
        version_at=updated,
        placed_at=placed or updated,
        currency=currency or "XXX",
        total=total,
        payment=verdict.kind,
        payment_reason=verdict.reason,
        gateway=verdict.method,
        gateway_title=", ".join(names)[:120] or verdict.method.removeprefix("tag:"),
        address=address,
        note=extras.note,
        lines=lines,
        doubts=doubts,
        rule_applies=verdict.rule_applies and not cancelled,
        finished=verdict.finished,
        to_collect=outstanding if outstanding != total else None,
        marks=tuple(tag_rule(tag) for tag in tags),
        told=any(tag.casefold() == OURS.casefold() for tag in tags),
        fiscal=extras.fiscal,
        details=[*([("Interno telefonico", extension)] if extension else []), *extras.details],
        hint=not words.api,
    )


def order_id(data: Mapping[str, Any]) -> str:
    """The order's number."""
    return id_of(data)


def _of_the_order(
    data: Mapping[str, Any], words: Words, lines: Sequence[IncomingLine], sent: str, *, asked: bool
) -> list[Doubt]:
    """What a person must see before a live order may leave. `asked`: whether a part was sent."""
    found = []
    part = any(line.sent for line in lines) and any(line.quantity for line in lines)
    if sent != "all" and (sent == "part" or part) and not asked:
        found.append(Doubt("partly_sent"))
    if sent != "all" and words.pick(data, "closedAt", "closed_at") and any(line.quantity for line in lines):
        found.append(Doubt("archived"))
    risk = block(data.get("risk"))
    levels = {text(row.get("riskLevel"), 20).upper() for row in objects(risk.get("assessments"))}
    if "HIGH" in levels or text(risk.get("recommendation"), 20).upper() == "CANCEL":
        found.append(Doubt("risk_high"))
    return found


def _currency(value: Any) -> str:
    code = text(value, 3).upper()
    return code if len(code) == 3 else ""


def _names(value: Any) -> list[str]:
    return [name for name in (text(item, 120) for item in value[:20]) if name] if isinstance(value, list) else []


def _taken(data: Mapping[str, Any]) -> list[str]:
    """The methods by which something was paid; a webhook does not say it."""
    return [
        text(row.get("gateway"), 120)
        for row in objects(data.get("transactions"))
        if row.get("status") == "SUCCESS" and row.get("kind") in ("SALE", "CAPTURE")
    ]


def _tags(value: Any) -> list[str]:
    """A list in the API, one comma-separated text in a webhook."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [tag for tag in (text(item, 80) for item in items[:250]) if tag]


def _total(data: Mapping[str, Any], words: Words, doubts: list[Doubt]) -> Decimal | None:
    """What the customer pays in all: after edits and refunds."""
    value = words.money(data, "currentTotalPriceSet", "current_total_price_set")
    total = amount(value)
    if total is None or total < ZERO:
        doubts.append(Doubt("bad_price", "total", {"value": text(str(value), 40)}))
        return None
    return total


def _outstanding(data: Mapping[str, Any], words: Words, one_currency: bool) -> Decimal | None:
    """What the customer still owes, in his currency; None when it is not said (a webhook says it in the shop's)."""
    if words.api:
        owed = amount(words.money(data, "totalOutstandingSet", ""))
    else:
        owed = amount(data.get("total_outstanding")) if one_currency else None
    return owed if owed is None or owed >= ZERO else ZERO


def _refunded(data: Mapping[str, Any], words: Words) -> Decimal | None:
    """The money that went back; a webhook says it only in the transactions of its refunds."""
    told = amount(words.money(data, "totalRefundedSet", "total_refunded_set"))
    if words.api or told is not None:
        return told
    found = [
        amount(row.get("amount"))
        for refund in objects(data.get("refunds"))
        for row in objects(refund.get("transactions"))
        if row.get("kind") == "refund" and row.get("status") == "success"
    ]
    return sum((one for one in found if one is not None), ZERO)


def _is_all(refunded: Decimal | None, data: Mapping[str, Any], words: Words) -> bool:
    """Did all that was paid go back, though the status still says "paid"?"""
    received = amount(words.money(data, "totalReceivedSet", "total_price_set"))
    return bool(refunded) and received is not None and refunded is not None and refunded >= received > ZERO
