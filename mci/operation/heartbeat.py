"""Whether beat and the workers of each queue are alive, and whether their clocks agree with the database's.

Every few seconds beat writes its row and sends a task into each queue; a worker that obeys one, or works at a sweep,
writes the row of its queue. Times are the database's; a clock is compared with it only to say how far off it is.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from django.db import connection

BEAT = "beat"
QUEUES = ("money", "intake", "shops", "house")  # settings.CELERY_TASK_QUEUES
EVERY_S = 5.0
# Seconds after which a silence is news: a sweep may speak to slow shops for a minute, and a few of them in a row.
MAX_AGE = {BEAT: 60.0, "money": 60.0, "intake": 60.0, "shops": 240.0, "house": 240.0}
MAX_SKEW_S = 10.0

_NOTE = """
    INSERT INTO mci_heartbeat (name, at, skew_ms)
    VALUES (%(name)s, clock_timestamp(), 1000 * (%(mine)s - extract(epoch FROM clock_timestamp())))
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, skew_ms = excluded.skew_ms
"""
_noted: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds: since it was last heard, and how far its clock was ahead of the database's then."""

    age: float
    skew: float


def note(name: str) -> None:
    """`name` lives, and what its clock says."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"name": name, "mine": time.time()})
    _noted[name] = time.monotonic()


def note_often(name: str) -> None:
    """As `note`, but at most every few seconds from one process."""
    if time.monotonic() - _noted.get(name, float("-inf")) >= EVERY_S:
        note(name)


def readings() -> dict[str, Reading]:
    """By name; who was never heard is not in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, extract(epoch FROM clock_timestamp() - at), skew_ms FROM mci_heartbeat ORDER BY name"
        )
        return {name: Reading(max(0.0, float(age)), skew / 1000) for name, age, skew in cursor.fetchall()}


def silent(heard: dict[str, Reading]) -> dict[str, float | None]:
    """Who should have been heard by now: seconds of silence, None for never."""
    ages = {name: heard[name].age if name in heard else None for name in MAX_AGE}
    return {name: age for name, age in ages.items() if age is None or age > MAX_AGE[name]}


def _main(name: str) -> None:
    """A container's health check: DJANGO_SETTINGS_MODULE=mci.settings python -m mci.operation.heartbeat money"""
    import django

    django.setup()
    quiet = silent(readings())
    if name in quiet:
        sys.exit(f"{name} is silent ({quiet[name]} s)")


if __name__ == "__main__":
    _main(sys.argv[1] if len(sys.argv) > 1 else BEAT)
