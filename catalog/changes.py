"""What changed since a program last asked, without a gap.

A version is a transaction's number: the oldest that was still at work. Whatever was not yet to be seen then has been
written by that one or a later one, so that nothing is missed whoever commits late; what was seen already may come once
more, and its own version says so. Numbers of another database (one that was restored) are told by being too high."""

from __future__ import annotations

from django.db import connection


def now() -> int:
    """The version from which to ask next time. Take it before reading."""
    return _asked("pg_snapshot_xmin(pg_current_snapshot())")


def is_known(version: int) -> bool:
    """Whether this database can have given it."""
    return version <= _asked("pg_snapshot_xmax(pg_current_snapshot())")


def _asked(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {what}::text::bigint")
        return int(cursor.fetchone()[0])
