"""Fulfilment orders and fulfilments as GraphQL objects."""

import functools
from typing import TYPE_CHECKING, Any

from . import order_nodes, product_nodes, stock_nodes
from .connections import connection
from .gids import Doc, gid

if TYPE_CHECKING:
    from .shop import Shop

_ACTIONS = {
    "OPEN": ["CREATE_FULFILLMENT", "HOLD", "MOVE", "SPLIT"],
    "IN_PROGRESS": ["CREATE_FULFILLMENT", "MARK_AS_OPEN", "REPORT_PROGRESS"],
    "ON_HOLD": ["RELEASE_HOLD", "HOLD", "MOVE"],
    "SCHEDULED": ["MARK_AS_OPEN", "MOVE"],
}


def of_order(shop: "Shop", order: Doc, **page: Any) -> Doc:
    about = f"order/{order['id']}/fulfillmentOrders"
    docs = [doc for doc in shop.fulfilment.of_order(order["id"]) if shop.fulfilment.is_shown(doc)]
    return connection(docs, functools.partial(fulfilment_order, shop), lambda one: (one["id"],), about=about, **page)


def shown(shop: "Shop", doc: Doc) -> Doc | None:
    """Null for one that is assigned to another app's fulfilment service."""
    return fulfilment_order(shop, doc) if shop.fulfilment.is_shown(doc) else None


def fulfilment_order(shop: "Shop", doc: Doc) -> Doc:
    order = shop.orders.doc(doc["order"])
    by_id = {each["id"]: each for each in order["lines"]}
    location = shop.store.get("location", doc["location"])
    assert location is not None

    def lines(**page: Any) -> Doc:
        def show(entry: Doc) -> Doc:
            return _entry(shop, order, entry, by_id[entry["line"]])

        return connection(doc["lines"], show, lambda entry: (entry["id"],), about=f"fo/{doc['id']}", **page)

    def sent(**page: Any) -> Doc:
        found = [
            each
            for each in shop.fulfilment.sent(order["id"])
            if any(part["fulfilment_order"] == doc["id"] for part in each["lines"])
        ]
        about = f"fo/{doc['id']}/sent"
        return connection(found, functools.partial(fulfilment, shop), lambda one: (one["id"],), about=about, **page)

    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", doc["id"]),
        "status": doc["status"],
        "requestStatus": doc["request"],
        "fulfillAt": doc["fulfill_at"],
        "fulfillBy": None,
        "createdAt": doc["created_at"],
        "updatedAt": doc["updated_at"],
        "orderId": gid("Order", order["id"]),
        "orderName": order["name"],
        "order": lambda: order_nodes.order(shop, order),
        "assignedLocation": {"name": location["name"], "location": stock_nodes.location(shop, location)},
        "supportedActions": [{"action": action} for action in _ACTIONS.get(doc["status"], [])],
        "fulfillmentHolds": [_hold(each) for each in doc["holds"]],
        "deliveryMethod": {
            "id": gid("DeliveryMethod", doc["id"]),
            "methodType": doc["method"],
            "presentedName": _presented(order),
        },
        "merchantRequests": lambda **page: {"nodes": []},
        "lineItems": lines,
        "fulfillments": sent,
    }


def _presented(order: Doc) -> str | None:
    return order["shipping_lines"][0]["title"] if order["shipping_lines"] else None


def _hold(doc: Doc) -> Doc:
    return {
        "__typename": "FulfillmentHold",
        "id": gid("FulfillmentHold", doc["id"]),
        "reason": doc["reason"],
        "reasonNotes": doc["notes"] or None,
        "displayReason": doc["reason"].replace("_", " ").capitalize(),
        "heldByRequestingApp": False,
    }


def _entry(shop: "Shop", order: Doc, entry: Doc, line: Doc) -> Doc:
    item = shop.stock.item_of(line)
    return {
        "__typename": "FulfillmentOrderLineItem",
        "id": gid("FulfillmentOrderLineItem", entry["id"]),
        "sku": line["sku"],
        "totalQuantity": entry["total"],
        "remainingQuantity": entry["remaining"],
        "inventoryItemId": gid("InventoryItem", item["id"]) if item else None,
        "lineItem": lambda: order_nodes.line(shop, order, line),
        "variant": lambda: product_nodes.variant_by_id(shop, line["variant"]),
        "productTitle": line["title"],
        "variantTitle": line["variant_title"],
        "requiresShipping": line["requires_shipping"],
        "vendor": line["vendor"],
        "weight": {"unit": "KILOGRAMS", "value": line["grams"] / 1000},
    }


def fulfilment(shop: "Shop", doc: Doc) -> Doc:
    order = shop.orders.doc(doc["order"])
    by_id = {each["id"]: each for each in order["lines"]}

    def lines(**page: Any) -> Doc:
        def show(part: Doc) -> Doc:
            line = order_nodes.line(shop, order, by_id[part["line"]])
            return {"id": gid("FulfillmentLineItem", part["id"]), "quantity": part["quantity"], "lineItem": line}

        return connection(doc["lines"], show, lambda part: (part["id"],), about=f"fulfillment/{doc['id']}", **page)

    def events(sortKey: str = "HAPPENED_AT", **page: Any) -> Doc:
        def key(one: Doc) -> tuple[Any, ...]:
            return (one["happened_at"], one["id"]) if sortKey == "HAPPENED_AT" else (one["id"],)

        return connection(doc["events"], event, key, about=f"events/{doc['id']}/{sortKey}", **page)

    def orders(**page: Any) -> Doc:
        ids = {part["fulfilment_order"] for part in doc["lines"]}
        found = [each for each in shop.fulfilment.of_order(order["id"]) if each["id"] in ids]
        about = f"fulfillment/{doc['id']}/orders"
        return connection(
            found, functools.partial(fulfilment_order, shop), lambda one: (one["id"],), about=about, **page
        )

    def at(status: str) -> str | None:
        return next((one["happened_at"] for one in doc["events"] if one["status"] == status), None)

    location = shop.store.get("location", doc["location"])
    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "name": doc["name"],
        "status": doc["status"],
        "displayStatus": doc["shown"],
        "createdAt": doc["created_at"],
        "updatedAt": doc["updated_at"],
        "deliveredAt": at("DELIVERED"),
        "inTransitAt": at("IN_TRANSIT"),
        "estimatedDeliveryAt": None,
        "requiresShipping": True,
        "totalQuantity": sum(part["quantity"] for part in doc["lines"]),
        "trackingInfo": lambda first=None: [dict(each) for each in doc["tracking"][:first]],
        "fulfillmentLineItems": lines,
        "fulfillmentOrders": orders,
        "events": events,
        "location": stock_nodes.location(shop, location) if location else None,
        "order": lambda: order_nodes.order(shop, order),
    }


def event(doc: Doc) -> Doc:
    return {
        "__typename": "FulfillmentEvent",
        "id": gid("FulfillmentEvent", doc["id"]),
        "status": doc["status"],
        "happenedAt": doc["happened_at"],
        "createdAt": doc["created_at"],
        "message": doc["message"],
        "city": doc["city"],
        "country": doc["country"],
        "province": doc["province"],
        "zip": doc["zip"],
    }
