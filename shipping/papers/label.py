"""The house label of a parcel, as a PDF: what a driver, a packer and a scanner must find on it at once."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from core.address import Address
from core.money import cents
from shipping.papers import barcodes
from shipping.papers.errors import BadPaper, NothingToPrint
from shipping.papers.fitting import Fit, fit
from shipping.papers.fonts import Face
from shipping.papers.words import Party, country, euro, in_language, kilos, town
from shipping.papers.writing import put, say, write

A4 = (210 * mm, 297 * mm)
MARGIN = 4 * mm


@dataclass(frozen=True, slots=True)
class Label:
    """One piece of a shipment. `reference` is what our scanners read (Code 128 and QR), `tracking` the courier's
    number, "" when it is not known yet. `cod` is what the driver collects for this piece (EUR, VAT included), None for
    nothing: of several pieces one bears it. Raises BadPaper, NoBarcode."""

    reference: str
    order_number: str
    courier: str
    method: str
    recipient: Address
    weight_g: int
    sender: Party = field(default_factory=lambda: Party(""))
    piece: int = 1
    pieces: int = 1
    cod: Decimal | None = None
    tracking: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        amount = self.cod
        if not 1 <= self.piece <= self.pieces or self.weight_g < 0:
            raise BadPaper(reference=self.reference)
        if amount is not None and not (amount.is_finite() and 0 < amount == cents(amount)):
            raise BadPaper(reference=self.reference)
        barcodes.plain(self.reference)
        if self.tracking:
            barcodes.plain(self.tracking)


class Format(enum.Enum):
    """The paper that is in the printer; width and height in points."""

    A6 = (105 * mm, 148 * mm)
    ROLL = (100 * mm, 150 * mm)
    A4_OF_FOUR = A4

    @property
    def label(self) -> tuple[float, float]:
        return (A4[0] / 2, A4[1] / 2) if self is Format.A4_OF_FOUR else self.value


def write_labels(
    labels: Iterable[Label], out: BinaryIO, *, format: Format = Format.A6, start: int = 1, language: str = "it"
) -> int:
    """A PDF of `labels` into `out`; how many pages it has. Of a sheet of four, `start` is the first label that is still
    on it: 1 top left, 2 top right, 3 and 4 below. Raises BadPaper when there is no such place on the sheet,
    NothingToPrint when there is no label."""
    places = 4 if format is Format.A4_OF_FOUR else 1
    if not 1 <= start <= places:
        raise BadPaper(reference=str(start))
    with write(out, format.value, "Labels") as canvas, in_language(language):
        place = start - 1
        empty = True
        for label in labels:
            if place == places:
                canvas.showPage()
                place = 0
            wide, high = format.label
            left = wide if place % 2 else 0
            bottom = high if places == 4 and place < 2 else 0
            _Drawing(canvas, label, left, bottom, wide, high).draw()
            place += 1
            empty = False
        if empty:
            raise NothingToPrint
        canvas.showPage()
        return canvas.getPageNumber() - 1


class _Drawing:
    def __init__(self, canvas: Canvas, label: Label, left: float, bottom: float, wide: float, high: float) -> None:
        self.canvas, self.label = canvas, label
        self.left, self.right = left + MARGIN, left + wide - MARGIN
        self.bottom, self.top = bottom + MARGIN, bottom + high - MARGIN
        self.room = self.right - self.left

    def draw(self) -> None:
        top = self._courier(self.top)
        floor = self._codes(self.bottom)
        floor = self._to_collect(floor)
        top = self._sender(top)
        self._recipient(top, floor)

    def _courier(self, top: float) -> float:
        """Whose lorry, which piece and how heavy."""
        label, high = self.label, 13 * mm
        piece = _("Parcel %(piece)s/%(pieces)s") % {"piece": label.piece, "pieces": label.pieces}
        side = 31 * mm
        self._one(label.courier, self.left, top - 15, self.room - side, Face.BLACK, 17, 9)
        self._one(label.method, self.left, top - 29, self.room - side, Face.SEMIBOLD, 10.5, 7)
        self._right(piece, self.right, top - 14, side, Face.BOLD, 14, 8)
        self._right(kilos(label.weight_g), self.right, top - 29, side, Face.SEMIBOLD, 11, 7)
        self._rule(top - high, 1.4)
        return top - high

    def _sender(self, top: float) -> float:
        sender = self.label.sender
        if not sender.name:
            return top
        told = " · ".join([sender.name, *sender.lines])
        found = fit(
            _("From: %(sender)s") % {"sender": told}, self.room, face=Face.REGULAR, size=7.5, least=6.5, lines=2
        )
        put(self.canvas, found, self.left, self.right, top - 2, Face.REGULAR)
        self._rule(top - 4 - found.height - 1, 0.4)
        return top - 4 - found.height - 1

    def _recipient(self, top: float, floor: float) -> None:
        self._one(_("To"), self.left, top - 9, 30 * mm, Face.REGULAR, 7.5, 6)
        y = top - 11
        for part, found in within(recipient(self.label), self.room, y - floor - 2):
            y = put(self.canvas, found, self.left, self.right, y - part.gap, part.face)

    def _to_collect(self, floor: float) -> float:
        """The amount at the door in white on black, or that there is none, so that nobody asks for it."""
        label, canvas = self.label, self.canvas
        if label.cod is None:
            high = 7 * mm
            told = _("Nothing to collect") if label.pieces == 1 else _("Nothing to collect for this parcel")
            canvas.setLineWidth(0.8)
            canvas.rect(self.left, floor, self.room, high)
            self._one(told, self.left + 2 * mm, floor + 6.5, self.room - 4 * mm, Face.SEMIBOLD, 11, 7)
            return floor + high
        high = 15 * mm
        canvas.setFillGray(0)
        canvas.rect(self.left, floor, self.room, high, stroke=0, fill=1)
        words = 36 * mm
        self._one(_("CASH ON DELIVERY"), self.left + 3 * mm, floor + 14, words, Face.BOLD, 16, 8, gray=1)
        amount = euro(label.cod)
        room = self.room - words - 8 * mm
        self._right(amount, self.right - 3 * mm, floor + 11, room, Face.BLACK, 34, 14, gray=1)
        return floor + high

    def _codes(self, floor: float) -> float:
        """Courier's number below over the whole width, ours above it beside the QR code."""
        label, y = self.label, floor
        if label.tracking:
            told = _("Tracking %(number)s") % {"number": label.tracking}
            self._code(label.tracking, told, y, self.room, 12 * mm)
            y += 19 * mm
            self._rule(y - 1 * mm, 0.4)
        side = 24 * mm
        barcodes.draw_qr(self.canvas, label.reference, self.right - side + 2 * mm, y, side)
        order = _("Order %(number)s") % {"number": label.order_number}
        told = order if label.order_number == label.reference else f"{order} · {label.reference}"
        self._code(label.reference, told, y + 1 * mm, self.room - side, 14 * mm)
        return y + side + 1 * mm

    def _code(self, value: str, told: str, y: float, room: float, high: float) -> None:
        """Bars with the number below them; the number alone, in large type, where they would be too fine to scan."""
        taken = barcodes.draw_code128(self.canvas, value, self.left - 2 * mm, y + 4.2 * mm, room + 2 * mm, high)
        size, where = (10.5, y + 1) if taken else (15, y + 4.2 * mm)
        self._one(told, self.left, where, room, Face.SEMIBOLD, size, 5.5)

    def _one(
        self, text: str, x: float, y: float, room: float, which: Face, size: float, least: float, gray: float = 0
    ) -> None:
        say(self.canvas, text, x, x + room, y, which, size, least, gray=gray)

    def _right(
        self, text: str, x: float, y: float, room: float, which: Face, size: float, least: float, gray: float = 0
    ) -> None:
        say(self.canvas, text, x - room, x, y, which, size, least, align="right", gray=gray)

    def _rule(self, y: float, thick: float) -> None:
        self.canvas.setLineWidth(thick)
        self.canvas.line(self.left, y, self.right, y)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the recipient's address: sizes in points, `lines` at most, `gap` before it."""

    text: str
    face: Face
    size: float
    least: float
    lines: int = 1
    street: bool = False
    gap: float = 0


def recipient(label: Label) -> list[Part]:
    """Who gets the parcel, in the order of an envelope; the note for the driver comes last."""
    to = label.recipient
    parts = [
        Part(to.name, Face.BOLD, 16, 9, 2),
        Part(to.company, Face.SEMIBOLD, 12, 8),
        Part(to.street, Face.SEMIBOLD, 14, 9, 3, street=True, gap=2),
        Part(to.street2, Face.REGULAR, 12, 8, 2),
        Part(town(to), Face.BOLD, 17, 10, 2, gap=3),
        Part(country(to), Face.BOLD, 13, 9, gap=1),
        Part(_("Phone %(phone)s") % {"phone": to.phone} if to.phone else "", Face.SEMIBOLD, 10.5, 8, gap=3),
        Part(label.note, Face.REGULAR, 10, 7.5, 2, gap=2),
    ]
    return [part for part in parts if part.text.strip()]


def within(parts: list[Part], room: float, height: float) -> list[tuple[Part, Fit]]:
    """The parts as large as they are together within `height`; the note gives way before the address does."""
    while parts:
        for scale in (1.4, 1.25, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
            found = [_scaled(part, scale, room) for part in parts]
            if sum(one.height + part.gap for one, part in zip(found, parts, strict=True)) <= height:
                return list(zip(parts, found, strict=True))
        parts = parts[:-1]
    return []


def _scaled(part: Part, scale: float, room: float) -> Fit:
    size = max(part.size * scale, part.least)
    return fit(part.text, room, face=part.face, size=size, least=part.least, lines=part.lines, street=part.street)
