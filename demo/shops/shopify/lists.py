"""The lists that can be asked for, each with its search filters and its sort keys."""

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any

from . import fulfilment_nodes, order_nodes, product_nodes, shop_acts, stock_nodes
from .connections import Row, connection, page_of, rows_of
from .gids import Doc, gid, moment_of, stamp
from .order_sums import financial_status, shipping_status, sums
from .search import Search, Test

if TYPE_CHECKING:
    from .admin_api import Ask

WITHOUT_ALL = dt.timedelta(days=60)  # what an app without read_all_orders sees


def is_recent(ask: "Ask", doc: Doc) -> bool:
    if "read_all_orders" in ask.scopes:
        return True
    return moment_of(doc["created_at"]) >= ask.shop.clock() - WITHOUT_ALL


def _some(value: Any) -> list[str]:
    return [] if value is None or value == "" else [str(value)]


def _word(value: bool) -> list[str]:
    return ["true" if value else "false"]


def _status(doc: Doc) -> list[str]:
    state = "cancelled" if doc["cancelled_at"] else "closed" if doc["closed_at"] else "open"
    return [state, "any", *(["not_closed"] if not doc["closed_at"] else [])]


def _order_search(ask: "Ask") -> Search:
    shop = ask.shop
    fields = {
        "id": lambda doc: [str(doc["id"])],
        "name": lambda doc: [doc["name"], doc["name"].lstrip("#")],
        "created_at": lambda doc: [doc["created_at"]],
        "updated_at": lambda doc: [doc["updated_at"]],
        "processed_at": lambda doc: [doc["processed_at"]],
        "status": _status,
        "financial_status": lambda doc: [financial_status(doc, sums(doc))],
        "fulfillment_status": lambda doc: [shipping_status(doc, shop.fulfilment.of_order(doc["id"]))],
        "tag": lambda doc: list(doc["tags"]),
        "test": lambda doc: _word(doc["test"]),
        "email": lambda doc: _some(doc["email"]),
        "source_name": lambda doc: [doc["source"]],
        "gateway": lambda doc: list(doc["gateways"]),
        "sku": lambda doc: [line["sku"] for line in doc["lines"] if line["sku"]],
    }
    return Search(fields, lambda doc: [doc["name"], *_some(doc["email"]), *_some(doc["note"])], ask.warnings)


_ORDER_KEYS = {"UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "PROCESSED_AT": "processed_at"}
_KEPT = 8


def _order_rows(ask: "Ask", query: str | None, sort_key: str) -> list[Row]:
    """What a search finds, in order; kept until something is written, for whoever walks its pages."""
    shop, about = ask.shop, f"{query}/{sort_key}"
    writes = shop.store.writes["order"] + shop.store.writes["fulfilment_order"]
    known = shop.listed.get(about)
    if known is None or known[0] != writes or shop.search_lag:
        field = _ORDER_KEYS.get(sort_key)
        search = _order_search(ask)
        test = search.compile(query)
        late = stamp(shop.clock() - shop.search_lag) if shop.search_lag and query else "9"
        found = (doc for doc in shop.store.all("order") if doc["updated_at"] <= late and test(doc))
        known = writes, rows_of(found, lambda doc: (doc[field], doc["id"]) if field else (doc["id"],))
        if len(shop.listed) >= _KEPT:
            shop.listed.clear()
        if not search.warnings:
            shop.listed[about] = known
    rows = known[1]
    return rows if "read_all_orders" in ask.scopes else [row for row in rows if is_recent(ask, row[1])]


def orders(ask: "Ask", *, query: str | None = None, sortKey: str = "PROCESSED_AT", **page: Any) -> Doc:
    show = functools.partial(order_nodes.order, ask.shop)
    return page_of(_order_rows(ask, query, sortKey), show, about=f"orders/{query}/{sortKey}", **page)


def orders_count(ask: "Ask", *, query: str | None = None, limit: int | None = 10000) -> Doc:
    return _counted(len(_order_rows(ask, query, "ID")), limit)


def _counted(number: int, limit: int | None) -> Doc:
    over = limit is not None and number > limit
    return {"count": limit if over else number, "precision": "AT_LEAST" if over else "EXACT"}


def locations(
    ask: "Ask",
    *,
    includeInactive: bool = False,
    includeLegacy: bool = False,
    query: str | None = None,
    sortKey: str = "NAME",
    **page: Any,
) -> Doc:
    """The location of a fulfilment service only comes with includeLegacy."""
    docs = [
        doc
        for doc in ask.shop.stock.locations()
        if (doc["active"] or includeInactive) and (not doc["service"] or includeLegacy)
    ]
    show = functools.partial(stock_nodes.location, ask.shop)
    return connection(docs, show, lambda doc: (doc["name"], doc["id"]), about=f"locations/{sortKey}", **page)


def _product_search(ask: "Ask") -> Search:
    shop = ask.shop
    fields = {
        "id": lambda doc: [str(doc["id"])],
        "handle": lambda doc: [doc["handle"]],
        "title": lambda doc: [doc["title"]],
        "vendor": lambda doc: [doc["vendor"]],
        "product_type": lambda doc: _some(doc["type"]),
        "status": lambda doc: [doc["status"]],
        "tag": lambda doc: list(doc["tags"]),
        "created_at": lambda doc: [doc["created_at"]],
        "updated_at": lambda doc: [doc["updated_at"]],
        "sku": lambda doc: [each["sku"] for each in shop.products.variants_of(doc) if each["sku"]],
        "barcode": lambda doc: [each["barcode"] for each in shop.products.variants_of(doc) if each["barcode"]],
    }
    return Search(fields, lambda doc: [doc["title"]], ask.warnings)


def _products(ask: "Ask", query: str | None) -> list[Doc]:
    test = _product_search(ask).compile(query)
    return [doc for doc in ask.shop.products.all() if test(doc)]


def products(ask: "Ask", *, query: str | None = None, sortKey: str = "ID", **page: Any) -> Doc:
    field = {"UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "TITLE": "title"}.get(sortKey)

    def key(doc: Doc) -> tuple[Any, ...]:
        return (doc[field], doc["id"]) if field else (doc["id"],)

    show = functools.partial(product_nodes.product, ask.shop)
    return connection(_products(ask, query), show, key, about=f"products/{query}/{sortKey}", **page)


def products_count(ask: "Ask", *, query: str | None = None, limit: int | None = 10000) -> Doc:
    return _counted(len(_products(ask, query)), limit)


def _tokens(text: str | None) -> list[str]:
    """A SKU is searched by its parts too: `sku:'A-1'` also finds "A-1-R". The reader has to compare for himself."""
    if not text:
        return []
    parts = text.split("-")
    return [text, *("-".join(parts[:n]) for n in range(1, len(parts)))]


def _variant_test(ask: "Ask", query: str | None) -> Test:
    fields = {
        "id": lambda doc: [str(doc["id"])],
        "sku": lambda doc: _tokens(doc["sku"]),
        "barcode": lambda doc: _some(doc["barcode"]),
        "title": lambda doc: [doc["title"]],
        "product_id": lambda doc: [str(doc["product"])],
        "updated_at": lambda doc: [doc["updated_at"]],
    }
    return Search(fields, lambda doc: [doc["title"], *_some(doc["sku"])], ask.warnings).compile(query)


def variants(ask: "Ask", *, query: str | None = None, sortKey: str = "ID", **page: Any) -> Doc:
    test = _variant_test(ask, query)
    docs = [doc for doc in ask.shop.products.variants() if test(doc)]
    show = functools.partial(product_nodes.variant, ask.shop)
    return connection(docs, show, lambda doc: (doc["id"],), about=f"variants/{query}/{sortKey}", **page)


def collections(ask: "Ask", *, query: str | None = None, sortKey: str = "ID", **page: Any) -> Doc:
    docs = ask.shop.store.all("collection")
    return connection(docs, lambda doc: doc["node"], lambda doc: (doc["id"],), about="collections", **page)


def publications(ask: "Ask", *, catalogType: str | None = None, **page: Any) -> Doc:
    show = functools.partial(product_nodes.publication, ask.shop)
    return connection(ask.shop.publications(), show, lambda doc: (doc["id"],), about="publications", **page)


def inventory_items(ask: "Ask", *, query: str | None = None, **page: Any) -> Doc:
    shop = ask.shop

    def sku(doc: Doc) -> list[str]:
        return _tokens((shop.store.get("variant", doc["variant"]) or {}).get("sku"))

    fields = {"id": lambda doc: [str(doc["id"])], "sku": sku, "updated_at": lambda doc: [doc["updated_at"]]}
    test = Search(fields, sku, ask.warnings).compile(query)
    docs = [doc for doc in shop.store.all("item") if test(doc)]
    show = functools.partial(stock_nodes.item, shop)
    return connection(docs, show, lambda doc: (doc["id"],), about=f"items/{query}", **page)


def assigned(
    ask: "Ask",
    *,
    assignmentStatus: str | None = None,
    locationIds: list[str] | None = None,
    sortKey: str = "ID",
    **page: Any,
) -> Doc:
    """Only of fulfilment services; the requests that a merchant sends to one are not faked."""
    services = {doc["id"] for doc in ask.shop.stock.locations() if doc["service"]}
    docs = [
        doc
        for doc in ask.shop.store.all("fulfilment_order")
        if doc["location"] in services and (not locationIds or gid("Location", doc["location"]) in locationIds)
    ]
    show = functools.partial(fulfilment_nodes.fulfilment_order, ask.shop)
    return connection(docs, show, lambda doc: (doc["id"],), about="assigned", **page)


def subscriptions(
    ask: "Ask",
    *,
    format: str | None = None,
    topics: list[str] | None = None,
    uri: str | None = None,
    query: str | None = None,
    sortKey: str = "CREATED_AT",
    **page: Any,
) -> Doc:
    docs = [
        doc
        for doc in ask.shop.webhooks.all()
        if doc["app"] == ask.app and (not topics or doc["topic"] in topics) and (not uri or doc["uri"] == uri)
    ]
    show = functools.partial(shop_acts.subscription, ask.shop)
    return connection(docs, show, lambda doc: (doc["created_at"], doc["id"]), about=f"subscriptions/{sortKey}", **page)
