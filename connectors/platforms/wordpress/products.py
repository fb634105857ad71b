"""What a WordPress shop sells, and what it is told about it: stock, prices and whole products of ours, in batches.

WooCommerce gives a variation a number of its own among all products, so the plugin needs no more than that; our
external ids keep the product before it ("12/34"), as on the platform WooCommerce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.platforms.base import ShopUnreachable
from connectors.platforms.goods import PriceLevel, ProductDraft, ProductPage, Published, RemoteProduct, StockLevel
from connectors.platforms.woocommerce.orders import MAX_ID
from connectors.platforms.wordpress.client import Client
from connectors.platforms.wordpress.orders import next_after
from core.strict import text, whole

BATCH = 100
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
    )


def _external_id(number: int, parent: int | None) -> str:
    return f"{parent}/{number}" if parent else str(number)


def number_of(external_id: str) -> int:
    """The shop's number of a product, or of the variation of "12/34"."""
    return int(external_id.rpartition("/")[2])


def _known(external_id: str) -> int | None:
    return number_of(external_id) if external_id else None


def tell_stock(client: Client, levels: Sequence[StockLevel]) -> Mapping[str, str]:
    rows = [{"id": number_of(level.external_id), "quantity": level.quantity} for level in levels]
    return _errors(client.call("stock", levels=rows), [level.external_id for level in levels])


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


def publish(client: Client, drafts: Sequence[ProductDraft]) -> Sequence[Published]:
    data = client.call("publish", products=[_draft(draft) for draft in drafts])
    rows = data.get("products")
    if not isinstance(rows, list):
        raise ShopUnreachable(reason="JSON: products")
    told = {row.get("reference"): row for row in rows if isinstance(row, dict)}
    return [_published(draft.reference, told.get(draft.reference)) for draft in drafts]


def _draft(draft: ProductDraft) -> dict[str, Any]:
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
    return Published(reference, str(number), variants=variants, url=text(row.get("url"), 400))
