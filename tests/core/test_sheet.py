"""core/sheet.py: cells that a spreadsheet neither runs nor misreads."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from core.sheet import For, cell, dialled, quoted, sheet, unquoted


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (Decimal("1234.5"), "1234,50"),
        (Decimal("-3.00"), "-3,00"),  # a number, no formula
        (12345, "12345"),
        ("-12", "'-12"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        (-12, "-12"),  # ours, and a number
        (" =1+1", "' =1+1"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        *((f"{sign}1+1", f"'{sign}1+1") for sign in "＝＋－＠"),
        ("'=1", "''=1"),
        ("'O Vesuvio", "'O Vesuvio"),
        ("+393331110001", "'+393331110001"),
        (dialled("+393331110001"), "+393331110001"),
        (dialled("+39 333"), "'+39 333"),
        (dialled("=1"), "'=1"),
        ("Zoë – 1", "Zoë – 1"),
    ],
)
def test_a_cell(value: Any, shown: str) -> None:
    with translation.override("it"):
        assert cell(value, For.PEOPLE) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((None, ""), (Decimal("1234.5"), "1234.50"), (-12, "-12"), ("+393331110001", "+393331110001")),
        *(("00184", "00184"), ("=1+1", "=1+1"), ("\tdue\nrighe", " due righe"), ("-3", "-3")),
    ],
)
def test_a_cell_for_a_program_has_nothing_before_it(value: Any, shown: str) -> None:
    with translation.override("it"):
        assert cell(value, For.MACHINES) == shown


@pytest.mark.parametrize("text", ["=1", "+1", "'=1", "''+1", "'x", " =1", "\t1", "＝1", "-", "x"])
def test_what_was_made_plain_comes_back(text: str) -> None:
    assert unquoted(quoted(text)) == text


def test_a_sheet_comes_back_as_it_was_written() -> None:
    rows = [["a;b", 'say "hi"', "two\nlines"], ["è", "", "x"]]
    text = "".join(sheet(["one", "two", "three"], rows, to=For.PEOPLE))
    assert text.startswith("\ufeff")
    assert list(csv.reader(text.removeprefix("\ufeff").splitlines(keepends=True), delimiter=";"))[1:] == rows
    assert "".join(sheet(["a"], [["è"]], to=For.MACHINES)) == "a\r\nè\r\n"
