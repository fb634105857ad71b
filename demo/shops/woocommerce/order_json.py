"""An order as the REST API and the webhooks of WooCommerce 11.0.1 write it: every key, in its order."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .order_lines import sums
from .php import local, money

if TYPE_CHECKING:
    from .shop import Shop

VERSION = "11.0.1"
_BUNDLE = ("bundled_by", "bundled_items")
_ALLOW = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def _shown_meta(metas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**meta, "display_key": meta["key"], "display_value": meta["value"]} for meta in metas]


def _taxes(total: str, subtotal: str) -> list[dict[str, Any]]:
    return [{"id": 1, "total": total, "subtotal": subtotal}]


def _line(line: dict[str, Any], shop: "Shop", *, taxed: bool, bundled: bool = False) -> dict[str, Any]:
    variation = line.get("variation_id", 0)
    product = shop.products.get(variation or line["product_id"])  # read now: a rename changes old orders
    whole = shop.products.get(line["product_id"]) if variation else None  # a variation without SKU shows its product's
    net, each = money(line["net"], shop.decimals), Decimal(line["net"])
    # A plugin for bundles adds its two fields to every line of an order that has one.
    bundle = {name: line.get(name, [] if name == "bundled_items" else "") for name in _BUNDLE} if bundled else {}
    return {
        "id": line["id"],
        "name": line["name"],
        "product_id": line["product_id"] if product else 0,
        "variation_id": variation if product else 0,
        "quantity": line["quantity"],
        "tax_class": "",
        "subtotal": net,
        "subtotal_tax": line["tax"],
        "total": net,
        "total_tax": line["tax"],
        "taxes": _taxes(line["tax"], line["tax"]) if taxed else [],
        "meta_data": _shown_meta(line["meta_data"]),
        "sku": product["sku"] or (whole or product)["sku"] if product else None,
        "global_unique_id": product["ean"] if product else "",
        # A number, net and not rounded: PHP divides floats, and writes a whole one without a point.
        "price": float(each) / line["quantity"] if each else 0,
        "image": {"id": "", "src": ""},
        "parent_name": product["name"].split(" - ")[0] if product and variation else None,
        **bundle,
    }


def present(doc: dict[str, Any], shop: "Shop", home: str) -> dict[str, Any]:
    """The whole order, as GET /orders/{id} gives it. `home` decides host and scheme of the links."""
    zone, totals, status = shop.zone, sums(doc, shop.decimals), doc["status"]
    taxed = (doc["shipping"]["country"] or doc["billing"]["country"]) in ("", "IT")
    unpaid = status in ("pending", "failed", "checkout-draft") and Decimal(totals["total"]) > 0
    base = f"{home}/wp-json/wc/v3/orders"
    return {
        "id": doc["id"],
        "parent_id": doc.get("parent_id", 0),
        "status": status,
        "currency": doc["currency"],
        "version": VERSION,
        "prices_include_tax": True,
        "date_created": local(doc["date_created_gmt"], zone),
        "date_modified": local(doc["date_modified_gmt"], zone),
        **totals,
        "customer_id": 0,
        "order_key": doc["order_key"],
        "billing": dict(doc["billing"]),
        "shipping": dict(doc["shipping"]),
        "payment_method": doc["payment_method"],
        "payment_method_title": doc["payment_method_title"],
        "transaction_id": doc["transaction_id"],
        "customer_ip_address": doc["customer_ip_address"],
        "customer_user_agent": doc["customer_user_agent"],
        "created_via": doc["created_via"],
        "customer_note": doc["customer_note"],
        "date_completed": local(doc["date_completed_gmt"], zone),
        "date_paid": local(doc["date_paid_gmt"], zone),
        "cart_hash": doc["cart_hash"],
        "number": doc["number"] or str(doc["id"]),
        "meta_data": sorted((dict(meta) for meta in doc["meta_data"]), key=lambda meta: str(meta["key"])),
        "line_items": [
            _line(line, shop, taxed=taxed, bundled=any("bundled_items" in one for one in doc["lines"]))
            for line in doc["lines"]
        ],
        "tax_lines": [_tax_line(doc, totals)] if taxed else [],
        "shipping_lines": [
            {
                **{key: line[key] for key in ("id", "method_title", "method_id", "instance_id", "total", "total_tax")},
                "taxes": _taxes(line["total_tax"], "") if taxed else [],
                "tax_status": "taxable",
                "meta_data": _shown_meta(line["meta_data"]),
            }
            for line in doc["shipping_lines"]
        ],
        "fee_lines": [
            {
                "id": fee["id"],
                "name": fee["name"],
                "tax_class": "",
                "tax_status": "taxable",
                "amount": fee["total"],
                "total": fee["total"],
                "total_tax": fee["total_tax"],
                "taxes": _taxes(fee["total_tax"], "") if taxed else [],
                "meta_data": [],
            }
            for fee in doc["fee_lines"]
        ],
        "coupon_lines": [],
        "refunds": [{key: refund[key] for key in ("id", "reason", "total", "total_tax")} for refund in doc["refunds"]],
        "payment_url": f"{home}/checkout/order-pay/{doc['id']}/?pay_for_order=true&key={doc['order_key']}",
        "is_editable": status in ("pending", "on-hold", "auto-draft"),
        "needs_payment": unpaid,
        "needs_processing": True,
        "date_created_gmt": doc["date_created_gmt"],
        "date_modified_gmt": doc["date_modified_gmt"],
        "date_completed_gmt": doc["date_completed_gmt"],
        "date_paid_gmt": doc["date_paid_gmt"],
        "currency_symbol": {"EUR": "€", "USD": "$", "GBP": "£"}.get(doc["currency"], doc["currency"]),
        "_links": {
            "self": [{"href": f"{base}/{doc['id']}", "targetHints": {"allow": _ALLOW}}],
            "collection": [{"href": base}],
            "email_templates": [{"embeddable": True, "href": f"{base}/{doc['id']}/actions/email_templates"}],
        },
    }


def _tax_line(doc: dict[str, Any], totals: dict[str, str]) -> dict[str, Any]:
    return {
        "id": doc["tax_item"],
        "rate_code": "IT-IVA-1",
        "rate_id": 1,
        "label": "IVA",
        "compound": False,
        "tax_total": totals["cart_tax"],
        "shipping_tax_total": totals["shipping_tax"],
        "rate_percent": 22,
        "meta_data": [],
    }
