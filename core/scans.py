"""What a scanner typed, without what the scanner adds: it names the kind of code before it, and types as a keyboard of
another country."""

from __future__ import annotations

import re

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # ISO/IEC 15424: ]C1 Code 128, ]E0 EAN-13, ]d2 Data Matrix, ]Q3 QR
_GTIN = re.compile(r"01(\d{14})(?:\D.*|1[0-7]\d.*|21.*)?", re.ASCII)  # GS1: (01), and what may follow it
_DASHES = re.compile(r"['’/_ß?]")  # where a dash lies on other keyboards
_LENGTHS = (8, 12, 13, 14)  # of EAN-8, UPC-A, EAN-13, GTIN-14


def bare(text: str) -> str:
    """The code alone."""
    text = text.strip()
    named = _AIM.match(text)
    code = text[named.end() :] if named else text
    gs1 = _GTIN.fullmatch(code)
    return gs1[1] if gs1 and (named or len(code) == 16) else code


def with_dashes(text: str) -> str:
    """The same as a keyboard of the scanner's own country would have typed it; "" where that is no other text. To be
    tried where the text as it stands is nothing: a shelf's name may have a bar."""
    other = _DASHES.sub("-", text)
    return other if other != text else ""


def ean_writings(code: str) -> set[str]:
    """Of figures, those that are the same number of an article with and without zeros before it."""
    if not code.isdigit() or not code.isascii():
        return {code}
    figures = code.lstrip("0")
    return {code} | {figures.zfill(length) for length in _LENGTHS if len(figures) <= length}
