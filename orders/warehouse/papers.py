"""What is printed of a parcel: which papers there are, one parcel at once, and the note of who printed what."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from orders.models import Order
from orders.warehouse import facts, transport
from orders.warehouse.errors import NoDocument, NoSuchPaper
from shipping.models import ShipmentEvent
from shipping.papers.ddt import write_transport_documents
from shipping.papers.label import Format, write_labels
from shipping.papers.label_zpl import write_zpl
from shipping.papers.packing_slip import write_packing_slips
from shipping.papers.return_slip import write_return_slips

PDF, ZPL = "application/pdf", "application/octet-stream"
Writer = Callable[[Iterable[Any], BinaryIO, int], int]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that can be asked for. `kind` is what the log calls it: a label is the same in every size."""

    code: str
    kind: str
    name: str | Promise
    of: Callable[[Order], Sequence[Any]]
    write: Writer
    media: str = PDF

    @property
    def ending(self) -> str:
        return "pdf" if self.media == PDF else "zpl"


def _label(format: Format) -> Writer:
    return lambda papers, out, start: write_labels(papers, out, format=format, start=start)


def _zpl(dpi: int) -> Writer:
    return lambda papers, out, _start: write_zpl(papers, out, dpi=dpi)


_ALL = (
    Paper("label-a6", "label", _("Label A6"), facts.labels_of, _label(Format.A6)),
    Paper("label-roll", "label", _("Label 100 × 150 mm"), facts.labels_of, _label(Format.ROLL)),
    Paper("label-a4", "label", _("Labels, four on A4"), facts.labels_of, _label(Format.A4_OF_FOUR)),
    Paper("zpl-203", "label", _("Label ZPL, 203 dpi"), facts.labels_of, _zpl(203), ZPL),
    Paper("zpl-300", "label", _("Label ZPL, 300 dpi"), facts.labels_of, _zpl(300), ZPL),
    Paper(
        "slip",
        "slip",
        _("Packing slip"),
        lambda order: [facts.slip_of(order)],
        lambda papers, out, _start: write_packing_slips(papers, out),
    ),
    Paper(
        "ddt",
        "ddt",
        _("Transport document (DDT)"),
        lambda order: [transport.document_of(order)],
        lambda papers, out, _start: write_transport_documents(papers, out),
    ),
    Paper(
        "return",
        "return",
        _("Return slip"),
        lambda order: [facts.return_slip_of(order)],
        lambda papers, out, _start: write_return_slips(papers, out),
    ),
)
PAPERS = {paper.code: paper for paper in _ALL}


@dataclass(frozen=True, slots=True)
class Printed:
    """A file for the printer. `again`: it had been printed before."""

    data: bytes
    media: str
    name: str
    again: bool = False


def paper(code: str) -> Paper:
    """Raises NoSuchPaper."""
    if code not in PAPERS:
        raise NoSuchPaper
    return PAPERS[code]


@transaction.atomic
def print_one(order_id: int, code: str, *, by: int | None, start: int = 1) -> Printed:
    """The paper of one parcel, noted. What has not changed is the same file to the byte. Raises NoSuchPaper, NoParcel,
    SupplierUnknown, BuyerUnknown and what shipping/papers raises; then nothing is noted and no number is used."""
    wanted = paper(code)
    order = prepare([order_id], wanted, by=by)[order_id]
    if isinstance(order, DomainError):
        raise order
    data = io.BytesIO()
    wanted.write(wanted.of(order), data, start)
    again = note([order], wanted, by=by)
    name = f"{order.number}-{wanted.code}.{wanted.ending}"
    return Printed(data.getvalue(), wanted.media, name, bool(again))


def copy_of_transport_document(order_id: int) -> bytes:
    """The document of an order that has one, to read; nothing is numbered or noted. Raises NoDocument, NoParcel."""
    order = facts.load([order_id])[order_id]
    if not (hasattr(order, "transport_document") and order.transport_document.facts):
        raise NoDocument(number=order.number)
    out = io.BytesIO()
    write_transport_documents([transport.document_of(order)], out)
    return out.getvalue()


def prepare(order_ids: Sequence[int], wanted: Paper, *, by: int | None) -> dict[int, Order | DomainError]:
    """In the caller's transaction: locks the orders, numbers what needs a number, and says of each whether its paper
    can be made. The order of `order_ids` is that of the numbers."""
    locked = Order.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(order_ids))
    list(locked.order_by("pk").values_list("pk", flat=True))
    found: dict[int, Order | DomainError] = {}
    loaded = facts.load(order_ids)
    for pk in order_ids:
        order = loaded.get(pk)
        if order is None:
            continue
        try:
            if wanted.kind == "ddt":
                with transaction.atomic():
                    transport.draw([order], by=by)
                    wanted.of(order)
            else:
                wanted.of(order)
        except DomainError as error:
            found[pk] = error
        else:
            found[pk] = order
    return found


def note(orders: Iterable[Order], wanted: Paper, *, by: int | None) -> set[int]:
    """Writes who printed what into the history of the parcels; the ids of the orders whose paper had been printed
    before."""
    orders = list(orders)
    before = set(
        ShipmentEvent.objects.filter(
            shipment_id__in=[order.shipment_id for order in orders], axis="paper", to_value=wanted.kind
        ).values_list("shipment_id", flat=True)
    )
    ShipmentEvent.objects.bulk_create(
        [
            ShipmentEvent(
                shipment=facts.parcel_of(order),
                axis="paper",
                from_value="again" if order.shipment_id in before else "",
                to_value=wanted.kind,
                note=facts.digest(wanted.of(order)),
                by_id=by,
            )
            for order in orders
        ]
    )
    return {order.pk for order in orders if order.shipment_id in before}


@dataclass(frozen=True, slots=True)
class PrintedBefore:
    """The last print of a kind of paper. `old`: what would be printed now says something else."""

    kind: str
    name: str | Promise
    times: int
    last: ShipmentEvent
    old: bool


_NAMES: dict[str, str | Promise] = {
    "label": _("Label"),
    "slip": _("Packing slip"),
    "ddt": _("Transport document (DDT)"),
    "return": _("Return slip"),
}


def printed_before(order: Order) -> list[PrintedBefore]:
    """What was printed of an order's parcel, by kind; 6 queries at most."""
    if order.shipment_id is None:
        return []
    events = list(
        ShipmentEvent.objects.filter(axis="paper", shipment_id=order.shipment_id).select_related("by").order_by("id")
    )
    if not events:
        return []
    loaded = facts.load([order.pk])[order.pk]
    found = []
    for kind, name in _NAMES.items():
        mine = [event for event in events if event.to_value == kind]
        if mine:
            now = _mark(loaded, kind)
            found.append(PrintedBefore(kind, name, len(mine), mine[-1], bool(now) and mine[-1].note != now))
    return found


def _mark(order: Order, kind: str) -> str:
    """The mark of what would be printed now; "" when nothing can be."""
    wanted = next(one for one in _ALL if one.kind == kind)
    try:
        return facts.digest(wanted.of(order))
    except DomainError:
        return ""
