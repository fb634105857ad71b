"""A file's bytes → the orders in it. Pure: nothing is kept, nothing of ours is asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from orders.imports import assemble, formats, grid, guess, values
from orders.imports.errors import FileEmpty, MappingIncomplete, NoRecipients, WrongReport
from orders.imports.formats.base import Report, row_of
from orders.imports.grid import Grid
from orders.imports.shape import Reading
from orders.imports.words import FIELD_NAMES

_HEAD_WITHIN = 12  # rows above the names of the columns
_TAX_CODE = re.compile(r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", re.IGNORECASE | re.ASCII)


def table_of(data: bytes) -> Grid:
    """The table with its columns' names; columns that are never kept (tax codes, payment ids) are gone from it. Raises
    FileRefused."""
    rows = grid.rows_of(data)
    at = next(
        (
            place
            for place, (_line, cells) in enumerate(rows[:_HEAD_WITHIN])
            if formats.known_by(map(values.heading, cells))
        ),
        None,
    )
    if at is None:
        known = [sum(bool(guess.mapping(Grid((cell,), ()))) for cell in cells) for _line, cells in rows[:_HEAD_WITHIN]]
        at = known.index(max(known))
    head = rows[at][1]
    kept = [place for place, name in enumerate(head) if name and not guess.is_private(name)]
    body = tuple(
        (line, tuple(_kept(cells[place]) if place < len(cells) else "" for place in kept))
        for line, cells in rows[at + 1 :]
    )
    if not body or not kept:
        raise FileEmpty
    if len(body) > grid.MOST_ROWS:
        raise grid.too_large()
    return Grid(tuple(head[place] for place in kept), body)


def _kept(cell: str) -> str:
    """A tax code is dropped, in whichever column somebody wrote it."""
    return "" if len(cell) == 16 and _TAX_CODE.fullmatch(cell) else cell


def signature(table: Grid) -> str:
    """By which a file of the same columns is known again."""
    return hashlib.sha256("\n".join(sorted(map(values.heading, table.head))).encode()).hexdigest()


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, marketplace: str = "") -> Reading:
    """`mapping`: column's name → field, for a file of somebody's own. Raises FileRefused."""
    return of_table(table_of(data), mapping=mapping, marketplace=marketplace)


def of_table(table: Grid, *, mapping: Mapping[str, str] | None = None, marketplace: str = "") -> Reading:
    """As `read`, of a table that was read before."""
    headings = [values.heading(name) for name in table.head]
    report = formats.known_by(headings)
    if report is None and mapping is None:
        return Reading("", columns=table.head, guess=guess.mapping(table))
    if report is None:
        assert mapping is not None
        if missing := guess.lacking(list(mapping.values())):
            raise MappingIncomplete(fields=", ".join(str(FIELD_NAMES[name]) for name in missing))
        columns = {field: (values.heading(name),) for name, field in mapping.items() if field}
        report = Report("mapped", "", "", frozenset(), columns, needs_number=False)
    if report.take:
        raise WrongReport(report=report.name, take=report.take)
    at: dict[str, int] = {}
    for place, name in enumerate(headings):
        at.setdefault(name, place)
    rows = [(line, row_of(report.columns, at, cells)) for line, cells in table.rows]
    orders = assemble.orders_of(
        [(line, row) for line, row in rows if row and report.is_order(row)], report, marketplace=marketplace
    )
    if not orders:
        raise FileEmpty
    if assemble.is_anonymous(orders):
        raise NoRecipients(report=report.name or "CSV")
    remarks = list(report.remarks)
    if report.tells_cancelled and report.tells_cancelled not in at:
        remarks.append("no_cancel_column")
    found = tuple(assemble.without_masks(order) for order in orders)
    return Reading(report.code, report.marketplace or marketplace, found, tuple(remarks), table.head)
