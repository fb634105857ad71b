"""The transport document (DDT) of a parcel: its number without gaps, and what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from accounts.models import Dropshipper
from orders.models import Order, TransportDocument
from orders.warehouse import facts
from orders.warehouse.errors import BuyerUnknown, SupplierUnknown
from shipping.papers import ddt
from shipping.papers.packing_slip import SlipLine
from shipping.papers.words import Party, town
from shipping.parcels.tracking import STILL_HERE


def draw(orders: Iterable[Order], *, by: int | None) -> None:
    """Numbers what has no document yet, in the order in which they come, and brings what is still here up to date; of
    orders that the caller has locked and that facts.load has read. A document that left with its parcel says the same
    for ever. Raises NoParcel, SupplierUnknown, BuyerUnknown: no number is used."""
    said = [(order, _facts(order)) for order in orders]
    new = [(order, told) for order, told in said if not hasattr(order, "transport_document")]
    for order, told in said:
        known = getattr(order, "transport_document", None)
        if known is not None and told != known.facts and facts.parcel_of(order).state in STILL_HERE:
            known.facts = told
            known.save(update_fields=["facts"])
    if not new:
        return
    with connection.cursor() as cursor:  # one at a time: else two would read the same highest number
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.transport'), 0)")
    day = timezone.localdate()
    last = TransportDocument.objects.filter(year=day.year).aggregate(last=Max("number"))["last"] or 0
    for number, (order, told) in enumerate(new, start=last + 1):
        order.transport_document = TransportDocument.objects.create(
            order=order,
            dropshipper_id=order.dropshipper_id,
            year=day.year,
            number=number,
            day=day,
            facts=told,
            by_id=by,
        )


def document_of(order: Order) -> ddt.TransportDocument:
    """What is printed of an order that has its number; facts.load has read it."""
    shipment, known = facts.parcel_of(order), order.transport_document
    told = known.facts
    with override("it"):  # a paper of the Italian law: its words do not depend on who prints it
        reason, appearance, carriage = pgettext("paper", "Sale"), _("Cardboard box"), _("Carriage paid")
    return ddt.TransportDocument(
        number=str(known.number),
        year=known.year,
        date=known.day,
        seller=_party(told["seller"]),
        buyer=_party(told["buyer"]),
        recipient=shipment.address,
        lines=tuple(SlipLine(*row) for row in told["lines"]),
        reason=reason,
        appearance=appearance,
        parcels=told["parcels"],
        weight_g=told["weight_g"],
        carrier=_party(told["carrier"]),
        start=dt.datetime.fromisoformat(told["start"]) if told["start"] else None,
        carriage=carriage,
        reference=order.number,
        order_number=order.number,
    )


def _facts(order: Order) -> dict[str, Any]:
    """Seller, buyer, goods and transport as JSON; nothing of the customer."""
    shipment, seat = facts.parcel_of(order), facts.depot(settings.SUPPLIER_NAME)
    if not settings.SUPPLIER_VAT:
        raise SupplierUnknown
    pieces = facts.sizes_of(shipment)
    goods = [[line.sku, line.description, line.quantity, line.options] for line in _impersonal(order)]
    return {
        "seller": [seat.name, [seat.street, town(seat)], settings.SUPPLIER_VAT, ""],
        "buyer": _buyer(order.dropshipper),
        "lines": goods,
        "parcels": len(pieces),
        "weight_g": sum(weight for _number, weight in pieces),
        "carrier": [shipment.method.courier.name, [], "", ""],
        "start": shipment.shipped_at.isoformat() if shipment.shipped_at else "",
    }


def _impersonal(order: Order) -> list[SlipLine]:
    """The goods without what the customer had written on them: that is theirs, and not asked for here."""
    return [
        SlipLine(line.variant.sku, line.variant.product.name, line.quantity, line.variant.title)
        for line in order.lines.all()
        if line.variant is not None and not line.ignored
    ]


def _buyer(seller: Dropshipper) -> list[Any]:
    if not (seller.vat_number and seller.street and seller.city):
        raise BuyerUnknown(reseller=seller.name)
    place = (
        f"{seller.postcode} {seller.city} ({seller.province})"
        if seller.province
        else f"{seller.postcode} {seller.city}"
    )
    return [seller.name, [seller.street, place], seller.vat_number, seller.fiscal_code]


def _party(told: list[Any]) -> Party:
    name, lines, vat_number, tax_code = told
    return Party(name, tuple(lines), vat_number, tax_code)
