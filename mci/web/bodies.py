"""What a request brings, between the web server and Django: how long it is, and whether it came whole.

granian hands a body over as it comes: one that was sent in pieces without Content-Length (Django would see an empty
one), and one whose sender went away in the middle (Django would take the half for the whole)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from core.inbound import senders

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
IN_PIECES = ("/webhooks/", "/connect/")  # what shops and their proxies send; whether it is whole its reader can tell
_WITH_BODY = ("POST", "PUT", "PATCH")


class Bodies:
    """WSGI, around Django."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in _WITH_BODY:
            length = environ.get("CONTENT_LENGTH") or ""
            if length.isdecimal():
                environ["wsgi.input"] = _Whole(environ["wsgi.input"], int(length))
            elif not length and environ.get("wsgi.input_terminated"):
                try:
                    _gather(environ)
                except senders.Full:
                    start_response("503 Service Unavailable", [("Retry-After", "10"), ("Content-Length", "0")])
                    return [b""]
        return self._application(environ, start_response)


def _gather(environ: Environ) -> None:
    """A body without a length gets one, up to one byte more than the limit: that much is refused as too big. Elsewhere
    it stays without (mci/web/edge.py refuses it unread)."""
    if not environ["PATH_INFO"].startswith(IN_PIECES):
        return
    try:
        body = environ["wsgi.input"].read(settings.WEBHOOK_MAX_BYTES + 1)
    except OSError:
        body = b""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


class _Whole(io.RawIOBase):
    """The body, or OSError where it ends before its length."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        found: bytes = self._stream.read(wanted) if wanted else b""
        if len(found) < wanted:
            raise OSError("The body ended before its length.")
        self._left -= len(found)
        return found

    def readline(self, size: int | None = -1, /) -> bytes:
        """What is left of it: nobody reads these bodies by lines."""
        return self.read(size)
