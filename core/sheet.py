"""Rows as CSV: semicolons and a BOM, as the Italian Excel reads them; what a spreadsheet would run is quoted."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.formats import get_format

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> str:
    """One cell: amounts with the reader's decimal sign and no grouping; what a spreadsheet would run is made
    plain by an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", get_format("DECIMAL_SEPARATOR"))
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def sheet(head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The lines of a CSV, one at a time."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow([cell(value) for value in head])
    for row in rows:
        yield writer.writerow([cell(value) for value in row])
