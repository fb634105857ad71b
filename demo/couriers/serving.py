"""One service for all the couriers' imitations, on a socket: threads, and no bodies in the log (they hold
addresses)."""

import json
import logging
import socket
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from demo.couriers.faults import Faults
from demo.shops.web import Request, Response

log = logging.getLogger("demo.couriers")
_MOST_BYTES = 20 * 1024 * 1024


def as_json(value: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(value, default=str).encode(), [("Content-Type", "application/json")])


def as_xml(text: str, status: int = 200, encoding: str = "utf-8") -> Response:
    return Response(status, text.encode(encoding, "replace"), [("Content-Type", "text/xml")])


class Service:
    """What the imitations have in common. `url`: where it is; `faults`: its trouble; `calls`: what was asked of it, by
    route, in order."""

    slug = ""

    def __init__(self) -> None:
        self.url = ""
        self.faults = Faults()
        self.calls: list[str] = []

    def route(self, request: Request) -> str:
        """How faults and the list of calls name this request."""
        return request.path.strip("/")

    def answer(self, request: Request) -> Response:
        raise NotImplementedError

    def respond(self, request: Request) -> Response:
        route = self.route(request)
        self.calls.append(route)
        fault = self.faults.take(route)
        if fault is None:
            return self.answer(request)
        if fault.slow and not fault.after:
            time.sleep(fault.slow)
        if not fault.after:
            if fault.drop:
                return Response(0)
            return fault.answer() or self.answer(request)
        done = self.answer(request)
        time.sleep(fault.slow)
        return Response(0) if fault.drop else fault.answer() or done


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    world: Any

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MOST_BYTES:
            self.close_connection = True
            return self._send(Response(413))
        body = self.rfile.read(length) if length else b""
        parts = urlsplit(self.path)
        first, _slash, rest = parts.path.lstrip("/").partition("/")
        request = Request(
            method=self.command,
            path=f"/{rest}",
            full_path=parts.path,
            query=parse_qsl(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        service = self.world.services.get(first)
        try:
            response = service.respond(request) if service else self.world.page(request, first)
        except Exception:
            log.exception("%s %s failed", self.command, parts.path)
            response = Response(500)
        if response.status == 0:  # a fault: the line is cut
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        log.info("%s %s %s", self.command, parts.path, response.status)
        return self._send(response)

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        try:
            self.wfile.write(response.body)
        except (BrokenPipeError, ConnectionResetError):  # the caller had no patience
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: _handle writes its own line."""


class Served:
    """`with FakeCouriers() as world: world.brt.url`. Without a port it takes a free one."""

    services: Mapping[str, Service]

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        handler = type("Handler", (_Handler,), {"world": self})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        for slug, service in self.services.items():
            service.url = f"{self.url}/{slug}"

    def start(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
