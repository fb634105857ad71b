"""A walk through the orders changed since a moment, over a list that changes while it is read.

Always page 1, oldest change first, with `modified_after` moved forward: page N would skip an order for each one of an
earlier page that changes meanwhile. The filter is strictly greater and counts whole seconds, so each step goes back one
second; when more than a page of orders share one second (an import), that second is read alone by id, and read again
from its start if its number of orders changed in between.

`dates_are_gmt=true` wants UTC *without* a zone: with a Z the shop compares shop time with UTC and misses an hour."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import Page, RawOrder, Seen, SeenPage, ShopUnreachable, Unreadable
from connectors.platforms.woocommerce import refunds
from connectors.platforms.woocommerce.client import Client, NotFound, Reply
from connectors.platforms.woocommerce.errors import ApiClosed, ApiMissing
from connectors.platforms.woocommerce.orders import MAX_ID, date, modified_at, read_order
from core.strict import whole

PER_PAGE = 100
_SECOND = dt.timedelta(seconds=1)
_MAX_PAGES_OF_A_SECOND = 1000
_DRAFTS = ("checkout-draft", "auto-draft", "trash")  # WooCommerce 8.2 lists drafts under "any"


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def orders_since(client: Client, since: dt.datetime, cursor: str | None) -> Page:
    """One page; `cursor` is ours: {"after": …} or {"second": …, "page": n, "total": n}."""
    at = json.loads(cursor) if cursor else {"after": _stamp(since)}
    if "second" in at:
        return _within_second(client, at)
    after = _parse(at["after"])
    reply = client.get(
        "orders",
        status="any",
        per_page=str(PER_PAGE),
        page="1",
        orderby="modified",
        order="asc",
        modified_after=_stamp(after),
        dates_are_gmt="true",
    )
    orders = _raws(client, reply)
    moments = [order.version_at for order in orders if order.version_at]
    if len(orders) < PER_PAGE or not moments:
        return Page(orders, None, max(moments, default=None))
    last = max(moments)
    step = last - _SECOND
    following: dict[str, Any]
    if step > after:
        following = {"after": _stamp(step)}
    else:
        following = {"second": _stamp(last), "page": 1, "total": None}
    return Page(orders, json.dumps(following), last)


def _within_second(client: Client, at: Mapping[str, Any]) -> Page:
    second, page = _parse(at["second"]), int(at["page"])
    reply = client.get(
        "orders",
        status="any",
        per_page=str(PER_PAGE),
        page=str(page),
        orderby="id",
        order="asc",
        modified_after=_stamp(second - _SECOND),
        modified_before=_stamp(second + _SECOND),
        dates_are_gmt="true",
    )
    orders = _raws(client, reply)
    if page > 1 and orders and reply.total != at["total"]:
        again = int(at.get("again", 0)) + 1
        following: dict[str, Any] = {"second": at["second"], "page": 1, "total": None, "again": again}
    elif len(orders) == PER_PAGE and page < _MAX_PAGES_OF_A_SECOND:
        following = {**at, "page": page + 1, "total": reply.total}
    else:
        following = {"after": _stamp(second)}
    return Page(orders, json.dumps(following), second)


def orders_seen(client: Client, since: dt.datetime, cursor: str | None) -> SeenPage:
    """By id, oldest first: what comes meanwhile stands at the end, so that page after page misses none."""
    page = int(cursor or 1)
    reply = client.get(
        "orders",
        status="any",
        per_page=str(PER_PAGE),
        page=str(page),
        orderby="id",
        order="asc",
        after=_stamp(since),
        dates_are_gmt="true",
        _fields="id,status,date_modified_gmt,date_created_gmt",
    )
    if not isinstance(reply.data, list):
        raise ShopUnreachable(reason="JSON: not a list")
    raws = [raw_order(item) for item in reply.data if item.get("status") not in _DRAFTS]
    seen = [Seen(raw.external_id, raw.version_at) for raw in raws if raw.external_id and raw.version_at]
    more = len(reply.data) == PER_PAGE and page < _MAX_PAGES_OF_A_SECOND
    return SeenPage(seen, str(page + 1) if more else None)


def _parse(stamp: str) -> dt.datetime:
    moment = date(stamp)
    assert moment is not None
    return moment


def _raws(client: Client, reply: Reply) -> list[RawOrder]:
    if not isinstance(reply.data, list):
        raise ShopUnreachable(reason="JSON: not a list")
    return [whole_order(client, item) for item in reply.data]


def whole_order(client: Client, item: Any) -> RawOrder:
    """One order of an answer; where a part of it was refunded, with the pieces, which takes a call of its own. Raises
    TryLater, NeedsHand."""
    raw = raw_order(item)
    if raw.reading is None or not raw.reading.live or raw.reading.finished or not refunds.are_in(item):
        return raw
    try:
        reply = client.get(f"orders/{int(raw.external_id)}/refunds", per_page="100")
    except (NotFound, ApiClosed, ApiMissing):
        return raw  # this shop does not say: the order asks, with all its pieces
    except ShopUnreachable as error:
        # An order that makes the shop fail must not stop the reading of all the others for ever.
        if not str(error.params["reason"]).startswith("HTTP "):
            raise
        return raw
    return raw_order({**item, refunds.HIDDEN: refunds.trimmed(reply.data)})


def raw_order(item: Any) -> RawOrder:
    """One order of an answer, with the bytes for the record; a body that can't be read carries its error."""
    body = json.dumps(item, ensure_ascii=True, separators=(",", ":")).encode()
    fields = item if isinstance(item, dict) else {}
    number = whole(fields.get("id"), 1, MAX_ID)
    version = modified_at(fields)
    external_id = str(number) if number else ""
    try:
        return RawOrder(external_id, version, body, read_order(item))
    except Unreadable as error:
        return RawOrder(external_id, version, body, error=str(error.params["reason"]))
