"""What a Shopify shop is told of its orders: sent with its tracking, delivered, come back, paid at the door, cancelled.

Shopify keeps what can be sent in fulfilment orders, one per location; a merchant and other apps split, hold and move
them. They are read before every change, and after an answer that was lost: a second fulfilment would be a second e-mail
to the customer. What was sent from here carries our tracking number, by which it is known again. What others wrote, the
merchant's own tracking above all, is never touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.platforms.base import Access, NotWhollyTold, OrderNews
from connectors.platforms.parcel import Parcel, names
from connectors.platforms.shopify import fulfilment_read, our_part, to_send
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.fulfilment_read import Order
from connectors.platforms.shopify.our_part import TAG as TAG
from connectors.platforms.shopify.our_part import refuse
from connectors.platforms.shopify.refusals import FulfilmentForbidden, MissingScope, OthersTracking

# Names that Shopify knows and makes its own link from; for the others ours is given.
CARRIERS = {
    "brt": "BRT",
    "bartolini": "BRT",
    "gls": "GLS Italy",
    "poste": "Poste Italiane",
    "dhl": "DHL Express",
    "fedex": "FedEx",
    "ups": "UPS",
    "tnt": "TNT",
}
_DEAD = ("CANCELLED", "ERROR", "FAILURE")
_EVENTS = {"delivered": "DELIVERED", "returned": "FAILURE", "lost": "FAILURE"}
_UNDONE = "IN_TRANSIT"  # delivered by mistake: an event is not taken back, but the last one is what is shown
_SHOWN = {
    "DELIVERED": "DELIVERED",
    "FAILURE": "FAILURE",
    "NOT_DELIVERED": "FAILURE",
    _UNDONE: _UNDONE,
}  # displayStatus: event


def tell(access: Access, client: Client, news: OrderNews) -> Mapping[str, Any]:
    """See Platform.tell_order. The memory: ids of our fulfilments in the shop and the number that they carry, or why
    there is nothing more to tell. A missing permission holds up the news of orders and not the whole shop, whose orders
    go on coming."""
    try:
        return _tell(access, client, news)
    except MissingScope as error:
        raise FulfilmentForbidden(**error.params) from None


def _tell(access: Access, client: Client, news: OrderNews) -> Mapping[str, Any]:
    parcel = Parcel.of(news)
    order = fulfilment_read.order(client, news.external_id, parcel)
    if order is None:
        return {"gone": True}
    if news.state == "cancelled":
        for fulfilment in _ours(order, news):  # told as sent, and it did not leave after all
            refuse(client.change("fulfilment_cancel", id=fulfilment))
        return our_part.cancel(access, client, order, parcel)
    if order.node.get("cancelledAt"):
        return {"cancelled": True}
    mine = _ours(order, news)
    remark = _mend_tracking(access, client, order, mine, news)
    made, missing = _send(access, client, order, mine, parcel, news)
    if news.state in _EVENTS or news.memory.get("told") == "delivered":
        _report(client, order, made, news)
    if news.cash_in and news.cod and access.options.get("mark_paid"):
        remark = our_part.mark_paid(client, order, parcel, news) or remark
    memory = {"fulfilments": made, "tracking": news.tracking}
    remark = missing or remark
    if remark is None:
        return memory
    remark.memory = memory
    raise remark


# ---- sent


def _send(
    access: Access, client: Client, order: Order, mine: list[str], parcel: Parcel, news: OrderNews
) -> tuple[list[str], NotWhollyTold | None]:
    """All our fulfilments after what was still to be told of the parcel, and why some of it could not be."""
    lines = fulfilment_read.lines(client, order.id, parcel) if parcel.whole or parcel.unknown else None
    if parcel.whole:
        told: Counter[str] = Counter()
        left = Counter({line.key: line.open for line in lines or ()})
    else:
        told = fulfilment_read.sent_in(client, mine, parcel)
        if not news.tracking:  # nothing tells ours from another's: what has left without a number counts as told
            told += fulfilment_read.sent_in(client, _unnumbered(order, mine), parcel)
        left = parcel.pieces - told
    plan = to_send.plan(order, left, parcel)
    missing = None
    if plan.missing or parcel.unknown:
        lines = fulfilment_read.lines(client, order.id, parcel) if lines is None else lines
        missing = to_send.why(order, plan, lines, parcel, ours=told, theirs=_theirs(order, mine))
    return mine + [_fulfil(access, client, rows, news) for rows in plan.calls], missing


def _fulfil(access: Access, client: Client, rows: list[dict[str, Any]], news: OrderNews) -> str:
    made = client.change(
        "fulfilment_create",
        fulfillment={
            "lineItemsByFulfillmentOrder": rows,
            "trackingInfo": _tracking(news),
            "notifyCustomer": _writes_to_customer(access, news),
        },
    )
    refuse(made)
    return str(made["fulfillment"]["id"])


def _writes_to_customer(access: Access, news: OrderNews) -> bool:
    return bool(access.options.get("notify", True)) and news.state == "shipped"


def _ours(order: Order, news: OrderNews) -> list[str]:
    """The fulfilments that we made: remembered, or known by their tracking number (an answer that was lost)."""
    known = news.memory.get("fulfilments")
    remembered = {id_ for id_ in known if isinstance(id_, str)} if isinstance(known, list) else set()
    return [
        str(row["id"])
        for row in order.fulfilments
        if row.get("status") not in _DEAD
        and (row["id"] in remembered or (news.tracking and news.tracking in _numbers(row)))
    ]


def _unnumbered(order: Order, mine: list[str]) -> list[str]:
    return [
        str(row["id"])
        for row in order.fulfilments
        if row.get("status") not in _DEAD and row["id"] not in mine and not _numbers(row)
    ]


def _theirs(order: Order, mine: list[str]) -> list[str]:
    """The tracking numbers of what others sent."""
    rows = [row for row in order.fulfilments if row["id"] not in mine and row.get("status") not in _DEAD]
    return [number for row in rows for number in _numbers(row)]


def _numbers(fulfilment: Mapping[str, Any]) -> list[str]:
    rows = [info for info in fulfilment.get("trackingInfo") or [] if isinstance(info, dict)]
    return [str(info["number"]) for info in rows if info.get("number")]


def _mend_tracking(
    access: Access, client: Client, order: Order, mine: list[str], news: OrderNews
) -> NotWhollyTold | None:
    """The number changed after the parcel was told of. Numbers that others wrote stay beside it; where they wrote
    theirs over ours, they know better."""
    before = news.memory.get("tracking")
    remark = None
    for row in order.fulfilments:
        numbers = _numbers(row)
        if not news.tracking or row["id"] not in mine or news.tracking in numbers:
            continue
        if numbers and before not in numbers:
            remark = OthersTracking(theirs=names(numbers))
            continue
        given = _tracking(news, beside=[number for number in numbers if number != before])
        notify = _writes_to_customer(access, news)
        refuse(client.change("fulfilment_tracking", id=row["id"], tracking=given, notify=notify))
    return remark


def carrier(courier: str) -> str:
    """The courier by the name that Shopify knows; as we call it where Shopify knows none."""
    words = courier.lower().split()
    return next((name for word, name in CARRIERS.items() if word in words), courier)


def _tracking(news: OrderNews, beside: Sequence[str] = ()) -> dict[str, Any]:
    """Our number, with those of others that stay `beside` it."""
    if not news.tracking:
        return {}
    name = carrier(news.courier)
    if beside:
        return {"company": name, "numbers": [news.tracking, *beside]}
    info = {"company": name, "number": news.tracking}
    if news.tracking_url and name not in CARRIERS.values():
        info["url"] = news.tracking_url
    return info


# ---- and then


def _report(client: Client, order: Order, mine: list[str], news: OrderNews) -> None:
    """Delivered, or on its way back, or still under way though it was told delivered; once per fulfilment of ours."""
    status = _EVENTS.get(news.state, _UNDONE)
    shown = {row["id"]: str(row.get("displayStatus")) for row in order.fulfilments}
    for fulfilment in mine:
        if _SHOWN.get(shown.get(fulfilment, "")) == status:
            continue
        event = {
            "fulfillmentId": fulfilment,
            "status": status,
            "happenedAt": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "message": _message(news),
        }
        refuse(client.change("fulfilment_event", event=event))


def _message(news: OrderNews) -> str:
    return {
        "delivered": _("Delivered"),
        "returned": _("The parcel comes back to the sender"),
        "lost": _("The courier lost the parcel"),
    }.get(news.state, _("Still on its way: it was marked delivered by mistake"))
