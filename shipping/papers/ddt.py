"""The documento di trasporto (art. 1 D.P.R. 472/1996; with it goods are invoiced later, art. 21 c. 4 lett. a D.P.R.
633/1972): number and day, seller, buyer, where the goods go, what they are and how many. Prices are not asked for, and
there are none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.lib.units import mm

from core.address import Address
from shipping.papers import barcodes, sheet
from shipping.papers.errors import BadPaper
from shipping.papers.packing_slip import SlipLine, article_columns, article_row, total
from shipping.papers.sheet import Box, Sheet
from shipping.papers.words import Party, consignee, count, day, kilos, moment


@dataclass(frozen=True, slots=True)
class TransportDocument:
    """`number` is its own in `year` (with the series, "12/A"), given without gaps by who calls. Three parties: `seller`
    (cedente), `buyer` (cessionario: the reseller, with their VAT number), `recipient` (where the goods are delivered).
    `reason` is the causale, `appearance` how the goods look from outside; `start` when the transport begins (aware).
    `reference` is printed as a barcode, "" for none. Raises BadPaper, NoBarcode."""

    number: str
    year: int
    date: dt.date
    seller: Party
    buyer: Party
    recipient: Address
    lines: tuple[SlipLine, ...]
    reason: str
    appearance: str
    parcels: int
    weight_g: int
    carrier: Party
    start: dt.datetime | None = None
    carriage: str = ""
    reference: str = ""
    order_number: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.reference:
            barcodes.plain(self.reference)
        wrong = self.parcels < 1 or self.weight_g < 0 or self.year != self.date.year or not self.buyer.vat_number
        if wrong or not self.number or not self.lines or any(line.quantity < 1 for line in self.lines):
            raise BadPaper(reference=f"{self.number}/{self.year}")


def write_transport_documents(documents: Iterable[TransportDocument], out: BinaryIO, *, language: str = "it") -> int:
    """A PDF of `documents` into `out`, each from a page of its own; how many pages. The same document makes the same
    bytes: what is printed again is a copy. Raises NothingToPrint."""
    return sheet.write_sheets((_sheet(document) for document in documents), out, language)


def _sheet(ddt: TransportDocument) -> Sheet:
    about = [_("of %(day)s") % {"day": day(ddt.date)}]
    if ddt.order_number:
        about.append(_("Order %(number)s") % {"number": ddt.order_number})
    transport = [
        Box(_("Reason for transport"), lines=(ddt.reason,), share=1.7),
        Box(_("Outward appearance of the goods"), lines=(ddt.appearance,), share=1.3),
        Box(pgettext("paper", "Parcels"), lines=(count(ddt.parcels),), share=0.5),
        Box(_("Gross weight"), lines=(kilos(ddt.weight_g),), share=0.7),
    ]
    carrier = [
        Box.of(_("Transport by: carrier"), ddt.carrier, 2),
        Box(pgettext("paper", "Carriage"), lines=(ddt.carriage or "–",)),
        Box(_("Transport begins"), lines=(moment(ddt.start) if ddt.start else "",), share=1.2),
    ]
    signatures = [Box(_("Signature of the driver")), Box(_("Signature of the recipient"))]
    foot = sheet.stacked(
        sheet.boxes(transport), sheet.boxes(carrier), sheet.boxes(signatures, least=17 * mm, after=1 * mm)
    )
    return Sheet(
        title=_("Transport document (DDT)"),
        number=_("No. %(number)s/%(year)s") % {"number": ddt.number, "year": ddt.year},
        issuer=Party(ddt.seller.name, ddt.seller.lines),
        about=tuple(about),
        code=ddt.reference,
        boxes=[
            [Box.of(pgettext("paper", "Seller"), ddt.seller), Box.of(pgettext("paper", "Buyer"), ddt.buyer)],
            [Box.of(_("Place of delivery (recipient)"), consignee(ddt.recipient))],
        ],
        columns=article_columns(),
        items=[article_row(line) for line in ddt.lines],
        closing=[total(sum(line.quantity for line in ddt.lines)), *([sheet.words(ddt.note)] if ddt.note else [])],
        foot=foot,
    )
