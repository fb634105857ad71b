"""TikTok Shop, Temu, Etsy and Shopify: exports of which the columns are documented, and lists that carry no lines."""

from __future__ import annotations

import re

from orders.imports import values
from orders.imports.formats.base import Report, Row, names


def _tiktok_left(row: Row) -> str:
    if row.get("cancelled_at") or values.fold(row.get("status", "")).startswith(("cancel", "annull")):
        return "cancelled"
    return "shipped" if row.get("shipped_at") else ""


def _tiktok_held(row: Row) -> str:
    return "cancel_asked" if row.get("cancel") else "" if row.get("paid_at") else "unpaid"


def _tiktok_is_order(row: Row) -> bool:
    """Below the names of the columns stands a row that describes them."""
    return bool(re.match(r"\d", row.get("number", "")))


TIKTOK = Report(
    "tiktok",
    "TikTok Shop: Ordini",
    "TikTok Shop",
    frozenset({"order id", "seller sku", "sku id"}),
    names(
        number="order id",
        status="order status",
        cancel="cancelation/return type|cancelation return type|cancellation return type",
        item_id="sku id",
        sku="seller sku",
        title="product name",
        wish="variation",
        quantity="quantity",
        line_total="sku subtotal after discount",
        sale_total="order amount",
        placed_at="created time",
        paid_at="paid time",
        shipped_at="shipped time",
        cancelled_at="cancelled time",
        note="delivery instruction|buyer message",
        name="recipient",
        phone="phone",
        country="country",
        province="state province",
        city="city|district post town|city district post town",
        postcode="zipcode",
        line1="address line 1|detail address",
        line2="address line 2",
    ),
    left=_tiktok_left,
    held=_tiktok_held,
    is_order=_tiktok_is_order,
)


def _temu_left(row: Row) -> str:
    status = values.fold(f"{row.get('status', '')} {row.get('item_status', '')}")
    if "cancel" in status or "annull" in status:
        return "cancelled"
    if "pending" in status:
        return "pending"
    return "shipped" if row.get("to_ship", "").strip() == "0" else ""


TEMU = Report(
    "temu",
    "Temu: Ordini",
    "Temu",
    frozenset({"order id", "order item id", "contribution sku"}),
    names(
        number="order id",
        status="order status",
        item_status="order item status",
        item_id="order item id",
        title="product name by customer order|product name",
        wish="variation",
        sku="contribution sku",
        quantity="quantity to ship|quantity purchased",
        to_ship="quantity to ship",
        name="recipient name",
        first_name="recipient first name",
        last_name="recipient last name",
        phone="recipient phone number",
        email="virtual email",
        line1="ship address 1",
        line2="ship address 2",
        line3="ship address 3",
        city="ship city|district",
        province="ship state",
        postcode="ship postal code",
        country="ship country",
        placed_at="purchase date",
    ),
    left=_temu_left,
)
ETSY = Report(
    "etsy_items",
    "Etsy: Articoli degli ordini",
    "Etsy",
    frozenset({"sale date", "item name", "transaction id", "ship name"}),
    names(
        number="order id",
        item_id="transaction id",
        title="item name",
        quantity="quantity",
        sku="sku",
        wish="variations",
        placed_at="sale date",
        paid_at="date paid",
        shipped_at="date shipped|date posted",
        name="ship name",
        line1="ship address1",
        line2="ship address2",
        city="ship city",
        province="ship state",
        postcode="ship zipcode",
        country="ship country",
        line_total="item total",
        currency="currency",
    ),
    left=lambda row: "shipped" if row.get("shipped_at") else "",
    held=lambda row: "" if row.get("paid_at") else "unpaid",
    day_first=False,
)


def _shopify_left(row: Row) -> str:
    if row.get("cancelled_at"):
        return "cancelled"
    return "shipped" if values.fold(row.get("status", "")) == "fulfilled" else ""


def _shopify_held(row: Row) -> str:
    return "unpaid" if values.fold(row.get("financial", "")) not in ("paid", "") else ""


SHOPIFY = Report(
    "shopify_export",
    "Shopify: Esportazione degli ordini",
    "Shopify",
    frozenset({"name", "financial status", "lineitem quantity", "lineitem sku"}),
    names(
        number="name",
        email="email",
        financial="financial status",
        status="fulfillment status",
        cancelled_at="cancelled at",
        currency="currency",
        sale_total="total",
        placed_at="created at",
        quantity="lineitem quantity",
        title="lineitem name",
        sku="lineitem sku",
        line_price="lineitem price",
        phone="shipping phone|phone",
        line1="shipping address1",
        line2="shipping address2",
        city="shipping city",
        province="shipping province",
        postcode="shipping zip",
        country="shipping country",
        note="notes",
        company="shipping company",
        name="shipping name",
    ),
    left=_shopify_left,
    held=_shopify_held,
)
_REFUSED = (
    Report(
        "etsy_orders",
        "Etsy: Ordini",
        "Etsy",
        frozenset({"sale date", "order id", "number of items", "full name"}),
        take="Order Items (EtsySoldOrderItems)",
    ),
    Report(
        "temu_buyer",
        "Temu: Acquisti",
        "Temu",
        frozenset({"item description at order time"}),
        take="Orders (Seller Center)",
    ),
    Report(
        "magento_grid",
        "Magento: griglia degli ordini",
        "Magento",
        frozenset({"purchase point", "bill to name", "ship to name"}),
        take="CSV (order_number, sku, …)",
    ),
)
REPORTS = (*_REFUSED, TIKTOK, TEMU, ETSY, SHOPIFY)
