"""Refunds of an order: what is kept of them, and what GET orders/{id}/refunds tells, piece by piece."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .order_json import present
from .php import iso, local, money

if TYPE_CHECKING:
    from .shop import Shop


def make(doc: dict[str, Any], shop: "Shop", amount: str, reason: str, lines: dict[int, int]) -> dict[str, Any]:
    """Notes a refund of `amount` (EUR, incl. VAT) on the order. `lines`: pieces by the id of their line."""
    order, places = present(doc, shop, ""), shop.decimals
    total, tax = Decimal(order["total"]), Decimal(order["total_tax"])
    refund: dict[str, Any] = {
        "id": shop.store.next("post"),
        "reason": reason,
        "total": money(-Decimal(amount), places),
        "total_tax": money(-Decimal(amount) * tax / (total or Decimal(1)), places),
        "at": iso(shop.clock()),
        "lines": [],
    }
    for line in doc["lines"]:
        pieces = lines.get(line["id"], 0)
        if pieces:
            share = Decimal(-pieces) / line["quantity"]
            refund["lines"].append(
                {
                    "id": shop.store.next("item"),
                    "of": line["id"],
                    "quantity": -pieces,
                    "net": money(Decimal(line["net"]) * share, places),
                    "tax": money(Decimal(line["tax"]) * share, places),
                    "meta": shop.store.next("meta"),
                }
            )
    doc["refunds"].insert(0, refund)
    return refund


def is_whole(doc: dict[str, Any], shop: "Shop") -> bool:
    back = sum((Decimal(refund["total"]) for refund in doc["refunds"]), Decimal())
    return back <= -Decimal(present(doc, shop, "")["total"])


def show(doc: dict[str, Any], shop: "Shop", home: str) -> list[dict[str, Any]]:
    """As the API writes them, newest first."""
    order = present(doc, shop, home)
    known = {line["id"]: line for line in order["line_items"]}
    base = f"{home}/wp-json/wc/v3/orders/{doc['id']}"
    return [_one(refund, known, shop, base) for refund in doc["refunds"]]


def _one(refund: dict[str, Any], known: dict[int, dict[str, Any]], shop: "Shop", base: str) -> dict[str, Any]:
    links = {
        "self": [{"href": f"{base}/refunds/{refund['id']}", "targetHints": {"allow": ["GET", "DELETE"]}}],
        "collection": [{"href": f"{base}/refunds"}],
        "up": [{"href": base}],
    }
    return {
        "id": refund["id"],
        "date_created": local(refund["at"], shop.zone),
        "date_created_gmt": refund["at"],
        "amount": refund["total"].lstrip("-"),
        "reason": refund["reason"],
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [{"id": refund["id"] + 100_000, "key": "_refund_type", "value": "partial"}],
        "line_items": [_line(line, known.get(line["of"]) or {}) for line in refund.get("lines", ())],
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
        "_links": links,
    }


def _line(line: dict[str, Any], of: dict[str, Any]) -> dict[str, Any]:
    tie = {"id": line["meta"], "key": "_refunded_item_id", "value": str(line["of"])}
    return {
        "id": line["id"],
        "name": of.get("name", ""),
        "product_id": of.get("product_id", 0),
        "variation_id": of.get("variation_id", 0),
        "quantity": line["quantity"],
        "tax_class": "",
        "subtotal": line["net"],
        "subtotal_tax": line["tax"],
        "total": line["net"],
        "total_tax": line["tax"],
        "taxes": [{"id": 1, "total": line["tax"], "subtotal": line["tax"]}],
        "meta_data": [{**tie, "display_key": tie["key"], "display_value": tie["value"]}],
        "sku": of.get("sku"),
        "global_unique_id": of.get("global_unique_id", ""),
        "price": float(Decimal(line["net"]) / line["quantity"]),
        "image": {"id": 0, "src": ""},
        "parent_name": of.get("parent_name"),
    }
