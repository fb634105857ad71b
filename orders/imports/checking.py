"""What would become of each row: the same rules that the order will meet, asked before it is one. Writes no order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from catalog.models import Variant
from catalog.queries import code_key, find_skus
from core.address import Address, check_place, normal, places_at_hand, with_aside
from core.money import MAX_AMOUNT
from orders import problems
from orders.dispatch.price import Goods, price, weight
from orders.entry.live import usual_method
from orders.entry.marketplaces import number as plain_number
from orders.imports import values
from orders.imports.shape import ADDRESS, ERROR, HELD, WARNING
from orders.intake import creation
from orders.intake import lines as order_lines
from orders.models import Import, ImportArticle, ImportRow, Order
from shipping.models import Method
from shipping.tariffs.quotes import Quote, Tariff

_R = ImportRow.State
_BACK = dt.timedelta(days=180)  # orders of shops in which a marketplace's number is looked for
_ON_THE_LABEL = ("name", "company", "street", "street2", "city", "province", "note")
_NAMES_ONE = (
    "EXISTS (SELECT 1 FROM jsonb_array_elements(orders_order.details) AS said WHERE said ->> 1 = ANY (%s::text[]))"
)


@dataclass(slots=True)
class Known:
    """What is asked once for many rows of one import."""

    dropshipper_id: int
    marketplace: str
    articles: Mapping[str, Variant]
    tariff: Tariff
    usual: int | None
    methods: Mapping[int, Method]
    there: Mapping[tuple[str, str], Order] = field(default_factory=dict)


def known_for(batch: Import, rows: Sequence[ImportRow]) -> Known:
    """A constant number of statements."""
    skus = {piece["sku"] for row in rows for piece in row.data.get("pieces", ())}
    return Known(
        batch.dropshipper_id,
        batch.marketplace,
        articles_of(batch.dropshipper_id, batch.marketplace, skus),
        Tariff.load(),
        usual_method(batch.dropshipper_id),
        Method.objects.filter(active=True).select_related("courier").in_bulk(),
        there_already(batch.dropshipper_id, rows),
    )


def articles_of(dropshipper_id: int, marketplace: str, skus: Iterable[str]) -> dict[str, Variant]:
    """What each SKU means by `code_key`: as this company said of this marketplace's, else as the catalogue says."""
    wanted = {code_key(sku) for sku in skus if sku}
    found = find_skus(wanted)
    chosen = ImportArticle.objects.filter(dropshipper_id=dropshipper_id, marketplace=marketplace, sku__in=wanted)
    return found | {one.sku: one.variant for one in chosen.select_related("variant__product", "variant__stock")}


def there_already(dropshipper_id: int, rows: Iterable[ImportRow]) -> dict[tuple[str, str], Order]:
    """The orders of this company that have one of these numbers, by (marketplace in capital letters, number): typed,
    imported or sent by a program; and, with any marketplace, those of a shop that name it (an Amazon order that Shopify
    brought). Cancelled ones aside. 2 queries."""
    numbers = {plain_number(row.number) for row in rows if row.number}
    if not numbers:
        return {}
    alive = Order.objects.filter(dropshipper_id=dropshipper_id).exclude(state=Order.State.CANCELLED)
    found: dict[tuple[str, str], Order] = {}
    of_shops = alive.exclude(source="manual").filter(placed_at__gte=timezone.now() - _BACK).exclude(details=[])
    names_one = RawSQL(_NAMES_ONE, [list(numbers)], output_field=BooleanField())  # noqa: S611 - our own words
    for order in of_shops.filter(names_one).only("details", "source_number", "state").order_by("pk"):
        for _name, said in order.details:
            if said in numbers:
                found[("", said)] = order
    own = alive.filter(source_number__in=numbers).annotate(label=Upper("source_label")).order_by("pk")
    for order in own.only("source", "source_number", "source_label", "state"):
        label = order.label if order.source == "manual" else ""
        found[(label, order.source_number)] = order
    return found


def exists(known: Mapping[tuple[str, str], Order], marketplace: str, number: str) -> Order | None:
    """By the rule of typed orders (orders/entry/marketplaces.py): the same number of the same marketplace or none."""
    if not number:
        return None
    label = marketplace.upper()
    if label:
        return known.get((label, number)) or known.get(("", number))
    return next((order for (_label, there), order in known.items() if there == number), None)


def check(rows: Sequence[ImportRow], known: Known) -> None:
    """Sets state, issues, method and figures of each; the caller saves. A constant number of queries but for postcodes
    that lost their zeros."""
    datas = [order_data(row, known) for row in rows]
    with places_at_hand(data.address for data in datas):
        for row, data in zip(rows, datas, strict=True):
            _check(row, data, known)


def _check(row: ImportRow, data: creation.OrderData, known: Known) -> None:
    row.method = row.cost = row.need = row.order = None
    there = exists(known.there, data.source_label, data.source_number)
    if there is not None:
        row.state, row.order, row.issues = _R.THERE, there, []
        return
    order = creation.new(data, dropshipper_id=known.dropshipper_id)
    lines = order_lines.make_lines(order, data.lines, known.articles)
    by_id = {variant.pk: variant for variant in known.articles.values()}
    for line in lines:
        line.variant = by_id.get(line.variant_id) if line.variant_id else None
    quote = _quoted(data, lines, known)
    if quote is not None and (method := known.methods.get(quote.method_id)):
        order.method = row.method = method
        _priced(row, data, lines, quote)
    issues = [tuple(one) for one in row.read if one[1] != "no_sku" or any(line.variant is None for line in lines)]
    issues = [one for one in issues if one[1] != "signs"] + _broken_signs(row)
    codes = {one[1] for one in issues}
    for doubt in problems.find(order, lines):
        if doubt.code == "unknown_sku" and "no_sku" in codes and not doubt.params.get("sku"):
            continue
        level = ERROR if doubt.blocking else WARNING
        if doubt.code == "postcode_malformed" and (meant := _with_zeros(order.address)):
            issues.append((ERROR, "zeros_lost", "postcode", meant))
            continue
        issues.append((level, doubt.code, doubt.subject, dict(doubt.params)))
    row.issues = [list(one) for one in issues]
    levels = {one[0] for one in issues}
    if ERROR in levels:
        row.state = _R.ERROR
    elif HELD in levels and not row.accepted:
        row.state = _R.HELD
    else:
        row.state = _R.WARNING if levels else _R.VALID


def _broken_signs(row: ImportRow) -> list[tuple[str, str, str, dict[str, str]]]:
    """Asked of what stands in the row now: a form that is saved as it was mends no letters."""
    fields: dict[str, str] = row.data["fields"]
    found = ((name, fields.get(name, "")) for name in _ON_THE_LABEL)
    return [(ERROR, "signs", name, {"text": text[:60]}) for name, text in found if values.has_broken_signs(text)]


def _with_zeros(address: Address) -> dict[str, str] | None:
    """What a postcode was that a spreadsheet made a number of; proposed, never put in by itself."""
    if not (address.postcode.isdigit() and len(address.postcode) < 5):
        return None
    for doubt in check_place(address):
        for one in doubt.suggestions if doubt.code == "postcode_malformed" else ():
            if one.postcode == address.postcode.zfill(5):
                return {"postcode": one.postcode, "city": one.city}
    return None


def _goods(lines: Iterable[Any]) -> list[Goods]:
    return [
        Goods(v.pk, v.sku, line.quantity, v.net_price, v.vat_rate, v.weight_g, v.active and v.product.active)
        for line in lines
        if (v := line.variant) is not None
    ]


def _quoted(data: creation.OrderData, lines: Sequence[Any], known: Known) -> Quote | None:
    """This company's usual way where it goes there, else the cheapest that does."""
    goods = _goods(lines)
    if not goods:
        return None
    quotes = known.tariff.quotes(
        country=data.address.country,
        province=data.address.province,
        postcode=data.address.postcode,
        weight_g=weight(goods),
        collect=_collect(data),
    )
    fit = [quote for quote in quotes if quote.refusal is None]
    usual = next((quote for quote in fit if quote.method_id == known.usual), None)
    return usual or min(fit, key=lambda quote: quote.net + quote.cod_fee_net, default=None)


def _collect(data: creation.OrderData) -> Decimal | None:
    if data.payment != Order.Payment.COD:
        return None
    return data.to_collect if data.to_collect is not None else data.sale_total or Decimal("0.00")


def _priced(row: ImportRow, data: creation.OrderData, lines: Sequence[Any], quote: Quote) -> None:
    found = price(_goods(lines), quote, collect=_collect(data), sale_total=data.sale_total, currency=data.currency)
    if found.cost <= MAX_AMOUNT:
        row.cost, row.need = found.cost, found.wallet_need


def order_data(row: ImportRow, known: Known) -> creation.OrderData:
    """The row as an order's source tells it."""
    fields: dict[str, str] = row.data["fields"]
    given = Address(**{name: fields.get(name, "") for name in ADDRESS})
    lines = []
    for piece in row.data["pieces"]:
        variant = known.articles.get(code_key(piece["sku"]))
        lines.append(
            creation.LineData(
                piece["sku"],
                piece["title"],
                piece["quantity"],
                variant.pk if variant else None,
                sale_gross=_decimal(piece["total"]),
                shop_line=piece["item_id"],
                attributes=[("Variante", piece["wish"])] if piece["wish"] else [],
            )
        )
    return creation.OrderData(
        address=normal(given),
        lines=lines,
        payment=fields.get("payment") or Order.Payment.PREPAID,
        currency=fields.get("currency") or "EUR",
        sale_total=_decimal(fields.get("sale_total", "")),
        to_collect=_decimal(fields.get("to_collect", "")),
        note=with_aside(fields.get("note", ""), given),
        source="manual",
        source_label=fields.get("marketplace") or known.marketplace,
        source_number=plain_number(row.number),
        placed_at=_moment(fields.get("placed_at", "")),
    )


def _moment(text: str) -> dt.datetime | None:
    """When it was bought; what lies in the future or years back was misread, and says nothing."""
    found = parse_datetime(text) if text else None
    now = timezone.now()
    return found if found and now - dt.timedelta(days=365) < found <= now else None


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
