"""Leases: which worker is at a row, and until when.

All workers read one clock, the database's: a machine whose own clock is minutes off neither takes what another is at,
nor leaves for minutes what is due. So whatever is compared with that clock (a lease's end, a due date, the wait after a
failure) is written by it too: `now()`, `now() + wait`, never the machine's time.

Held for a block (`held`), a lease is given back however the block ends; only a worker that is killed leaves it to run
out. A fault puts the row off for a short while, so that it does not spin."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, Error, connections, models
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.db.models.sql.subqueries import UpdateQuery

from core import busy
from core.errors import DomainError

log = logging.getLogger(__name__)

SOON = dt.timedelta(seconds=2)  # the database was busy
LATER = dt.timedelta(seconds=20)  # a fault of ours


class LeaseLost(Exception):
    """The lease ran out, or was taken away with the connection of the shop: what is in hand is another's by now."""


def now() -> Now:
    """The moment at which the database begins the statement; also within a transaction, where its own now() stands."""
    return Now()


def clock() -> Callable[[], dt.datetime]:
    """The database's time, read once and counted on from there: for moments that are kept, and compared with those that
    another worker kept."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        read: dt.datetime = cursor.fetchone()[0]
    began = time.monotonic()
    return lambda: read + dt.timedelta(seconds=time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work that one worker at a time does on a row of `rows`. `lasts`: longer than what is done between two
    renewals may take. `name`: the first word of its two columns (pull_lease_until, pull_lease_token)."""

    rows: type[models.Model]
    lasts: dt.timedelta
    name: str = ""

    @property
    def until(self) -> str:
        return f"{self.name}_lease_until" if self.name else "lease_until"

    @property
    def token(self) -> str:
        return f"{self.name}_lease_token" if self.name else "lease_token"

    def free(self) -> Q:
        """Rows that nobody is at."""
        return Q(**{self.until: None}) | Q(**{f"{self.until}__lt": now()})

    def claim(self, due: QuerySet[Any], **fields: Any) -> Lease | None:
        """The first row of `due` (ordered) that is free; None when there is none. `fields` are set with it."""
        token, ids = self.claim_many(due, 1, **fields)
        return Lease(self, ids[0], token) if ids else None

    def claim_many(self, due: QuerySet[Any], most: int, **fields: Any) -> tuple[uuid.UUID, list[int]]:
        """The first `most` free rows of `due`, under one token. One statement: rows that another worker has locked are
        passed over, and two workers never get the same."""
        database, table = connections[DEFAULT_DB_ALIAS], self.rows._meta.db_table
        token = uuid.uuid4()
        try:
            due_rows, params = self._due_rows(due.filter(self.free()), most, token)
        except EmptyResultSet:  # a list of no ids
            return token, []
        rows = self.rows._default_manager.filter(pk__in=RawSQL("SELECT due.pk FROM due", []))
        query: UpdateQuery = rows.query.chain(UpdateQuery)  # type: ignore[assignment]
        query.add_update_values({**fields, self.until: now() + self.lasts, self.token: token})
        sql, values = query.get_compiler(connection=database).as_sql()
        with database.cursor() as cursor:
            cursor.execute(f'WITH {due_rows} {sql} RETURNING "{table}"."id"', [*params, *values])
            return token, sorted(row[0] for row in cursor.fetchall())

    def _due_rows(self, free: QuerySet[Any], most: int, token: uuid.UUID) -> tuple[str, Sequence[Any]]:
        """The common table expressions of a claim; the last one, `due`, has the keys of the rows that are taken, locked
        (materialized: it is looked for, and locked, once). Raises EmptyResultSet."""
        select, params = free.values("pk")[:most].query.sql_with_params()
        return f'due AS MATERIALIZED ({select} FOR NO KEY UPDATE OF "{self.rows._meta.db_table}" SKIP LOCKED)', params

    def ended(self, token: uuid.UUID, *, rests: dt.timedelta | None = None) -> None:
        """What was claimed under `token` was given back (connectors/shops/visits.py has something to do then)."""

    def give_back(
        self,
        token: uuid.UUID,
        ids: Sequence[int],
        *,
        after: dt.timedelta | None = None,
        rests: dt.timedelta | None = None,
        **fields: Any,
    ) -> None:
        """Rows that are still held under `token`, also over a connection that was lost; else their leases run out by
        themselves. Never raises."""
        database = connections[DEFAULT_DB_ALIAS]
        until = None if after is None else now() + after
        mine = self.rows._default_manager.filter(pk__in=ids, **{self.token: token})
        for _try in range(2):
            try:
                mine.update(**{self.until: until, self.token: None}, **fields)
                self.ended(token, rests=rests)
                return
            except Error as error:
                log.warning("Leases of %s were not given back: %s", self.rows.__name__, error)
                if database.in_atomic_block:
                    return
                database.close()


@dataclass(slots=True)
class Lease:
    """A row that is ours until `work.lasts` after the last renewal. `is_over`: it was given back."""

    work: Work
    pk: int
    token: uuid.UUID
    is_over: bool = field(default=False, init=False)

    def mine(self) -> QuerySet[Any]:
        """The row, if it is still ours."""
        return self.work.rows._default_manager.filter(pk=self.pk, **{self.work.token: self.token})

    def renew(self, **fields: Any) -> bool:
        """For as long again; False, and nothing written, when it is another's."""
        return bool(self.mine().update(**{self.work.until: now() + self.work.lasts}, **fields))

    def release(self, *, after: dt.timedelta | None = None, **fields: Any) -> bool:
        """Gives it back with the outcome in `fields`; nobody takes the row before `after` is over. False, and nothing
        written, when it is another's."""
        self.is_over = True
        until = None if after is None else now() + after
        mine = bool(self.mine().update(**{self.work.until: until, self.work.token: None}, **fields))
        self.work.ended(self.token)
        return mine

    def give_back(self, *, after: dt.timedelta | None = None) -> None:
        """As `release`, also over a connection that was lost; else it runs out by itself. Never raises."""
        self.is_over = True
        self.work.give_back(self.token, [self.pk], after=after)


@contextmanager
def held(lease: Lease) -> Iterator[Lease]:
    """Gives the lease back at the end, unless the block did so with its outcome; after an exception the row is left
    alone for a short while."""
    try:
        yield lease
    except BaseException as error:
        if not lease.is_over:
            lease.give_back(after=_wait(error))
        raise
    if not lease.is_over:
        lease.give_back()


def _wait(error: BaseException) -> dt.timedelta | None:
    if not isinstance(error, Exception):  # the worker is told to stop: the next one may go on at once
        return None
    if isinstance(error, DomainError | LeaseLost):  # an outcome: the caller says when it comes again
        return None
    return SOON if busy.is_passing(error) else LATER
