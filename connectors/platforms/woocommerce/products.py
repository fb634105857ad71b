"""What a WooCommerce shop sells, and the stock that it is told: batches of 100, each entry with its own outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.platforms.base import ShopUnreachable
from connectors.platforms.goods import ProductPage, RemoteProduct, StockLevel
from connectors.platforms.woocommerce.client import Client, NotFound
from core.strict import text

BATCH = 100  # of the batch endpoints, create + update + delete together; 101 are answered with 413
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
    """Simple products in one call, variations in one call per product: the API has no wider batch."""
    by_parent: dict[str, list[StockLevel]] = {}
    for level in levels:
        parent, slash, _variation = level.external_id.partition("/")
        by_parent.setdefault(parent if slash else "", []).append(level)
    refused: dict[str, str] = {}
    for parent, group in by_parent.items():
        path = f"products/{int(parent)}/variations/batch" if parent else "products/batch"
        refused |= _batch(client, path, group)
    return refused


def _batch(client: Client, path: str, levels: Sequence[StockLevel]) -> dict[str, str]:
    ids = {int(level.external_id.rpartition("/")[2]): level for level in levels}
    update = [{"id": id_, "manage_stock": True, "stock_quantity": level.quantity} for id_, level in ids.items()]
    try:
        data = client.send("POST", path, data={"update": update}).data
    except NotFound:  # the parent of the variations
        return {level.external_id: "not_found" for level in levels}
    rows = data.get("update") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise ShopUnreachable(reason="JSON: batch")
    # 200 even when an entry failed; what was not mentioned was not done.
    done = {row.get("id"): row.get("error") for row in rows if isinstance(row, dict)}
    return {
        level.external_id: _code(done[id_]) if id_ in done else "no_answer"
        for id_, level in ids.items()
        if id_ not in done or done[id_]
    }


def _code(error: Any) -> str:
    return text(str(error.get("code") if isinstance(error, dict) else "error"), 120)
