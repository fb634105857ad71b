"""The first sheet of an Excel workbook (.xlsx) as rows of text, read within bounds: a workbook is a packed folder of
XML, and some unpack without end. Nothing in it is run: formulas are taken by their last result."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from core.table import Table
from shipping.couriers.markup import BadXml, parse

_PART = 20 * 1024 * 1024  # unpacked
_ROWS, _COLUMNS, _PARTS = 50_000, 200, 500
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
_EXACT_DIGITS = 15  # of a number in a workbook: more of them are gone
_NEAR = Decimal("0.000001")


def read(data: bytes) -> Table:
    """Never raises; `trouble` is unreadable, empty or too_large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            if len(pack.infolist()) > _PARTS:
                return Table(trouble="too_large")
            shared = _shared(pack)
            rows = tuple(_rows(parse(_part(pack, _first_sheet(pack)), max_bytes=_PART), shared))
    except OverflowError:
        return Table(trouble="too_large")
    except (zipfile.BadZipFile, KeyError, BadXml, NotImplementedError, RuntimeError, ValueError, EOFError):
        return Table(trouble="unreadable")
    return Table(rows, "" if rows else "empty")


def _part(pack: zipfile.ZipFile, name: str) -> bytes:
    """By what really comes out of it; what the folder says of its size may be a lie. Raises OverflowError."""
    with pack.open(name) as part:
        data = part.read(_PART + 1)
    if len(data) > _PART:
        raise OverflowError
    return data


def _first_sheet(pack: zipfile.ZipFile) -> str:
    names = sorted(
        (name for name in pack.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
        key=lambda name: int(re.sub(r"\D", "", name.rpartition("/")[2])),
    )
    if not names:
        raise KeyError("no sheet")
    return names[0]


def _shared(pack: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in pack.namelist():
        return []
    root = parse(_part(pack, "xl/sharedStrings.xml"), max_bytes=_PART)
    return [_texts(item) for item in root.findall("si")]


def _texts(element: Element) -> str:
    """Rich text is in pieces; how it is spoken (`rPh`) is none of it."""
    plain = element.find("t")
    parts = [plain] if plain is not None else [run.find("t") for run in element.findall("r")]
    return "".join(part.text or "" for part in parts if part is not None)


def _rows(root: Element, shared: list[str]) -> Iterator[tuple[int, list[str]]]:
    for position, row in enumerate(root.iter("row"), start=1):
        if position > _ROWS:
            raise OverflowError
        said = row.get("r", "")
        cells: list[str] = []
        for cell in row.findall("c"):
            at = _column(cell.get("r", ""), len(cells))
            if at >= _COLUMNS:
                continue
            cells += [""] * (at + 1 - len(cells))
            cells[at] = _value(cell, shared)
        if any(cell.strip() for cell in cells):
            yield (int(said) if said.isascii() and said.isdigit() and len(said) < 8 else position), cells


def _column(reference: str, following: int) -> int:
    found = _CELL.fullmatch(reference)
    if not found:
        return following
    at = 0
    for letter in found[1]:
        at = at * 26 + ord(letter) - 64
    return at - 1


def _value(cell: Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find("is")
        return _texts(inline).strip() if inline is not None else ""
    value = cell.find("v")
    text = (value.text or "").strip() if value is not None else ""
    if kind == "s":
        return shared[int(text)].strip() if text.isdigit() and int(text) < len(shared) else ""
    return _number(text) if kind == "n" and text else text


def _number(text: str) -> str:
    """39.899999999999999 is 39.90; a number of more digits than a workbook keeps stays 1.23E+17, so that whoever reads
    it sees that its digits are gone."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    if number == number.to_integral_value():
        whole = f"{number:.0f}"
        return whole if len(whole.lstrip("-")) <= _EXACT_DIGITS else f"{number:.5E}"
    cents = number.quantize(Decimal("0.01"))
    return f"{cents:f}" if abs(cents - number) < _NEAR else f"{number:f}"
