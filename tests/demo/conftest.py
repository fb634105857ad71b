"""The fake shop in a thread, a client that speaks to it over HTTP, and a receiver for its webhooks."""

import base64
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from demo.shops.woocommerce import FakeShop

KEY, SECRET = "ck_test", "cs_test"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """Requests with the shop's key by Basic, unless `key` is None."""

    def __init__(self, url: str, key: str | None = KEY, secret: str = SECRET) -> None:
        self.url, self.key, self.secret = url, key, secret

    def raw(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()

    def __call__(self, method: str, path: str, body: Any = None, **params: Any) -> Answer:
        headers = {"Content-Type": "application/json"}
        if self.key:
            token = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        query = f"?{urlencode(params)}" if params else ""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        return self.raw(method, f"/wp-json/wc/v3/{path}{query}", data, headers)

    def get(self, path: str, **params: Any) -> Any:
        answer = self("GET", path, **params)
        assert answer.status == 200, answer.text
        return answer.json


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        shop.keys.add(KEY, SECRET)
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop.url)


@dataclass
class Receiver:
    """Takes POSTs and answers with `status`; `seen` are (path, headers in order, body)."""

    status: int = 200
    url: str = ""
    seen: list[tuple[str, list[tuple[str, str]], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    got = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.seen.append((self.path, list(self.headers.items()), body))
            self.send_response(got.status)
            self.send_header("Location", "/elsewhere/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    got.url = f"http://127.0.0.1:{server.server_address[1]}/hook/"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield got
    server.shutdown()
    server.server_close()
