"""An order of WooCommerce's REST API (and of its webhooks: the same JSON) in our terms. Pure.

Money is text, quantities are numbers, block checkouts store HTML entities, and whatever cannot be believed becomes a
doubt that a person sees, never a guess."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt, IncomingLine, IncomingOrder, Muted, Unreadable, Withdrawn
from connectors.platforms.woocommerce.payment import DEAD, DRAFTS, classify
from core.address import Address
from core.money import ZERO, BadAmount, from_shop
from core.strict import BadJson, load_json, text, whole

MAX_LINES = 500
MAX_ID = 2**53
_DATE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_PICKUP = frozenset({"local_pickup", "pickup_location"})
# field of the address: (key of WooCommerce, our length)
_FIELDS = {
    "company": ("company", 120),
    "street": ("address_1", 200),
    "street2": ("address_2", 200),
    "postcode": ("postcode", 12),
    "city": ("city", 80),
    "province": ("state", 40),
}


def read_event(topic: str, body: bytes) -> IncomingOrder | Withdrawn | Muted | None:
    """What a webhook says. None: drafts, other topics, an order that was deleted before the webhook was sent."""
    if not topic.startswith("order."):
        return None
    data = _load(body)
    if "id" not in data and isinstance(data.get("code"), str):
        # A signed error object: the body is made at delivery time, with the rights of the webhook's author.
        if data["code"] == "woocommerce_rest_shop_order_invalid_id":
            return None
        if data["code"] == "woocommerce_rest_cannot_view":
            return Muted()
        raise Unreadable(reason=text(data["code"], 60))
    if topic == "order.deleted":
        return Withdrawn(_external_id(data))
    return read_order(data)


def _load(body: bytes) -> Mapping[str, Any]:
    try:
        data = load_json(body)
    except BadJson as error:
        raise Unreadable(reason=str(error)) from None
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    return data


def read_order(data: Any) -> IncomingOrder | None:
    """One order; None for a draft. Raises Unreadable."""
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    external_id = _external_id(data)
    status = text(data.get("status"), 40).removeprefix("wc-")
    if not status:
        raise Unreadable(reason="no status")
    if status in DRAFTS:
        return None
    created = date(data.get("date_created_gmt"))
    modified = date(data.get("date_modified_gmt")) or created
    if modified is None:
        raise Unreadable(reason="no date")
    doubts: list[Doubt] = []
    lines = list(_lines(data, doubts))
    total = _total(data, doubts)
    gateway, title = text(data.get("payment_method"), 100), _words(data.get("payment_method_title"), 120)
    verdict = classify(
        gateway=gateway,
        title=title,
        status=status,
        paid_at=date(data.get("date_paid_gmt")),
        completed_at=date(data.get("date_completed_gmt")),
        transaction=text(data.get("transaction_id"), 100),
        total_is_zero=total == ZERO and not data.get("refunds"),
    )
    currency = text(data.get("currency"), 3).upper()
    return IncomingOrder(
        external_id=external_id,
        number=text(data.get("number"), 60) or external_id,
        status=status,
        live=status not in DEAD,
        version_at=modified,
        placed_at=created or modified,
        currency=currency if len(currency) == 3 else "XXX",
        total=total,
        payment=verdict.kind,
        payment_reason=verdict.reason,
        gateway=gateway,
        gateway_title=title or gateway,
        address=_address(data, doubts),
        note=_words(data.get("customer_note"), 200),
        lines=lines,
        doubts=doubts,
        rule_applies=verdict.rule_applies,
        finished=verdict.finished,
    )


def _external_id(data: Mapping[str, Any]) -> str:
    number = whole(data.get("id"), 1, MAX_ID)
    if number is None:
        raise Unreadable(reason="no id")
    return str(number)


def date(value: Any) -> dt.datetime | None:
    """A `…_gmt` date: UTC without zone, of this century (others could not be shown, and would outlive every change)."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def _words(value: Any, length: int) -> str:
    """Text with its HTML entities undone once. Only whole entities: a classic checkout stores “R&D” as it was typed."""
    if not isinstance(value, str):
        return text(value, length)
    return text(_ENTITY.sub(lambda match: html.unescape(match.group()), value[: length * 8 + 256]), length)


def _block(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    block = data.get(name)
    return block if isinstance(block, dict) else {}


def _items(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = data.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _amount(value: Any, subject: str, doubts: list[Doubt]) -> Decimal | None:
    try:
        return from_shop(value)
    except BadAmount:
        doubts.append(Doubt("bad_price", subject[:100], {"value": text(str(value), 40)}))
        return None


def _total(data: Mapping[str, Any], doubts: list[Doubt]) -> Decimal | None:
    """What the customer pays in the end: WooCommerce does not take refunds off its total."""
    total = _amount(data.get("total"), "total", doubts)
    if total is None:
        return None
    if total < ZERO:
        doubts.append(Doubt("bad_price", "total", {"value": str(total)}))
        return None
    refunded = ZERO
    for refund in _items(data, "refunds"):
        part = _amount(refund.get("total"), "refund", doubts)
        if part is None:
            return None
        refunded += abs(part)
    if refunded and refunded < total:
        doubts.append(Doubt("partly_refunded", "", {"amount": str(refunded)}))
    return max(total - refunded, ZERO)


def _lines(data: Mapping[str, Any], doubts: list[Doubt]) -> Iterator[IncomingLine]:
    items = _items(data, "line_items")
    if len(items) > MAX_LINES:
        doubts.append(Doubt("too_many_lines", "", {"count": str(len(items))}))
    for position, item in enumerate(items[:MAX_LINES], start=1):
        sku = text(item.get("sku"), 100)
        subject = sku or f"#{position}"
        quantity = whole(item.get("quantity"), 1, 9999)
        if quantity is None:
            doubts.append(Doubt("bad_quantity", subject, {"value": text(str(item.get("quantity")), 40)}))
        net, vat = _amount(item.get("total"), subject, doubts), _amount(item.get("total_tax", "0"), subject, doubts)
        gross = None if net is None or vat is None else net + vat
        if net is not None and gross is not None and min(net, gross) < ZERO:
            doubts.append(Doubt("bad_price", subject, {"value": str(min(net, gross))}))
            gross = None
        product = whole(item.get("product_id"), 0, MAX_ID) or 0
        variation = whole(item.get("variation_id"), 0, MAX_ID) or 0
        yield IncomingLine(
            external_id=f"{product}/{variation}" if product else "",  # product deleted in the shop: 0
            sku=sku,
            name=_line_name(item),
            quantity=quantity or 1,
            sale_gross=gross,
        )


def _line_name(item: Mapping[str, Any]) -> str:
    """The name with the attributes that only the line's meta data tells (a variation with "any" colour)."""
    name = _words(item.get("name"), 200)
    extra = []
    for meta in _items(item, "meta_data")[:20]:
        key, value = meta.get("key"), _words(meta.get("display_value"), 60)
        shown = isinstance(key, str) and not key.startswith("_") and key != "Backordered"
        if shown and value and value.casefold() not in name.casefold():
            extra.append(f"{_words(meta.get('display_key'), 40)}: {value}")
    return text(" – ".join([name, *extra]), 200)


def _full_name(block: Mapping[str, Any]) -> str:
    parts = (block.get("first_name"), block.get("last_name"))
    return " ".join(part for part in parts if isinstance(part, str)).strip()


def _address(data: Mapping[str, Any], doubts: list[Doubt]) -> Address:
    """The shipping address, the billing one where there is none (pickup, orders by hand); phone and e-mail likewise."""
    shipping, billing = _block(data, "shipping"), _block(data, "billing")
    block = shipping if any(_words(shipping.get(key), 20) for key in ("address_1", "city", "postcode")) else billing
    if any(text(line.get("method_id"), 40) in _PICKUP for line in _items(data, "shipping_lines")):
        doubts.append(Doubt("no_shipping"))

    def take(name: str, value: Any, length: int) -> str:
        words = _words(value, length)
        if isinstance(value, str) and len(words) < len(_words(value, length + 1)):
            doubts.append(Doubt("text_cut", name, {"field": name}))
        return words

    names = [_full_name(part) for part in (block, billing)]
    country = text(block.get("country") or billing.get("country"), 2).upper()
    country = country if _COUNTRY.fullmatch(country) else "IT"
    fields = {name: take(name, block.get(key), length) for name, (key, length) in _FIELDS.items()}
    fields["province"] = fields["province"].removeprefix(f"{country}-")  # "DE-BY", and imports that write "IT-TO"
    if len(fields["province"]) == 2:
        fields["province"] = fields["province"].upper()
    return Address(
        name=take("name", names[0] or names[1], 120) or fields["company"],
        country=country,
        phone=take("phone", shipping.get("phone") or billing.get("phone"), 30),
        email=take("email", billing.get("email") or shipping.get("email"), 254),
        **fields,
    )
