"""The store on a socket: threads, keep-alive, no query strings in the log (they may hold codes)."""

import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from demo.shops.woocommerce.outgoing import is_loopback
from demo.shops.woocommerce.web import Request, Response, html

from .execution import NotFaked
from .shop import Shop

log = logging.getLogger("demo.shops.shopify")
_MAX_BODY = 20 * 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    shop: Shop

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY:
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
            response = self.shop.respond(request)
        except NotFaked as gap:
            log.error("%s is in the schema and not in this fake", gap)
            response = Response(
                501, f'{{"errors":"not faked: {gap}"}}'.encode(), [("Content-Type", "application/json")]
            )
        except Exception:
            log.exception("%s %s failed", self.command, parts.path)
            response = html("<h1>There's a problem loading this page</h1>", 500)
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

    def version_string(self) -> str:
        return "cloudflare"

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: _handle writes its own line."""


class FakeShop(Shop):
    """The store served in a thread: `with FakeShop() as shop: shop.url`. Without a port it takes a free one."""

    def __init__(
        self, *, port: int = 0, host: str = "127.0.0.1", public_url: str = "", data: Path | None = None, **kwargs: Any
    ) -> None:
        handler = type("Handler", (_Handler,), {"shop": self})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        super().__init__(public_url=public_url or self.url, data=data, **kwargs)

    def start(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        threading.Thread(target=self.run_queue, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
