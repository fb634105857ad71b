"""Papers as a person, a scanner and a search see them: pages drawn, their barcodes decoded, their text taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

PRICE = re.compile(r"\d[.,]\d{2}\s*(?:€|EUR)|€\s*\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    width: float  # points
    height: float
    text: str
    codes: frozenset[tuple[str, str]]  # (kind, value)
    boxes: tuple[tuple[float, float, float, float], ...]  # of the lines of text: left, bottom, right, top

    def values(self, kind: str) -> set[str]:
        return {value for found, value in self.codes if found == kind}


def read(data: bytes, *, codes: bool = True, dpi: int = 300) -> list[Page]:
    """The pages of a PDF, its barcodes read from a picture with `dpi`."""
    pdf = pypdfium2.PdfDocument(data)
    try:
        return [_page(page, codes, dpi) for page in pdf]
    finally:
        pdf.close()


def _page(page: Any, codes: bool, dpi: int) -> Page:
    width, height = page.get_size()
    text = page.get_textpage()
    boxes = tuple(text.get_rect(number) for number in range(text.count_rects()))
    said = text.get_text_bounded().replace("\r\n", "\n").replace("\N{NO-BREAK SPACE}", " ")
    picture = page.render(scale=dpi / 72, grayscale=True).to_pil() if codes else None
    return Page(width, height, said, frozenset(scanned(picture)) if picture else frozenset(), boxes)


def scanned(picture: Image.Image) -> Iterator[tuple[str, str]]:
    for code in zxingcpp.read_barcodes(picture):
        yield str(code.format).replace(" ", "").removeprefix("BarcodeFormat."), code.text


def overlaps(page: Page) -> list[tuple[object, ...]]:
    """Lines of text that lie over one another or beyond the page. A box is drawn tightly around its letters; a point
    is granted, for the tails of one line and the accents of the next."""
    found: list[tuple[object, ...]] = []
    for number, (left, bottom, right, top) in enumerate(page.boxes):
        if left < 0 or bottom < 0 or right > page.width or top > page.height:
            found.append(("beyond", left, bottom, right, top))
        for other in page.boxes[number + 1 :]:
            wide = min(right, other[2]) - max(left, other[0])
            high = min(top, other[3]) - max(bottom, other[1])
            if wide > 1 and high > 1.6:
                found.append(((left, bottom, right, top), other))
    return found


def flat(text: str) -> str:
    """Text without its line breaks."""
    return " ".join(text.split())
