"""What Shopify knows of an order's sending, read whole: its fulfilment orders, what left in a fulfilment, what is still
to be sent of each line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.platforms.base import ShopUnreachable
from connectors.platforms.parcel import Parcel
from connectors.platforms.shopify.answers import NotFound, block, gid, number_of
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.refusals import NotTaken
from core.strict import whole

_LINES, _MORE, _ORDERS, _PAGES = 100, 250, 20, 10
_OVER = ("CLOSED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a fulfilment order. `key`: as Parcel.key."""

    id: str
    key: str
    remaining: int


@dataclass(frozen=True, slots=True)
class Sending:
    """A fulfilment order. `may_send`: Shopify takes a fulfilment for it from us."""

    id: str
    status: str
    location: str
    may_send: bool
    entries: tuple[Entry, ...]

    @property
    def is_over(self) -> bool:
        return self.status in _OVER


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the order. `wanted`: pieces that still count; `open`: those of them that nobody sent yet."""

    key: str
    wanted: int
    open: int
    shipped: bool
    sold: bool  # a product or a gift card, and not a fee


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the shop. `node`: its other fields, as Shopify gives them."""

    node: Mapping[str, Any] = field(repr=False)
    sendings: tuple[Sending, ...] = ()

    @property
    def id(self) -> str:
        return str(self.node["id"])

    @property
    def fulfilments(self) -> list[Mapping[str, Any]]:
        """What was sent, by whomever."""
        return [row for row in self.node.get("fulfillments") or [] if isinstance(row, dict)]


def order(client: Client, external_id: str, parcel: Parcel) -> Order | None:
    """None when it is gone. Fulfilment orders that are assigned to others are not among what Shopify shows us."""
    try:
        id_ = gid("Order", external_id)
        return _order(client, id_, parcel)
    except NotFound:
        return None


def _order(client: Client, id_: str, parcel: Parcel) -> Order | None:
    sendings: list[Sending] = []
    after = None
    for _page in range(_PAGES):
        reply = client.query("order_fulfilment", id=id_, first=_ORDERS, lines=_LINES, after=after)
        node = reply.data.get("order")
        if node is None:
            return None
        if not isinstance(node, dict):
            raise ShopUnreachable(reason="JSON: order")
        shown = node.get("fulfillmentOrders")
        if shown is None:  # kept from us
            return Order(node, tuple(sendings))
        rows, after = _page_of(shown, "fulfillmentOrders")
        sendings += [_sending(client, row, parcel) for row in rows]
        if after is None:
            return Order(node, tuple(sendings))
    raise NotTaken(reason=f"> {_PAGES * _ORDERS} fulfillment orders")


def _sending(client: Client, row: Mapping[str, Any], parcel: Parcel) -> Sending:
    id_ = str(row.get("id"))
    rows, after = _page_of(row.get("lineItems"), "lineItems")
    if after is not None:
        rows = [*rows, *_rest(client, "fulfilment_order_lines", id_, "fulfillmentOrder", "lineItems", after)]
    actions = {action.get("action") for action in row.get("supportedActions") or [] if isinstance(action, dict)}
    status = str(row.get("status"))
    return Sending(
        id=id_,
        status=status,
        location=str(block(block(row.get("assignedLocation")).get("location")).get("id") or id_),  # unknown: by itself
        may_send=status in ("OPEN", "IN_PROGRESS") and "CREATE_FULFILLMENT" in actions,
        entries=tuple(
            Entry(str(line.get("id")), _key(line.get("lineItem"), parcel), _count(line.get("remainingQuantity")))
            for line in rows
        ),
    )


def sent_in(client: Client, fulfilments: list[str], parcel: Parcel) -> Counter[str]:
    """Pieces that left in these fulfilments, by key."""
    found: Counter[str] = Counter()
    for id_ in fulfilments:
        for row in _rest(client, "fulfilment_lines", id_, "fulfillment", "fulfillmentLineItems", None):
            found[_key(row.get("lineItem"), parcel)] += _count(row.get("quantity"))
    return found


def lines(client: Client, order_id: str, parcel: Parcel) -> list[Line]:
    """All lines of the order, those of others too."""
    return [
        Line(
            key=_key(row, parcel),
            wanted=_count(row.get("currentQuantity")),
            open=_count(row.get("unfulfilledQuantity")),
            shipped=row.get("requiresShipping") is not False,
            sold=row.get("product") is not None or row.get("isGiftCard") is True,
        )
        for row in _rest(client, "order_left", order_id, "order", "lineItems", None)
    ]


def _rest(
    client: Client, document: str, id_: str, root: str, name: str, after: str | None
) -> Iterator[Mapping[str, Any]]:
    """The rows of a connection from `after` on, page by page."""
    for _page in range(_PAGES * 2):
        node = client.query(document, id=id_, lines=_MORE, after=after).data.get(root)
        rows, after = _page_of(block(node).get(name), name)
        yield from rows
        if after is None:
            return
    raise NotTaken(reason=f"> {_PAGES * 2 * _MORE} lines")


def _page_of(connection: Any, name: str) -> tuple[list[Mapping[str, Any]], str | None]:
    """The rows of a page, and the cursor of the next one."""
    shown = block(connection)
    rows, page = shown.get("nodes"), block(shown.get("pageInfo"))
    if not isinstance(rows, list):
        raise ShopUnreachable(reason=f"JSON: {name}")
    cursor = page.get("endCursor") if page.get("hasNextPage") is True else None
    if page.get("hasNextPage") is True and not isinstance(cursor, str):
        raise ShopUnreachable(reason=f"JSON: {name}")
    return [row for row in rows if isinstance(row, dict)], cursor


def _key(item: Any, parcel: Parcel) -> str:
    line = block(item)
    line_id = number_of(line.get("id"))
    if parcel.whole:
        return f"line:{line_id}"
    ids = [number_of(block(line.get(name)).get("id")) for name in ("product", "variant")]
    return parcel.key(line_id, "/".join(ids) if all(ids) else "")


def _count(value: Any) -> int:
    return whole(value, 0, 10**6) or 0
