"""The demo tells two months in half a minute: each act runs at its own moment of the past.

The acts of the product know nothing of this. They ask `timezone.now()`, which is set back for them here; what the
database or a model's default has stamped with the present is moved to the same moment right after. The ledger's rows
are never changed: they were written with the moment itself."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

ROME = ZoneInfo("Europe/Rome")
_STAMPS = {
    "orders_order": ["created_at"],
    "orders_orderevent": ["at"],
    "orders_problem": ["created_at"],
    "orders_dispatchrun": ["created_at", "started_at", "finished_at"],
    "shipping_shipment": ["created_at"],
    "shipping_shipmentevent": ["at"],
    "catalog_stockmove": ["at"],
    "connectors_inboxorder": ["first_seen_at"],
    "connectors_shopevent": ["at"],
    "wallet_topup": ["created_at"],
}
_MOVES = ", ".join(
    f"{table} AS (UPDATE {table} SET {', '.join(f'{name} = %(moment)s' for name in names)} WHERE {names[0]} >= now())"  # noqa: S608
    for table, names in _STAMPS.items()
)
# now() is the beginning of the load's one transaction: whatever was stamped since is later or equal.
_MOVE = f"WITH {_MOVES} SELECT 1"


@contextmanager
def it_is(moment: dt.datetime) -> Iterator[None]:
    """Within, it is `moment`. Not for threads: the clock of the whole process is set back."""
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"moment": moment})


Act = Callable[[], object]


class Diary:
    """What is to happen, and when; `live` lets it happen in order. Acts may write further acts into it."""

    def __init__(self, until: dt.datetime) -> None:
        self.until = until
        self.now = until
        self._acts: list[tuple[dt.datetime, int, Act]] = []
        self._numbers = count()

    def at(self, moment: dt.datetime, act: Act) -> None:
        """What would lie in the future is left out: it has not happened yet."""
        if moment < self.until:
            heapq.heappush(self._acts, (moment, next(self._numbers), act))

    def live(self, told: Callable[[int], object] = lambda percent: None) -> None:
        """`told` hears how much of the time has passed, in percent, in steps of ten."""
        began, said = (self._acts[0][0] if self._acts else self.until), 0
        while self._acts:
            self.now, _number, act = heapq.heappop(self._acts)
            with it_is(self.now):
                act()
            passed = int((self.now - began) / (self.until - began) * 10) * 10 if self.until > began else 100
            if passed > said:
                said = passed
                told(said)


def local(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment of the day in Rome."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ROME)
