"""An A4 paper: who issues it, what it is, boxes, a table over as many pages as it takes, its end, page n of m."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from shipping.papers import barcodes
from shipping.papers.errors import NothingToPrint
from shipping.papers.fitting import Fit, fit
from shipping.papers.fonts import Face
from shipping.papers.table import Column, Group, Row, Table
from shipping.papers.words import Party, count, in_language
from shipping.papers.writing import put, say, write

A4 = (210 * mm, 297 * mm)
LEFT, RIGHT, TOP, BOTTOM = 15 * mm, 195 * mm, 284 * mm, 17 * mm
_MASTHEAD = 33 * mm
_RUNNING = 13 * mm  # the head of the following pages
_INSET = 2.2 * mm


@dataclass(frozen=True, slots=True)
class Box:
    """A framed part: a small title, a name in bold, lines below it (of an address the number stays)."""

    title: str
    name: str = ""
    lines: tuple[str, ...] = ()
    share: float = 1

    @classmethod
    def of(cls, title: str, party: Party, share: float = 1) -> Box:
        vat = _("VAT number %(number)s") % {"number": party.vat_number} if party.vat_number else ""
        tax = _("Tax code %(number)s") % {"number": party.tax_code} if party.tax_code else ""
        return cls(title, party.name, (*party.lines, *filter(None, (vat, tax))), share)


@dataclass(frozen=True, slots=True)
class Block:
    """Something drawn once, `height` points high, between LEFT and RIGHT from the `top` that `draw` is given."""

    height: float
    draw: Callable[[Canvas, float], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is on it. `about` (two lines) stands under the title, `code` below as Code 128 ("" for none); `intro` before
    the table, `closing` after it, `foot` at the bottom of the last page; with `counted` each page says what is still to
    come."""

    title: str
    number: str
    issuer: Party
    columns: Sequence[Column]
    items: Sequence[Row | Group]
    about: tuple[str, ...] = ()
    code: str = ""
    logo: ImageReader | None = None
    boxes: Sequence[Sequence[Box]] = ()
    intro: tuple[str, ...] = ()
    closing: Sequence[Block] = field(default_factory=tuple)
    foot: Block | None = None
    counted: bool = False


def write_sheets(sheets: Iterable[Sheet], out: BinaryIO, language: str) -> int:
    """A PDF of `sheets` into `out`, each from a page of its own; how many pages. They are drawn one after the other and
    may be made as they are asked for, in `language`. Raises NothingToPrint when there is none."""
    pages = 0
    with write(out, A4, "") as canvas, in_language(language):
        for number, sheet in enumerate(sheets):
            if number == 0:
                canvas.setTitle(f"{sheet.title} {sheet.number}")
            pages += draw(canvas, sheet)
        if not pages:
            raise NothingToPrint
    return pages


def draw(canvas: Canvas, sheet: Sheet) -> int:
    """All pages of `sheet`, in the language in force; how many."""
    table = Table(sheet.columns, LEFT, RIGHT - LEFT)
    boxes = [measured(row) for row in sheet.boxes]
    intro = [
        fit(text, RIGHT - LEFT, face=Face.REGULAR, size=10.5, least=8.5, lines=4)
        for text in sheet.intro
        if text.strip()
    ]
    above = _MASTHEAD + sum(height + 3 * mm for height, _row in boxes)
    above += sum(one.height + 3 * mm for one in intro)
    below = 7 * mm if sheet.counted else 0
    end = sum(block.height for block in sheet.closing) + (sheet.foot.height if sheet.foot else 0) + 3 * mm
    pages = table.pages(
        sheet.items, TOP - BOTTOM - above - below, TOP - BOTTOM - _RUNNING - below, end if end > 3 * mm else 0
    )
    left_over = sum(item.pieces for item in sheet.items if isinstance(item, Row))
    whole = left_over
    for number, page in enumerate(pages, start=1):
        if number == 1:
            y = _masthead(canvas, sheet)
            for height, row in boxes:
                draw_boxes(canvas, y, height, row)
                y -= height + 3 * mm
            for one in intro:
                y = put(canvas, one, LEFT, RIGHT, y, Face.REGULAR) - 3 * mm
        else:
            y = _running(canvas, sheet)
        y = table.draw(canvas, y, page)
        left_over -= sum(placed.item.pieces for placed in page if isinstance(placed.item, Row))
        if sheet.counted:
            _counted(canvas, y, left_over, whole)
        if number == len(pages):
            y -= 3 * mm
            for block in sheet.closing:
                block.draw(canvas, y)
                y -= block.height
            if sheet.foot:
                sheet.foot.draw(canvas, BOTTOM + sheet.foot.height)
        _page(canvas, sheet, number, len(pages))
        canvas.showPage()
    return len(pages)


def _masthead(canvas: Canvas, sheet: Sheet) -> float:
    middle = LEFT + 88 * mm
    y = TOP
    if sheet.logo is not None:
        wide, high = sheet.logo.getSize()
        scale = min(62 * mm / wide, 15 * mm / high)
        canvas.drawImage(sheet.logo, LEFT, TOP - high * scale, wide * scale, high * scale)
        y -= high * scale + 1.5 * mm
        y = put(
            canvas,
            fit(sheet.issuer.name, 80 * mm, face=Face.SEMIBOLD, size=9.5, least=7),
            LEFT,
            middle,
            y,
            Face.SEMIBOLD,
        )
    else:
        name = fit(sheet.issuer.name, 84 * mm, face=Face.BLACK, size=18, least=10, lines=2)
        y = put(canvas, name, LEFT, middle, y, Face.BLACK) - 0.5 * mm
    for line in sheet.issuer.lines[:3]:
        found = fit(line, 84 * mm, face=Face.REGULAR, size=8.5, least=6.5, street=True)
        if y - found.height < TOP - _MASTHEAD + 3 * mm:
            break
        y = put(canvas, found, LEFT, middle, y, Face.REGULAR, gray=0.25)
    left = middle + 2 * mm
    say(canvas, sheet.title, left, RIGHT, TOP - 13, Face.BOLD, 18, 9, align="right")
    say(canvas, sheet.number, left, RIGHT, TOP - 27, Face.SEMIBOLD, 12, 7, align="right")
    y = TOP - 38
    for line in sheet.about[:2]:
        say(canvas, line, left, RIGHT, y, Face.REGULAR, 9, 6.5, align="right", gray=0.25)
        y -= 11
    if sheet.code:
        room = RIGHT - left
        wide = barcodes.length(sheet.code, room)
        floor = TOP - _MASTHEAD + 4.2 * mm
        if wide:
            at = RIGHT - wide + _quiet(sheet.code, wide)
            barcodes.draw_code128(canvas, sheet.code, at, floor, room, y + 4 - floor)
        size = 6.5 if wide else 11
        say(canvas, sheet.code, left, RIGHT, floor - 2.3 * mm, Face.REGULAR, size, 4.5, align="right", gray=0.25)
    return TOP - _MASTHEAD


def _quiet(code: str, wide: float) -> float:
    """The quiet zone may lie in the margin, which is white."""
    return wide * barcodes.QUIET / (sum(barcodes.bars(code)) + 2 * barcodes.QUIET)


def _running(canvas: Canvas, sheet: Sheet) -> float:
    say(canvas, sheet.issuer.name, LEFT, LEFT + 85 * mm, TOP - 10, Face.SEMIBOLD, 10, 7)
    told = f"{sheet.title} · {sheet.number}"
    say(canvas, told, LEFT + 88 * mm, RIGHT, TOP - 10, Face.SEMIBOLD, 10, 6.5, align="right")
    return TOP - _RUNNING + 5 * mm


def _counted(canvas: Canvas, y: float, left_over: int, whole: int) -> None:
    told = _("Still to pick after this page: %(left)s of %(whole)s pieces")
    words = told % {"left": count(left_over), "whole": count(whole)}
    say(canvas, words, LEFT, RIGHT, y - 5 * mm, Face.SEMIBOLD, 9.5, 7, align="right")


def _page(canvas: Canvas, sheet: Sheet, number: int, pages: int) -> None:
    canvas.setStrokeGray(0.6)
    canvas.setLineWidth(0.4)
    canvas.line(LEFT, 12.5 * mm, RIGHT, 12.5 * mm)
    canvas.setStrokeGray(0)
    told = f"{sheet.title} {sheet.number}"
    say(canvas, told, LEFT, RIGHT - 42 * mm, 8.5 * mm, Face.REGULAR, 7.5, 6, gray=0.35)
    words = _("Page %(number)s of %(pages)s") % {"number": number, "pages": pages}
    say(canvas, words, RIGHT - 40 * mm, RIGHT, 8.5 * mm, Face.REGULAR, 7.5, 6, align="right", gray=0.35)


@dataclass(frozen=True, slots=True)
class _Measured:
    box: Box
    left: float
    right: float
    texts: tuple[tuple[Fit, Face], ...]

    @property
    def height(self) -> float:
        return 4.6 * mm + sum(found.height for found, _face in self.texts) + 1.6 * mm


def measured(row: Sequence[Box]) -> tuple[float, list[_Measured]]:
    """A row of boxes side by side: how high it is, and its boxes with their texts fitted."""
    gap = 3 * mm
    whole = sum(box.share for box in row)
    room = RIGHT - LEFT - gap * (len(row) - 1)
    found = []
    left = LEFT
    for box in row:
        right = left + room * box.share / whole
        found.append(_Measured(box, left, right, tuple(_texts(box, right - left - 2 * _INSET))))
        left = right + gap
    return max(one.height for one in found), found


def _texts(box: Box, room: float) -> Iterator[tuple[Fit, Face]]:
    if box.name:
        yield fit(box.name, room, face=Face.BOLD, size=10.5, least=8, lines=2), Face.BOLD
    for line in box.lines:
        yield fit(line, room, face=Face.REGULAR, size=9.5, least=7.5, lines=3, street=True), Face.REGULAR


def draw_boxes(canvas: Canvas, top: float, height: float, row: Sequence[_Measured]) -> None:
    """What `measured` found, from `top` down."""
    for one in row:
        canvas.setStrokeGray(0.55)
        canvas.setLineWidth(0.5)
        canvas.roundRect(one.left, top - height, one.right - one.left, height, 1.2 * mm)
        canvas.setStrokeGray(0)
        left, right = one.left + _INSET, one.right - _INSET
        say(canvas, one.box.title, left, right, top - 3.6 * mm, Face.SEMIBOLD, 7, 5.5, gray=0.4)
        y = top - 4.6 * mm
        for found, which in one.texts:
            y = put(canvas, found, left, right, y, which)


def boxes(row: Sequence[Box], *, least: float = 0, after: float = 3 * mm) -> Block:
    """A row of boxes as a block, at least `least` points high (room for a pen)."""
    height, found = measured(row)
    height = max(height, least)
    return Block(height + after, lambda canvas, top: draw_boxes(canvas, top, height, found))


def stacked(*blocks: Block) -> Block:
    """Blocks one below the other, as one."""

    def draw_all(canvas: Canvas, top: float) -> None:
        for block in blocks:
            block.draw(canvas, top)
            top -= block.height

    return Block(sum(block.height for block in blocks), draw_all)


def words(text: str) -> Block:
    """A sentence or two over the whole width."""
    found = fit(text, RIGHT - LEFT, face=Face.REGULAR, size=9.5, least=8, lines=4)

    def draw_words(canvas: Canvas, top: float) -> None:
        put(canvas, found, LEFT, RIGHT, top, Face.REGULAR)

    return Block(found.height + 3 * mm, draw_words)
