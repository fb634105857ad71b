"""Locations, inventory items and levels as GraphQL objects."""

import functools
from typing import TYPE_CHECKING, Any

from .connections import connection
from .gids import Doc, gid, number_of, short

if TYPE_CHECKING:
    from .shop import Shop

NAMES = ("available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock", "quality_control")


def location(shop: "Shop", doc: Doc) -> Doc:
    service = None
    if doc["service"]:
        service = {
            "id": f"gid://shopify/FulfillmentService/{doc['id']}?id=true",
            "handle": "mci",
            "serviceName": doc["name"],
        }
        service |= {"inventoryManagement": False, "callbackUrl": None, "location": None}
    return {
        "__typename": "Location",
        "id": gid("Location", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "name": doc["name"],
        "isActive": doc["active"],
        "activatable": True,
        "shipsInventory": doc["active"],
        "fulfillsOnlineOrders": doc["active"],
        "hasActiveInventory": True,
        "isFulfillmentService": doc["service"],
        "fulfillmentService": service,
        "createdAt": doc["created_at"],
        "address": {"address1": None, "city": None, "zip": None, "provinceCode": None, **doc["address"]},
    }


def item(shop: "Shop", doc: Doc) -> Doc:
    variant = shop.store.get("variant", doc["variant"]) or {"sku": "", "grams": 0}

    def one(locationId: str, includeInactive: bool = False) -> Doc | None:
        found = number_of(locationId, "Location")
        known = shop.stock.level(doc, found) if found else None
        if found is None or known is None or not (known["active"] or includeInactive):
            return None
        return level(shop, doc, found, known)

    def levels(includeInactive: bool = False, query: str | None = None, **page: Any) -> Doc:
        rows = [{"id": int(id_), "level": known} for id_, known in doc["levels"].items()]
        rows = [row for row in rows if row["level"]["active"] or includeInactive]
        about = f"item/{doc['id']}/{includeInactive}"
        return connection(
            rows, lambda row: level(shop, doc, row["id"], row["level"]), lambda row: (row["id"],), about=about, **page
        )

    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "sku": variant["sku"],
        "tracked": doc["tracked"],
        "duplicateSkuCount": lambda: max(0, len(shop.products.with_sku(variant["sku"])) - 1) if variant["sku"] else 0,
        "requiresShipping": doc["requires_shipping"],
        "unitCost": {"amount": short(doc["cost"]), "currencyCode": "EUR"} if doc["cost"] else None,
        "measurement": {
            "id": gid("InventoryItemMeasurement", doc["id"]),
            "weight": {"unit": "KILOGRAMS", "value": variant["grams"] / 1000},
        },
        "countryCodeOfOrigin": doc["origin"],
        "harmonizedSystemCode": doc["hs"],
        "createdAt": doc["created_at"],
        "updatedAt": doc["updated_at"],
        "inventoryLevel": one,
        "inventoryLevels": levels,
    }


def level(shop: "Shop", doc: Doc, where: int, known: Doc) -> Doc:
    have = {"available": known["available"], "committed": known["committed"]}
    have["on_hand"] = known["available"] + known["committed"]

    def quantities(names: list[str]) -> list[Doc]:
        return [
            {
                "id": f"gid://shopify/InventoryQuantity/{where}?inventory_item_id={doc['id']}&name={name}",
                "name": name,
                "quantity": have.get(name, 0),
                "updatedAt": known["updated_at"],
            }
            for name in names
            if name in NAMES
        ]

    place = shop.store.get("location", where)
    assert place is not None
    return {
        "__typename": "InventoryLevel",
        "id": shop.stock.level_gid(doc["id"], where),
        "isActive": known["active"],
        "createdAt": known["created_at"],
        "updatedAt": known["updated_at"],
        "quantities": quantities,
        "item": functools.partial(item, shop, doc),
        "location": functools.partial(location, shop, place),
    }
