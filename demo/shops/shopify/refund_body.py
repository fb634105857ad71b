"""A refund as webhooks have it: by itself, and within its order."""

from typing import TYPE_CHECKING

from .gids import Doc, gid, local
from .line_body import line, money
from .order_sums import line_total, vat_in

if TYPE_CHECKING:
    from .shop import Shop


def refund(shop: "Shop", order_doc: Doc, doc: Doc) -> Doc:
    by_id = {each["id"]: each for each in order_doc["lines"]}
    lines = [_refunded(shop, order_doc, by_id[each["line"]], each) for each in doc["lines"]]
    return {
        "id": doc["id"],
        "admin_graphql_api_id": gid("Refund", doc["id"]),
        "created_at": local(doc["at"], shop.zone),
        "note": doc["note"],
        "order_id": order_doc["id"],
        "processed_at": local(doc["at"], shop.zone),
        "restock": any(each["restock"] for each in doc["lines"]),
        "total_duties_set": money(order_doc, "0.00"),
        "user_id": None,
        "order_adjustments": [],
        "transactions": [_transaction(shop, order_doc, doc["transaction"])] if doc.get("transaction") else [],
        "refund_line_items": lines,
        "duties": [],
        "additional_fees": [],
        "return": None,
        "refund_shipping_lines": [],
    }


def _refunded(shop: "Shop", order_doc: Doc, doc: Doc, part: Doc) -> Doc:
    value = line_total(doc, part["quantity"])
    return {
        "id": part["id"],
        "line_item_id": doc["id"],
        "location_id": None,
        "quantity": part["quantity"],
        "restock_type": "cancel" if part["restock"] else "no_restock",
        "subtotal": float(value),
        "subtotal_set": money(order_doc, value),
        "total_tax": float(vat_in(value)),
        "total_tax_set": money(order_doc, vat_in(value)),
        "line_item": line(shop, order_doc, doc),
    }


def _transaction(shop: "Shop", order_doc: Doc, doc: Doc) -> Doc:
    nothing = {"amount": "0.0", "currency": "XXX"}
    at = local(doc["at"], shop.zone)
    return {
        "id": doc["id"],
        "order_id": order_doc["id"],
        "kind": doc["kind"].lower(),
        "gateway": doc["gateway"],
        "status": doc["status"].lower(),
        "message": None,
        "created_at": at,
        "test": doc["test"],
        "authorization": None,
        "location_id": None,
        "user_id": None,
        "parent_id": doc["parent"],
        "processed_at": at,
        "device_id": None,
        "error_code": None,
        "source_name": "web",
        "receipt": {},
        "amount": doc["amount"],
        "currency": order_doc["currency"],
        "payment_id": f"{order_doc['name']}.1",
        "total_unsettled_set": {"presentment_money": nothing, "shop_money": nothing},
        "manual_payment_gateway": doc["manual"],
        "amount_rounding": None,
        "admin_graphql_api_id": gid("OrderTransaction", doc["id"]),
    }
