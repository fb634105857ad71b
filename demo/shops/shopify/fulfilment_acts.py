"""What the API does about parcels: send, change tracking, tell where they are, take back; hold, move and split."""

from typing import TYPE_CHECKING, Any

from . import carriers, fulfilment_nodes, stock_nodes
from .execution import FieldError
from .fulfilment import Refusal
from .gids import Doc, kind_of, number_of, stamp

if TYPE_CHECKING:
    from .admin_api import Ask

_LINES_MOST = 512


def _number(text: str, kind: str) -> int | None:
    """A malformed id refuses the whole field."""
    if not kind_of(text):
        raise FieldError("invalid id", "RESOURCE_NOT_FOUND")
    return number_of(text, kind)


def _error(refusal: Refusal, *, coded: bool = False) -> Doc:
    plain = {"field": refusal.field, "message": refusal.message}
    return plain | ({"code": refusal.code or None} if coded else {})


def _tracking(given: Doc | None) -> list[Doc]:
    """One entry per number; the address is the given one, or that of a carrier Shopify knows."""
    if not given:
        return []
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    company = given.get("company")
    rows = []
    for n in range(max(len(numbers), len(urls), 1 if company else 0)):
        number = numbers[n] if n < len(numbers) else None
        url = urls[n] if n < len(urls) else carriers.address(company, number)
        rows.append({"company": company, "number": number, "url": url})
    return rows


def create(ask: "Ask", *, fulfillment: Doc, message: str | None = None) -> Doc:
    shop = ask.shop
    try:
        wanted: list[tuple[int, dict[int, int] | None]] = []
        for part in fulfillment["lineItemsByFulfillmentOrder"]:
            number = _number(part["fulfillmentOrderId"], "FulfillmentOrder")
            if number is None:
                raise Refusal("Fulfillment order does not exist.", ["fulfillment"])
            entries = part.get("fulfillmentOrderLineItems")
            wanted.append((number, _pieces(entries) if entries else None))
        made = shop.fulfilment.create(
            wanted,
            _tracking(fulfillment.get("trackingInfo")),
            notify=bool(fulfillment.get("notifyCustomer")),
            by_app=True,
        )
    except Refusal as refusal:
        return {"fulfillment": None, "userErrors": [_error(refusal)]}
    return {"fulfillment": fulfilment_nodes.fulfilment(shop, made), "userErrors": []}


def _pieces(entries: list[Doc]) -> dict[int, int]:
    if len(entries) > _LINES_MOST:
        raise Refusal(f"The maximum number of line items is {_LINES_MOST}.", ["fulfillment"])
    return {_number(one["id"], "FulfillmentOrderLineItem") or 0: one["quantity"] for one in entries}


def _on_fulfilment(ask: "Ask", act: Any) -> Doc:
    try:
        return {"fulfillment": fulfilment_nodes.fulfilment(ask.shop, act()), "userErrors": []}
    except Refusal as refusal:
        return {"fulfillment": None, "userErrors": [_error(refusal)]}


def retrack(ask: "Ask", *, fulfillmentId: str, trackingInfoInput: Doc, notifyCustomer: bool = False) -> Doc:
    number, rows = _number(fulfillmentId, "Fulfillment"), _tracking(trackingInfoInput)
    return _on_fulfilment(ask, lambda: ask.shop.fulfilment.retrack(number, rows, notify=notifyCustomer))


def cancel(ask: "Ask", *, id: str) -> Doc:
    number = _number(id, "Fulfillment")
    return _on_fulfilment(ask, lambda: ask.shop.fulfilment.cancel(number))


def add_event(ask: "Ask", *, fulfillmentEvent: Doc) -> Doc:
    number = _number(fulfillmentEvent["fulfillmentId"], "Fulfillment")
    event = {key: fulfillmentEvent.get(key) for key in ("message", "city", "country", "province", "zip")}
    event["status"] = fulfillmentEvent["status"]
    event["happened_at"] = fulfillmentEvent.get("happenedAt") or stamp(ask.shop.clock())
    try:
        made = ask.shop.fulfilment.add_event(number, event)
    except Refusal as refusal:
        return {"fulfillmentEvent": None, "userErrors": [_error(refusal)]}
    return {"fulfillmentEvent": fulfilment_nodes.event(made), "userErrors": []}


# Fulfilment orders.


def _order(ask: "Ask", doc: Doc) -> Doc:
    return fulfilment_nodes.fulfilment_order(ask.shop, doc)


def hold(ask: "Ask", *, id: str, fulfillmentHold: Doc) -> Doc:
    try:
        notes = fulfillmentHold.get("reasonNotes") or ""
        doc = ask.shop.fulfilment.hold(_number(id, "FulfillmentOrder") or 0, fulfillmentHold["reason"], notes)
    except Refusal as refusal:
        nothing = dict.fromkeys(("fulfillmentHold", "fulfillmentOrder", "remainingFulfillmentOrder"))
        return nothing | {"userErrors": [_error(refusal, coded=True)]}
    node = _order(ask, doc)
    held = node["fulfillmentHolds"][-1]
    return {"fulfillmentHold": held, "fulfillmentOrder": node, "remainingFulfillmentOrder": None, "userErrors": []}


def release(ask: "Ask", *, id: str, holdIds: list[str] | None = None, externalId: str | None = None) -> Doc:
    try:
        doc = ask.shop.fulfilment.release(_number(id, "FulfillmentOrder") or 0)
    except Refusal as refusal:
        return {"fulfillmentOrder": None, "userErrors": [_error(refusal, coded=True)]}
    return {"fulfillmentOrder": _order(ask, doc), "userErrors": []}


def move(ask: "Ask", *, id: str, newLocationId: str, fulfillmentOrderLineItems: list[Doc] | None = None) -> Doc:
    number, location = _number(id, "FulfillmentOrder") or 0, _number(newLocationId, "Location") or 0
    try:
        if ask.shop.store.get("location", location) is None:
            raise Refusal("Location does not exist.", ["newLocationId"])
        doc = ask.shop.fulfilment.move(number, location)
    except Refusal as refusal:
        nothing = dict.fromkeys(("movedFulfillmentOrder", "originalFulfillmentOrder", "remainingFulfillmentOrder"))
        return nothing | {"userErrors": [_error(refusal, coded=True)]}
    before = ask.shop.store.get("fulfilment_order", number)
    assert before is not None
    shown = {"movedFulfillmentOrder": _order(ask, doc), "originalFulfillmentOrder": _order(ask, before)}
    return shown | {"remainingFulfillmentOrder": None, "userErrors": []}


def split(ask: "Ask", *, fulfillmentOrderSplits: list[Doc]) -> Doc:
    results = []
    try:
        for part in fulfillmentOrderSplits:
            number = _number(part["fulfillmentOrderId"], "FulfillmentOrder") or 0
            doc = ask.shop.fulfilment.split(number, _pieces(part["fulfillmentOrderLineItems"]))
            before = ask.shop.store.get("fulfilment_order", number)
            assert before is not None
            shown = {"fulfillmentOrder": _order(ask, before), "remainingFulfillmentOrder": _order(ask, doc)}
            results.append(shown | {"replacementFulfillmentOrder": None})
    except Refusal as refusal:
        return {"fulfillmentOrderSplits": None, "userErrors": [_error(refusal, coded=True)]}
    return {"fulfillmentOrderSplits": results, "userErrors": []}


def create_service(
    ask: "Ask",
    *,
    name: str,
    callbackUrl: str | None = None,
    inventoryManagement: bool = False,
    trackingSupport: bool = False,
    requiresShippingMethod: bool = True,
    **_more: Any,
) -> Doc:
    if any(doc["service"] and doc["name"] == name for doc in ask.shop.stock.locations()):
        return {
            "fulfillmentService": None,
            "userErrors": [{"field": ["name"], "message": "Name has already been taken"}],
        }
    doc = ask.shop.stock.add_location(name, service=True)
    node = stock_nodes.location(ask.shop, doc)
    service = {**node["fulfillmentService"], "callbackUrl": callbackUrl, "inventoryManagement": inventoryManagement}
    return {"fulfillmentService": {**service, "location": node}, "userErrors": []}


def _answer_request(ask: "Ask", id_: str, request: str) -> Doc:
    doc = ask.shop.store.get("fulfilment_order", _number(id_, "FulfillmentOrder") or 0)
    if doc is None or doc["request"] != "SUBMITTED":
        text = "Cannot answer a fulfillment request that was not submitted."
        return {"fulfillmentOrder": None, "userErrors": [{"field": ["id"], "message": text}]}
    status = "IN_PROGRESS" if request == "ACCEPTED" else doc["status"]
    return {
        "fulfillmentOrder": _order(ask, ask.shop.fulfilment.save(doc, request=request, status=status)),
        "userErrors": [],
    }


ACTS = {
    "fulfillmentCreate": create,
    "fulfillmentTrackingInfoUpdate": retrack,
    "fulfillmentCancel": cancel,
    "fulfillmentEventCreate": add_event,
    "fulfillmentOrderHold": hold,
    "fulfillmentOrderReleaseHold": release,
    "fulfillmentOrderMove": move,
    "fulfillmentOrderSplit": split,
    "fulfillmentServiceCreate": create_service,
    "fulfillmentOrderAcceptFulfillmentRequest": lambda ask, id, **_more: _answer_request(ask, id, "ACCEPTED"),
    "fulfillmentOrderRejectFulfillmentRequest": lambda ask, id, **_more: _answer_request(ask, id, "REJECTED"),
}
