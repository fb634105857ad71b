"""core/sheet.py: cells that a spreadsheet neither runs nor misreads."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from core.sheet import cell, sheet


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
        ("Zoë – 1", "Zoë – 1"),
    ],
)
def test_a_cell(value: Any, shown: str) -> None:
    with translation.override("it"):
        assert cell(value) == shown


def test_a_sheet_comes_back_as_it_was_written() -> None:
    rows = [["a;b", 'say "hi"', "two\nlines"], ["è", "", "x"]]
    text = "".join(sheet(["one", "two", "three"], rows))
    assert text.startswith("\ufeff")
    assert list(csv.reader(text.removeprefix("\ufeff").splitlines(keepends=True), delimiter=";"))[1:] == rows
