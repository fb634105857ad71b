"""One lock for every sweep, in PostgreSQL: however many nudges are sent, at most `seats` of them work at a time.

A seat is a row with a lease by the database's clock, not an advisory lock: those belong to a connection, which a pooler
in transaction mode hands to somebody else. The lease ends with the sweep, whatever it raised; of a worker that was
killed it runs out. The nudge that finds no seat returns at once, and loses nothing: who sits finds the same rows."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

NIGHT = 2  # o'clock, local time: what is done once a night is due from then on

_TAKE = """
    WITH free AS (
        SELECT id FROM mci_sweep
        WHERE name = %(name)s AND seat < %(seats)s AND (lease_until IS NULL OR lease_until < clock_timestamp())
            AND NOT (%(nightly)s AND coalesce(done_at >= (
                date_trunc('day', (clock_timestamp() AT TIME ZONE %(zone)s) - %(night)s * interval '1 hour')
                + %(night)s * interval '1 hour') AT TIME ZONE %(zone)s, false))
        ORDER BY seat LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    UPDATE mci_sweep SET begun_at = clock_timestamp(), lease_token = %(token)s,
        lease_until = clock_timestamp() + %(lease)s * interval '1 second'
    FROM free WHERE mci_sweep.id = free.id
    RETURNING mci_sweep.id
"""
_MAKE = """
    INSERT INTO mci_sweep (name, seat) SELECT %(name)s, seat FROM generate_series(0, %(seats)s - 1) AS seat
    WHERE NOT EXISTS (SELECT FROM mci_sweep AS there WHERE there.name = %(name)s AND there.seat = seat.seat)
    ON CONFLICT DO NOTHING
"""
_LEAVE = """
    UPDATE mci_sweep SET lease_until = NULL, lease_token = NULL,
        done_at = CASE WHEN %(well)s THEN clock_timestamp() ELSE done_at END
    WHERE id = %(id)s AND lease_token = %(token)s
"""


@contextmanager
def seat(name: str, *, seats: int, lease_s: float, nightly: bool = False) -> Iterator[bool]:
    """True in the block when a seat was free; a nightly sweep has one only where this night's was not done yet."""
    token = uuid.uuid4()
    taken = _take(
        {
            "name": name,
            "seats": seats,
            "lease": lease_s,
            "token": str(token),
            "nightly": nightly,
            "night": NIGHT,
            "zone": settings.TIME_ZONE,
        }
    )
    if taken is None:
        yield False
        return
    well = False
    try:
        yield True
        well = True
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_LEAVE, {"id": taken, "token": str(token), "well": well})
        except DatabaseError:  # what the sweep itself met is told; its lease runs out
            log.warning("The seat of %s could not be left.", name, exc_info=well)


def _take(given: dict[str, str | float]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, given)
        row = cursor.fetchone()
        if row is None:  # no seat is free, or it is the first time and there are none: perhaps another one makes them
            cursor.execute(_MAKE, given)
            cursor.execute(_TAKE, given)
            row = cursor.fetchone()
    return int(row[0]) if row else None
