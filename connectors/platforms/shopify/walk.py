"""A walk through the orders changed since a moment.

The list is sorted by the time of change and paged by Shopify's own cursor, which stands for a place in that order and
belongs to the text of the query: an order that changes while we read moves to the end and is met again. Shopify stops
after 25,000 orders, so the walk begins a new query well before, from the last moment that it saw (and reads the orders
of that moment twice). An order that Shopify cannot show is gone around, and said to be unreadable."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import (
    Invisible,
    Page,
    RawOrder,
    Seen,
    SeenPage,
    ShopUnreachable,
    Unreadable,
    Withdrawn,
)
from connectors.platforms.shopify import whole
from connectors.platforms.shopify.answers import NotFound, Reply, Stumbled, TooCostly, gid, number_of
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.orders import BY_PART, HIDDEN, date, read_order
from connectors.platforms.shopify.refusals import MissingScope

PER_PAGE = 50
LINES = whole.LINES
SEEN_PER_PAGE = 250
MOST = 20_000  # orders of one query
_SMALLEST = 5


class _Broken(Exception):
    """A page that Shopify cannot show because of the order at this place in it; None: it does not say which."""

    def __init__(self, place: int | None, size: int) -> None:
        super().__init__(place)
        self.place, self.size = place, size


def stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def order(client: Client, external_id: str) -> RawOrder | Withdrawn | Invisible:
    """One order as it is now; `external_id` may be BY_PART with the number of one of its fulfilment orders. Shopify
    says null, without an error, for one that is gone, and for one that is too old for us to see."""
    if external_id.startswith(BY_PART):
        found = _of_part(client, external_id.removeprefix(BY_PART))
        return order(client, found) if found else Invisible(external_id)
    try:
        return _order(client, external_id) or _gone(client, external_id)
    except NotFound:
        return Withdrawn(external_id)
    except Stumbled as error:
        raise ShopUnreachable(reason=str(error)) from None


def _order(client: Client, external_id: str) -> RawOrder | None:
    reply = client.query_or_stumble("order", id=gid("Order", external_id), **whole.sizes(LINES))
    node = reply.data.get("order")
    if node is None and not reply.denied:
        return None
    if not isinstance(node, dict):
        raise MissingScope(scope=reply.denied[0].needs if reply.denied else "read_orders")
    return _raw(client, node, _hidden(reply, ("order",)))


def _of_part(client: Client, number: str) -> str:
    try:
        found = client.query("sending_order", id=gid("FulfillmentOrder", number)).data.get("fulfillmentOrder")
    except NotFound:
        return ""
    return number_of(found.get("orderId")) if isinstance(found, dict) else ""


def _gone(client: Client, external_id: str) -> Withdrawn | Invisible:
    """Without read_all_orders nothing older than sixty days is shown. Numbers grow with time: what is older than the
    oldest that we see says nothing."""
    reply = client.query("order_window")
    app = reply.data.get("currentAppInstallation")
    scopes = app.get("accessScopes") if isinstance(app, dict) else None
    if any(isinstance(scope, dict) and scope.get("handle") == "read_all_orders" for scope in scopes or []):
        return Withdrawn(external_id)
    found = reply.data.get("orders")
    nodes = found.get("nodes") if isinstance(found, dict) else None
    oldest = number_of(nodes[0].get("id")) if nodes and isinstance(nodes[0], dict) else ""
    return Withdrawn(external_id) if oldest and int(external_id) > int(oldest) else Invisible(external_id)


def orders_since(client: Client, since: dt.datetime, cursor: str | None) -> Page:
    """One page; `cursor` is ours: {"since", "after": Shopify's, "n": orders read with this query, "first"}."""
    begin: dict[str, Any] = {"since": stamp(since), "after": None, "n": 0, "first": PER_PAGE}
    at: dict[str, Any] = json.loads(cursor) if cursor else begin
    try:
        reply, at["first"] = _page(client, "orders", at, **whole.sizes(LINES), query=_changed(at))
    except _Broken as error:
        return _around(client, at, error)
    return _onward(at, _read(client, reply), *_nodes(reply))


def _changed(at: Mapping[str, Any]) -> str:
    return f"updated_at:>='{at['since']}'"


def _read(client: Client, reply: Reply) -> list[RawOrder]:
    nodes = _nodes(reply)[0]
    return [_raw(client, node, _hidden(reply, ("orders", "nodes", place))) for place, node in enumerate(nodes)]


def _onward(
    at: dict[str, Any], orders: list[RawOrder], nodes: list[Mapping[str, Any]], more: bool, end: str | None
) -> Page:
    last = max((raw.version_at for raw in orders if raw.version_at), default=None)
    if not more:
        return Page(orders, None, last)
    at |= {"after": end, "n": at["n"] + len(nodes)}
    if at["n"] >= MOST and last is not None and stamp(last) > at["since"]:
        at |= {"since": stamp(last), "after": None, "n": 0}
    return Page(orders, json.dumps(at, separators=(",", ":")), last)


def _around(client: Client, at: dict[str, Any], broken: _Broken) -> Page:
    """The part of a page before the order that breaks it, and that order by itself. Where Shopify does not say which it
    is, the page is halved until it does, or until it is that order alone."""
    place = broken.place
    while place != 0:
        try:
            size = place if place is not None else max(broken.size // 2, 1)
            reply, got = _page(client, "orders", {**at, "first": size}, **whole.sizes(LINES), query=_changed(at))
        except _Broken as error:
            place, broken = 0 if error.size == 1 else error.place, error
            continue
        before = _read(client, reply)
        if place is None or got < size:
            return _onward(at, before, *_nodes(reply))
        break
    else:
        before, place = [], 0
    named, _size = _page(client, "orders_named", {**at, "first": place + 1}, query=_changed(at))
    nodes, more, end = _nodes(named)
    alone = [raw for node in nodes[place:] if (raw := _alone(client, node))]
    return _onward(at, [*before, *alone], nodes, more, end)


def _alone(client: Client, node: Mapping[str, Any]) -> RawOrder | None:
    """An order that broke its page, asked for by itself; with its error where it breaks again. None: it is gone."""
    external_id = number_of(node.get("id"))
    try:
        return _order(client, external_id) if external_id else None
    except NotFound:
        return None
    except Stumbled as error:
        body = json.dumps({"id": node.get("id"), "updatedAt": node.get("updatedAt")}).encode()
        return RawOrder(external_id, date(node.get("updatedAt")), body, error=str(error))


def orders_seen(client: Client, since: dt.datetime, cursor: str | None) -> SeenPage:
    """By the time of their making, which does not change."""
    at = json.loads(cursor) if cursor else {"since": stamp(since), "after": None, "first": SEEN_PER_PAGE}
    reply, at["first"] = _page(client, "orders_seen", at, query=f"created_at:>='{at['since']}'")
    nodes, more, end = _nodes(reply)
    found = [(number_of(node.get("id")), date(node.get("updatedAt"))) for node in nodes]
    seen = [Seen(number, moment) for number, moment in found if number and moment]
    return SeenPage(seen, json.dumps({**at, "after": end}, separators=(",", ":")) if more else None)


def _page(client: Client, document: str, at: Mapping[str, Any], **variables: Any) -> tuple[Reply, int]:
    """The page, and the size that was not too costly. Raises _Broken where it stumbles over one of its orders."""
    first = int(at["first"])
    while True:
        try:
            return client.query_or_stumble(document, first=first, after=at["after"], **variables), first
        except TooCostly:
            if first <= _SMALLEST:
                raise ShopUnreachable(reason="MAX_COST_EXCEEDED") from None
            first = max(first // 2, _SMALLEST)
        except NotFound:  # a cursor that Shopify does not know any more
            raise ShopUnreachable(reason="cursor") from None
        except Stumbled as error:
            if document != "orders":
                raise ShopUnreachable(reason=str(error)) from None
            if not error.paths or not all(error.paths):  # is it the shop that stumbles over everything?
                client.query("orders_named", first=1, after=at["after"], query=variables["query"])
            raise _Broken(_place(error), first) from None


def _place(error: Stumbled) -> int | None:
    places = [path[2] for path in error.paths if path[:2] == ("orders", "nodes") and len(path) > 2]
    return min((place for place in places if isinstance(place, int)), default=None)


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
    """One order with all that belongs to it, and the bytes for the record; one that can't be read carries its error."""
    found = whole.made(client, node, LINES)
    if hidden:
        found[HIDDEN] = hidden
    body = json.dumps(found, ensure_ascii=True, separators=(",", ":")).encode()
    external_id, version = number_of(node.get("id")), date(node.get("updatedAt"))
    try:
        return RawOrder(external_id, version, body, read_order(found))
    except Unreadable as error:
        return RawOrder(external_id, version, body, error=str(error.params["reason"]))
