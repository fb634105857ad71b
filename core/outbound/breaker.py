"""A host that does not answer is left alone for a while, by all workers: each call to it would cost one of them its
whole deadline. What is known of a host stands in PostgreSQL and is judged by its clock."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from django.db import connection

PATIENCE = 4  # calls in a row that found nobody, before the host is left alone
SHORTEST_S, LONGEST_S = 30, 900  # it doubles with each failure from then on

_OPEN = "SELECT failures, open_until - clock_timestamp() FROM core_outage WHERE host = %s"
_FAILED = """
INSERT INTO core_outage AS o (host, failures, open_until, at) VALUES (%(host)s, 1, NULL, clock_timestamp())
ON CONFLICT (host) DO UPDATE SET failures = least(o.failures + 1, 1000), at = clock_timestamp(),
  open_until = CASE WHEN o.failures + 1 >= %(patience)s THEN clock_timestamp() + make_interval(secs =>
    least(%(longest)s, %(shortest)s * power(2, least(o.failures + 1 - %(patience)s, 20)))) END
"""
_WORKED = "DELETE FROM core_outage WHERE host = %s"
_SWEEP = "DELETE FROM core_outage WHERE at < clock_timestamp() - interval '1 day'"


def known_trouble(host: str) -> tuple[int, dt.timedelta | None]:
    """How many calls in a row found nobody at `host`, and for how long it is still left alone (None: it may be
    called). One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [host])
        row = cursor.fetchone()
    if row is None:
        return 0, None
    failures, left = row
    return failures, left if left is not None and left > dt.timedelta() else None


def failed(host: str) -> None:
    """Nobody answered."""
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, {"host": host, "patience": PATIENCE, "shortest": SHORTEST_S, "longest": LONGEST_S})


def worked(host: str) -> None:
    """It answered."""
    with connection.cursor() as cursor:
        cursor.execute(_WORKED, [host])


def forget(address: str) -> None:
    """A person asks something of the shop at this URL: he has mended it, perhaps, and is not told what was known."""
    worked(urlsplit(address).netloc)


def sweep() -> int:
    """Forgets hosts that nobody called for a day; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP)
        return int(cursor.rowcount)
