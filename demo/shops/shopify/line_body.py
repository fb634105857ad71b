"""The amounts and lines of an order as webhooks have them: two decimals, and each in both currencies."""

from decimal import Decimal
from typing import TYPE_CHECKING

from .gids import Doc, cents, gid, two_places
from .order_sums import line_total, vat_in

if TYPE_CHECKING:
    from .shop import Shop


def money(order: Doc, amount: Decimal | str) -> Doc:
    currency, rate = order["presentment"]
    return {
        "shop_money": {"amount": two_places(amount), "currency_code": order["currency"]},
        "presentment_money": {"amount": two_places(cents(amount) * Decimal(rate)), "currency_code": currency},
    }


def pair(name: str, order: Doc, amount: Decimal) -> Doc:
    return {name: two_places(amount), f"{name}_set": money(order, amount)}


def tax(order: Doc, amount: Decimal) -> Doc:
    return {"channel_liable": False, **pair("price", order, amount), "rate": 0.22, "title": "IT IVA"}


def line(shop: "Shop", order: Doc, doc: Doc) -> Doc:
    left = doc["current_quantity"] - doc["fulfilled"]
    name = f"{doc['title']} - {doc['variant_title']}" if doc["variant_title"] else doc["title"]
    state = "fulfilled" if doc["fulfilled"] and not left else "partial" if doc["fulfilled"] else None
    tracked = doc["variant"] is not None
    allocations = [
        {"amount": doc["discount"], "amount_set": money(order, doc["discount"]), "discount_application_index": 0}
    ]
    return {
        "id": doc["id"],
        "admin_graphql_api_id": gid("LineItem", doc["id"]),
        "attributed_staffs": [],
        "current_quantity": doc["current_quantity"],
        "fulfillable_quantity": left if doc["requires_shipping"] else 0,
        "fulfillment_service": "manual",
        "fulfillment_status": state,
        "gift_card": doc["gift_card"],
        "grams": doc["grams"],
        "name": name,
        **pair("price", order, cents(doc["price"])),
        "product_exists": doc["product"] is not None and shop.products.get(doc["product"]) is not None,
        "product_id": doc["product"],
        "properties": [{"name": each["key"], "value": each["value"]} for each in doc["properties"]],
        "quantity": doc["quantity"],
        "requires_shipping": doc["requires_shipping"],
        "sales_line_item_group_id": doc.get("group"),
        "sku": doc["sku"],
        "taxable": True,
        "title": doc["title"],
        "total_discount": "0.00",
        "total_discount_set": money(order, "0.00"),
        "variant_id": doc["variant"],
        "variant_inventory_management": "shopify" if tracked else None,
        "variant_title": doc["variant_title"],
        "vendor": doc["vendor"],
        "tax_lines": [tax(order, vat_in(line_total(doc)))],
        "duties": [],
        "discount_allocations": allocations if Decimal(doc["discount"]) else [],
    }
