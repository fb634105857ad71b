"""What a Shopify shop is told of its orders: sent with its tracking, delivered, come back, paid at the door, cancelled.

Shopify keeps what can be sent in fulfilment orders, one per location; a merchant and other apps split, hold and move
them. They are read before every change, and after an answer that was lost: a second fulfilment would be a second e-mail
to the customer. What was sent from here carries our tracking number, by which it is known again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.platforms.base import Access, OrderNews, ShopUnreachable
from connectors.platforms.shopify.answers import NotFound, gid, number_of, refusals
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.refusals import NothingToFulfil, NotTaken
from core.strict import text

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
_FULFILLABLE = frozenset({"OPEN", "IN_PROGRESS"})
_HELD = frozenset({"ON_HOLD", "SCHEDULED"})
_EVENTS = {"delivered": "DELIVERED", "returned": "FAILURE", "lost": "FAILURE"}
_SHOWN = {"DELIVERED": "DELIVERED", "FAILURE": "FAILURE", "NOT_DELIVERED": "FAILURE"}  # displayStatus: event
TAG = "MCI annullato"  # what the merchant sees on an order that was cancelled here
_LINES, _ORDERS = 100, 20


def tell(access: Access, client: Client, news: OrderNews) -> Mapping[str, Any]:
    """See Platform.tell_order. The memory: ids of our fulfilments in the shop, or why there is nothing more to tell."""
    try:
        order = _read(client, news.external_id)
    except NotFound:
        order = None
    if order is None:
        return {"gone": True}
    if news.state == "cancelled":
        return _cancel(access, client, order)
    if order.get("cancelledAt"):
        return {"cancelled": True}
    mine = _ours(order, news)
    _mend_tracking(access, client, order, mine, news)
    groups, held = _to_send(order, news)
    mine += [_send(access, client, lines, news) for lines in groups]
    if news.state in _EVENTS:
        _report(client, order, mine, news)
    if news.cash_in and news.cod and access.options.get("mark_paid"):
        _mark_paid(client, order)
    if held:
        raise NothingToFulfil(reason=held)
    return {"fulfilments": mine}


# ---- sent


def _to_send(order: Mapping[str, Any], news: OrderNews) -> tuple[list[list[dict[str, Any]]], str]:
    """What is still to be sent of our lines, by location (one call each); and what holds back the rest."""
    by_location: dict[str, list[dict[str, Any]]] = {}
    held = ""
    for found in order["fulfillmentOrders"]:
        status = str(found.get("status"))
        lines = [
            {"id": line["id"], "quantity": line["remainingQuantity"]}
            for line in found["lines"]
            if isinstance(line.get("remainingQuantity"), int) and line["remainingQuantity"] > 0 and _is_ours(line, news)
        ]
        if not lines or status not in _FULFILLABLE | _HELD:
            continue
        actions = {action.get("action") for action in found.get("supportedActions") or []}
        if status in _HELD or "CREATE_FULFILLMENT" not in actions:
            held = status if status in _HELD else "CREATE_FULFILLMENT"
            continue
        location = (found.get("assignedLocation") or {}).get("location") or {}
        entry = {"fulfillmentOrderId": found["id"], "fulfillmentOrderLineItems": lines}
        by_location.setdefault(str(location.get("id")), []).append(entry)
    return list(by_location.values()), held


def _is_ours(line: Mapping[str, Any], news: OrderNews) -> bool:
    """By the line of the shop's order that it sends. Where a person typed the order anew, all that is not said to be
    somebody else's."""
    item = line.get("lineItem") or {}
    ids = [number_of((item.get(name) or {}).get("id")) for name in ("product", "variant")]
    keys = {"/".join(ids) if all(ids) else "", f"sku:{text(item.get('sku'), 100)}" if item.get("sku") else ""} - {""}
    named = {(key, known.ours) for known in news.lines for key in (known.external_id, f"sku:{known.sku}") if key}
    if any((key, False) in named for key in keys):
        return False
    typed = not news.lines or not all(known.external_id for known in news.lines)
    return typed or any((key, True) in named for key in keys)


def _send(access: Access, client: Client, lines: list[dict[str, Any]], news: OrderNews) -> str:
    made = client.change(
        "fulfilment_create",
        fulfillment={
            "lineItemsByFulfillmentOrder": lines,
            "trackingInfo": _tracking(news),
            "notifyCustomer": _writes_to_customer(access, news),
        },
    )
    _refuse(made)
    return str(made["fulfillment"]["id"])


def _writes_to_customer(access: Access, news: OrderNews) -> bool:
    return bool(access.options.get("notify", True)) and news.state == "shipped"


def _refuse(payload: Mapping[str, Any], name: str = "userErrors", *, but: str = "") -> None:
    """Raises NotTaken for a mutation's first user error, unless its words hold `but` (it was done before)."""
    said = refusals(payload, name)
    if said and not (but and but in said[0][1].lower()):
        raise NotTaken(reason=said[0][1])


def _ours(order: Mapping[str, Any], news: OrderNews) -> list[str]:
    """The fulfilments that we made: remembered, or known by their tracking number (an answer that was lost)."""
    remembered = set(news.memory.get("fulfilments") or [])
    found = []
    for fulfilment in order.get("fulfillments") or []:
        numbers = {info.get("number") for info in fulfilment.get("trackingInfo") or []}
        if fulfilment.get("status") in ("CANCELLED", "ERROR", "FAILURE"):
            continue
        if fulfilment["id"] in remembered or (news.tracking and news.tracking in numbers):
            found.append(str(fulfilment["id"]))
    return found


def _mend_tracking(access: Access, client: Client, order: Mapping[str, Any], mine: list[str], news: OrderNews) -> None:
    """The number changed after the parcel was told of."""
    for fulfilment in order.get("fulfillments") or []:
        numbers = {info.get("number") for info in fulfilment.get("trackingInfo") or []}
        if news.tracking and fulfilment["id"] in mine and news.tracking not in numbers:
            notify = _writes_to_customer(access, news)
            _refuse(client.change("fulfilment_tracking", id=fulfilment["id"], tracking=_tracking(news), notify=notify))


def carrier(courier: str) -> str:
    """The courier by the name that Shopify knows; as we call it where Shopify knows none."""
    words = courier.lower().split()
    return next((name for word, name in CARRIERS.items() if word in words), courier)


def _tracking(news: OrderNews) -> dict[str, str]:
    if not news.tracking:
        return {}
    name = carrier(news.courier)
    info = {"company": name, "number": news.tracking}
    if news.tracking_url and name not in CARRIERS.values():
        info["url"] = news.tracking_url
    return info


# ---- and then


def _report(client: Client, order: Mapping[str, Any], mine: list[str], news: OrderNews) -> None:
    """Delivered, or on its way back, once per fulfilment of ours."""
    status = _EVENTS[news.state]
    shown = {row["id"]: str(row.get("displayStatus")) for row in order.get("fulfillments") or []}
    for fulfilment in mine:
        if _SHOWN.get(shown.get(fulfilment, "")) == status:
            continue
        event = {
            "fulfillmentId": fulfilment,
            "status": status,
            "happenedAt": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "message": _message(news),
        }
        _refuse(client.change("fulfilment_event", event=event))


def _message(news: OrderNews) -> str:
    return {
        "delivered": _("Delivered"),
        "returned": _("The parcel comes back to the sender"),
        "lost": _("The courier lost the parcel"),
    }[news.state]


def _mark_paid(client: Client, order: Mapping[str, Any]) -> None:
    """The courier has paid out what he collected. Shopify itself knows whether anything is still to be paid."""
    if order.get("canMarkAsPaid") is not True:
        return
    _refuse(client.change("mark_paid", id=order["id"]), but="cannot be marked as paid")  # somebody was quicker


def _cancel(access: Access, client: Client, order: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cancelled with us before it left. In the shop too only if the merchant wants it: it refunds and cannot be undone;
    else the order gets a tag that he sees."""
    if order.get("cancelledAt"):
        return {"cancelled": True}
    if not access.options.get("cancel"):
        if TAG not in (order.get("tags") or []):
            _refuse(client.change("tags_add", id=order["id"], tags=[TAG]))
        return {"tagged": True}
    note = text(_("Cancelled in MCI before it left."), 255)
    made = client.change("order_cancel", id=order["id"], refund={"originalPaymentMethodsRefund": True}, note=note)
    _refuse(made, "orderCancelUserErrors", but="already been cancel")
    return {"cancelled": True}


def _read(client: Client, external_id: str) -> dict[str, Any] | None:
    """The order with all its fulfilment orders and their lines; None when it is gone."""
    order: dict[str, Any] | None = None
    found: list[dict[str, Any]] = []
    after = None
    for _page in range(10):
        reply = client.query("order_fulfilment", id=gid("Order", external_id), first=_ORDERS, lines=_LINES, after=after)
        node = reply.data.get("order")
        if node is None:
            return None
        block = node.get("fulfillmentOrders") if isinstance(node, dict) else None
        if not isinstance(block, dict) or not isinstance(block.get("nodes"), list):
            raise ShopUnreachable(reason="JSON: fulfillmentOrders")
        for row in block["nodes"]:
            if row["lineItems"]["pageInfo"]["hasNextPage"]:
                raise NotTaken(reason=f"> {_LINES} lines")
            found.append({**row, "lines": row["lineItems"]["nodes"]})
        order = dict(node)
        if not block["pageInfo"]["hasNextPage"]:
            break
        after = block["pageInfo"]["endCursor"]
    assert order is not None
    return {**order, "fulfillmentOrders": found}
