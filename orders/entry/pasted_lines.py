"""Articles with their pieces, as people type and paste them: a list of one's own, columns of a spreadsheet, a message.
What cannot be read stays a row as it was written, for a person to mend: nothing is guessed and nothing falls out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core import table
from core.money import BadAmount, from_person
from orders.fulfilment.tracking_numbers import plain

LONGEST = 100  # of a SKU
_HEADS = {
    "sku": {"sku", "codice", "codicearticolo", "articolo", "codarticolo", "ean", "codiceean", "itemsku", "article"},
    "pieces": {"quantita", "quantit", "qta", "qt", "qty", "pezzi", "pz", "pcs", "quantity", "quantitypurchased"},
}
_PIECES = r"(?P<pieces>\d{1,4})(?:[.,]0{1,2})?"
_UNIT = r"(?:pz\.?|pezzi|pezzo|pcs|x)"
# On words with one space between them, so that each is tried once.
_BEHIND = re.compile(
    r"(?P<sku>\S*?[^\s,:=*×(;])(?:\s?[,:=*×]\s?|\s?\(|\s(?:[-–]\s)?)(?:(?:x|×|\*|q\.?t[aà]['.:]*|qty|n\.)\s?)?"
    rf"{_PIECES}\s?{_UNIT}?\)?",
    re.IGNORECASE | re.ASCII,
)
_BEFORE = re.compile(rf"{_PIECES}\s?(?:[x×*]|{_UNIT})\s(?:di\s)?(?P<sku>\S+)", re.IGNORECASE | re.ASCII)
_BARE_BEFORE = re.compile(r"(?P<pieces>\d{1,3})\s(?P<sku>\S*[A-Za-z]\S*)", re.ASCII)
_CELL = re.compile(rf"[x×]?\s?{_PIECES}\s?{_UNIT}?", re.IGNORECASE | re.ASCII)


def split_pieces(text: str) -> tuple[str, int | None]:
    """`SKU*3`, `SKU x 3`, `SKU;3` and `SKU<tab>3` → ("SKU", 3); a plain SKU → ("SKU", None). 1 to 9,999 pieces.

    Read from its end, each character once: a pattern with three gaps in it took minutes for a line of spaces."""
    text = text.strip()
    head = text.rstrip("0123456789")
    digits, body = text[len(head) :], head.rstrip()
    gap = head[len(body) :]
    if body.endswith(("*", "×", ";")) or (body.endswith(("x", "X")) and body[-2:-1].isspace()):
        sku = body[:-1].rstrip()
    else:
        sku = body if "\t" in gap or len(gap) >= 2 else ""
    if sku and 1 <= len(digits) <= 4 and int(digits) >= 1:
        return sku, int(digits)
    return text, None


def read_pasted(text: str) -> list[tuple[str, int]]:
    """The articles of a pasted text, all of them, equal SKUs summed, in their first order. Empty lines fall out, and a
    first line with the columns' names."""
    read: dict[str, tuple[str, int]] = {}
    columns: tuple[int, int] | None = None
    for line in text.splitlines():
        line = plain(line).strip()
        cells = _cells(line)
        if not read and (found := _columns(cells)) is not None:
            columns = found
            continue
        sku, pieces = _row(cells, columns) if len(cells) > 1 else _words(line)
        sku = " ".join(sku.split()).strip("\"' ")[:LONGEST]
        if sku:
            before = read.get(sku.upper(), (sku, 0))
            read[sku.upper()] = (before[0], before[1] + pieces)
    return list(read.values())


def _cells(line: str) -> list[str]:
    """Of a line of a spreadsheet; one cell for any other."""
    separator = next((sign for sign in "\t;" if sign in line), "")
    cells = [cell.strip().strip("\"'").strip() for cell in line.split(separator)] if separator else [line]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return cells


def _columns(cells: Sequence[str]) -> tuple[int, int] | None:
    names = [re.sub(r"[^a-z]", "", cell.casefold().replace("à", "a")) for cell in cells]
    sku = next((place for place, name in enumerate(names) if name in _HEADS["sku"]), None)
    pieces = next((place for place, name in enumerate(names) if name in _HEADS["pieces"]), None)
    return (sku, pieces) if sku is not None and pieces is not None else None


def _row(cells: Sequence[str], columns: tuple[int, int] | None) -> tuple[str, int]:
    """The article and its pieces; the whole row for one piece where they cannot be told apart."""
    if columns is not None and max(columns) < len(cells):
        sku, pieces = cells[columns[0]], _pieces(cells[columns[1]])
        return (sku, pieces) if sku and pieces else (" ".join(cells), 1)
    first, rest = cells[0], [cell for cell in cells[1:] if cell]
    if len(rest) == 1 and _pieces(first) and re.search(r"[^\W\d]", rest[0]) and not _pieces(rest[0]):
        return rest[0], _pieces(first)
    counts = [cell for cell in rest if _pieces(cell)]
    if len(counts) > 1:  # a price without cents has them all the same: 3 pieces at 12,00
        counts = [cell for cell in counts if not re.search(r"[.,]", cell)]
    numbers = [cell for cell in rest if cell not in counts and not _is_price(cell) and not re.search(r"[^\W\d]", cell)]
    if first and not numbers and len(counts) == 1:
        return first, _pieces(counts[0])
    if first and not numbers and not counts and not any(map(_is_price, rest)):
        return first, 1
    return " ".join(filter(None, cells)), 1


def _pieces(cell: str) -> int:
    found = _CELL.fullmatch(cell)
    return int(found["pieces"]) if found else 0


def _is_price(cell: str) -> bool:
    try:
        return bool(re.search(r"[.,€]", cell)) and from_person(cell) >= 0 and not table.is_damaged(cell)
    except BadAmount:
        return False


def _words(line: str) -> tuple[str, int]:
    sku, pieces = split_pieces(line.rstrip(", "))
    if pieces is not None:
        return sku, pieces
    line = " ".join(sku.split())
    for pattern in (_BEFORE, _BARE_BEFORE, _BEHIND):
        found = pattern.fullmatch(line)
        if found and len(found["sku"]) > 2 and re.search(r"[A-Za-z0-9]", found["sku"]) and int(found["pieces"]):
            return found["sku"], int(found["pieces"])
    return line, 1
