"""A shop that holds whoever asks it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Tarpit:
    """A shop that takes every connection and answers none, until it lets go of all."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._hold, daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def _hold(self) -> None:
        with suppress(OSError):
            while True:
                self._held.append(self._server.accept()[0])

    def let_go(self) -> None:
        """What was asserted about those who wait was seen: their connections break, and later ones are refused."""
        with suppress(OSError):  # it had let go before
            self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
        for one in self._held:
            one.close()
