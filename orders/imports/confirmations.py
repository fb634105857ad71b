"""What goes back to the marketplace: the file by which it hears that orders were shipped, as its own upload takes it.
Whole rows alone, of parcels that left with a number; an empty cell could take away what stands there already."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404
from django.utils.timezone import localtime

from core import sheet
from orders.imports import grid, values
from orders.models import Import, ImportRow, Order
from shipping.models import Shipment

# The short form of Amazon's shipping confirmation; its longer one adds the sender's address.
AMAZON = (
    *("order-id", "order-item-id", "quantity", "ship-date", "carrier-code", "carrier-name", "tracking-number"),
    "ship-method",
)
# eBay's "Add order tracking and shipping info".
EBAY = (
    *("Shipping Status", "Order Number", "Item Number", "Item Title", "Custom Label", "Transaction ID"),
    *("Shipping Carrier Used", "Tracking Number"),
)
OTHER = "Other"  # Amazon's word for a carrier that its own list does not name
_LEFT = (Shipment.State.SHIPPED, Shipment.State.OUT_FOR_DELIVERY, Shipment.State.HELD, Shipment.State.DELIVERED)


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A row of such a file."""

    number: str
    item_id: str
    quantity: int
    carrier: str
    tracking: str
    shipped_on: str
    sku: str = ""
    title: str = ""
    service: str = ""


def offered(batch: Import) -> list[tuple[str, int]]:
    """(kind, orders) of the files that can be made now: "amazon" or "ebay"."""
    kind = _kind(batch)
    count = len({row.number for row in _rows(batch)}) if kind else 0
    return [(kind, count)] if count else []


def _kind(batch: Import) -> str:
    return next((kind for kind in ("amazon", "ebay") if batch.report.startswith(f"{kind}_")), "")


def _rows(batch: Import) -> Iterator[Confirmed]:
    made = batch.rows.filter(state=ImportRow.State.CREATED).values("order_id")
    orders = (
        Order.objects.filter(pk__in=made, shipment__state__in=_LEFT, shipment__shipped_at__isnull=False)
        .exclude(shipment__tracking="")
        .exclude(source_number="")
        .select_related("shipment__method__courier")
        .prefetch_related("lines")
        .order_by("pk")
    )
    for order in orders:
        shipment = order.shipment
        lines = [line for line in order.lines.all() if not line.ignored]
        if shipment is None or shipment.shipped_at is None or not all(line.shop_line for line in lines):
            continue  # half a confirmation would call the rest unsent
        for line in lines:
            yield Confirmed(
                order.source_number,
                line.shop_line,
                line.quantity,
                shipment.method.courier.name,
                shipment.tracking,
                localtime(shipment.shipped_at).date().isoformat(),
                line.sku,
                line.name,
                shipment.method.name,
            )


def file_of(batch: Import, kind: str) -> File:
    """The file with all parcels of an import that left. 404 for a kind that is not this marketplace's, or where
    nothing left yet."""
    rows = list(_rows(batch)) if kind and kind == _kind(batch) else []
    if not rows:
        raise Http404
    if kind == "amazon":
        return File(
            f"amazon-conferma-spedizione-{batch.pk}.txt", "text/tab-separated-values; charset=utf-8", _amazon(rows)
        )
    return File(f"ebay-tracking-{batch.pk}.csv", "text/csv; charset=utf-8", _ebay(rows))


def _amazon(rows: list[Confirmed]) -> bytes:
    """Tabs and no quotes, as Amazon reads it."""
    lines = ["\t".join(AMAZON)]
    for row in rows:
        cells = (row.number, row.item_id, str(row.quantity), row.shipped_on, OTHER, row.carrier[:50], row.tracking)
        lines.append("\t".join(" ".join(cell.split()) for cell in (*cells, row.service)))
    return ("\r\n".join(lines) + "\r\n").encode()


def _ebay(rows: list[Confirmed]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["#INFO"])
    writer.writerow(EBAY)
    for row in rows:
        title, sku = sheet.quoted(row.title), sheet.quoted(row.sku)  # for people: eBay goes by the numbers
        writer.writerow(["1", row.number, "", title, sku, row.item_id, row.carrier, row.tracking])
    return out.getvalue().encode()


def read_back(data: bytes) -> list[tuple[str, str, str]]:
    """(order, its item, tracking number) of each row of such a file, as a marketplace would find them by name."""
    rows = grid.rows_of(data)
    at = next(place for place, (_line, cells) in enumerate(rows) if len(cells) > 2)
    head = [values.heading(name) for name in rows[at][1]]
    place = {
        field: next(head.index(name) for name in names if name in head)
        for field, names in (
            ("number", ("order id", "order number")),
            ("item", ("order item id", "transaction id")),
            ("tracking", ("tracking number",)),
        )
    }
    return [(cells[place["number"]], cells[place["item"]], cells[place["tracking"]]) for _line, cells in rows[at + 1 :]]
