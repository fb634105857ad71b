"""A table that a person saved from a spreadsheet, as rows: whatever signs, encoding or first line it has."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEPARATORS = ";,\t|"
_SEP_LINE = re.compile(r'"?sep=(.)"?[;,\t]*\r?\n', re.IGNORECASE)
_ENDS = re.compile(r"\r\n|\n|\r")
_LONGEST_ROW = 20  # lines of a cell with line breaks in it
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: the line that a row begins on (1: the first of the file) and its cells, as they are written; empty rows
    fall out. `trouble`: empty, workbook or unreadable when there are none."""

    rows: tuple[tuple[int, list[str]], ...] = ()
    trouble: str = ""


def read(data: bytes) -> Table:
    """CSV with `;`, `,`, tab or `|`, in UTF-8, UTF-16 (Excel's "Unicode text") or Windows-1252, with or without a mark
    before it and a `sep=` line. Never raises."""
    if data.startswith(_WORKBOOKS):
        return Table(trouble="workbook")
    words = decoded(data)
    skipped = 0
    separator = ""
    if found := _SEP_LINE.match(words):
        separator, words, skipped = found[1], words[found.end() :], 1
    text = words.lstrip("\r\n")
    skipped += words[: len(words) - len(text)].count("\n")
    lines = _ENDS.split(text)
    if not separator:
        separator = max(_SEPARATORS, key=lines[0].count)
    if max(map(len, lines)) > csv.field_size_limit():
        return Table(trouble="unreadable")
    rows: list[tuple[int, list[str]]] = []
    width, at = 0, 0
    while at < len(lines):
        cells, taken = _row(lines, at, separator, width)
        if any(cell.strip() for cell in cells):
            rows.append((1 + skipped + at, cells))
            width = width or len(cells)
        at += taken
    return Table(tuple(rows), "" if rows else "empty")


def _row(lines: Sequence[str], at: int, separator: str, width: int) -> tuple[list[str], int]:
    """The row that begins on a line, and how many lines it takes. A mark at the beginning of a cell that nothing
    closes ("da Gino) is the cell's own: else it would swallow the rows behind it, and nobody would hear of them."""
    if '"' not in lines[at]:
        return lines[at].split(separator), 1
    for taken in range(1, min(_LONGEST_ROW, len(lines) - at) + 1):
        try:
            read = list(csv.reader(["\n".join(lines[at : at + taken])], delimiter=separator, strict=True))
        except csv.Error as error:
            if "unexpected end" in str(error):
                continue  # it may be closed on the next line
            break
        if len(read) == 1 and (taken == 1 or len(read[0]) == width):
            return read[0], taken
        break
    return [_bare(cell) for cell in lines[at].split(separator)], 1


def _bare(cell: str) -> str:
    """A cell without the marks around it."""
    inner = cell.strip()
    whole = len(inner) > 1 and inner.startswith('"') and inner.endswith('"')
    return inner[1:-1].replace('""', '"') if whole else cell


def decoded(data: bytes) -> str:
    """The text of a file of unknown encoding; a byte that no encoding explains becomes U+FFFD."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").replace("\0", "")
    head = data[:400]
    if head.count(0) > len(head) // 3:  # UTF-16 without its mark: every other byte of Latin text is zero
        return data.decode("utf-16-be" if head[:1] == b"\0" else "utf-16-le", "replace").replace("\0", "")
    try:
        words = data.decode("utf-8")
    except UnicodeDecodeError:
        words = data.decode("cp1252", "replace")
    return words.replace("\0", "")


def is_damaged(cell: str) -> bool:
    """Whether a spreadsheet has made a long number of it (8,05768E+12): its digits are gone."""
    return bool(_SCIENTIFIC.fullmatch(cell.strip()))


def whole(cell: str) -> int | None:
    """A whole number as a spreadsheet may write it (1, 1,00, 1.0, 1.000,00 is not); None for anything else."""
    found = re.fullmatch(r"(\d{1,9})(?:[.,]0{1,2})?", cell.strip(), re.ASCII)
    return int(found[1]) if found else None
