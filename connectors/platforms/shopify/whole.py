"""One order of the API with all that its first page left out: further lines, fulfilment orders and their lines.
An order that changes between two pages is begun anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import ShopUnreachable
from connectors.platforms.shopify.answers import NotFound
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.order_lines import MAX_LINES

LINES = 7  # of an order, with the order; further ones are asked for
PARTS = 2  # fulfilment orders of an order, likewise
ENTRIES = 7  # lines of a fulfilment order, likewise
MORE = {"lines": 100, "parts": 10, "entries": 50}  # of a page of the further ones
_ANEW = 3
_MOST_PAGES = 50


class _Changed(Exception):
    """The order is not the one that was begun."""


def sizes(lines: int = LINES) -> dict[str, int]:
    return {"lines": lines, "parts": PARTS, "entries": ENTRIES}


def made(client: Client, node: Mapping[str, Any], lines: int = LINES) -> dict[str, Any]:
    """`node` with all its lines and fulfilment orders. Raises ShopUnreachable."""
    found = dict(node)
    for _try in range(_ANEW):
        try:
            return {**found, **_lines(client, found), **_sending(client, found)}
        except _Changed:
            again = client.query("order", id=node["id"], **sizes(lines)).data.get("order")
            if not isinstance(again, dict):
                raise ShopUnreachable(reason="changed") from None
            found = dict(again)
    raise ShopUnreachable(reason="changed")


def _lines(client: Client, node: Mapping[str, Any]) -> dict[str, Any]:
    block: Any = node.get("lineItems")
    while after := _next(block):
        if len(block["nodes"]) > MAX_LINES:
            break  # said as a doubt
        more = _further(client, "order_lines", node, "lineItems", lines=MORE["lines"], after=after)
        block = {"nodes": [*block["nodes"], *more["nodes"]], "pageInfo": more.get("pageInfo")}
    return {"lineItems": block} if "lineItems" in node else {}


def _sending(client: Client, node: Mapping[str, Any]) -> dict[str, Any]:
    block = node.get("fulfillmentOrders")
    if not isinstance(block, dict) or not isinstance(block.get("nodes"), list):
        return {}
    short = [one for one in block["nodes"] if isinstance(one, dict) and _next(one.get("lineItems"))]
    if _next(block) or short:  # all of it anew, in larger pages
        block = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}
        after = None
        for _page in range(_MOST_PAGES):
            more = _further(
                client,
                "order_sending",
                node,
                "fulfillmentOrders",
                parts=MORE["parts"],
                entries=MORE["entries"],
                after=after,
            )
            block = {"nodes": [*block["nodes"], *more["nodes"]], "pageInfo": more.get("pageInfo")}
            after = _next(block)
            if not after:
                break
    return {"fulfillmentOrders": {**block, "nodes": [_with_entries(client, one) for one in block["nodes"]]}}


def _with_entries(client: Client, order: Any) -> Any:
    """A fulfilment order with all its lines."""
    if not isinstance(order, dict):
        return order
    block = order.get("lineItems")
    for _page in range(_MOST_PAGES):
        after = _next(block)
        if not after or not isinstance(block, dict):
            break
        reply = client.query("sending_lines", id=order["id"], entries=MORE["entries"], after=after)
        more = (reply.data.get("fulfillmentOrder") or {}).get("lineItems")
        if not isinstance(more, dict) or not isinstance(more.get("nodes"), list):
            raise ShopUnreachable(reason="JSON: fulfillmentOrder")
        block = {"nodes": [*block["nodes"], *more["nodes"]], "pageInfo": more.get("pageInfo")}
    return {**order, "lineItems": block}


def _next(block: Any) -> str | None:
    """Where to go on in a connection; None at its end."""
    info = block.get("pageInfo") if isinstance(block, dict) else None
    if not isinstance(info, dict) or not info.get("hasNextPage") or not isinstance(block.get("nodes"), list):
        return None
    end = info.get("endCursor")
    return end if isinstance(end, str) and end else None


def _further(client: Client, document: str, node: Mapping[str, Any], name: str, **variables: Any) -> dict[str, Any]:
    try:
        found = client.query(document, id=node["id"], **variables).data.get("order")
    except NotFound:
        found = None
    block = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(block, dict) or not isinstance(block.get("nodes"), list):
        raise ShopUnreachable(reason="JSON: lines")
    if found.get("updatedAt") != node.get("updatedAt"):
        raise _Changed
    return block
