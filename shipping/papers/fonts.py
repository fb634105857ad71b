"""The typeface of all papers: Source Sans Pro (SIL OFL 1.1), embedded. Decision 0024 says why this one."""

from __future__ import annotations

import enum
import functools
import threading
import unicodedata
from importlib import resources

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

LACKING = "\N{BALLOT BOX}"  # stands where a letter is that the typeface does not have
# Without an accent to take off, and the same to a reader.
_SAME = str.maketrans({"ʼ": "’", "′": "’", "＇": "’", "–": "–", "‐": "-", "‑": "-", "ȷ": "j", "ƶ": "z", "Ƶ": "Z"})


class Face(enum.StrEnum):
    """A weight, by the name under which the PDF knows it."""

    REGULAR = "SourceSansPro-Regular"
    SEMIBOLD = "SourceSansPro-Semibold"
    BOLD = "SourceSansPro-Bold"
    BLACK = "SourceSansPro-Black"


_READING = threading.Lock()


def face(which: Face) -> TTFont:
    """The weight, read and known to reportlab. Twice is once, also for threads that ask at the same time."""
    with _READING:
        return _read(which)


@functools.cache
def _read(which: Face) -> TTFont:
    path = resources.files("font_source_sans_pro") / "files" / f"{which}.ttf"
    with resources.as_file(path) as file:
        font = TTFont(which.value, str(file))
    pdfmetrics.registerFont(font)
    return font


@functools.cache
def _known() -> frozenset[int]:
    """What every weight has."""
    return frozenset.intersection(*(frozenset(face(which).face.charToGlyph) for which in Face))


def width(text: str, which: Face, size: float) -> float:
    """How long `text` is in points."""
    return float(face(which).stringWidth(text, size))


@functools.lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """`text` on one line with the signs that the typeface has. Others lose their accent (ạ: a), are written in the
    usual letters (Ⅷ: VIII) or, where a letter has no such form, become a visible box; emoji, marks of direction and
    control characters go. What was not empty does not become so."""
    found: list[str] = []
    for sign in unicodedata.normalize("NFC", text.translate(_SAME)):
        if ord(sign) in _known() and unicodedata.category(sign)[0] not in "CZ":
            found.append(sign)
        elif unicodedata.category(sign)[0] == "Z" or sign in "\t\n\r\v\f":
            found.append(" ")
        else:
            found.append(_nearest(sign))
    line = " ".join("".join(found).split())
    return line or (LACKING if text.strip() else "")


def _nearest(sign: str) -> str:
    plain = "".join(
        one
        for one in unicodedata.normalize("NFKD", sign)
        if ord(one) in _known() and unicodedata.category(one)[0] not in "CM"
    )
    # A lone surrogate is half a letter; what is not assigned may be one of a later alphabet.
    is_letter = unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) in ("Cs", "Co")
    return plain or (LACKING if is_letter else "")
