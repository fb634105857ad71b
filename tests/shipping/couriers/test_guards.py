"""What comes from outside cannot hurt: XML with entities, workbooks that unpack without end."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest

from demo.couriers.codfile import as_xlsx
from shipping.couriers import markup, workbook
from shipping.couriers.errors import FileUnreadable
from shipping.couriers.remittance import read_remittance

_BOMB = (
    '<!DOCTYPE a [<!ENTITY x "ha">'
    + "".join(f'<!ENTITY x{at} "{f"&x{at - 1 if at else str()};" * 10}">' for at in range(9))
    + "]><a>&x8;</a>"
)


@pytest.mark.parametrize(
    "text",
    [
        _BOMB,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
        "<!DOCTYPE a><a/>",
        "<a>" * 100 + "</a>" * 100,
        "<a><b></a>",
        "",
        "no xml",
        "<a>&unknown;</a>",
    ],
    ids=["bomb", "file", "dtd", "doctype", "deep", "broken", "empty", "text", "entity"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_such_xml_is_refused_unread(text: str, encoding: str) -> None:
    began = time.monotonic()
    with pytest.raises(markup.BadXml):
        markup.parse(text.encode(encoding))
    assert time.monotonic() - began < 1


def test_an_encoding_that_is_none_is_refused() -> None:
    with pytest.raises(markup.BadXml):
        markup.parse(b'<?xml version="1.0" encoding="nonsense"?><a/>')


def test_names_are_read_without_their_namespaces() -> None:
    root = markup.parse(b'<s:E xmlns:s="urn:a"><s:B k="1">x</s:B></s:E>')
    assert (root.tag, markup.word(root, "B")) == ("E", "x")


def test_what_we_write_is_escaped_and_an_empty_field_is_left_out() -> None:
    assert markup.tags([("A", "x & <y>"), ("B", ""), ("C", 0), ("D", "a\x00\nb")]) == (
        "<A>x &amp; &lt;y&gt;</A><C>0</C><D>ab</D>"
    )


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as pack:
        for name, data in parts.items():
            pack.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "parts",
    [
        {"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * (21 * 1024 * 1024) + b"</worksheet>"},
        {"xl/worksheets/sheet1.xml": b"<worksheet/>", "xl/sharedStrings.xml": b"<sst>" + b" " * (21 * 1024 * 1024)},
        {f"xl/{at}": b"" for at in range(600)},
        {"xl/worksheets/sheet1.xml": b"<worksheet>" + b"<row/>" * 60_000 + b"</worksheet>"},
    ],
    ids=["long sheet", "long texts", "many parts", "many rows"],
)
def test_a_workbook_without_end_is_refused(parts: dict[str, bytes]) -> None:
    data = packed(parts)
    assert len(data) < 300_000
    assert workbook.read(data).trouble == "too_large"
    with pytest.raises(FileUnreadable):
        read_remittance("d.xlsx", data)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        packed({"word/document.xml": b"<a/>"}),
        packed({"xl/worksheets/sheet1.xml": b"<!DOCTYPE a><worksheet/>"}),
        packed({"xl/worksheets/sheet1.xml": b"nothing"}),
    ],
    ids=["broken", "a letter", "document type", "no xml"],
)
def test_what_is_no_workbook_is_unreadable(data: bytes) -> None:
    assert workbook.read(data).trouble == "unreadable"


def test_a_workbook_of_nothing_is_empty() -> None:
    assert workbook.read(packed({"xl/worksheets/sheet1.xml": b"<worksheet/>"})).trouble == "empty"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c r="A1"><v>39.899999999999999</v></c>', "39.90"),
        ('<c r="A1"><v>12</v></c>', "12"),
        ('<c r="A1"><v>1E3</v></c>', "1000"),
        ('<c r="A1"><v>1.23456789012346E+17</v></c>', "1.23457E+17"),
        ('<c r="A1"><v>1.2345</v></c>', "1.2345"),
        ('<c r="A1" t="str"><f>A2</f><v>0012</v></c>', "0012"),
        ('<c r="A1" t="inlineStr"><is><t>00144</t></is></c>', "00144"),
        ('<c r="A1" t="s"><v>99</v></c>', ""),
        ("<c><v>7</v></c>", "7"),
    ],
)
def test_a_cell_as_it_is_shown(cell: str, shown: str) -> None:
    sheet = f'<worksheet><sheetData><row r="4">{cell}<c r="C4" t="str"><v>x</v></c></row></sheetData></worksheet>'
    [(line, cells)] = workbook.read(packed({"xl/worksheets/sheet1.xml": sheet.encode()})).rows
    assert line == 4
    assert cells[0] == shown
    assert cells[-1] == "x"


def test_columns_beyond_all_measure_are_left_out() -> None:
    sheet: Any = b'<worksheet><row><c r="A1" t="str"><v>a</v></c><c r="ZZZ1" t="str"><v>b</v></c></row></worksheet>'
    assert workbook.read(packed({"xl/worksheets/sheet1.xml": sheet})).rows == ((1, ["a"]),)


def test_rich_text_is_its_letters() -> None:
    data = as_xlsx([["x"]], head=("a",))
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        parts = {name: pack.read(name) for name in pack.namelist()}
    parts["xl/sharedStrings.xml"] = (
        b"<sst><si><r><t>LD</t></r><r><t>V</t></r></si><si><t>x</t><rPh><t>y</t></rPh></si></sst>"
    )
    assert [cells for _line, cells in workbook.read(packed(parts)).rows] == [["LDV"], ["x"]]
