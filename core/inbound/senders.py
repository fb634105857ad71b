"""How many requests of a web process are waited for while they send: of all, and of one sender's network.

Whoever sends byte by byte, or nothing at all, holds the thread that reads from him, and no thread can be taken out of a
read. So only so many read at a time, fewer of one network, and nobody else's request waits behind them. A body that is
there already is read in no time: of many that come at once all get their turn within PATIENCE_S."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from core.busy import Busy
from core.inbound import client

PATIENCE_S = 1.0
HOOKS = ("/webhooks/", "/connect/")  # what shops call
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Full(Busy):
    """Too many send already, or wait for their turn."""


class Senders:
    """`most` at a time, `each` of one network; 0: all."""

    def __init__(self, most: int = 0, *, each: int = 0) -> None:
        self._most, self._each = most, each
        self._here: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def counted(self, network: str) -> Iterator[None]:
        """Raises Full."""
        if not self._most:
            yield
            return
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(network), PATIENCE_S):
                raise Full
            self._here[network] += 1
        try:
            yield
        finally:
            with self._changed:
                self._here[network] -= 1
                if not self._here[network]:
                    del self._here[network]
                self._changed.notify_all()

    def _has_room(self, network: str) -> bool:
        return self._here.total() < self._most and self._here[network] < self._each


hooks, pages = Senders(), Senders()


def serve(threads: int) -> None:
    """Of a web process with so many threads (core/inbound/slots.py): what is left reads from nobody."""
    global hooks, pages
    hooks, pages = Senders(threads * 3 // 8, each=threads // 8), Senders(threads // 8, each=threads // 16)


class Counted:
    """WSGI, around everything that reads."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"] = _Input(environ["wsgi.input"], environ)
        return self._application(environ, start_response)


class _Input:
    """The body, each read of it counted."""

    def __init__(self, stream: Any, environ: Environ) -> None:
        self._stream, self._environ = stream, environ

    def read(self, *size: int) -> bytes:
        with self._counted():
            found: bytes = self._stream.read(*size)
        return found

    def readline(self, *size: int) -> bytes:
        with self._counted():
            found: bytes = self._stream.readline(*size)
        return found

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    @contextmanager
    def _counted(self) -> Iterator[None]:
        environ = self._environ
        if not (environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ):
            yield
            return
        kind = hooks if environ["PATH_INFO"].startswith(HOOKS) else pages
        with kind.counted(client.network_of(environ)):
            yield
