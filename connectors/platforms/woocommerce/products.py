"""What a WooCommerce shop sells, and the stock and prices that it is told, in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.platforms.base import ShopUnreachable
from connectors.platforms.goods import PriceLevel, ProductPage, RemoteProduct, StockLevel
from connectors.platforms.woocommerce import batches, bodies
from connectors.platforms.woocommerce.answers import NotFound
from connectors.platforms.woocommerce.client import Client
from core.strict import text

PER_PAGE = 100
_FIELDS = "id,name,sku,type,manage_stock,stock_quantity,global_unique_id,status"
_VARIATION_FIELDS = "id,name,sku,manage_stock,stock_quantity,global_unique_id"
_MOST_PAGES = 500


def page(client: Client, cursor: str | None) -> ProductPage:
    """A page of products with the variations of the variable ones."""
    number = int(cursor or 1)
    rows = _list(client, "products", page=number, fields=_FIELDS)
    found: list[RemoteProduct] = []
    for row in rows:
        if row.get("type") == "variable":
            found += _variations(client, row)
        elif row.get("type", "simple") == "simple":  # grouped and external ones have no stock of their own
            found.append(_product(str(row["id"]), row, ""))
    more = len(rows) == PER_PAGE and number < _MOST_PAGES
    return ProductPage(found, str(number + 1) if more else None)


def _variations(client: Client, parent: Mapping[str, Any]) -> list[RemoteProduct]:
    found: list[RemoteProduct] = []
    for number in range(1, 11):
        rows = _list(client, f"products/{int(parent['id'])}/variations", page=number, fields=_VARIATION_FIELDS)
        found += [_product(f"{parent['id']}/{row['id']}", row, str(parent.get("name", ""))) for row in rows]
        if len(rows) < PER_PAGE:
            break
    return found


def _list(client: Client, path: str, *, page: int, fields: str) -> list[Mapping[str, Any]]:
    try:
        data = client.get(path, per_page=str(PER_PAGE), page=str(page), orderby="id", order="asc", _fields=fields).data
    except NotFound:  # deleted between two pages
        return []
    if not isinstance(data, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), int) for row in data):
        raise ShopUnreachable(reason=f"JSON: {path.split('/')[0]}")
    return data


def _product(external_id: str, row: Mapping[str, Any], parent: str) -> RemoteProduct:
    counted = row.get("manage_stock") is True and isinstance(row.get("stock_quantity"), int | float)
    name = str(row.get("name") or "")
    title = f"{parent} {name}" if parent and parent not in name else name
    return RemoteProduct(
        external_id=external_id,
        sku=text(str(row.get("sku") or ""), 100),
        ean=text(str(row.get("global_unique_id") or ""), 14),
        title=text(title, 200),
        quantity=int(row["stock_quantity"]) if counted else None,
    )


def tell_stock(client: Client, levels: Sequence[StockLevel]) -> Mapping[str, str]:
    return _tell(client, {x.external_id: {"manage_stock": True, "stock_quantity": x.quantity} for x in levels})


def tell_prices(client: Client, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
    return _tell(client, {level.external_id: bodies.prices(level.price, level.compare_at) for level in levels})


def _tell(client: Client, changes: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    """Simple products in one call, variations in one call per product: the API has no wider batch."""
    by_parent: dict[str, list[str]] = {}
    for external_id in changes:
        parent, slash, _variation = external_id.partition("/")
        by_parent.setdefault(parent if slash else "", []).append(external_id)
    refused: dict[str, str] = {}
    for parent, ids in by_parent.items():
        path = f"products/{int(parent)}/variations" if parent else "products"
        entries = [{"id": int(id_.rpartition("/")[2]), **changes[id_]} for id_ in ids]
        try:
            outcomes = batches.send(client, path, update=entries)[1]
        except NotFound:  # the parent of the variations
            refused |= dict.fromkeys(ids, "not_found")
            continue
        refused |= {id_: done.error for id_, done in zip(ids, outcomes, strict=True) if done.error}
    return refused
