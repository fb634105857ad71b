"""Rows as CSV with semicolons, of two kinds. For people: with a BOM and decimal commas, as the Italian Excel reads
them, and what a spreadsheet would run made plain by an apostrophe. For machines (a courier's import): nothing is put
before a value, a telephone is +39…; amounts have a dot."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.formats import get_format


class For(Enum):
    """Who opens the file."""

    PEOPLE = "people"
    MACHINES = "machines"


class Plain(str):
    """Text in a file for people that we vouch for: no spreadsheet can run it. Make it by `dialled`."""

    __slots__ = ()


# What a spreadsheet takes for a formula, also behind blanks and signs without width, also in full width; and what was
# made plain already, so that it comes back as it was.
_RISKY = re.compile("'*[\\s\u200b\u2060\ufeff\u00ad]*[=+\\-@＝＋－＠﹢﹣]|'*[\t\r\n\0]")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class _Echo:
    def write(self, text: str) -> str:
        return text


def dialled(number: str) -> str:
    """A telephone in its normal form (+39…) as it is; anything else as any other text."""
    return Plain(number) if re.fullmatch(r"\+\d{5,15}", number, re.ASCII) else number


def quoted(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def unquoted(text: str) -> str:
    """Text as it was before `quoted`."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def cell(value: Any, to: For = For.PEOPLE) -> str:
    """One cell. Numbers are numbers, also below zero; amounts have two decimals and no grouping."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        shown = f"{value:.2f}"
        return shown.replace(".", get_format("DECIMAL_SEPARATOR")) if to is For.PEOPLE else shown
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if to is For.MACHINES:
        return _BREAKS.sub(" ", str(value))
    return value if isinstance(value, Plain) else quoted(str(value))


def sheet(head: Iterable[Any], rows: Iterable[Iterable[Any]], *, to: For = For.PEOPLE) -> Iterator[str]:
    """The lines of a CSV, one at a time. Every exporter says for whom."""
    writer = csv.writer(_Echo(), delimiter=";")
    mark = "\ufeff" if to is For.PEOPLE else ""
    yield mark + writer.writerow([cell(value, to) for value in head])
    for row in rows:
        yield writer.writerow([cell(value, to) for value in row])
