"""Two acts that meet: one has written and not yet ended when the other begins. Whether a lock makes the second wait is
seen in the database, so that the race is the same each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

_MOST_S = 10.0
_HELD_S = 0.15


def halt(parties: int, *, guarded: bool) -> Callable[[], None]:
    """A place between reading and writing, of a race with its control. Guarded, who is there stays a moment, in which
    the others must wait outside; unguarded, nobody goes on before all `parties` are there, however slow the machine."""
    gate = threading.Barrier(parties)

    def stay() -> None:
        if guarded:
            time.sleep(_HELD_S)
            return
        with suppress(threading.BrokenBarrierError):
            gate.wait(_MOST_S)

    return stay


@dataclass
class Met:
    """What each came to, a result or an error; and whether the second had to wait for the first to end."""

    first: Any = None
    second: Any = None
    waited: bool = False


def meet(first: Callable[[], Any], second: Callable[[], Any], *, then: Callable[[], Any] | None = None) -> Met:
    """For a transactional test. `first` runs in a transaction that is held open until `second`, on a connection of its
    own, waits for one of its locks or has ended; `then` is what the first goes on with, in that transaction."""
    met, written, over, pids = Met(), threading.Event(), threading.Event(), list[int]()

    def one() -> None:
        try:
            with transaction.atomic():
                met.first = first()
                written.set()
                until = time.monotonic() + _MOST_S
                while not over.is_set() and time.monotonic() < until and not met.waited:
                    met.waited = bool(pids) and _waits(pids[0])
                    over.wait(0.01)
                if then is not None:
                    met.first = then()
        except Exception as error:
            met.first = error
        finally:
            written.set()
            connection.close()

    def two() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pid = cursor.fetchone()[0]
            written.wait(_MOST_S)
            pids.append(pid)
            met.second = second()
        except Exception as error:
            met.second = error
        finally:
            over.set()
            connection.close()

    threads = [threading.Thread(target=act, daemon=True) for act in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * _MOST_S)
        assert not thread.is_alive(), "An act hangs."
    return met


def _waits(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])
