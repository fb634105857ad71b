"""Orders as our plugin sends them: the JSON of WooCommerce's REST API, which the parser of that platform reads, in an
envelope of ours; and the walks through their lists, by keyset."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.platforms.base import (
    Changed,
    Page,
    RawOrder,
    Reading,
    Seen,
    SeenPage,
    ShopUnreachable,
    Uninstalled,
    Unreadable,
    Withdrawn,
)
from connectors.platforms.woocommerce.orders import MAX_ID, date, modified_at, read_order
from connectors.platforms.wordpress.client import Client
from core.strict import BadJson, load_json, text, whole

PER_PAGE = 50  # orders with up to 500 lines: an answer stays far below what core.http takes
SEEN_PER_PAGE = 500


def read_event(topic: str, body: bytes) -> Reading:
    """What an event of the plugin says; also what was kept of an order (RawOrder.body), as `order.updated`."""
    try:
        data = load_json(body)
    except BadJson as error:
        raise Unreadable(reason=str(error)) from None
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    if topic == "order.updated":
        return _event_order(data)
    if topic == "order.deleted":
        return Withdrawn(_id(data))
    if topic == "plugin.unpaired":
        return Uninstalled(at=moment(data.get("at")))
    return None


def _event_order(data: Mapping[str, Any]) -> Reading:
    if "order" in data:
        return read_order(data["order"])
    if "line_items" in data:  # kept when the same store was connected by keys
        return read_order(data)
    return Changed(_id(data))  # WooCommerce could not give it to the plugin: it is asked for later


def _id(data: Mapping[str, Any]) -> str:
    number = whole(data.get("id"), 1, MAX_ID)
    if number is None:
        raise Unreadable(reason="no id")
    return str(number)


def moment(value: Any) -> dt.datetime | None:
    """A time of our protocol: UTC with a Z, whole seconds."""
    return date(value[:-1]) if isinstance(value, str) and value.endswith("Z") else None


def stamp(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def raw_order(item: Any) -> RawOrder:
    """One order of an answer, kept as the body of an event; what can't be read carries its error."""
    fields = item if isinstance(item, dict) else {}
    body = json.dumps({"topic": "order.updated", "order": item}, ensure_ascii=True, separators=(",", ":")).encode()
    number = whole(fields.get("id"), 1, MAX_ID)
    version = modified_at(fields)
    external_id = str(number) if number else ""
    if "unreadable" in fields:  # WooCommerce itself cannot read it
        return RawOrder(external_id, version, body, error=text(fields["unreadable"], 200) or "unreadable")
    try:
        return RawOrder(external_id, version, body, read_order(item))
    except Unreadable as error:
        return RawOrder(external_id, version, body, error=str(error.params["reason"]))


def order(client: Client, external_id: str) -> RawOrder | Withdrawn:
    data = client.call("order", id=int(external_id))
    if data.get("gone") is True:
        return Withdrawn(external_id)
    found = raw_order(data.get("order"))
    if found.external_id != external_id:
        raise ShopUnreachable(reason="JSON: another order")
    return found


def orders_since(client: Client, since: dt.datetime, cursor: str | None) -> Page:
    """One page in the order of (modification, id), from behind the last one on: an order that changes while the list is
    read moves to its end, and many of one second are no trouble."""
    at = json.loads(cursor) if cursor else {"since": stamp(since), "after_id": 0}
    data = client.call("orders_since", since=at["since"], after_id=at["after_id"], limit=PER_PAGE)
    orders = [raw_order(item) for item in _list(data, "orders")]
    moments = [raw.version_at for raw in orders if raw.version_at]
    return Page(orders, _next_since(data, at), max(moments, default=None))


def _next_since(data: Mapping[str, Any], at: Mapping[str, Any]) -> str | None:
    """The cursor behind the last order; a list that does not move on would be read for ever."""
    if data.get("more") is not True:
        return None
    following = data.get("next")
    fields = following if isinstance(following, dict) else {}
    version, number = moment(fields.get("since")), whole(fields.get("after_id"), 0, MAX_ID)
    if version is None or number is None or (stamp(version), number) <= (at["since"], at["after_id"]):
        raise ShopUnreachable(reason="JSON: the list stands still")
    return json.dumps({"since": stamp(version), "after_id": number})


def orders_seen(client: Client, since: dt.datetime, cursor: str | None) -> SeenPage:
    """By id: what comes meanwhile stands at the end."""
    after = int(cursor or 0)
    data = client.call("orders_seen", placed_since=stamp(since), after_id=after, limit=SEEN_PER_PAGE)
    seen = []
    for row in _list(data, "orders"):
        fields = row if isinstance(row, dict) else {}
        number, version = whole(fields.get("id"), 1, MAX_ID), moment(fields.get("modified"))
        if number is None or version is None:
            raise ShopUnreachable(reason="JSON: orders_seen")
        seen.append(Seen(str(number), version))
    return SeenPage(seen, next_after(data, after))


def next_after(data: Mapping[str, Any], after: int) -> str | None:
    """The cursor of a list by id; None at its end. A page may be empty and yet not the last."""
    if data.get("more") is not True:
        return None
    following = data.get("next")
    number = whole(following.get("after_id") if isinstance(following, dict) else None, 1, MAX_ID)
    if number is None or number <= after:
        raise ShopUnreachable(reason="JSON: the list stands still")
    return str(number)


def _list(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    items = data.get(name)
    if not isinstance(items, list):
        raise ShopUnreachable(reason=f"JSON: {text(name, 20)}")
    return items
