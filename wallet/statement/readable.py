"""The statement for people: dates, words and amounts as they read them, what came and went, the balance after each
line. A CSV that the Italian Excel opens (`;`, decimal comma, BOM). The file that can be verified is
wallet/statement/verifiable.py."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import ZERO
from core.sheet import For, sheet
from wallet.queries import note_of
from wallet.statement.movement_words import label_of, title_of
from wallet.statement.periods import Period
from wallet.statement.verifiable import BEGINNING

STEP = 1000
_OPENING = """
SELECT coalesce(sum(p.amount) FILTER (WHERE a.kind = 'wallet'), 0),
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'held'), 0),
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'cod_due'), 0)
  FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id JOIN wallet_entry e ON e.id = p.entry_id
 WHERE a.dropshipper_id = %(owner)s AND e.at < %(start)s
"""
_ROWS = """
SELECT e.id, e.at, e.kind, r.kind, e.reference, e.memo,
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'wallet'), 0),
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'held'), 0),
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'cod_due'), 0)
  FROM wallet_entry e JOIN wallet_posting p ON p.entry_id = e.id JOIN wallet_account a ON a.id = p.account_id
  LEFT JOIN wallet_entry r ON r.id = e.reverses_id
 WHERE e.dropshipper_id = %(owner)s AND (e.at, e.id) > (%(at)s, %(id)s)
   AND (%(end)s::timestamptz IS NULL OR e.at < %(end)s)
 GROUP BY e.id, r.id ORDER BY e.at, e.id LIMIT %(step)s
"""


def lines(dropshipper_id: int, period: Period) -> Iterator[str]:
    """The statement line by line: what was there, every movement of the period, oldest first, and what is there after.

    1 query for what was there, and 1 for each 1,000 movements. Days and times in the supplier's zone."""
    head = [
        _("Date"),
        _("Time"),
        _("Movement"),
        _("Order"),
        _("Note"),
        _("In (EUR, VAT included)"),
        _("Out (EUR, VAT included)"),
        _("Available balance (EUR)"),
        _("Guarantees (EUR)"),
        _("COD to receive (EUR)"),
    ]
    return sheet(head, _rows(dropshipper_id, period), to=For.PEOPLE)


def _rows(dropshipper_id: int, period: Period) -> Iterator[list[Any]]:
    balance = guarantees = coming = ZERO
    if period.first:
        balance, guarantees, coming = _before(dropshipper_id, period)
        yield [_day(period.first), "", _("Opening balance"), "", "", None, None, balance, guarantees, coming]
    came = went = ZERO
    for at, kind, reversed_kind, reference, memo, own, held, due in _entries(dropshipper_id, period):
        balance += own
        came, went = came + max(own, ZERO), went + min(own, ZERO)
        guarantees, coming = guarantees + held, coming + due
        local = timezone.localtime(at)
        name = label_of(reference) if reference.startswith("order:") else ""
        yield [
            _day(local.date()),
            f"{local:%H:%M}",
            title_of(kind, reversed_kind).removesuffix(":"),
            name,
            note_of(memo, name),
            _or_nothing(max(own, ZERO)),
            _or_nothing(min(own, ZERO)),
            balance,
            _or_nothing(held),
            _or_nothing(due),
        ]
    last = min(period.last or timezone.localdate(), timezone.localdate())
    yield [_day(last), "", _("Closing balance"), "", "", came, went, balance, guarantees, coming]


def _before(dropshipper_id: int, period: Period) -> tuple[Decimal, Decimal, Decimal]:
    """What was available, held and to come before the period (EUR); 1 query, none for all time."""
    if period.start is None:
        return ZERO, ZERO, ZERO
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, {"owner": dropshipper_id, "start": period.start})
        own, held, due = cursor.fetchone()
    return own, held, due


def _entries(dropshipper_id: int, period: Period) -> Iterator[tuple[Any, ...]]:
    after, last = period.start or BEGINNING, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, {"owner": dropshipper_id, "at": after, "id": last, "end": period.end, "step": STEP})
            rows = cursor.fetchall()
        for row in rows:
            last, after = row[0], row[1]
            yield row[1:]
        if len(rows) < STEP:
            return


def _day(day: Any) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _or_nothing(amount: Decimal) -> Decimal | None:
    return amount or None
