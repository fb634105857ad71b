"""The bodies of webhooks: the store's older REST shapes, amounts with two decimals, times with the store's offset."""

from typing import TYPE_CHECKING, Any

from . import order_body, refund_body
from .gids import Doc, gid, local, two_places

if TYPE_CHECKING:
    from .shop import Shop


def body_of(shop: "Shop", topic: str, resource: int, about: Doc) -> Doc:
    noun, _, verb = topic.partition("/")
    if noun == "bulk_operations":
        return about
    if verb == "delete":
        return {"id": resource}
    if topic == "orders/risk_assessment_changed":
        return {"order_id": resource, "admin_graphql_api_order_id": gid("Order", resource), **about}
    if topic == "orders/edited":
        return _edited(shop, shop.orders.doc(resource))
    if noun == "orders":
        return order_body.order(shop, shop.orders.doc(resource))
    if noun == "refunds":
        assert shop.webhooks.refund is not None
        return refund_body.refund(shop, shop.orders.doc(resource), shop.webhooks.refund)
    if noun == "fulfillments":
        doc = shop.fulfilment.get(resource)
        return order_body.fulfillment(shop, shop.orders.doc(doc["order"]), doc)
    if noun == "fulfillment_orders":
        return _fulfilment_order(shop, resource)
    if noun == "inventory_levels":
        return _level(shop, resource, about["location"])
    if noun == "products":
        return _product(shop, resource)
    if topic == "app/scopes_update":
        return {"id": resource, "shop_id": gid("Shop", shop.id), **about}
    if noun in ("app", "shop"):
        return shop_body(shop)
    return {"id": resource, **about}


def shop_body(shop: "Shop") -> Doc:
    """app/uninstalled and shop/update: the store itself."""
    amount = "{{amount_with_comma_separator}} €"
    return {
        "id": shop.id,
        "name": shop.name,
        "email": shop.email,
        "domain": shop.domain,
        "province": "Milano",
        "country": "IT",
        "address1": "Via Mecenate 90",
        "zip": "20138",
        "city": "Milano",
        "source": None,
        "phone": "+39 02 5550100",
        "latitude": None,
        "longitude": None,
        "primary_locale": "it",
        "address2": None,
        "created_at": "2024-02-01T10:00:00+01:00",
        "updated_at": local(shop.now(), shop.zone),
        "country_code": "IT",
        "country_name": "Italy",
        "currency": "EUR",
        "customer_email": shop.email,
        "timezone": "(GMT+01:00) Europe/Rome",
        "iana_timezone": shop.zone.key,
        "shop_owner": "Carla Bianchi",
        "money_format": amount,
        "money_with_currency_format": f"{amount} EUR",
        "weight_unit": "kg",
        "province_code": "MI",
        "taxes_included": True,
        "auto_configure_tax_inclusivity": None,
        "tax_shipping": None,
        "county_taxes": True,
        "plan_display_name": "Basic",
        "plan_name": "basic",
        "has_discounts": False,
        "has_gift_cards": False,
        "myshopify_domain": shop.domain,
        "google_apps_domain": None,
        "google_apps_login_enabled": None,
        "money_in_emails_format": amount,
        "money_with_currency_in_emails_format": f"{amount} EUR",
        "eligible_for_payments": True,
        "requires_extra_payments_agreement": False,
        "password_enabled": False,
        "has_storefront": True,
        "finances": True,
        "primary_location_id": shop.stock.locations()[0]["id"],
        "checkout_api_supported": True,
        "multi_location_enabled": True,
        "setup_required": False,
        "pre_launch_enabled": False,
        "enabled_presentment_currencies": ["EUR"],
        "marketing_sms_consent_enabled_at_checkout": False,
        "transactional_sms_disabled": False,
    }


def _edited(shop: "Shop", order: Doc) -> Doc:
    added = [{"id": line["id"], "delta": line["quantity"]} for line in order["lines"] if line["added"]]
    removed = [
        {"id": line["id"], "delta": line["quantity"] - line["current_quantity"]}
        for line in order["lines"]
        if line["current_quantity"] < line["quantity"]
    ]
    return {
        "order_edit": {
            "id": order["id"],
            "app_id": None,
            "created_at": local(order["updated_at"], shop.zone),
            "committed_at": local(order["updated_at"], shop.zone),
            "notify_customer": False,
            "order_id": order["id"],
            "staff_note": "",
            "user_id": None,
            "line_items": {"additions": added, "removals": removed},
            "discounts": {"line_item": {"additions": [], "removals": []}},
            "shipping_lines": {"additions": [], "removals": []},
        }
    }


def _fulfilment_order(shop: "Shop", id_: int) -> Doc:
    doc = shop.store.get("fulfilment_order", id_)
    assert doc is not None
    body: Doc = {"fulfillment_order": {"id": gid("FulfillmentOrder", id_), "status": doc["status"].lower()}}
    if doc["holds"]:
        hold = doc["holds"][-1]
        body["fulfillment_hold"] = {"id": gid("FulfillmentHold", hold["id"]), "reason": hold["reason"].lower()}
    return body


def _level(shop: "Shop", item: int, location: int) -> Doc:
    doc = shop.store.get("item", item)
    level: Doc = doc["levels"][str(location)] if doc else {"available": 0, "updated_at": None}
    return {
        "inventory_item_id": item,
        "location_id": location,
        "available": level["available"],
        "updated_at": local(level["updated_at"], shop.zone),
        "admin_graphql_api_id": shop.stock.level_gid(item, location),
    }


def _product(shop: "Shop", id_: int) -> Doc:
    doc = shop.products.get(id_)
    assert doc is not None
    variants = [_variant(shop, doc, variant, n + 1) for n, variant in enumerate(shop.products.variants_of(doc))]
    return {
        "admin_graphql_api_id": gid("Product", id_),
        "body_html": doc["html"],
        "created_at": local(doc["created_at"], shop.zone),
        "handle": doc["handle"],
        "id": id_,
        "product_type": doc["type"],
        "published_at": local(doc["created_at"], shop.zone) if doc["published"] else None,
        "template_suffix": None,
        "title": doc["title"],
        "updated_at": local(doc["updated_at"], shop.zone),
        "vendor": doc["vendor"],
        "status": doc["status"].lower(),
        "published_scope": "web",
        "tags": ", ".join(doc["tags"]),
        "variants": variants,
        "options": [
            {
                "name": option["name"],
                "id": option["id"],
                "product_id": id_,
                "position": n + 1,
                "values": option["values"],
            }
            for n, option in enumerate(doc["options"])
        ],
        "images": [],
        "image": None,
        "media": [],
        "category": None,
        "has_variants_that_requires_components": False,
        "variant_gids": [
            {"admin_graphql_api_id": each["admin_graphql_api_id"], "updated_at": each["updated_at"]}
            for each in variants
        ],
    }


def _variant(shop: "Shop", product: Doc, doc: Doc, position: int) -> Doc:
    item = shop.store.get("item", doc["item"])
    levels: list[Any] = list(item["levels"].values()) if item else []
    values = [*doc["values"], None, None, None][:3]
    return {
        "admin_graphql_api_id": gid("ProductVariant", doc["id"]),
        "barcode": doc["barcode"],
        "compare_at_price": two_places(doc["compare_at"]) if doc["compare_at"] else None,
        "created_at": local(doc["created_at"], shop.zone),
        "id": doc["id"],
        "inventory_policy": doc["policy"].lower(),
        "position": position,
        "price": doc["price"],
        "product_id": product["id"],
        "sku": doc["sku"],
        "taxable": doc["taxable"],
        "title": doc["title"],
        "updated_at": local(doc["updated_at"], shop.zone),
        "option1": values[0],
        "option2": values[1],
        "option3": values[2],
        "image_id": None,
        "inventory_item_id": doc["item"],
        "inventory_quantity": sum(level["available"] for level in levels if level["active"]),
        "old_inventory_quantity": sum(level["available"] for level in levels if level["active"]),
    }
