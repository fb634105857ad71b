"""One PDF file, page after page, into an open file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from reportlab.pdfgen.canvas import Canvas

from shipping.papers.fonts import Face, face


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
    canvas.save()


def as_bytes(writer: Callable[..., int], *args: Any, **options: Any) -> bytes:
    """What a writer of this package (`write_labels` and so on) writes, for small things."""
    out = io.BytesIO()
    writer(*args, out, **options)
    return out.getvalue()
