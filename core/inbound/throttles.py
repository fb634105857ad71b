"""How often one may try. Counted in PostgreSQL by its own clock: what Redis forgets, or another process, loosens
nothing, and parallel tries queue for one row.

A limit of 5 in 300 s lets five tries through at once and then one a minute: nobody is shut out for good."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import dataclass

from django.db import connection

from core.errors import TooManyTries

# The cell rate algorithm: each try moves `full_at` on by one share of the time, at most to the whole time from now.
_TAKE = """
INSERT INTO core_throttle AS t (key, full_at) VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(share)s))
ON CONFLICT (key) DO UPDATE SET full_at = greatest(t.full_at, clock_timestamp()) + make_interval(secs => %(share)s)
 WHERE greatest(t.full_at, clock_timestamp()) <= clock_timestamp() + make_interval(secs => %(room)s)
RETURNING extract(epoch FROM t.full_at - clock_timestamp())
"""
_WAIT = "SELECT full_at + make_interval(secs => %s) - clock_timestamp() FROM core_throttle WHERE key = %s"
_GIVE_BACK = "UPDATE core_throttle SET full_at = full_at - make_interval(secs => %s) WHERE key = %s"
_SWEEP = "DELETE FROM core_throttle WHERE full_at < clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Left:
    """How many more tries are let through at once, and in how many seconds the limit is whole again."""

    tries: int
    whole_in_s: int


def take(name: str, key: str, *, limit: int, seconds: int) -> Left:
    """Counts one try of `key` (a user, an address, a shop) at `name`. Raises TooManyTries, with how long to wait, when
    it would be more than `limit` in `seconds`. Call it outside of a transaction: one that is rolled back takes its
    count with it."""
    share = seconds / limit
    digest = _digest(name, key)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": digest, "share": share, "room": seconds - share})
        taken = cursor.fetchone()
        if taken is not None:
            used = max(0.0, float(taken[0]))
            return Left(max(0, math.floor((seconds - used) / share + 1e-6)), math.ceil(used))
        cursor.execute(_WAIT, [share - seconds, digest])
        row = cursor.fetchone()
    raise TooManyTries(after=row[0] if row else dt.timedelta(seconds=share))


def give_back(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Undoes one `take`: the try was a good one."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [seconds / limit, _digest(name, key)])


def clear(name: str, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_throttle WHERE key = %s", [_digest(name, key)])


def sweep() -> int:
    """Forgets the limits that are whole again; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP)
        return int(cursor.rowcount)


def _digest(name: str, key: str) -> str:
    return hashlib.sha256(f"{name}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
