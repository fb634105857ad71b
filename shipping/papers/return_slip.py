"""The slip with which a customer sends goods back: the code that the returns desk scans, what may come back and why,
and the address to cut out."""

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
from shipping.papers.fitting import fit
from shipping.papers.fonts import Face
from shipping.papers.packing_slip import SlipLine
from shipping.papers.sheet import Block, Box, Sheet
from shipping.papers.table import Column, Row, Tick
from shipping.papers.words import Party, consignee, count, day
from shipping.papers.writing import put, say


@dataclass(frozen=True, slots=True)
class ReturnSlip:
    """`reference` is what the returns desk scans. `send_to` is where the parcel goes back; `sent_by` the customer;
    `lines` what was sent; `until` the last day, `line` a sentence of the reseller. Raises BadPaper, NoBarcode."""

    reference: str
    order_number: str
    reseller: Party
    sent_by: Address
    send_to: Address
    lines: tuple[SlipLine, ...]
    until: dt.date | None = None
    line: str = ""
    logo: bytes = b""

    def __post_init__(self) -> None:
        barcodes.plain(self.reference)
        if not self.lines or any(line.quantity < 1 for line in self.lines):
            raise BadPaper(reference=self.reference)


def write_return_slips(slips: Iterable[ReturnSlip], out: BinaryIO, *, language: str = "it") -> int:
    """A PDF of `slips` into `out`, each from a page of its own; how many pages. Raises NothingToPrint."""
    return sheet.write_sheets((_sheet(slip) for slip in slips), out, language)


def _sheet(slip: ReturnSlip) -> Sheet:
    asked = _("Tick what you send back, write how many pieces and the letter of the reason, and put this page inside.")
    until = _("Return by %(day)s") % {"day": day(slip.until)} if slip.until else ""
    return Sheet(
        title=_("Return slip"),
        number=slip.reference,
        issuer=slip.reseller,
        about=tuple(filter(None, [_("Order %(number)s") % {"number": slip.order_number}, until])),
        code=slip.reference,
        logo=logo.or_none(slip.logo),
        boxes=[
            [
                Box.of(_("Returned by"), consignee(slip.sent_by)),
                Box.of(_("Send the parcel to"), consignee(slip.send_to)),
            ]
        ],
        intro=(slip.line, asked),
        columns=[
            Column("", 9),
            Column(pgettext("paper", "Article"), 34, face=Face.SEMIBOLD, size=9.5, least=6.5, lines=2),
            Column(_("Description"), 82, size=10, least=8, lines=3),
            Column(_("Pieces sent"), 18, align="right", face=Face.SEMIBOLD, size=10, least=7),
            Column(_("Sent back"), 18, align="right"),
            Column(_("Reason (A–F)"), 19, align="right"),
        ],
        items=[_row(line) for line in slip.lines],
        closing=[_reasons()],
        foot=_to_cut_out(slip),
    )


def _row(line: SlipLine) -> Row:
    told = f"{line.description} – {line.options}" if line.options else line.description
    return Row((Tick(), line.sku, told, count(line.quantity), "______", "______"))


def _reasons() -> Block:
    reasons = [
        ("A", _("changed my mind")),
        ("B", _("not what I ordered")),
        ("C", _("damaged on the way")),
        ("D", _("faulty")),
        ("E", _("a piece is missing")),
        ("F", _("something else (write it on the back)")),
    ]
    high = 6 * mm

    def draw(canvas: Canvas, top: float) -> None:
        say(canvas, _("Reasons"), sheet.LEFT, sheet.RIGHT, top - 3.5 * mm, Face.SEMIBOLD, 7.5, 6, gray=0.35)
        wide = (sheet.RIGHT - sheet.LEFT) / 3
        for number, (letter, told) in enumerate(reasons):
            left = sheet.LEFT + wide * (number % 3)
            y = top - 9 * mm - high * (number // 3)
            say(canvas, letter, left, left + 5 * mm, y, Face.BLACK, 10, 8)
            say(canvas, told, left + 5 * mm, left + wide - 3 * mm, y, Face.REGULAR, 9.5, 6.5)

    return Block(9 * mm + 2 * high, draw)


def _to_cut_out(slip: ReturnSlip) -> Block:
    """The address to stick on the parcel, with the code, so that the desk knows it unopened."""
    high = 62 * mm
    to = consignee(slip.send_to)

    def draw(canvas: Canvas, top: float) -> None:
        canvas.setDash(3, 3)
        canvas.setLineWidth(0.6)
        canvas.line(sheet.LEFT, top, sheet.RIGHT, top)
        canvas.setDash()
        told = _("Cut here and stick it on the parcel; cover other barcodes.")
        say(canvas, told, sheet.LEFT, sheet.RIGHT, top - 3.5 * mm, Face.REGULAR, 7.5, 6, align="center", gray=0.35)
        left, room = sheet.LEFT, 112 * mm
        sender = consignee(slip.sent_by)
        said = _("From: %(sender)s") % {"sender": " · ".join([sender.name, *sender.lines])}
        small = fit(said, room, face=Face.REGULAR, size=8, least=6.5, lines=3, street=True)
        y = put(canvas, small, left, left + room, top - 6 * mm, Face.REGULAR)
        say(canvas, _("Return to"), left, left + room, y - 5 * mm, Face.SEMIBOLD, 8, 6, gray=0.35)
        y -= 7 * mm
        for number, text in enumerate([to.name, *to.lines]):
            which = Face.BLACK if number == 0 else Face.SEMIBOLD
            found = fit(text, room, face=which, size=15 if number == 0 else 13, least=9, lines=2, street=True)
            if y - found.height < top - high:
                found = fit(text, room, face=which, size=9, least=7, street=True)
            y = put(canvas, found, left, left + room, y, which)
        side = 32 * mm
        barcodes.draw_qr(canvas, slip.reference, sheet.RIGHT - side + 3 * mm, top - 6 * mm - side, side)
        wide = barcodes.length(slip.reference, 66 * mm)
        barcodes.draw_code128(canvas, slip.reference, sheet.RIGHT - wide + 2 * mm, top - 54 * mm, wide or 1, 14 * mm)
        say(canvas, slip.reference, sheet.RIGHT - 66 * mm, sheet.RIGHT, top - 59 * mm, Face.BOLD, 12, 7, align="right")

    return Block(high, draw)
