"""The bytes of a table that a person uploads, as rows of text: CSV in all its writings (core/table.py) and XLSX."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
import xml.parsers.expat
import zipfile
from dataclasses import dataclass
from typing import Any

from core import table
from orders.imports.errors import FileEmpty, FileTooLarge, FileUnreadable, OldWorkbook

MOST_ROWS = 5_000
MOST_BYTES = 4 * 1024 * 1024  # a request takes little more (mci/settings.py)
MOST_UNPACKED = 60 * 1024 * 1024  # of a workbook: one of a few kilobytes can unpack to gigabytes
_MOST_PARTS = 500
MOST_COLUMNS = 300
_MOST_HEIGHT = MOST_ROWS + 1000  # rows of a sheet, empty ones among them
_PLACE = re.compile(r"([A-Za-z]{1,3})?(\d{1,9})?", re.ASCII)
_OTHER_BOOKS = ("xl/workbook.bin", "content.xml")  # of XLSB and ODS, which are not asked for their size
_EXACT = 10**15  # a spreadsheet's number has fifteen figures, the others are gone


@dataclass(frozen=True, slots=True)
class Grid:
    """`head`: the columns' names as they are written; `rows`: the line of the file and the cells by column."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def rows_of(data: bytes) -> list[tuple[int, list[str]]]:
    """All rows that hold something. Raises FileRefused."""
    if len(data) > MOST_BYTES:
        raise too_large()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise OldWorkbook
    if data.startswith(b"PK\x03\x04"):
        found = _workbook(data)
    else:
        found = _text(data)
    if not found:
        raise FileEmpty
    if len(found) > MOST_ROWS + 20:  # with what stands above and below the orders
        raise too_large()
    if any(any(cells[MOST_COLUMNS:]) for _line, cells in found):
        raise too_large()
    return [(line, [clean(cell) for cell in cells[:MOST_COLUMNS]]) for line, cells in found]


def too_large() -> FileTooLarge:
    return FileTooLarge(rows=MOST_ROWS, columns=MOST_COLUMNS, megabytes=MOST_BYTES // 1024 // 1024)


def clean(cell: str) -> str:
    """A cell without signs that nobody sees and blanks around it: a TikTok id ends with a tab."""
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    plain = "".join(
        " " if sign in "\t\r\n\xa0\u202f\u2009" else sign
        for sign in cell
        if sign in "\t\r\n\xa0" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(plain.split())


def _text(data: bytes) -> list[tuple[int, list[str]]]:
    words = table.decoded(data)
    first = next((line for line in words.splitlines() if line.strip()), "")
    if first.count("\t") > 3 and "order" in first.lower():  # a marketplace's text file quotes nothing
        lines = enumerate(words.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)
        return [(at, [_bare(cell) for cell in line.split("\t")]) for at, line in lines if line.strip()]
    read = table.read(data)
    if read.trouble == "empty":
        raise FileEmpty
    if read.trouble:
        raise FileUnreadable
    rows = list(read.rows)
    if len(rows) > 1 and len(rows[0][1]) < 3:
        rows = _below_titles(words) or rows
    return rows


def _below_titles(words: str) -> list[tuple[int, list[str]]]:
    """Titles and dates stand above the names of the columns: what has the separators is read without them."""
    lines = words.splitlines()
    counts = [max(line.count(sign) for sign in ";,\t|") for line in lines[:12]]
    at = counts.index(max(counts)) if counts else 0
    if not at:
        return []
    return [(line + at, cells) for line, cells in table.read("\n".join(lines[at:]).encode()).rows]


def _bare(cell: str) -> str:
    inner = cell.strip()
    whole = len(inner) > 1 and inner.startswith('"') and inner.endswith('"')
    return inner[1:-1].replace('""', '"') if whole else cell


def _workbook(data: bytes) -> list[tuple[int, list[str]]]:
    """The first sheet with something in it. How much it unpacks to is asked before it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise too_large()
            names = {part.filename.replace("\\", "/").lower() for part in parts}
            for part in parts:
                if _is_far(packed.read(part)):  # what is more than it says of itself fails by its checksum
                    raise too_large()
    except FileTooLarge:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        raise FileUnreadable from error
    if "xl/workbook.xml" not in names or not names.isdisjoint(_OTHER_BOOKS):
        raise FileUnreadable
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            # From the sheet's own first row, so that a line is the one that the person sees.
            rows = [
                (at, [_cell(value) for value in row])
                for at, row in enumerate(sheet.to_python(skip_empty_area=False), start=1)
            ]
            rows = [(at, row) for at, row in rows if any(cell.strip() for cell in row)]
            if rows:
                return rows
    except FileTooLarge:
        raise
    except BaseException as error:  # a parser of another language: its panics are no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise FileUnreadable from error
    return []


class _Far(Exception):
    """A cell stands outside of what we take."""


def _is_far(part: bytes) -> bool:
    """Whether a sheet has something outside of what we take. The reader makes room for all cells up to the farthest one
    at once: a single cell in the last corner would take the whole memory, and the process with it. Cells that are empty
    and have but a colour do not count. Raises ExpatError."""
    if b"sheetData" not in part:
        return False
    row = column = count = 0
    inside = False

    def start(name: str, said: dict[str, str]) -> None:
        nonlocal row, column, count, inside
        kind = name.rpartition(":")[2]
        if kind == "row":
            row, column = _place(said.get("r", ""))[1] or row + 1, 0
        elif kind == "c":  # a place that is not written follows the one before
            column, row = _place(said["r"]) if said.get("r") else (column + 1, row)
            inside, count = True, count + 1
        elif inside and (column > MOST_COLUMNS or row > _MOST_HEIGHT):
            raise _Far
        if count > MOST_COLUMNS * _MOST_HEIGHT:
            raise _Far

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name.rpartition(":")[2] != "c"

    parser = xml.parsers.expat.ParserCreate("utf-8")  # whatever it says of itself, as the reader does
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(part, True)
    except _Far:
        return True
    return False


def _place(text: str) -> tuple[int, int]:
    """The column and the row of "B7", each from 1; 0 for what is not said."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return MOST_COLUMNS + 1, 0
    column = 0
    for letter in (found[1] or "").upper():
        column = column * 26 + ord(letter) - 64
    return column, int(found[2] or 0)


def _cell(value: Any) -> str:
    """A cell's text. A number beyond fifteen figures was rounded by the spreadsheet: it is written as what it is, with
    its exponent, so that nobody takes it for an id."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return f"{value:.5E}".replace("E+0", "E+")
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value)
