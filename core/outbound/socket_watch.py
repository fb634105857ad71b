"""Ends what waits for a socket, at its time."""

from __future__ import annotations

import socket
import threading


class Watch:
    """Ends a call at its deadline by shutting the sockets that it opened, wherever it waits (TLS, headers, body)."""

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True

    def add(self, sock: socket.socket) -> None:
        self._sockets.append(sock.dup())  # the original is detached when TLS wraps it
        if self.fired:
            self._fire()

    def _fire(self) -> None:
        self.fired = True
        for sock in self._sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def __enter__(self) -> Watch:
        self._timer.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._timer.cancel()
        for sock in self._sockets:
            sock.close()
