"""What the papers of a parcel say, from the order and its shipment: read once for many orders, then pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import Dropshipper
from core.address import Address
from orders.models import Order, OrderLine
from orders.warehouse.errors import NoParcel, SupplierUnknown
from shipping.models import Piece, Shipment
from shipping.papers.label import Label
from shipping.papers.packing_slip import PackingSlip, SlipLine
from shipping.papers.return_slip import ReturnSlip
from shipping.papers.words import Party


def load(order_ids: Iterable[int]) -> dict[int, Order]:
    """The orders by id, with all that their papers say: 6 queries however many they are. A reseller's logo is read
    once for all of their orders."""
    lines = OrderLine.objects.select_related("variant__product").order_by("position", "pk")
    found = Order.objects.filter(pk__in=list(order_ids)).select_related(
        "shipment__method__courier", "transport_document"
    )
    pieces = Prefetch("shipment__pieces", Piece.objects.order_by("number"))
    found = found.prefetch_related(Prefetch("lines", lines), pieces, "dropshipper__paper_style")
    return {order.pk: order for order in found}


def parcel_of(order: Order) -> Shipment:
    """The order's shipment; NoParcel where there is none, or none any more."""
    if order.shipment is None or order.shipment.state == Shipment.State.CANCELLED:
        raise NoParcel(number=order.number)
    return order.shipment


def sizes_of(shipment: Shipment) -> list[tuple[int, int]]:
    """(number, weight in g) of each piece; of one that was not weighed yet the weight that it was priced with."""
    return [(piece.number, piece.weight_g) for piece in shipment.pieces.all()] or [(1, shipment.weight_g)]


def labels_of(order: Order) -> list[Label]:
    """A label for each piece; of several the first bears what is collected. Raises NoParcel, NoBarcode."""
    shipment = parcel_of(order)
    pieces = sizes_of(shipment)
    return [
        Label(
            reference=order.number if len(pieces) == 1 else f"{order.number}/{number}",
            order_number=order.number,
            courier=shipment.method.courier.name,
            method=shipment.method.name,
            recipient=shipment.address,
            weight_g=weight,
            sender=Party(order.dropshipper.name),
            piece=place,
            pieces=len(pieces),
            cod=shipment.at_the_door if place == 1 else None,
            tracking=shipment.tracking,
            note=shipment.note,
        )
        for place, (number, weight) in enumerate(pieces, start=1)
    ]


def slip_of(order: Order) -> PackingSlip:
    """In the reseller's name. Raises NoParcel."""
    shipment, style = parcel_of(order), _style(order.dropshipper)
    return PackingSlip(
        reference=order.number,
        order_number=order.source_number or order.number,
        reseller=Party(order.dropshipper.name),
        recipient=shipment.address,
        date=timezone.localtime(shipment.created_at).date(),
        lines=lines_of(order),
        courier=shipment.method.courier.name,
        tracking=shipment.tracking,
        **style,
    )


def return_slip_of(order: Order) -> ReturnSlip:
    """It comes back to the depot, in the reseller's name. Raises NoParcel, SupplierUnknown."""
    shipment, style = parcel_of(order), _style(order.dropshipper)
    return ReturnSlip(
        reference=order.number,
        order_number=order.source_number or order.number,
        reseller=Party(order.dropshipper.name),
        sent_by=shipment.address,
        send_to=depot(order.dropshipper.name),
        lines=lines_of(order),
        **style,
    )


def depot(name: str) -> Address:
    """Where the goods leave from and come back to. Raises SupplierUnknown."""
    if not (settings.SUPPLIER_STREET and settings.SUPPLIER_CITY and settings.SUPPLIER_POSTCODE):
        raise SupplierUnknown
    return Address(
        name=name,
        street=settings.SUPPLIER_STREET,
        postcode=settings.SUPPLIER_POSTCODE,
        city=settings.SUPPLIER_CITY,
        province=settings.SUPPLIER_PROVINCE,
        country="IT",
    )


def lines_of(order: Order) -> tuple[SlipLine, ...]:
    """What lies in the parcel: our articles, and what the customer had written on them."""
    return tuple(
        SlipLine(line.variant.sku, line.variant.product.name, line.quantity, _options(line))
        for line in order.lines.all()
        if line.variant is not None and not line.ignored
    )


def digest(papers: Iterable[Any]) -> str:
    """A mark of what these papers say: the same mark is the same bytes."""
    found = hashlib.sha256()
    for paper in papers:
        logo = getattr(paper, "logo", b"")
        found.update(repr(replace(paper, logo=b"") if logo else paper).encode())
        found.update(logo)
    return found.hexdigest()[:16]


def _options(line: OrderLine) -> str:
    title = line.variant.title if line.variant else ""
    return ", ".join(filter(None, [title, *(f"{name}: {value}" for name, value in line.attributes)]))


def _style(dropshipper: Dropshipper) -> dict[str, Any]:
    style = getattr(dropshipper, "paper_style", None)
    return {"line": style.line, "logo": bytes(style.logo)} if style else {}
