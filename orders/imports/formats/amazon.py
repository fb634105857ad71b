"""Amazon's order reports (Seller Central). Marketplace orders are prepaid, and a report's prices are never cash on
delivery. Source of the names: the attributes that Amazon documents for each report."""

from __future__ import annotations

from orders.imports import values
from orders.imports.formats.base import Report, Row, names

TAKE = "Ordini non spediti"
_COLUMNS = names(
    number="order id",
    item_id="order item id",
    placed_at="purchase date",
    paid_at="payments date",
    phone="ship phone number|buyer phone number",
    email="buyer email",
    sku="sku",
    ean="ean",
    title="product name",
    quantity="quantity to ship|quantity purchased",
    name="recipient name",
    company="buyer company name|ship company name",
    line1="ship address 1",
    line2="ship address 2",
    line3="ship address 3",
    city="ship city",
    province="ship state",
    postcode="ship postal code",
    country="ship country",
    line_total="item price",
    shipping="shipping price",
    currency="currency",
    purchase_order="purchase order number",
    cancel="is buyer requested cancellation",
    cancel_reason="buyer requested cancel reason",
    note="delivery instructions|gift message text",
    shipped="quantity shipped",
    to_ship="quantity to ship",
    channel="fulfillment channel|fulfilled by",
    status="order status|item status",
)


def _left(row: Row) -> str:
    channel, status = values.fold(row.get("channel", "")), values.fold(row.get("status", ""))
    if channel.startswith(("amazon", "afn")):
        return "sent_by_marketplace"
    if status.startswith("pending"):
        return "pending"
    if status.startswith("cancel"):
        return "cancelled"
    if status.startswith("shipped") or row.get("to_ship", "").strip() in ("0", "0,00", "0.0"):
        return "shipped"
    return ""


def _held(row: Row) -> str:
    return "cancel_asked" if values.is_yes(row.get("cancel", "")) else ""


UNSHIPPED = Report(
    "amazon_unshipped",
    "Amazon: Ordini non spediti",
    "Amazon",
    frozenset({"order id", "order item id", "quantity to ship"}),
    _COLUMNS,
    without=frozenset({"contribution sku"}),  # Temu's
    left=_left,
    held=_held,
    tells_cancelled="is buyer requested cancellation",
)
NEW = Report(
    "amazon_new",
    "Amazon: Nuovi ordini",
    "Amazon",
    frozenset({"order id", "order item id", "recipient name", "quantity purchased"}),
    _COLUMNS,
    without=frozenset({"quantity to ship"}),
    left=_left,
    held=_held,
    tells_cancelled="is buyer requested cancellation",
    remarks=("may_be_shipped",),
)
ALL = Report(
    "amazon_all",
    "Amazon: Tutti gli ordini",
    "Amazon",
    frozenset({"amazon order id", "fulfillment channel", "order status"}),
    take=TAKE,
)
FBA = Report(
    "amazon_fba",
    "Amazon: Spedizioni di Logistica di Amazon",
    "Amazon",
    frozenset({"amazon order id", "shipment item id"}),
    take=TAKE,
)
REPORTS = (FBA, ALL, UNSHIPPED, NEW)
