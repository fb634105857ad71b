"""What a WooCommerce shop sells, and the prices that it is told, in batches. Its stock: stock.py."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.platforms import tax
from connectors.platforms.base import Access, ShopUnreachable
from connectors.platforms.errors import PriceNotExact, TaxClassUnknown
from connectors.platforms.goods import PriceLevel, ProductPage, RemoteProduct
from connectors.platforms.woocommerce import batches, bodies
from connectors.platforms.woocommerce.answers import NotFound
from connectors.platforms.woocommerce.client import Client
from core.money import cents
from core.strict import text

PER_PAGE = 100
_SOLD = "id,name,sku,manage_stock,stock_quantity,global_unique_id,status,price,regular_price,tax_status,tax_class"
_FIELDS = f"{_SOLD},type"
_MOST_PAGES = 500
_LOOKED_AT = 25  # products in one call that brings all that their plugins keep with them
_MOST = Decimal(10**8)  # a price beyond it is none


def page(access: Access, client: Client, cursor: str | None) -> ProductPage:
    """A page of products with the variations of the variable ones."""
    number = int(cursor or 1)
    rows = _list(client, "products", page=number, fields=_FIELDS)
    found: list[RemoteProduct] = []
    for row in rows:
        if row.get("type") == "variable":
            found += _variations(access, client, row)
        elif row.get("type", "simple") == "simple":  # grouped and external ones have no stock of their own
            found.append(_product(access, str(row["id"]), row, {}))
    more = len(rows) == PER_PAGE and number < _MOST_PAGES
    return ProductPage(found, str(number + 1) if more else None)


def _variations(access: Access, client: Client, parent: Mapping[str, Any]) -> list[RemoteProduct]:
    found: list[RemoteProduct] = []
    for number in range(1, 11):
        rows = _list(client, f"products/{int(parent['id'])}/variations", page=number, fields=_SOLD)
        found += [_product(access, f"{parent['id']}/{row['id']}", row, parent) for row in rows]
        if len(rows) < PER_PAGE:
            break
    return found


def _list(client: Client, path: str, *, page: int, fields: str, **params: str) -> list[Mapping[str, Any]]:
    paging = {"per_page": str(PER_PAGE), "page": str(page), "orderby": "id", "order": "asc"}
    try:
        data = client.get(path, **paging, _fields=fields, **params).data
    except NotFound:  # deleted between two pages
        return []
    if not isinstance(data, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), int) for row in data):
        raise ShopUnreachable(reason=f"JSON: {path.split('/')[0]}")
    return data


def _product(access: Access, external_id: str, row: Mapping[str, Any], parent: Mapping[str, Any]) -> RemoteProduct:
    counted = row.get("manage_stock") is True and isinstance(row.get("stock_quantity"), int | float)
    name, above = name_of(row), name_of(parent)
    title = f"{above} {name}" if above and above not in name else name
    price = _paid(access, row.get("price"), row, parent)
    regular = _paid(access, row.get("regular_price"), row, parent)
    return RemoteProduct(
        external_id=external_id,
        sku=text(str(row.get("sku") or ""), 100),
        ean=text(str(row.get("global_unique_id") or ""), 14),
        title=text(title, 200),
        quantity=int(row["stock_quantity"]) if counted else None,
        price=price,
        compare_at=regular if price is not None and regular is not None and regular > price else None,
        live=row.get("status", "publish") == "publish" and parent.get("status", "publish") == "publish",
    )


def name_of(row: Mapping[str, Any]) -> str:
    """As a customer reads it: WordPress keeps names as HTML (“Casa &amp; Giardino”)."""
    return html.unescape(str(row.get("name") or ""))


def _paid(access: Access, entered: Any, row: Mapping[str, Any], parent: Mapping[str, Any]) -> Decimal | None:
    """What a customer pays for a price as it is written in the shop."""
    amount = tax.number(entered)
    if amount is None or amount >= _MOST:
        return None
    if not _is_taxable(row):
        return cents(amount)
    return tax.gross_of(access.facts, amount, _class_of(row, parent))


def _is_taxable(row: Mapping[str, Any]) -> bool:
    return row.get("tax_status", "taxable") == "taxable"


def _class_of(row: Mapping[str, Any], parent: Mapping[str, Any]) -> str:
    own = str(row.get("tax_class") or "")
    return str(parent.get("tax_class") or "") if own == "parent" else own


# ---- whose they are


def references(client: Client, external_ids: Sequence[str]) -> dict[str, str]:
    """See Platform.references. A variation is whose its product is."""
    by_parent: dict[str, list[str]] = {}
    for external_id in external_ids:
        by_parent.setdefault(external_id.partition("/")[0], []).append(external_id)
    found: dict[str, str] = {}
    parents = sorted(by_parent, key=int)
    for start in range(0, len(parents), _LOOKED_AT):
        some = ",".join(parents[start : start + _LOOKED_AT])
        for row in _list(client, "products", page=1, fields="id,meta_data", include=some):
            reference = bodies.meta_of(row, bodies.REFERENCE)
            if reference:
                found |= dict.fromkeys(by_parent.get(str(row["id"]), ()), reference)
    return found


# ---- prices


def tell_prices(access: Access, client: Client, levels: Sequence[PriceLevel]) -> Mapping[str, str]:
    """See Platform.tell_prices. Where the shop writes prices without tax, it is taken off by the class that each
    product has there, so that the customer pays what we say."""
    refused: dict[str, str] = {}
    changes: dict[str, Mapping[str, Any]] = {}
    plain = bool(access.facts.get("prices_with_tax", True))
    classes = {} if plain else _classes(client, [level.external_id for level in levels])
    for level in levels:
        entered = [level.price, level.compare_at]
        if not plain and level.external_id not in classes:
            refused[level.external_id] = "not_found"
            continue
        tax_class = classes.get(level.external_id)
        if tax_class is not None:
            entered = [None if one is None else tax.entered_for(access.facts, one, tax_class) for one in entered]
        price, compare_at = entered
        if price is None or (level.compare_at is not None and compare_at is None):
            known = tax.gross_of(access.facts, level.price, tax_class or "") is not None
            refused[level.external_id] = (PriceNotExact if known else TaxClassUnknown).code
        else:
            changes[level.external_id] = bodies.prices(price, compare_at)
    return {**refused, **write(client, changes)[0]}


def _classes(client: Client, external_ids: Sequence[str]) -> dict[str, str | None]:
    """The tax class of each; None: no tax is added to it. What is gone from the shop is absent."""
    fields, found = "id,tax_status,tax_class", dict[str, str | None]()
    by_parent: dict[str, list[str]] = {}
    for external_id in external_ids:
        by_parent.setdefault(external_id.partition("/")[0], []).append(external_id)
    parents = sorted(by_parent, key=int)
    for start in range(0, len(parents), PER_PAGE):
        some = ",".join(parents[start : start + PER_PAGE])
        for parent in _list(client, "products", page=1, fields=fields, include=some):
            ids = by_parent.get(str(parent["id"]), [])
            many = [id_ for id_ in ids if "/" in id_]
            own = {id_: parent for id_ in ids if "/" not in id_}
            for first in range(0, len(many), PER_PAGE):
                wanted = ",".join(id_.partition("/")[2] for id_ in many[first : first + PER_PAGE])
                path = f"products/{parent['id']}/variations"
                rows = _list(client, path, page=1, fields=fields, include=wanted)
                own |= {f"{parent['id']}/{row['id']}": row for row in rows}
            found |= {id_: _class_of(row, parent) if _is_taxable(row) else None for id_, row in own.items()}
    return found


def write(
    client: Client, changes: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, str], dict[str, Mapping[str, Any]]]:
    """Simple products in one call, variations in one call per product: the API has no wider batch. The codes of those
    that were refused, and the others as the shop has them now."""
    by_parent: dict[str, list[str]] = {}
    for external_id in changes:
        parent, slash, _variation = external_id.partition("/")
        by_parent.setdefault(parent if slash else "", []).append(external_id)
    refused: dict[str, str] = {}
    rows: dict[str, Mapping[str, Any]] = {}
    for parent, ids in by_parent.items():
        path = f"products/{int(parent)}/variations" if parent else "products"
        entries = [{"id": int(id_.rpartition("/")[2]), **changes[id_]} for id_ in ids]
        try:
            outcomes = batches.send(client, path, update=entries)[1]
        except NotFound:  # the parent of the variations
            refused |= dict.fromkeys(ids, "not_found")
            continue
        for id_, done in zip(ids, outcomes, strict=True):
            if done.error:
                refused[id_] = done.error
            else:
                rows[id_] = done.row
    return refused, rows
