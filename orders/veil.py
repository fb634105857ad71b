"""An order as a reseller's accounting sees it: the money, the articles and whose order it is, but no street, phone,
e-mail nor what the customer wrote (shipping/veil.py). Of what problems and events tell, only what is known as harmless
is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orders.models import Order, OrderEvent, Problem
from shipping import veil

HIDDEN = "…"
# What the sentences of problems and events may name; a new one is hidden until it is said to be harmless here.
_NAMED = {
    *("sku", "names", "count", "pieces", "amount", "before", "total", "sum", "owed", "collect", "currency"),
    *("kind", "field", "sections", "number", "parent", "label", "status", "alert", "method", "courier", "tracking"),
    *("country", "postcode", "province", "city", "case", "case_reason"),
}
# Fields whose old and new value may be told.
_FIELDS = {
    *("to_collect", "total", "payment", "currency", "lines", "name", "company"),
    *("postcode", "city", "province", "country"),
}


def params_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a problem or event without what leads to the customer."""
    told = {name: value if name in _NAMED else HIDDEN for name, value in params.items()}
    for side in ("mine", "theirs"):
        if side in params and params.get("field") in _FIELDS:
            told[side] = params[side]
    found = params.get("changes")
    if isinstance(found, list):
        rows = [row for row in found if isinstance(row, list) and len(row) == 3]
        told["changes"] = [row if _told(str(row[0])) else [row[0], HIDDEN, HIDDEN] for row in rows]
    return told


def _told(field: str) -> bool:
    return field in _FIELDS or field.startswith("line:")


def veil_order(order: Order) -> Order:
    """Its own fields, and what was read with it: lines, problems, parcel."""
    veil.veil(order)
    order.shop_data, order.details = {}, []
    order.fiscal = {name: value for name, value in order.fiscal.items() if name != "pec"}
    read: dict[str, Any] = getattr(order, "_prefetched_objects_cache", {})
    for line in read.get("lines", ()):
        line.attributes = []
    veil_told(read.get("problems", ()))
    if "shipment" in order._state.fields_cache and order.shipment is not None:
        veil.veil(order.shipment)
    return order


def veil_told(rows: Iterable[Problem | OrderEvent]) -> None:
    for row in rows:
        row.params = params_of(row.params)


def veil_orders(orders: Iterable[Order], *, veiled: bool) -> list[Order]:
    """The same orders, emptied if `veiled`."""
    return [veil_order(order) if veiled else order for order in orders]
