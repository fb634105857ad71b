"""Which field needs which scope, and what is hidden while an app is not approved for customers' data."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .execution import FieldError
from .faults import Fault

if TYPE_CHECKING:
    from .admin_api import Ask

_ANY_FULFILMENT = ("read_merchant_managed_fulfillment_orders", "read_assigned_fulfillment_orders")
_WRITE_FULFILMENT = ("write_merchant_managed_fulfillment_orders", "write_assigned_fulfillment_orders")
# Any one of the scopes opens the field.
NEEDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("QueryRoot", "orders"): ("read_orders",),
    ("QueryRoot", "order"): ("read_orders",),
    ("QueryRoot", "ordersCount"): ("read_orders",),
    ("QueryRoot", "locations"): ("read_locations",),
    ("QueryRoot", "location"): ("read_locations",),
    ("QueryRoot", "products"): ("read_products",),
    ("QueryRoot", "product"): ("read_products",),
    ("QueryRoot", "productByIdentifier"): ("read_products",),
    ("QueryRoot", "productVariant"): ("read_products",),
    ("QueryRoot", "productVariants"): ("read_products",),
    ("QueryRoot", "productsCount"): ("read_products",),
    ("QueryRoot", "productOperation"): ("read_products",),
    ("QueryRoot", "collections"): ("read_products",),
    ("QueryRoot", "inventoryItem"): ("read_inventory",),
    ("QueryRoot", "inventoryItems"): ("read_inventory",),
    ("QueryRoot", "publications"): ("read_publications",),
    ("QueryRoot", "fulfillmentOrder"): _ANY_FULFILMENT,
    ("QueryRoot", "assignedFulfillmentOrders"): _ANY_FULFILMENT,
    ("Order", "fulfillmentOrders"): _ANY_FULFILMENT,
    ("Order", "customer"): ("read_customers",),
    ("Order", "paymentTerms"): ("read_payment_terms",),
    ("ProductVariant", "inventoryItem"): ("read_inventory", "read_products"),
    ("InventoryItem", "inventoryLevel"): ("read_inventory",),
    ("InventoryItem", "inventoryLevels"): ("read_inventory",),
    ("InventoryItem", "measurement"): ("read_inventory", "read_products"),
    ("FulfillmentOrderAssignedLocation", "location"): ("read_locations",),
    ("Mutation", "orderCancel"): ("write_orders",),
    ("Mutation", "orderMarkAsPaid"): ("write_orders",),
    ("Mutation", "orderUpdate"): ("write_orders",),
    ("Mutation", "orderClose"): ("write_orders",),
    ("Mutation", "orderOpen"): ("write_orders",),
    ("Mutation", "tagsAdd"): ("write_orders", "write_products"),
    ("Mutation", "tagsRemove"): ("write_orders", "write_products"),
    ("Mutation", "productSet"): ("write_products",),
    ("Mutation", "productUpdate"): ("write_products",),
    ("Mutation", "productDelete"): ("write_products",),
    ("Mutation", "productVariantsBulkCreate"): ("write_products",),
    ("Mutation", "productVariantsBulkUpdate"): ("write_products",),
    ("Mutation", "productVariantsBulkDelete"): ("write_products",),
    ("Mutation", "metafieldsSet"): ("write_products", "write_orders"),
    ("Mutation", "inventorySetQuantities"): ("write_inventory",),
    ("Mutation", "inventoryAdjustQuantities"): ("write_inventory",),
    ("Mutation", "inventoryActivate"): ("write_inventory",),
    ("Mutation", "inventoryItemUpdate"): ("write_inventory",),
    ("Mutation", "publishablePublish"): ("write_publications",),
    ("Mutation", "publishableUnpublish"): ("write_publications",),
    ("Mutation", "fulfillmentCreate"): (*_WRITE_FULFILMENT, "write_fulfillments"),
    ("Mutation", "fulfillmentTrackingInfoUpdate"): (*_WRITE_FULFILMENT, "write_fulfillments"),
    ("Mutation", "fulfillmentCancel"): (*_WRITE_FULFILMENT, "write_fulfillments"),
    ("Mutation", "fulfillmentEventCreate"): ("write_fulfillments",),
    ("Mutation", "fulfillmentServiceCreate"): ("write_fulfillments",),
    ("Mutation", "fulfillmentOrderHold"): _WRITE_FULFILMENT,
    ("Mutation", "fulfillmentOrderReleaseHold"): _WRITE_FULFILMENT,
    ("Mutation", "fulfillmentOrderMove"): _WRITE_FULFILMENT,
    ("Mutation", "fulfillmentOrderSplit"): _WRITE_FULFILMENT,
}
# Protected customer data: level 1 is the order at all, level 2 who the customer is.
_LEVEL_2 = {
    ("Order", "email"), ("Order", "phone"), ("Order", "shippingAddress"), ("Order", "billingAddress"),
    ("Customer", "firstName"), ("Customer", "lastName"), ("Order", "clientIp"),
}  # fmt: skip
_LEVEL_1 = {("QueryRoot", "orders"), ("QueryRoot", "order")}
WATCHED = frozenset(NEEDED) | _LEVEL_1 | _LEVEL_2
_APPROVAL = "See https://shopify.dev/docs/apps/launch/protected-customer-data for more details."
_SCOPES = "https://shopify.dev/api/usage/access-scopes"


def _denied(name: str, needed: tuple[str, ...]) -> FieldError:
    words = " or ".join(f"`{scope}`" for scope in needed)
    required = f"{words} access scope."
    text = f"Access denied for {name} field. Required access: {required}"
    return FieldError(text, "ACCESS_DENIED", documentation=_SCOPES, requiredAccess=required)


def forced(fault: Fault | None) -> str:
    """The field that a fault denies."""
    return fault.kind.partition(":")[2] if fault and fault.kind.startswith("access_denied") else ""


def guard(ask: "Ask", fault: Fault | None) -> Callable[[str, str], None]:
    """Refuses a field by raising FieldError; it is null then, and the rest of the answer is there."""
    level, denied = ask.shop.protected_data, forced(fault)

    def check(type_: str, name: str) -> None:
        needed = NEEDED.get((type_, name))
        if needed and not ask.scopes.intersection(needed):
            raise _denied(name, needed)
        if denied and denied in (name, f"{type_}.{name}"):
            raise _denied(name, needed or ("read_all",))
        if level < 1 and (type_, name) in _LEVEL_1:
            text = f"This app is not approved to access the Order object. {_APPROVAL}"
            raise FieldError(text, "ACCESS_DENIED", documentation=_APPROVAL)
        if level < 2 and (type_, name) in _LEVEL_2:
            text = f"This app is not approved to use the {name} field. {_APPROVAL}"
            raise FieldError(text, "ACCESS_DENIED", documentation=_APPROVAL)

    return check
