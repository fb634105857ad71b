"""An order of Shopify in our terms: from the GraphQL API, which is the truth, and from a webhook's body, which has
other names for the same things and tells less of the payment. Pure.

What the customer pays is reckoned in his own currency (presentment). Ids have 64 bits and stay text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt, IncomingLine, IncomingOrder, Unreadable
from connectors.platforms.shopify.answers import number_of
from connectors.platforms.shopify.payment import Facts, classify, tag_rule
from core.address import Address
from core.money import ZERO, BadAmount, cents, from_shop
from core.strict import text, whole

MAX_LINES = 500
MAX_ID = 2**63 - 1
HIDDEN = "mciHidden"  # key that we add to an order of the API: the fields that Shopify kept from us
_DATE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_SENT = {"FULFILLED": "all", "PARTIALLY_FULFILLED": "part", "PARTIAL": "part"}
# field of the address: (key of the API, key of a webhook, our length)
_FIELDS = {
    "company": ("company", "company", 120),
    "street": ("address1", "address1", 200),
    "street2": ("address2", "address2", 200),
    "postcode": ("zip", "zip", 12),
    "city": ("city", "city", 80),
    "province": ("provinceCode", "province_code", 40),
}


@dataclass(frozen=True, slots=True)
class _Words:
    """The names of things in one of the two forms of an order."""

    api: bool

    def pick(self, data: Mapping[str, Any], api: str, webhook: str) -> Any:
        return data.get(api if self.api else webhook)

    def money(self, data: Mapping[str, Any], api: str, webhook: str) -> Any:
        """The amount as text, in the currency that the customer pays in."""
        bag = self.pick(data, api, webhook)
        amount = self.pick(bag, "presentmentMoney", "presentment_money") if isinstance(bag, dict) else None
        return amount.get("amount") if isinstance(amount, dict) else None


def read_order(data: Any) -> IncomingOrder:
    """One order in either form. Raises Unreadable."""
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    words = _Words("displayFinancialStatus" in data)
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
    lines = list(_lines(data, words, doubts))
    address = _address(data, words, doubts)
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
    if sent == "part":
        doubts.append(Doubt("partly_sent"))
    refunded = _amount(words.money(data, "totalRefundedSet", "total_refunded_set"))
    if refunded and verdict.live and not cancelled:
        doubts.append(Doubt("partly_refunded", "", {"amount": str(refunded)}))
    return IncomingOrder(
        external_id=external_id,
        number=text(data.get("name"), 60).removeprefix("#") or external_id,
        status="cancelled" if cancelled else status.lower(),
        live=verdict.live and not cancelled,
        version_at=updated,
        placed_at=placed or updated,
        currency=currency or "XXX",
        total=total,
        payment=verdict.kind,
        payment_reason=verdict.reason,
        gateway=verdict.method,
        gateway_title=", ".join(names)[:120] or verdict.method.removeprefix("tag:"),
        address=address,
        note=text(data.get("note"), 200),
        lines=lines,
        doubts=doubts,
        rule_applies=verdict.rule_applies and not cancelled,
        finished=verdict.finished,
        to_collect=outstanding if outstanding != total else None,
        marks=tuple(tag_rule(tag) for tag in tags),
    )


def order_id(data: Mapping[str, Any]) -> str:
    """The order's number: the digits of its gid (some writers round the number of a webhook to a float's 53 bits)."""
    for name in ("id", "admin_graphql_api_id"):
        found = number_of(data.get(name))
        if found:
            return found
    number = whole(data.get("id"), 1, MAX_ID)
    return str(number) if number else ""


def date(value: Any) -> dt.datetime | None:
    """A moment with its zone, in UTC; of this century (others could not be shown, and would outlive every change)."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC).replace(microsecond=0)
    except ValueError:
        return None


def _currency(value: Any) -> str:
    code = text(value, 3).upper()
    return code if len(code) == 3 else ""


def _names(value: Any) -> list[str]:
    return [name for name in (text(item, 120) for item in value[:20]) if name] if isinstance(value, list) else []


def _taken(data: Mapping[str, Any]) -> list[str]:
    """The methods by which something was paid; a webhook does not say it."""
    rows = data.get("transactions")
    return [
        text(row.get("gateway"), 120)
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("status") == "SUCCESS" and row.get("kind") in ("SALE", "CAPTURE")
    ]


def _tags(value: Any) -> list[str]:
    """A list in the API, one comma-separated text in a webhook."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [tag for tag in (text(item, 80) for item in items[:250]) if tag]


def _amount(value: Any) -> Decimal | None:
    """ "18.0" and "18.00" are the same."""
    try:
        return from_shop(value)
    except BadAmount:
        return None


def _total(data: Mapping[str, Any], words: _Words, doubts: list[Doubt]) -> Decimal | None:
    """What the customer pays in all: after edits and refunds."""
    value = words.money(data, "currentTotalPriceSet", "current_total_price_set")
    total = _amount(value)
    if total is None or total < ZERO:
        doubts.append(Doubt("bad_price", "total", {"value": text(str(value), 40)}))
        return None
    return total


def _outstanding(data: Mapping[str, Any], words: _Words, one_currency: bool) -> Decimal | None:
    """What the customer still owes, in his currency; None when it is not said (a webhook says it in the shop's)."""
    if words.api:
        owed = _amount(words.money(data, "totalOutstandingSet", ""))
    else:
        owed = _amount(data.get("total_outstanding")) if one_currency else None
    return owed if owed is None or owed >= ZERO else ZERO


def _items(data: Mapping[str, Any], words: _Words) -> Sequence[Any]:
    if not words.api:
        found = data.get("line_items")
        return found if isinstance(found, list) else []
    connection = data.get("lineItems")
    nodes = connection.get("nodes") if isinstance(connection, dict) else None
    return nodes if isinstance(nodes, list) else []


def _lines(data: Mapping[str, Any], words: _Words, doubts: list[Doubt]) -> Iterator[IncomingLine]:
    items = [item for item in _items(data, words) if isinstance(item, dict)]
    if len(items) > MAX_LINES:
        doubts.append(Doubt("too_many_lines", "", {"count": str(len(items))}))
    taxes_included = words.pick(data, "taxesIncluded", "taxes_included") is not False
    for position, item in enumerate(items[:MAX_LINES], start=1):
        if words.pick(item, "requiresShipping", "requires_shipping") is False:
            continue  # the COD fee of a form, a gift card, a digital good: nothing to send
        if words.pick(item, "isGiftCard", "gift_card") is True:
            continue
        wanted = words.pick(item, "currentQuantity", "current_quantity")
        if wanted == 0:
            continue  # taken out by an edit or a refund
        sku = text(item.get("sku"), 100)
        subject = sku or f"#{position}"
        quantity = whole(wanted, 1, 9999)
        if quantity is None:
            doubts.append(Doubt("bad_quantity", subject, {"value": text(str(wanted), 40)}))
        yield IncomingLine(
            external_id=_sold(item, words),
            sku=sku,
            name=text(item.get("name"), 200),
            quantity=quantity or 1,
            sale_gross=_gross(item, words, quantity or 1, taxes_included, subject, doubts),
        )


def _sold(item: Mapping[str, Any], words: _Words) -> str:
    """ "product/variant"; "" for a custom line, or for a product that was deleted."""
    if words.api:
        parts = [number_of(block.get("id")) for block in (item.get("product"), item.get("variant")) if block]
    else:
        numbers = [whole(item.get(name), 1, MAX_ID) for name in ("product_id", "variant_id")]
        parts = [str(number) for number in numbers if number]
    return "/".join(parts) if len(parts) == 2 and all(parts) else ""


def _gross(
    item: Mapping[str, Any], words: _Words, quantity: int, taxes_included: bool, subject: str, doubts: list[Doubt]
) -> Decimal | None:
    """What the customer pays for the line, VAT included and discounts taken off."""
    ordered = whole(item.get("quantity"), 1, 9999) or quantity
    taxes = _sum(words.pick(item, "taxLines", "tax_lines"), words, "priceSet", "price_set")
    cuts = ZERO if words.api else _sum(item.get("discount_allocations"), words, "", "amount_set")
    unit = _amount(words.money(item, "discountedUnitPriceAfterAllDiscountsSet", "price_set"))
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


def _sum(rows: Any, words: _Words, api: str, webhook: str) -> Decimal | None:
    """The amounts of rows added up; None when one of them cannot be read."""
    amounts = [_amount(words.money(row, api, webhook)) for row in rows or [] if isinstance(row, dict)]
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), ZERO)


def _address(data: Mapping[str, Any], words: _Words, doubts: list[Doubt]) -> Address:
    """The shipping address. Where there is none the billing one is *not* taken: it may be a pickup."""
    hidden = data.get(HIDDEN)
    if hidden:
        doubts.append(Doubt("customer_hidden"))
    block = words.pick(data, "shippingAddress", "shipping_address")
    billing = words.pick(data, "billingAddress", "billing_address")
    billing = billing if isinstance(billing, dict) else {}
    if not isinstance(block, dict):
        if not hidden:
            doubts.append(Doubt("no_shipping"))
        block = {}

    def take(name: str, value: Any, length: int) -> str:
        kept = text(value, length)
        if len(kept) < len(text(value, length + 1)):
            doubts.append(Doubt("text_cut", name, {"field": name}))
        return kept

    fields = {name: take(name, words.pick(block, *keys), length) for name, (*keys, length) in _FIELDS.items()}
    country = text(words.pick(block, "countryCodeV2", "country_code"), 2).upper()
    parts = (words.pick(block, "firstName", "first_name"), words.pick(block, "lastName", "last_name"))
    whole_name = " ".join(part.strip() for part in parts if isinstance(part, str)) or block.get("name")
    phones = (block.get("phone"), data.get("phone"), billing.get("phone"))
    return Address(
        name=take("name", whole_name, 120) or fields["company"],
        country=country if _COUNTRY.fullmatch(country) else "IT",
        phone=take("phone", next((phone for phone in phones if phone), ""), 30),
        email=take("email", data.get("email"), 254),
        **fields,
    )
