"""Barcodes as rectangles: Code 128 for the scanners of the warehouse, QR for phones. Black on white, with the quiet
zone that each norm asks for (ISO/IEC 15417: ten modules, 18004: four)."""

from __future__ import annotations

import functools
import re

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shipping.papers.errors import NoBarcode

PLAIN = re.compile(r"[!-~](?:[ -~]{0,78}[!-~])?", re.ASCII)
QUIET = 10  # modules on either side
# Module widths in points, dearest last: whole dots of a printer of 203 dpi (0.375, 0.25 mm), then what laser printers
# and 300 dpi do and common scanners still read (7.5 mil).
MODULES = (0.375 * mm, 0.333 * mm, 0.25 * mm, 0.19 * mm)


def plain(value: str) -> str:
    """`value`, which a barcode can hold; raises NoBarcode."""
    if not PLAIN.fullmatch(value):
        raise NoBarcode(value=value[:40].encode("utf-8", "replace").decode())
    return value


@functools.lru_cache(maxsize=1024)
def bars(value: str) -> tuple[int, ...]:
    """Widths in modules of a Code 128, bar and space by turns, without quiet zones. Raises NoBarcode."""
    code = Code128(plain(value))
    code.validate()
    code.encode()
    code.decompose()
    return tuple(ord(sign.upper()) - ord("A") + 1 for sign in code.decomposed)


def _module(value: str, room: float) -> float:
    modules = sum(bars(value)) + 2 * QUIET
    return next((one for one in MODULES if modules * one <= room + 0.01), 0)


def length(value: str, room: float) -> float:
    """How long `value` is as a Code 128 with its quiet zones (points), in the widest module that `room` allows; 0 when
    it allows none that a scanner reads."""
    return (sum(bars(value)) + 2 * QUIET) * _module(value, room)


def draw_code128(canvas: Canvas, value: str, x: float, y: float, room: float, height: float) -> float:
    """The bars from `x`, where the quiet zone begins; how long it is. 0, and nothing is drawn, when `room` is too
    narrow: a barcode that no scanner reads helps nobody."""
    one = _module(value, room)
    at = x + QUIET * one
    path = canvas.beginPath()
    for place, width in enumerate(bars(value) if one else ()):
        if place % 2 == 0:
            path.rect(at, y, width * one, height)
        at += width * one
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
    return length(value, room)


@functools.lru_cache(maxsize=1024)
def squares(value: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of a QR code, error correction M, without quiet zone. Raises NoBarcode."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(plain(value))
    code.make()
    return tuple(tuple(bool(dark) for dark in row) for row in code.modules)


def draw_qr(canvas: Canvas, value: str, x: float, y: float, side: float) -> None:
    """The code with its quiet zone in a square of `side` points whose lower left corner is (x, y)."""
    rows = squares(value)
    one = side / (len(rows) + 8)
    path = canvas.beginPath()
    for row, darks in enumerate(rows):
        start = None
        for column, dark in enumerate((*darks, False)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(x + (start + 4) * one, y + side - (row + 5) * one, (column - start) * one, one * 1.02)
                start = None
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
