"""What a WordPress shop sells, and what it is told about it: stock, prices and whole products of ours, in batches.

WooCommerce gives a variation a number of its own among all products, so the plugin needs no more than that; our
external ids keep the product before it ("12/34"), as on the platform WooCommerce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.platforms import tax
from connectors.platforms.base import Access, ShopUnreachable
from connectors.platforms.errors import TaxClassMissing, TaxClassUnknown
from connectors.platforms.goods import (
    PriceLevel,
    ProductDraft,
    ProductPage,
    Published,
    RemoteProduct,
    StockLevel,
    StockTold,
)
from connectors.platforms.woocommerce.orders import MAX_ID
from connectors.platforms.wordpress.client import Client
from connectors.platforms.wordpress.orders import next_after
from core.money import cents
from core.strict import text, web, whole

BATCH = 100
_MOST = Decimal(10**8)  # a price beyond it is none
PUBLISH_BATCH = 10
PER_PAGE = 100


def page(client: Client, cursor: str | None) -> ProductPage:
    after = int(cursor or 0)
    data = client.call("products", after_id=after, limit=PER_PAGE)
    rows = data.get("products")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and whole(row.get("id"), 1, MAX_ID) for row in rows):
        raise ShopUnreachable(reason="JSON: products")
    return ProductPage([_product(row) for row in rows], next_after(data, after))


def _product(row: Mapping[str, Any]) -> RemoteProduct:
    return RemoteProduct(
        external_id=_external_id(row["id"], whole(row.get("parent"), 1, MAX_ID)),
        sku=text(row.get("sku"), 100),
        ean=text(row.get("ean"), 14),
        title=text(row.get("title"), 200),
        quantity=whole(row.get("quantity"), -(10**9), 10**9),
        price=_amount(row.get("price")),
        compare_at=_amount(row.get("compare_at")),
        reference=text(row.get("reference"), 200),
        live=row.get("live") is not False,
    )


def _amount(value: Any) -> Decimal | None:
    """As the customer pays it; an older plugin does not say."""
    found = tax.number(value)
    return None if found is None or found >= _MOST else cents(found)


def _external_id(number: int, parent: int | None) -> str:
    return f"{parent}/{number}" if parent else str(number)


def number_of(external_id: str) -> int:
    """The shop's number of a product, or of the variation of "12/34"."""
    return int(external_id.rpartition("/")[2])


def _known(external_id: str) -> int | None:
    return number_of(external_id) if external_id else None


def tell_stock(client: Client, levels: Sequence[StockLevel]) -> StockTold:
    """See Platform.tell_stock. An older plugin sets what it is told, and does not say what the shop had."""
    rows = [{"id": number_of(level.external_id), "quantity": level.quantity, "told": level.told} for level in levels]
    data = client.call("stock", levels=rows)
    given = data.get("stock")
    shown = given if isinstance(given, dict) else {}
    shows = {level.external_id: whole(shown.get(str(number_of(level.external_id))), 0, 10**9) for level in levels}
    wanted = {level.external_id: level.quantity for level in levels}
    return StockTold(
        _errors(data, list(wanted)),
        {id_: figure for id_, figure in shows.items() if figure is not None and figure != wanted[id_]},
    )


def tell_prices(client: Client, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
    rows = [
        {
            "id": number_of(level.external_id),
            "price": str(level.price),
            "compare_at": None if level.compare_at is None else str(level.compare_at),
        }
        for level in levels
    ]
    return _errors(client.call("prices", levels=rows), [level.external_id for level in levels])


def unpublish(client: Client, external_ids: Sequence[str]) -> Mapping[str, str]:
    return _errors(client.call("unpublish", ids=[number_of(id_) for id_ in external_ids]), external_ids)


def _errors(data: Mapping[str, Any], external_ids: Sequence[str]) -> Mapping[str, str]:
    """The plugin's errors by our ids. PHP writes an empty object as []."""
    given = data.get("errors")
    if given == []:
        given = {}
    if not isinstance(given, dict):
        raise ShopUnreachable(reason="JSON: errors")
    codes = {id_: given.get(str(number_of(id_))) for id_ in external_ids}
    return {id_: text(code, 120) or "error" for id_, code in codes.items() if code is not None}


def publish(access: Access, client: Client, drafts: Sequence[ProductDraft]) -> Sequence[Published]:
    done = {draft.reference: refused for draft in drafts if (refused := _refusal(access, draft)) is not None}
    going = [draft for draft in drafts if draft.reference not in done]
    told: dict[Any, Mapping[str, Any]] = {}
    if going:
        rows = client.call("publish", products=[_draft(access, draft) for draft in going]).get("products")
        if not isinstance(rows, list):
            raise ShopUnreachable(reason="JSON: products")
        told = {row.get("reference"): row for row in rows if isinstance(row, dict)}
    return [done.get(draft.reference) or _published(draft.reference, told.get(draft.reference)) for draft in drafts]


def _refusal(access: Access, draft: ProductDraft) -> Published | None:
    """Goods whose VAT none of the shop's tax classes has."""
    for variant in draft.variants:
        if tax.class_for(access.facts, variant.vat_rate) is None:
            kind = TaxClassUnknown if access.facts.get("tax_rates") is None else TaxClassMissing
            return Published(draft.reference, error=kind.code, detail=f"{variant.vat_rate.normalize():f}")
    return None


def _draft(access: Access, draft: ProductDraft) -> dict[str, Any]:
    return {
        "reference": draft.reference,
        "id": _known(draft.external_id),
        "ours": draft.ours,
        "title": draft.title,
        "html": draft.html,
        "brand": draft.brand,
        "categories": list(draft.categories),
        "images": list(draft.images),
        "options": list(draft.options),
        "safety_html": draft.safety_html,
        "variants": [
            {
                "sku": variant.sku,
                "id": _known(variant.external_id),
                "ean": variant.ean,
                "options": list(variant.options),
                "price": str(variant.price),
                "compare_at": None if variant.compare_at is None else str(variant.compare_at),
                "weight_g": variant.weight_g,
                "quantity": variant.quantity,
                "tax_class": tax.class_for(access.facts, variant.vat_rate),
            }
            for variant in draft.variants
        ],
    }


def _published(reference: str, row: Mapping[str, Any] | None) -> Published:
    if row is None:  # what was not mentioned was not done
        return Published(reference, error="no_answer")
    number, ids = whole(row.get("id"), 1, MAX_ID), row.get("variants")
    error = text(row.get("error"), 60)
    if error or number is None:
        return Published(reference, str(number or ""), error=error or "no_id", detail=text(row.get("detail"), 300))
    variants = {
        sku: _external_id(id_, None if id_ == number else number)
        for sku, id_ in (ids.items() if isinstance(ids, dict) else ())
        if whole(id_, 1, MAX_ID)
    }
    set_now = row.get("stock")
    stock = {
        sku: figure
        for sku, given in (set_now.items() if isinstance(set_now, dict) else ())
        if (figure := whole(given, 0, 10**9)) is not None
    }
    return Published(reference, str(number), variants=variants, url=web(row.get("url"), 400), stock=stock)
