"""The roots: what can be asked, and what can be done, by the name of the field."""

import functools
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, OperationDefinitionNode, get_named_type

from . import (
    bulk,
    fulfilment_acts,
    fulfilment_nodes,
    lists,
    order_acts,
    order_nodes,
    product_acts,
    product_nodes,
    shop_acts,
    stock_acts,
    stock_nodes,
)
from .execution import FieldError
from .faults import Fault
from .gids import Doc, kind_of, number_of

if TYPE_CHECKING:
    from .admin_api import Ask

_ACTS = {
    **order_acts.ACTS,
    **fulfilment_acts.ACTS,
    **stock_acts.ACTS,
    **product_acts.ACTS,
    **shop_acts.ACTS,
    **bulk.ACTS,
}


def mutations(ask: "Ask", operation: OperationDefinitionNode, fault: Fault | None = None) -> Doc:
    keys = {
        node.name.value: _key(node, ask.variables)
        for node in operation.selection_set.selections
        if isinstance(node, FieldNode)
    }

    def act(name: str) -> Any:
        def run(**given: Any) -> Any:
            if fault and fault.kind.startswith("user_error"):
                return _refused(ask, name, *fault.kind.split(":")[1:])
            ask.key = keys.get(name)
            return _ACTS[name](ask, **given)

        return run

    return {name: act(name) for name in _ACTS}


def _refused(ask: "Ask", name: str, code: str = "", message: str = "Refused") -> Doc:
    """The payload of a mutation that did nothing but say why."""
    root = ask.shop.api.schema.mutation_type
    assert root is not None
    fields: Any = get_named_type(root.fields[name].type)
    error = {"code": code or None, "field": None, "message": message}
    return {key: [error] if key.lower().endswith("usererrors") else None for key in fields.fields}


def _key(node: Any, variables: Doc) -> str | None:
    """Of @idempotent(key:) on a field."""
    for directive in node.directives or ():
        if directive.name.value == "idempotent":
            value = directive.arguments[0].value
            return str(variables.get(value.name.value, "") if value.kind == "variable" else value.value)
    return None


def queries(ask: "Ask") -> Doc:
    shop = ask.shop

    def by_id(kind: str, show: Any, store_kind: str) -> Any:
        def find(id: str) -> Doc | None:
            number = _checked(id, kind)
            doc = shop.store.get(store_kind, number) if number is not None else None
            return show(shop, doc) if doc else None

        return find

    def order(id: str) -> Doc | None:
        number = _checked(id, "Order")
        doc = shop.store.get("order", number) if number is not None else None
        return order_nodes.order(shop, doc) if doc and lists.is_recent(ask, doc) else None

    def node(id: str) -> Doc | None:
        finders = {
            "Order": order,
            "Product": by_id("Product", product_nodes.product, "product"),
            "ProductVariant": by_id("ProductVariant", product_nodes.variant, "variant"),
            "InventoryItem": by_id("InventoryItem", stock_nodes.item, "item"),
            "Location": by_id("Location", stock_nodes.location, "location"),
            "FulfillmentOrder": by_id("FulfillmentOrder", fulfilment_nodes.shown, "fulfilment_order"),
            "Fulfillment": by_id("Fulfillment", fulfilment_nodes.fulfilment, "fulfilment"),
            "WebhookSubscription": by_id("WebhookSubscription", shop_acts.subscription, "subscription"),
        }
        kind = kind_of(id)
        if not kind:
            raise FieldError("Invalid global id '" + id + "'", "argumentLiteralsIncompatible")
        return finders[kind](id) if kind in finders else None

    def identified(identifier: Doc) -> Doc | None:
        if identifier.get("id"):
            return product_nodes.product_by_id(shop, number_of(identifier["id"], "Product"))
        doc = shop.products.by_handle(str(identifier.get("handle", "")))
        return product_nodes.product(shop, doc) if doc else None

    return {
        "shop": functools.partial(shop_acts.shop_node, ask),
        "currentAppInstallation": functools.partial(shop_acts.installation, ask),
        "appInstallation": lambda id=None: shop_acts.installation(ask),
        "node": node,
        "nodes": lambda ids: [node(id_) for id_ in ids],
        "order": order,
        "orders": functools.partial(lists.orders, ask),
        "ordersCount": functools.partial(lists.orders_count, ask),
        "locations": functools.partial(lists.locations, ask),
        "location": lambda id=None: _first_location(ask, id),
        "products": functools.partial(lists.products, ask),
        "productsCount": functools.partial(lists.products_count, ask),
        "product": by_id("Product", product_nodes.product, "product"),
        "productVariant": by_id("ProductVariant", product_nodes.variant, "variant"),
        "productVariants": functools.partial(lists.variants, ask),
        "productByIdentifier": identified,
        "productOperation": functools.partial(product_acts.operation, ask),
        "collections": functools.partial(lists.collections, ask),
        "publications": functools.partial(lists.publications, ask),
        "inventoryItem": by_id("InventoryItem", stock_nodes.item, "item"),
        "inventoryItems": functools.partial(lists.inventory_items, ask),
        "fulfillmentOrder": by_id("FulfillmentOrder", fulfilment_nodes.shown, "fulfilment_order"),
        "fulfillment": by_id("Fulfillment", fulfilment_nodes.fulfilment, "fulfilment"),
        "assignedFulfillmentOrders": functools.partial(lists.assigned, ask),
        "webhookSubscriptions": functools.partial(lists.subscriptions, ask),
        "webhookSubscription": by_id("WebhookSubscription", shop_acts.subscription, "subscription"),
        "job": functools.partial(order_acts.job, ask),
        "bulkOperation": functools.partial(bulk.find, ask),
    }


def _checked(id_: str, kind: str) -> int | None:
    """A malformed id refuses the field; one of another kind finds nothing."""
    if not kind_of(id_):
        raise FieldError("invalid id", "RESOURCE_NOT_FOUND")
    return number_of(id_, kind)


def _first_location(ask: "Ask", id_: str | None) -> Doc | None:
    docs = ask.shop.stock.locations()
    wanted = number_of(id_, "Location") if id_ else docs[0]["id"]
    doc = ask.shop.store.get("location", wanted) if wanted else None
    return stock_nodes.location(ask.shop, doc) if doc else None
