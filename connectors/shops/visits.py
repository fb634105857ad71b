"""How many of the workers one company's shops may hold: nobody's slow shops are everybody's.

Work that may wait for a shop is claimed together with a turn of the company whose shop it is, in one statement
(core/leases.py). A company has few turns, so what else of its is due waits until one of them is over, and the work of
the others goes on; a company that was served is behind those that wait. A turn is a row with a lease, so two workers
never take the same one, and that of a worker which was killed comes back by itself.

Kinds of turns: VISIT, what is done by itself (reading, telling, checks, comparisons, proofs, publishing); ASKED, what a
person waits for; INTAKE, the reading of deliveries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from connectors.models import NEVER, Visit
from core import leases

T = TypeVar("T")
VISIT, ASKED, INTAKE = "visit", "asked", "intake"
_WINDOW = 1000  # due rows among which the company that waits longest is looked for

_MAKE = """
    INSERT INTO connectors_visit (dropshipper_id, kind, number, taken_at)
    SELECT DISTINCT due.owner, %s, number, %s::timestamptz
    FROM ({due}) AS due CROSS JOIN generate_series(0, %s - 1) AS number
    WHERE NOT EXISTS (SELECT FROM connectors_visit AS there
        WHERE there.dropshipper_id = due.owner AND there.kind = %s AND there.number = number.number)
    ON CONFLICT DO NOTHING
"""

_TAKE = """
    UPDATE connectors_visit SET taken_at = statement_timestamp(), lease_until = statement_timestamp() + %s,
        lease_token = %s
    WHERE id = (SELECT id FROM connectors_visit
        WHERE dropshipper_id = %s AND kind = %s AND number < %s
            AND (lease_until IS NULL OR lease_until < statement_timestamp())
        ORDER BY taken_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits(leases.Work):
    """Work that is claimed with a turn of its company. `lasts`: as of any Work. `holds`: how long a turn is held when
    its worker was killed; longer than all calls of one visit together. `company`: the way from a row to it."""

    kind: str = VISIT
    holds: dt.timedelta
    company: str = "dropshipper"

    def claim_many(self, due: QuerySet[Any], most: int, **fields: Any) -> tuple[uuid.UUID, list[int]]:
        token, ids = leases.Work.claim_many(self, due, most, **fields)
        if not ids and self._make(due):
            token, ids = leases.Work.claim_many(self, due, most, **fields)
        return token, ids

    def ended(self, token: uuid.UUID, *, rests: dt.timedelta | None = None) -> None:
        """`rests`: how long the turn is nobody's."""
        until = None if rests is None else leases.now() + rests
        Visit.objects.filter(lease_token=token).update(lease_until=until, lease_token=None)

    def _due_rows(self, free: QuerySet[Any], most: int, token: uuid.UUID) -> tuple[str, Sequence[Any]]:
        """`due`: up to `most` rows of one company, the one that was served longest ago of those with a free turn."""
        table, way = self.rows._meta.db_table, f"{self.company}__visits"
        turn = Q(**{f"{way}__lease_until": None}) | Q(**{f"{way}__lease_until__lt": leases.now()})
        turn &= Q(**{f"{way}__kind": self.kind, f"{way}__number__lt": _most(self.kind)})
        window = free.filter(turn)
        if most > 1:  # there may be very many
            window = self.rows._default_manager.filter(pk__in=window.values("pk")[:_WINDOW]).filter(turn)
        window = window.order_by(f"{way}__taken_at", *free.query.order_by)
        window = window.values("pk", turn=F(f"{way}__id"), owner=F(f"{self.company}_id"))
        first, params = window[:1].query.sql_with_params()
        taken = """turn AS (UPDATE connectors_visit AS mine SET taken_at = statement_timestamp(), lease_token = %s,
            lease_until = statement_timestamp() + %s FROM first WHERE mine.id = first.turn)"""
        locked = f'{first} FOR NO KEY UPDATE OF "{table}", "connectors_visit" SKIP LOCKED'
        parts, values = [f"first AS MATERIALIZED ({locked})", taken], [*params, token, self.holds]
        if most == 1:
            parts.append("due AS (SELECT pk FROM first)")
        else:
            same = free.filter(**{f"{self.company}_id": RawSQL("SELECT owner FROM first", [])})
            same = same.exclude(pk__in=RawSQL("SELECT pk FROM first", []))
            more, params = same.values("pk")[: most - 1].query.sql_with_params()
            parts.append(f'more AS MATERIALIZED ({more} FOR NO KEY UPDATE OF "{table}" SKIP LOCKED)')
            parts.append("due AS (SELECT pk FROM first UNION ALL SELECT pk FROM more)")
            values += params
        return ", ".join(parts), values

    def _make(self, due: QuerySet[Any]) -> bool:
        """The turns of companies that have none yet and have something due."""
        rows = due.filter(self.free()).values(owner=F(f"{self.company}_id"))[:_WINDOW]
        try:
            select, params = rows.query.sql_with_params()
        except EmptyResultSet:
            return False
        most = _most(self.kind)
        with connection.cursor() as cursor:
            cursor.execute(
                _MAKE.format(due=select),
                [self.kind, NEVER, *params, most, self.kind],
            )
            return bool(cursor.rowcount)


def fair(due: QuerySet[Any], kind: str, company: str = "dropshipper") -> QuerySet[Any]:
    """Who was served longest ago first, for who makes a list; what has no free turn then is passed over at its claim.
    See also `in_turns`."""
    turns = Visit.objects.filter(dropshipper=OuterRef(company), kind=kind).order_by()
    served = turns.values("dropshipper").annotate(at=Min("taken_at")).values("at")
    return due.annotate(served=Subquery(served)).order_by(F("served").asc(nulls_first=True), *due.query.order_by)


@contextmanager
def turn(dropshipper_id: int, kind: str, *, holds: dt.timedelta) -> Iterator[bool]:
    """For work that has no lease of its own: False in the block when the company has no free turn."""
    token = uuid.uuid4()
    taken = _take(dropshipper_id, kind, token, holds)
    if not taken:
        make(dropshipper_id)
        taken = _take(dropshipper_id, kind, token, holds)
    try:
        yield taken
    finally:
        if taken:
            Visit.objects.filter(lease_token=token).update(lease_until=None, lease_token=None)


def _take(dropshipper_id: int, kind: str, token: uuid.UUID, holds: dt.timedelta) -> bool:
    params: list[Any] = [holds, token, dropshipper_id, kind, _most(kind)]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, params)
        return bool(cursor.rowcount)


def in_turns(rows: Iterable[T], company: Callable[[T], int]) -> list[T]:
    """The first of each company, then the second of each, and so on; else in their order."""
    seen: Counter[int] = Counter()
    numbered = []
    for row in rows:
        numbered.append((seen[company(row)], row))
        seen[company(row)] += 1
    return [row for _number, row in sorted(numbered, key=itemgetter(0))]


def make(dropshipper_id: int) -> None:
    """The turns of a company that connects its first shop."""
    rows = [
        Visit(dropshipper_id=dropshipper_id, kind=kind, number=number)
        for kind in settings.COMPANY_TURNS
        for number in range(_most(kind))
    ]
    Visit.objects.bulk_create(rows, ignore_conflicts=True)


def _most(kind: str) -> int:
    most: int = settings.COMPANY_TURNS[kind]
    return most
