"""Rows over pages: every cell within its column, every row as high as its longest cell, the heading on each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shipping.papers import barcodes
from shipping.papers.fitting import Fit, fit
from shipping.papers.fonts import Face
from shipping.papers.writing import Align, put, say

GUTTER = 2.5 * mm
_PAD = 1.6 * mm
_HEADING = 6.5 * mm
_BARS = 8 * mm


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is a share of the table's width; `lines` at most, the last with an ellipsis."""

    title: str
    width: float
    align: Align = "left"
    face: Face = Face.REGULAR
    size: float = 9.5
    least: float = 7.5
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Bars:
    """A cell with a Code 128 and its value below it; the value alone where the column is too narrow for the code."""

    value: str


@dataclass(frozen=True, slots=True)
class Tick:
    """An empty box to be ticked with a pen."""


Cell = str | Bars | Tick


@dataclass(frozen=True, slots=True)
class Group:
    """A heading between rows; it stands again over what goes on on the next page, and never last on a page. `code` is
    printed as a barcode, "" for none."""

    title: str
    more: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`pieces` is what the foot of the page counts."""

    cells: tuple[Cell, ...]
    pieces: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A row or group with its height; `fits` are the texts of its cells, None where something else is drawn."""

    item: Row | Group
    height: float
    fits: tuple[Fit | None, ...] = ()
    goes_on: bool = False


class Table:
    def __init__(self, columns: Sequence[Column], left: float, width: float) -> None:
        whole = sum(column.width for column in columns)
        self.columns = columns
        self.left, self.width = left, width
        self.edges: list[tuple[float, float]] = []
        at = left
        for column in columns:
            share = width * column.width / whole
            self.edges.append((at, at + share - GUTTER))
            at += share
        self.edges[-1] = (self.edges[-1][0], left + width)

    def pages(
        self, items: Sequence[Row | Group], first: float, others: float, closing: float = 0
    ) -> list[list[Placed]]:
        """What stands on which page: `first` and `others` are the heights for rows and their heading, `closing` what
        must be left over on the last page. One page at least."""
        pages: list[list[Placed]] = [[]]
        room = first - _HEADING
        group: Placed | None = None
        placed = [self.place(item) for item in items]
        for number, one in enumerate(placed):
            after = one.height
            if isinstance(one.item, Group):
                group = one
                after += placed[number + 1].height if number + 1 < len(placed) else 0
            if after > room and pages[-1]:
                pages.append([])
                room = others - _HEADING
                if group and one is not group:
                    again = Placed(group.item, group.height, goes_on=True)
                    pages[-1].append(again)
                    room -= again.height
            pages[-1].append(one)
            room -= one.height
        if closing > room:  # never alone over an empty table
            pages.append([])
            if len(pages[-2]) > 1 and isinstance(pages[-2][-1].item, Row):
                if group and not isinstance(pages[-2][-2].item, Group):
                    pages[-1].append(Placed(group.item, group.height, goes_on=True))
                elif group:
                    pages[-1].append(pages[-2].pop(-2))
                pages[-1].append(pages[-2].pop())
        return pages

    def place(self, item: Row | Group) -> Placed:
        if isinstance(item, Group):
            return Placed(item, (13 if item.code else 8.5) * mm)
        fits: list[Fit | None] = []
        height = 0.0
        for cell, column, (left, right) in zip(item.cells, self.columns, self.edges, strict=True):
            if isinstance(cell, str):
                found = fit(
                    cell, right - left, face=column.face, size=column.size, least=column.least, lines=column.lines
                )
                fits.append(found)
                height = max(height, found.height)
            else:
                fits.append(None)
                height = max(height, _BARS + 3.4 * mm if isinstance(cell, Bars) else 4 * mm)
        return Placed(item, height + 2 * _PAD, tuple(fits))

    def draw(self, canvas: Canvas, top: float, page: Sequence[Placed]) -> float:
        """The rows from `top` down; where they end."""
        y = self._titles(canvas, top)
        for one in page:
            if isinstance(one.item, Group):
                self._group(canvas, y, one)
            else:
                self._row(canvas, y, one, one.item)
            y -= one.height
        canvas.setStrokeGray(0)
        return y

    def _titles(self, canvas: Canvas, top: float) -> float:
        for column, (left, right) in zip(self.columns, self.edges, strict=True):
            say(
                canvas,
                column.title,
                left,
                right,
                top - 3.4 * mm,
                Face.SEMIBOLD,
                7.5,
                5.5,
                align=column.align,
                gray=0.35,
            )
        canvas.setStrokeGray(0)
        canvas.setLineWidth(0.9)
        canvas.line(self.left, top - _HEADING + 1.2 * mm, self.left + self.width, top - _HEADING + 1.2 * mm)
        return top - _HEADING + 1.2 * mm

    def _group(self, canvas: Canvas, top: float, placed: Placed) -> None:
        assert isinstance(placed.item, Group)
        group, high = placed.item, placed.height - 1.2 * mm
        canvas.setFillGray(0.92)
        canvas.rect(self.left, top - placed.height + 0.6 * mm, self.width, high, stroke=0, fill=1)
        left, right, middle = self.left + 2 * mm, self.left + self.width - 2 * mm, top - placed.height / 2
        wide = barcodes.length(group.code, 70 * mm) if group.code else 0
        if wide:
            canvas.setFillGray(1)
            canvas.rect(right - wide, middle - high / 2 + 0.7 * mm, wide, high - 1.4 * mm, stroke=0, fill=1)
            barcodes.draw_code128(canvas, group.code, right - wide, middle - high / 2 + 1.2 * mm, wide, high - 2.4 * mm)
            right -= wide + 3 * mm
        title = _("%(title)s (continued)") % {"title": group.title} if placed.goes_on else group.title
        part = left + (right - left) * 0.6
        say(canvas, title, left, part, middle - 4.5, Face.BLACK, 13, 8)
        say(canvas, group.more, part + GUTTER, right, middle - 3.2, Face.REGULAR, 9.5, 6.5, align="right")

    def _row(self, canvas: Canvas, top: float, placed: Placed, row: Row) -> None:
        for cell, found, column, (left, right) in zip(row.cells, placed.fits, self.columns, self.edges, strict=True):
            if found:
                put(canvas, found, left, right, top - _PAD, column.face, align=column.align)
            elif isinstance(cell, Bars):
                self._bars(canvas, cell, left, right, top - _PAD)
            elif isinstance(cell, Tick):
                canvas.setLineWidth(0.8)
                canvas.rect(right - 4 * mm if column.align == "right" else left, top - _PAD - 4 * mm, 4 * mm, 4 * mm)
        canvas.setStrokeGray(0.75)
        canvas.setLineWidth(0.4)
        canvas.line(self.left, top - placed.height, self.left + self.width, top - placed.height)
        canvas.setStrokeGray(0)

    def _bars(self, canvas: Canvas, cell: Bars, left: float, right: float, top: float) -> None:
        if barcodes.length(cell.value, right - left):
            barcodes.draw_code128(canvas, cell.value, left, top - _BARS, right - left, _BARS)
            say(canvas, cell.value, left + 2 * mm, right, top - _BARS - 2.7 * mm, Face.SEMIBOLD, 8, 5)
        else:
            found = fit(cell.value, right - left, face=Face.SEMIBOLD, size=10, least=6, lines=3)
            put(canvas, found, left, right, top, Face.SEMIBOLD)
