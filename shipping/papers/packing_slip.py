"""The slip that lies in the parcel, in the reseller's name: what is inside, and no word of what it cost or of who sent
it for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from core.address import Address
from shipping.papers import barcodes, logo, sheet
from shipping.papers.errors import BadPaper
from shipping.papers.fonts import Face
from shipping.papers.sheet import Block, Box, Sheet
from shipping.papers.table import Column, Row
from shipping.papers.words import Party, consignee, count, day
from shipping.papers.writing import say


@dataclass(frozen=True, slots=True)
class SlipLine:
    """Pieces of one article. `options` are colour, size and the like."""

    sku: str
    description: str
    quantity: int
    options: str = ""


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """`reference` is what the packer scans, `order_number` what the customer knows the order by; `reseller` is whose
    name stands on it, `logo` a picture of theirs (PNG, WebP, JPEG; b"" for none; one that cannot be read is left out),
    `line` a sentence of theirs to the customer. Raises BadPaper, NoBarcode."""

    reference: str
    order_number: str
    reseller: Party
    recipient: Address
    date: dt.date
    lines: tuple[SlipLine, ...]
    line: str = ""
    logo: bytes = b""
    courier: str = ""
    tracking: str = ""

    def __post_init__(self) -> None:
        barcodes.plain(self.reference)
        if not self.lines or any(line.quantity < 1 for line in self.lines):
            raise BadPaper(reference=self.reference)


def write_packing_slips(slips: Iterable[PackingSlip], out: BinaryIO, *, language: str = "it") -> int:
    """A PDF of `slips` into `out`, each from a page of its own; how many pages. Raises NothingToPrint."""
    return sheet.write_sheets((_sheet(slip) for slip in slips), out, language)


def _sheet(slip: PackingSlip) -> Sheet:
    sent = [slip.courier, _("Tracking %(number)s") % {"number": slip.tracking} if slip.tracking else ""]
    boxes = [Box.of(_("Ship to"), consignee(slip.recipient), 1.4)]
    if any(sent):
        boxes.append(Box(_("Sent with"), sent[0], tuple(filter(None, sent[1:]))))
    pieces = sum(line.quantity for line in slip.lines)
    return Sheet(
        title=_("Packing slip"),
        number=_("Order %(number)s") % {"number": slip.order_number},
        issuer=slip.reseller,
        about=(day(slip.date),),
        code=slip.reference,
        logo=logo.or_none(slip.logo),
        boxes=[boxes],
        intro=(slip.line,),
        columns=article_columns(),
        items=[article_row(line) for line in slip.lines],
        closing=[total(pieces)],
    )


def article_columns() -> list[Column]:
    """Article, description, pieces: the columns of every paper that lists goods."""
    return [
        Column(pgettext("paper", "Article"), 38, face=Face.SEMIBOLD, size=9.5, least=6.5, lines=3),
        Column(_("Description"), 118, size=10, least=8, lines=4),
        Column(_("Pieces"), 24, align="right", face=Face.BOLD, size=11, least=8),
    ]


def article_row(line: SlipLine) -> Row:
    told = f"{line.description} – {line.options}" if line.options else line.description
    return Row((line.sku, told, count(line.quantity)), line.quantity)


def total(pieces: int) -> Block:
    """The sum of the pieces, below its column."""

    def draw(canvas: Canvas, top: float) -> None:
        words = _("Pieces in all: %(pieces)s") % {"pieces": count(pieces)}
        say(canvas, words, sheet.LEFT, sheet.RIGHT, top - 4 * mm, Face.BOLD, 11, 8, align="right")

    return Block(8 * mm, draw)
