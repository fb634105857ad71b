"""How many requests of a kind a web process works at, and with which connections to the database.

A thread of the web server is cheap, a connection is not: there are many threads, so that none who waits (a page for its
turn, a slow sender for his next byte) takes the last one from the shops' webhooks, and few slots. A slot brings its own
connection to whichever thread has it. Where `serve` was not called (tests' clients, workers) nothing is counted and
each thread has its own connection."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.inbound import senders

CONNECTION_S = 600  # how long a slot's connection is used
AT_ONCE = 4  # pages, and as many webhooks: more only share the processor
FEWEST = 16


class Slots:
    """`size` at a time, 0 for all; `crowd` with those who wait, who wait for at most `patience_s`."""

    def __init__(self, size: int = 0, *, crowd: int = 0, patience_s: float = 0.0) -> None:
        self._size, self._crowd, self._patience_s = size, crowd, patience_s
        self._free: queue.LifoQueue[list[BaseDatabaseWrapper]] = queue.LifoQueue()  # of a connection, or none yet
        for _slot in range(size):
            self._free.put([])
        self._here, self._lock = 0, threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises senders.Full."""
        with self._counted():
            if not self._size:
                yield
                return
            try:
                slot = self._free.get(timeout=self._patience_s)
            except queue.Empty:
                raise senders.Full from None
            try:
                with _connection_of(slot):
                    yield
            finally:
                self._free.put(slot)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            if self._size and self._here >= self._crowd:
                raise senders.Full
            self._here += 1
        try:
            yield
        finally:
            with self._lock:
                self._here -= 1


@contextmanager
def _connection_of(slot: list[BaseDatabaseWrapper]) -> Iterator[None]:
    """The slot's connection is this thread's, in the block."""
    if not slot:
        made = connections.create_connection(DEFAULT_DB_ALIAS)
        made.settings_dict = {**made.settings_dict, "CONN_MAX_AGE": CONNECTION_S}
        slot.append(made)
    mine = slot[0]
    before = connections.all(initialized_only=True)
    mine.inc_thread_sharing()
    connections[DEFAULT_DB_ALIAS] = mine
    try:
        mine.close_if_unusable_or_obsolete()
        yield
    finally:
        try:
            mine.close_if_unusable_or_obsolete()
        finally:
            mine.dec_thread_sharing()
            del connections[DEFAULT_DB_ALIAS]
            for wrapper in before:
                connections[wrapper.alias] = wrapper


pages, webhooks = Slots(), Slots()


def serve(threads: int) -> None:
    """Of a web process with so many threads (fewer than FEWEST are not divided). More than half of them no page ever
    takes, and a few neither pages nor whoever sends (core/inbound/senders.py)."""
    global pages, webhooks
    if threads >= FEWEST:
        pages = Slots(AT_ONCE, crowd=threads * 7 // 16, patience_s=10.0)
        webhooks = Slots(AT_ONCE, crowd=threads, patience_s=4.0)
        senders.serve(threads)
        # What a thread opens besides its slot (a stream, /readyz) is closed with the request.
        connections.settings[DEFAULT_DB_ALIAS]["CONN_MAX_AGE"] = 0
