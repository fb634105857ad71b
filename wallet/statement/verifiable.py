"""The statement that can be verified, as CSV: for each entry what its link of the hash chain vouches for, which
wallet/books/hashchain.py checks without the house. What people read is wallet/statement/readable.py."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from core import sheet
from core.money import ZERO
from wallet.models import Entry
from wallet.statement.movement_words import label_of
from wallet.statement.periods import Period

_STEP = 1000
_ROWS = """
SELECT e.id, e.at, e.kind, e.key, e.reference, e.reverses_id, e.memo, s.position, s.hash, b.hash,
       string_agg(a.kind || ':' || p.amount, ' ' ORDER BY a.kind),
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'wallet'), 0),
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'held'), 0),
       coalesce(sum(p.amount) FILTER (WHERE a.kind = 'cod_due'), 0)
  FROM wallet_entry e JOIN wallet_posting p ON p.entry_id = e.id JOIN wallet_account a ON a.id = p.account_id
  LEFT JOIN wallet_seal s ON s.entry_id = e.id
  LEFT JOIN wallet_seal b ON b.dropshipper_id = s.dropshipper_id AND b.position = s.position - 1
 WHERE e.dropshipper_id = %(owner)s AND (e.at, e.id) > (%(at)s, %(id)s)
   AND (%(end)s::timestamptz IS NULL OR e.at < %(end)s)
 GROUP BY e.id, s.id, b.id ORDER BY e.at, e.id LIMIT %(step)s
"""
_OPENING = """
SELECT coalesce(sum(p.amount), 0)
  FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id JOIN wallet_entry e ON e.id = p.entry_id
 WHERE a.dropshipper_id = %s AND a.kind = 'wallet' AND e.at < %s
"""
BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def quoted(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; hashchain.unquoted takes it back."""
    return f"'{text}" if text[:1] in ("'", "\0") else sheet.quoted(text)


def _number(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def opening(dropshipper_id: int, period: Period) -> Decimal:
    """What was available before the period (EUR); 1 query, none for all time."""
    if period.start is None:
        return ZERO
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, [dropshipper_id, period.start])
        found: Decimal = cursor.fetchone()[0]
    return found


class _Echo:
    """A file that hands each line back: the csv module writes only to files."""

    def write(self, line: str) -> str:
        return line


def lines(dropshipper_id: int, period: Period) -> Iterator[str]:
    """The statement line by line: every entry of the period, oldest first, with the available balance after it.

    1 query, and 1 for each 1,000 entries. Times for the reader in the supplier's zone, for the hash in UTC."""
    writer: Any = csv.writer(_Echo(), delimiter=";")
    header = [
        _("Date"),
        _("Type"),
        _("Order or reference"),
        _("Available (EUR)"),
        _("Held (EUR)"),
        _("COD to receive (EUR)"),
        _("Balance (EUR)"),
    ]
    proof = ["position", "entry", "at", "kind", "key", "reference", "reverses", "memo", "postings", "previous", "hash"]
    yield "\ufeff" + writer.writerow([*header, *proof])
    balance, after, last = opening(dropshipper_id, period), period.start or BEGINNING, 0
    labels = dict(Entry.Kind.choices)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, {"owner": dropshipper_id, "at": after, "id": last, "end": period.end, "step": _STEP})
            rows = cursor.fetchall()
        for entry, at, kind, key, ref, reverses, memo, position, digest, previous, postings, own, held, due in rows:
            balance += own
            after, last = at, entry
            sealed = [position, (previous or bytes(32)).hex(), digest.hex()] if digest else ["", "", ""]
            yield writer.writerow(
                [
                    timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
                    quoted(str(labels[kind])),
                    quoted(label_of(ref)),
                    _number(own),
                    _number(held),
                    _number(due),
                    _number(balance),
                    sealed[0],
                    entry,
                    at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
                    kind,
                    quoted(key),
                    quoted(ref),
                    reverses or "",
                    quoted(memo),
                    postings,
                    *sealed[1:],
                ]
            )
        if len(rows) < _STEP:
            return
