"""One PDF file, page after page, into an open file."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal

from reportlab.pdfgen.canvas import Canvas

from shipping.papers.fitting import LEADING, Fit, fit
from shipping.papers.fonts import Face, face

_ASCENT = 0.92  # of the size: where the first baseline is below the top
Align = Literal["left", "right", "center"]
# reportlab reads a typeface by a position that all documents share: two saved at once take each other's letters.
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def write(out: BinaryIO, size: tuple[float, float], title: str, author: str = "") -> Iterator[Canvas]:
    """A canvas whose pages are in `out` at the end of the block; nothing is written when the block fails. The same
    papers make the same bytes (no date, no random id), so that a reprint is shown to be one."""
    for which in Face:
        face(which)
    # Page by page compressed as it is drawn: 200 labels are kept as some hundred kB.
    canvas = Canvas(out, pagesize=size, pageCompression=1, invariant=1, initialFontName=Face.REGULAR)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setCreator("")
    canvas.setSubject("")
    yield canvas
    with _ONE_AT_A_TIME:
        canvas.save()


def as_bytes(writer: Callable[..., int], *args: Any, **options: Any) -> bytes:
    """What a writer of this package (`write_labels` and so on) writes, for small things."""
    out = io.BytesIO()
    writer(*args, out, **options)
    return out.getvalue()


def say(
    canvas: Canvas,
    text: str,
    left: float,
    right: float,
    y: float,
    which: Face,
    size: float,
    least: float,
    *,
    align: Align = "left",
    gray: float = 0,
) -> None:
    """One line on the baseline `y`, shrunk and then cut to what is between `left` and `right`."""
    found = fit(text, right - left, face=which, size=size, least=least)
    put(canvas, found, left, right, y + found.size * _ASCENT, which, align=align, gray=gray)


def put(
    canvas: Canvas,
    found: Fit,
    left: float,
    right: float,
    top: float,
    which: Face,
    *,
    align: Align = "left",
    gray: float = 0,
) -> float:
    """Fitted lines from `top` down; where they end."""
    canvas.setFillGray(gray)
    canvas.setFont(which, found.size)
    for number, line in enumerate(found.lines):
        y = top - found.size * (_ASCENT + number * LEADING)
        if align == "right":
            canvas.drawRightString(right, y, line)
        elif align == "center":
            canvas.drawCentredString((left + right) / 2, y, line)
        else:
            canvas.drawString(left, y, line)
    canvas.setFillGray(0)
    return top - found.height
