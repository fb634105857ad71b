"""A fake shop on a socket: threads, keep-alive, no query strings in the log (they may hold keys and codes)."""

import logging
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from demo.shops.guests import Guests
from demo.shops.outgoing import is_loopback
from demo.shops.web import Request, Response, html

log = logging.getLogger("demo.shops")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    shop: Any  # a Served

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > self.shop.most_bytes:
            self.close_connection = True
            return self._send(html("<h1>413 Request Entity Too Large</h1>", 413))
        body = self.rfile.read(length) if length else b""
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(
            method=self.command,
            path=parts.path,
            full_path=parts.path,
            query=parse_qsl(parts.query, keep_blank_values=True),
            headers=headers,
            body=body,
            https=headers.get("x-forwarded-proto", "") == "https",
            loopback=is_loopback(self.client_address[0]),
        )
        try:
            response = (self.shop.guest_at(parts.path) or self.shop).respond(request)
        except Exception as error:
            log.exception("%s %s failed", self.command, parts.path)
            response = self.shop.broken(error)
        if response.status == 0:  # a fault: the line is cut
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        log.info("%s %s %s", self.command, parts.path, response.status)
        return self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.wfile.write(response.body)
            except (BrokenPipeError, ConnectionResetError):  # the caller had no patience
                self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.shop.clock_ahead_s)

    def version_string(self) -> str:
        return self.shop.software

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: _handle writes its own line."""


class Background:
    """What a Shop does beside answering: it sends what is due, and it can be told to stop."""

    has_keys: ClassVar[bool] = True  # it is connected by keys, not by a plugin's pairing
    deliver_after: float | None
    webhooks: Any
    store: Any

    def __init__(self) -> None:
        self._stop = threading.Event()

    def sleep(self, seconds: float) -> None:
        if seconds:
            self._stop.wait(seconds)

    def close(self) -> None:
        self._stop.set()
        self.store.close()

    def has_waiting(self) -> bool:
        return bool(self.webhooks.pending)

    def run_queue(self) -> None:
        """Sends what is due, until close()."""
        while not self._stop.wait(min(0.1, (self.deliver_after or 0) / 2 + 0.02)):
            if self.deliver_after is not None and self.has_waiting():
                try:
                    self.webhooks.run(only_due=True)
                except Exception:
                    log.exception("the queue stumbled")


class Served(Background):
    """Serves the Shop that it is mixed into, in a thread: `with FakeShop() as shop: shop.url`. Without a port it takes
    a free one."""

    software: ClassVar[str] = "nginx/1.22.1"  # as its answers name it
    most_bytes: ClassVar[int] = 10 * 1024 * 1024
    clock_ahead_s: float = 0.0
    guests: Guests | None = None

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1", public_url: str = "", **kwargs: Any) -> None:
        handler = type("Handler", (_Handler,), {"shop": self})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        start: Any = super().__init__  # the Shop's
        start(public_url=public_url or self.url, **kwargs)

    def broken(self, error: Exception) -> Response:
        """What a visitor sees of an error of the shop itself."""
        return html("<h1>There has been a critical error on this website.</h1>", 500)

    def guest_at(self, path: str) -> Any | None:
        return self.guests.find(path) if self.guests else None

    def start(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        threading.Thread(target=self.run_queue, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self.guests:
            self.guests.close()
        self.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
