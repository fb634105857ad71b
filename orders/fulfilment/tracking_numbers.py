"""Tracking numbers as they come to the desk: scanned, typed, pasted from a courier's page or a spreadsheet.

Once a parcel is shipped its number is told to the shop and to the customer. So what is none is refused before; whose
a number is, and what a courier's look like, shipping/parcels/numbers.py knows. Lists are read by
orders/fulfilment/number_lists.py."""

from __future__ import annotations

import re
import unicodedata

from core import table
from orders.errors import BadTracking, DamagedTracking, OwnLabel

LONGEST = 60
_NUMBER = re.compile(r"[A-Z0-9]+(?:[./_-]+[A-Z0-9]+)*", re.IGNORECASE | re.ASCII)
_OURS = re.compile(r"MCI-?\d{1,9}(?:/\d{1,2})?", re.IGNORECASE | re.ASCII)
EDGES = " \"'`“”„«»‘’-–—:=>→."
_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{4}|\d{4}([/.-])\d{1,2}\2\d{1,2}", re.ASCII)
_TWO = re.compile(r"[A-Z0-9]{8,}[/_][A-Z0-9]{8,}", re.IGNORECASE | re.ASCII)  # of which a parcel has one
_POINT_ZERO = re.compile(r"(?<=^\d{8})(\d*)[.,]0{1,2}$", re.ASCII)  # 123456789012.0: a spreadsheet's
_LONGEST_WORD = 3  # of letters alone: BRT, GLS; a longer one is somebody's name


def number(text: str) -> str:
    """The number in `text`, without spaces, quotes and what cannot be seen. Raises BadTracking; OwnLabel where the
    scanner read our own number."""
    words = plain(text).strip(EDGES).split()
    found = _POINT_ZERO.sub(r"\1", "".join(words))
    named = len(words) > 1 and any(len(word) > _LONGEST_WORD and not _has_digit(word) for word in words)
    if table.is_damaged(found):
        raise DamagedTracking(text=found[:LONGEST])
    if _DATE.fullmatch(found) or _TWO.fullmatch(found):
        raise BadTracking(text=" ".join(words)[:LONGEST])
    if named or len(found) > LONGEST or not _has_digit(found) or not _NUMBER.fullmatch(found):
        raise BadTracking(text=" ".join(words)[:LONGEST])
    if _OURS.fullmatch(found):
        raise OwnLabel(number=found)
    return found


def pair(line: str) -> tuple[str, str]:
    """What a pasted line names: our order, and the rest, which `number` reads; "" where nothing follows."""
    cells = [cell.strip(EDGES) for cell in re.split(r"[;,\t|]", plain(line))]
    cells = [cell for cell in cells if cell]
    if len(cells) == 1:
        first, _space, rest = cells[0].partition(" ")
        cells = [first.strip(EDGES), rest.strip(EDGES)]
    return (cells[0], "; ".join(filter(None, cells[1:]))) if cells else ("", "")


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def plain(text: str) -> str:
    """A text without what is not seen (a file's mark of byte order, soft hyphens), full-width signs as ours."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
