"""The edge with the real web server: bodies in pieces, too large, cut off; headers that look like ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from connectors.models import Delivery
from tests import cast
from tests.connectors.conftest import make_shop
from tests.processes import free_port, web_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url() -> Iterator[str]:
    with web_server(free_port(), TRUSTED_PROXIES="1") as address:
        yield address


def raw(url: str, head: str, *parts: bytes, end: bool = False) -> bytes:
    """What the server says to exactly these bytes; with `end` the sender goes away after them."""
    with socket.create_connection(("localhost", urlsplit(url).port), timeout=10) as link:
        said = b""
        with suppress(OSError):  # it is refused before all is sent
            link.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
            for part in parts:
                link.sendall(part)
            if end:
                link.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while got := link.recv(65536):
                said += got
        return said


def in_pieces(body: bytes, size: int = 1000) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


def webhook(url: str, body: bytes, length: str, secret: str, key: str) -> str:
    signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    return (
        f"POST /webhooks/woocommerce/{key}/ HTTP/1.1\nHost: localhost\nConnection: close\n"
        f"Content-Type: application/json\nX-WC-Webhook-Topic: order.updated\n"
        f"X-WC-Webhook-Signature: {signature}\n{length}\n"
    )


def test_a_webhook_in_pieces_is_stored_and_one_over_the_limit_is_not(url: str, settings: Any) -> None:
    shop = make_shop(cast.dropshipper(), address="http://127.0.0.1:9")
    shop.webhook_secret = "a secret of the shop"
    shop.save()
    body = json.dumps({"id": 1, "note": "x" * 20_000}).encode()
    head = webhook(url, body, "Transfer-Encoding: chunked", "a secret of the shop", shop.key)
    assert raw(url, head, *in_pieces(body)).startswith(b"HTTP/1.1 200")
    assert bytes(Delivery.objects.get().body) == body
    large = b'{"id": 2, "note": "' + b"x" * (settings.WEBHOOK_MAX_BYTES + 1) + b'"}'
    head = webhook(url, large, "Transfer-Encoding: chunked", "a secret of the shop", shop.key)
    assert raw(url, head, *in_pieces(large, 100_000))[:12] in (b"HTTP/1.1 413", b"")
    head = webhook(url, large, f"Content-Length: {len(large)}", "a secret of the shop", shop.key)
    assert raw(url, head)[:12] == b"HTTP/1.1 413"  # said before anything of it is sent
    head = webhook(url, body, f"Content-Length: {len(body)}", "a secret of the shop", shop.key)
    assert raw(url, head, body[:500], end=True)[:12] != b"HTTP/1.1 200"
    assert Delivery.objects.count() == 1


def test_pages_take_no_body_without_a_length_nor_one_that_is_too_long(url: str) -> None:
    head = "POST /account/login/ HTTP/1.1\nHost: localhost\nConnection: close\n"
    assert raw(url, head + "Transfer-Encoding: chunked\n", *in_pieces(b"login=x"))[:12] == b"HTTP/1.1 411"
    said = raw(url, head + "Content-Length: 99999999999\n")
    assert said[:12] == b"HTTP/1.1 413"
    assert b"content-security-policy" in said.lower()
    assert raw(url, head + "Content-Length: -5\n")[:12] == b"HTTP/1.1 400"
    assert raw(url, head + "Content-Length: 5\nContent-Length: 7\n", b"login=x")[:12] == b"HTTP/1.1 400"


class _Proxy:
    """One that adds the address it hears, and drops names with `_` when it is told to."""

    def __init__(self, url: str, drops: bool) -> None:
        import http.server
        import threading
        import urllib.request

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kept = {name: value for name, value in self.headers.items() if not (drops and "_" in name)}
                before = kept.pop("X-Forwarded-For", "")
                # As most do: sorted by name, so that X_… comes after X-….
                kept["X-Forwarded-For"] = f"{before}, 198.51.100.1".lstrip(", ")
                asked = urllib.request.Request(url + self.path, headers=kept)
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():  # but what is of this connection
                        if name.lower() != "transfer-encoding":
                            self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(answer.read())

            def log_message(self, *args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize("drops", [True, False])
def test_a_proxy_that_lets_names_with_underscores_pass_is_found_out(url: str, drops: bool, capsys: Any) -> None:
    proxy = _Proxy(url, drops)
    try:
        if drops:
            call_command("check_proxy", proxy.url)
            assert "keeps out what it must" in capsys.readouterr().out
        else:
            with pytest.raises(CommandError, match="Headers with _"):
                call_command("check_proxy", proxy.url)
    finally:
        proxy.close()


def test_without_a_proxy_a_client_is_believed_and_that_is_said(url: str) -> None:
    with pytest.raises(CommandError, match="is believed"):
        call_command("check_proxy", url)


def test_nobody_to_ask_is_said_plainly() -> None:
    with pytest.raises(CommandError, match="NOTHING WAS CHECKED"):
        call_command("check_proxy", f"http://127.0.0.1:{free_port()}")
