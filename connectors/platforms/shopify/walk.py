"""A walk through the orders changed since a moment.

The list is sorted by the time of change and paged by Shopify's own cursor, which stands for a place in that order and
belongs to the text of the query: an order that changes while we read moves to the end and is met again. Shopify stops
after 25,000 orders, so the walk begins a new query well before, from the last moment that it saw (and reads the orders
of that moment twice)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import Page, RawOrder, Seen, SeenPage, ShopUnreachable, Unreadable, Withdrawn
from connectors.platforms.shopify.answers import NotFound, Reply, TooCostly, gid, number_of
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.orders import HIDDEN, MAX_LINES, date, read_order
from connectors.platforms.shopify.refusals import MissingScope

PER_PAGE = 50
LINES = 50  # of an order, with the order; further ones are asked for
SEEN_PER_PAGE = 250
MOST = 20_000  # orders of one query
_SMALLEST = 5


def stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def order(client: Client, external_id: str) -> RawOrder | Withdrawn:
    """One order as it is now; Shopify says null, without an error, for one that is gone."""
    try:
        reply = client.query("order", id=gid("Order", external_id), lines=LINES)
    except NotFound:
        return Withdrawn(external_id)
    node = reply.data.get("order")
    if node is None and not reply.denied:
        return Withdrawn(external_id)
    if not isinstance(node, dict):
        raise MissingScope(scope=reply.denied[0].needs if reply.denied else "read_orders")
    return _raw(client, node, _hidden(reply, ("order",)))


def orders_since(client: Client, since: dt.datetime, cursor: str | None) -> Page:
    """One page; `cursor` is ours: {"since", "after": Shopify's, "n": orders read with this query, "first"}."""
    begin: dict[str, Any] = {"since": stamp(since), "after": None, "n": 0, "first": PER_PAGE}
    at: dict[str, Any] = json.loads(cursor) if cursor else begin
    reply, at["first"] = _page(client, "orders", at, lines=LINES, query=f"updated_at:>='{at['since']}'")
    nodes, more, end = _nodes(reply)
    orders = [_raw(client, node, _hidden(reply, ("orders", "nodes", place))) for place, node in enumerate(nodes)]
    last = max((raw.version_at for raw in orders if raw.version_at), default=None)
    if not more:
        return Page(orders, None, last)
    at |= {"after": end, "n": at["n"] + len(nodes)}
    if at["n"] >= MOST and last is not None and stamp(last) > at["since"]:
        at |= {"since": stamp(last), "after": None, "n": 0}
    return Page(orders, json.dumps(at, separators=(",", ":")), last)


def orders_seen(client: Client, since: dt.datetime, cursor: str | None) -> SeenPage:
    """By the time of their making, which does not change."""
    at = json.loads(cursor) if cursor else {"since": stamp(since), "after": None, "first": SEEN_PER_PAGE}
    reply, at["first"] = _page(client, "orders_seen", at, query=f"created_at:>='{at['since']}'")
    nodes, more, end = _nodes(reply)
    found = [(number_of(node.get("id")), date(node.get("updatedAt"))) for node in nodes]
    seen = [Seen(number, moment) for number, moment in found if number and moment]
    return SeenPage(seen, json.dumps({**at, "after": end}, separators=(",", ":")) if more else None)


def _page(client: Client, document: str, at: Mapping[str, Any], **variables: Any) -> tuple[Reply, int]:
    """The page, and the size that was not too costly."""
    first = int(at["first"])
    while True:
        try:
            return client.query(document, first=first, after=at["after"], **variables), first
        except TooCostly:
            if first <= _SMALLEST:
                raise ShopUnreachable(reason="MAX_COST_EXCEEDED") from None
            first = max(first // 2, _SMALLEST)
        except NotFound:  # a cursor that Shopify does not know any more
            raise ShopUnreachable(reason="cursor") from None


def _nodes(reply: Reply) -> tuple[list[Mapping[str, Any]], bool, str | None]:
    found = reply.data.get("orders")
    if found is None and reply.denied:
        raise MissingScope(scope=reply.denied[0].needs or "read_orders")
    nodes = found.get("nodes") if isinstance(found, dict) else None
    info = found.get("pageInfo") if isinstance(found, dict) else None
    if not isinstance(nodes, list) or not isinstance(info, dict):
        raise ShopUnreachable(reason="JSON: orders")
    end = info.get("endCursor")
    more = info.get("hasNextPage") is True and isinstance(end, str) and bool(end)
    return [node for node in nodes if isinstance(node, dict)], more, end if more else None


def _hidden(reply: Reply, prefix: tuple[str | int, ...]) -> list[str]:
    """The fields of this order that Shopify kept from us."""
    return sorted(
        {
            str(denied.path[len(prefix)])
            for denied in reply.denied
            if denied.path[: len(prefix)] == prefix and len(denied.path) > len(prefix)
        }
    )


def _raw(client: Client, node: Mapping[str, Any], hidden: list[str]) -> RawOrder:
    """One order with all its lines, and the bytes for the record; one that can't be read carries its error."""
    whole = _with_all_lines(client, dict(node))
    if hidden:
        whole[HIDDEN] = hidden
    body = json.dumps(whole, ensure_ascii=True, separators=(",", ":")).encode()
    external_id, version = number_of(node.get("id")), date(node.get("updatedAt"))
    try:
        return RawOrder(external_id, version, body, read_order(whole))
    except Unreadable as error:
        return RawOrder(external_id, version, body, error=str(error.params["reason"]))


def _with_all_lines(client: Client, node: dict[str, Any]) -> dict[str, Any]:
    lines = node.get("lineItems")
    while isinstance(lines, dict) and isinstance(lines.get("pageInfo"), dict) and lines["pageInfo"].get("hasNextPage"):
        if len(lines["nodes"]) > MAX_LINES:
            break  # said as a doubt
        after = lines["pageInfo"]["endCursor"]
        try:
            further = client.query("order_lines", id=node["id"], lines=LINES, after=after).data.get("order")
        except NotFound:
            further = None
        block = further.get("lineItems") if isinstance(further, dict) else None
        if not isinstance(further, dict) or not isinstance(block, dict) or not isinstance(block.get("nodes"), list):
            raise ShopUnreachable(reason="JSON: lines")
        if further.get("updatedAt") != node.get("updatedAt"):  # it changed between two pages: begin it anew
            again = client.query("order", id=node["id"], lines=LINES).data.get("order")
            if not isinstance(again, dict):
                raise ShopUnreachable(reason="changed")
            node, lines = dict(again), again.get("lineItems")
            continue
        lines = {"nodes": [*lines["nodes"], *block["nodes"]], "pageInfo": block.get("pageInfo")}
    return {**node, "lineItems": lines}
