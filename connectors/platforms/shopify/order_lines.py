"""The lines of an order: of each what is still to be sent, and what the customer pays for that. Taken off is what was
refunded or removed by an edit, what has left, and what is due later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt, IncomingLine
from connectors.platforms.shopify.answers import number_of
from connectors.platforms.shopify.order_delivery import Sending
from connectors.platforms.shopify.order_words import (
    MAX_ID,
    Words,
    amount,
    block,
    id_of,
    items,
    objects,
    pairs,
    total_of,
)
from core.money import ZERO, cents
from core.strict import text, whole

MAX_LINES = 500
_MOST = 9999


@dataclass(frozen=True, slots=True)
class Pieces:
    """`now` is to be sent, `sent` has left, `later` is scheduled; `elsewhere`: some of `now` is in no fulfilment order
    that we see."""

    now: int
    sent: int = 0
    later: int = 0
    elsewhere: bool = False


def read(data: Mapping[str, Any], words: Words, sending: Sending, doubts: list[Doubt]) -> list[IncomingLine]:
    found = items(words.pick(data, "lineItems", "line_items"))
    if len(found) > MAX_LINES:
        doubts.append(Doubt("too_many_lines", "", {"count": str(len(found))}))
    known: list[tuple[int, Mapping[str, Any], Pieces]] = []
    for position, item in enumerate(found[:MAX_LINES], start=1):
        if not isinstance(item, dict):
            doubts.append(Doubt("bad_quantity", f"#{position}", {"value": "–"}))
        elif not _is_no_good(item, words):
            pieces = _pieces(data, item, words, sending, position, doubts)
            if pieces.now or pieces.sent or pieces.later:
                known.append((position, item, pieces))
    waits = _wait(known, sending, doubts)
    if sending.known and not sending.due and not sending.later and any(one.elsewhere for _n, _item, one in known):
        # Shopify makes the fulfilment orders a moment after the order, and some apps hold them then.
        doubts.append(Doubt("on_hold_in_shop", "", {"reason": "not_routed"}))
        known = [(position, item, replace(one, elsewhere=False)) for position, item, one in known]
    return list(_made(data, words, known, waits, doubts))


def gift_cards(data: Mapping[str, Any], words: Words) -> list[str]:
    """The names of the gift cards that are sold with the order for money: nothing of them is sent."""
    return [
        text(item.get("name"), 80) or "–"
        for item in objects(words.pick(data, "lineItems", "line_items"))
        if words.pick(item, "isGiftCard", "gift_card") is True
        and whole(words.pick(item, "currentQuantity", "current_quantity"), 1, _MOST)
        and amount(words.money(item, "discountedUnitPriceAfterAllDiscountsSet", "price_set")) != ZERO
    ]


def _is_no_good(item: Mapping[str, Any], words: Words) -> bool:
    """A gift card or a tip; the COD fee of a form: what needs no shipping and has no SKU. One with a SKU may be a good
    whose flag is wrong: whose article it is, the inbox knows."""
    if words.pick(item, "isGiftCard", "gift_card") is True or isinstance(item.get("tip"), dict):
        return True
    return _is_digital(item, words) and not text(item.get("sku"), 100)


def _wait(known: list[tuple[int, Mapping[str, Any], Pieces]], sending: Sending, doubts: list[Doubt]) -> bool:
    """True when nothing at all is due yet: then the order is shown whole, and waits."""
    later = sum(pieces.later for _position, _item, pieces in known)
    if not later:
        return False
    doubts.append(Doubt("scheduled", "", {"when": ", ".join(sending.dates) or "–"}))
    if any(pieces.now or pieces.sent for _position, _item, pieces in known):
        return False
    doubts.append(Doubt("on_hold_in_shop", "", {"reason": "not_due"}))
    return True


def _made(
    data: Mapping[str, Any],
    words: Words,
    known: list[tuple[int, Mapping[str, Any], Pieces]],
    waits: bool,
    doubts: list[Doubt],
) -> Iterator[IncomingLine]:
    taxes_included = words.pick(data, "taxesIncluded", "taxes_included") is not False
    groups = {
        _group_id(group.get("id")): text(group.get("title"), 200) for group in objects(data.get("line_item_groups"))
    }
    for position, item, pieces in known:
        quantity = pieces.later if waits else pieces.now
        if not quantity and not pieces.sent:
            continue
        sku = text(item.get("sku"), 100)
        if words.api:
            bundle = text(block(item.get("lineItemGroup")).get("title"), 200)
        else:
            bundle = groups.get(_group_id(item.get("sales_line_item_group_id")), "")
        yield IncomingLine(
            external_id=_sold(item, words),
            sku=sku,
            name=text(item.get("name"), 200),
            quantity=quantity,
            sale_gross=_gross(item, words, quantity, taxes_included, sku or f"#{position}", doubts),
            line_id=id_of(item),
            attributes=tuple(pairs(words.pick(item, "customAttributes", "properties"), 500)[:30]),
            bundle=bundle,
            digital=_is_digital(item, words),
            elsewhere=pieces.elsewhere,
            sent=pieces.sent,
        )


def _is_digital(item: Mapping[str, Any], words: Words) -> bool:
    return words.pick(item, "requiresShipping", "requires_shipping") is False


def _group_id(value: Any) -> str:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _pieces(
    data: Mapping[str, Any],
    item: Mapping[str, Any],
    words: Words,
    sending: Sending,
    position: int,
    doubts: list[Doubt],
) -> Pieces:
    wanted = words.pick(item, "currentQuantity", "current_quantity")
    if wanted == 0 and wanted is not False:
        return Pieces(0)  # taken out by an edit or a refund
    left = words.pick(item, "unfulfilledQuantity", "fulfillable_quantity")
    current = whole(wanted, 1, _MOST)
    open_ = current if left is None else whole(left, 0, 99_999)
    if current is None or open_ is None:
        wrong = wanted if current is None else left
        subject = text(item.get("sku"), 100) or f"#{position}"
        doubts.append(Doubt("bad_quantity", subject, {"value": text(str(wrong), 40)}))
        return Pieces(current or 1)
    if _is_digital(item, words) and not open_:
        open_ = max(current - _sent_of_digital(item, words), 0)
    elif not words.api and open_ < current and not _has_left(data, item):
        # Fewer can be sent than were ordered, and nothing was sent: a person must look what became of them.
        if all(doubt.code != "partly_sent" for doubt in doubts):
            doubts.append(Doubt("partly_sent"))
        open_ = current
    to_send = min(current, open_)
    if not sending.known:
        return Pieces(to_send, current - to_send)
    number = id_of(item)
    later = min(sending.later.get(number, 0), to_send)
    now = to_send - later
    unseen = now > sending.due.get(number, 0) and not _is_digital(item, words)
    return Pieces(now, current - to_send, later, unseen)


def _has_left(data: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    return any(block.get("fulfillment_status") in ("partial", "fulfilled") for block in (data, item))


def _sent_of_digital(item: Mapping[str, Any], words: Words) -> int:
    """What "needs no shipping" may count as impossible to fulfil: then nothing has left, though nothing is open."""
    if not words.api:
        return _MOST if item.get("fulfillment_status") == "fulfilled" else 0
    ordered, never = whole(item.get("quantity"), 0, _MOST), whole(item.get("nonFulfillableQuantity"), 0, _MOST)
    left = whole(item.get("unfulfilledQuantity"), 0, _MOST) or 0
    return max(ordered - left - never, 0) if ordered is not None and never is not None else 0


def _sold(item: Mapping[str, Any], words: Words) -> str:
    """ "product/variant"; "" for a custom line, or for a product that was deleted."""
    if words.api:
        parts = [number_of(block(item.get(name)).get("id")) for name in ("product", "variant")]
    else:
        numbers = [whole(item.get(name), 1, MAX_ID) for name in ("product_id", "variant_id")]
        parts = [str(number) if number else "" for number in numbers]
    return "/".join(parts) if all(parts) else ""


def _gross(
    item: Mapping[str, Any], words: Words, quantity: int, taxes_included: bool, subject: str, doubts: list[Doubt]
) -> Decimal | None:
    """What the customer pays for these pieces, VAT included and discounts taken off."""
    ordered = whole(item.get("quantity"), 1, _MOST) or quantity or 1
    taxes = total_of(words.pick(item, "taxLines", "tax_lines"), words, "priceSet", "price_set")
    cuts = ZERO if words.api else total_of(item.get("discount_allocations"), words, "", "amount_set")
    unit = amount(words.money(item, "discountedUnitPriceAfterAllDiscountsSet", "price_set"))
    if unit is None or taxes is None or cuts is None:
        doubts.append(Doubt("bad_price", subject, {"value": text(str(unit), 40)}))
        return None
    gross = unit * quantity - cuts * quantity / ordered
    if not taxes_included:
        gross += taxes * quantity / ordered
    if gross < ZERO:
        doubts.append(Doubt("bad_price", subject, {"value": str(cents(gross))}))
        return None
    return cents(gross)
