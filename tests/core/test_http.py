"""Calls to the outside reach only what they may, end in time, and never run inside a transaction."""

from __future__ import annotations

import inspect
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from core import http
from core.errors import NeedsHand, TryLater, for_reader

Serve = Callable[[bytes | Callable[[socket.socket], None]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer)`: the address of a socket that gives these bytes, or does this, to whoever connects."""
    listeners: list[socket.socket] = []

    def start(answer: bytes | Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def loop() -> None:
            while True:
                try:
                    peer, _address = listener.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(peer,), daemon=True).start()

        def talk(peer: socket.socket) -> None:
            with peer:
                try:
                    peer.recv(65536)
                    if callable(answer):
                        answer(peer)
                    else:
                        peer.sendall(answer)
                except OSError:
                    return

        threading.Thread(target=loop, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


pytestmark = pytest.mark.django_db
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Thing: a\r\n\r\nhi"


def test_an_answer_comes_whole(serve: Serve) -> None:
    answer = http.call("GET", serve(OK))
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (200, b"hi", "a")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://example.com:22/",
        "https://user:pw@example.com/",
        "https://user@example.com/",
        "https://127.0.0.2/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://127.1/",
        "https:///path",
        "https://example.com:99999/",
        "example.com",
    ],
)
def test_an_address_that_is_not_public_https_is_refused(url: str) -> None:
    with pytest.raises(http.AddressRefused) as caught:
        http.call("GET", url)
    assert isinstance(caught.value, NeedsHand)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["::127.0.0.1"],
        ["fec0::1"],
        ["fe80::1%lo"],
        ["fd00::1"],
        ["64:ff9b::a00:1"],
        ["::ffff:0:10.0.0.1"],  # not the mapped form: that of SIIT
        ["93.184.216.34", "10.0.0.1"],  # mixed: the first is public
    ],
)
def test_a_name_that_leads_inside_is_refused(addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(_host: str, port: int, *_args: Any, **_kwargs: Any) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))
            if ":" in ip
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
            for ip in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(http.AddressRefused):
        http.call("GET", "https://shop.example.com/")


def test_a_name_that_is_not_known_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(http.NoAnswer) as caught:
        http.call("GET", "https://shop.example.com/")
    assert caught.value.params["reason"] == "DNS"


def test_loopback_is_reached_only_where_settings_say(serve: Serve, settings: Any) -> None:
    address = serve(OK)
    settings.EGRESS_ALLOW = []
    with pytest.raises(http.AddressRefused):
        http.call("GET", address)
    settings.EGRESS_ALLOW = [address.removeprefix("http://")]
    assert http.call("GET", address).status == 200


def test_redirects_are_given_back_and_not_followed(serve: Serve) -> None:
    answer = http.call(
        "GET", serve(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
    )
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")


def test_an_endless_body_is_cut_off(serve: Serve) -> None:
    def flood(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.sendall(b"x" * 65536)

    with pytest.raises(http.NoAnswer) as caught:
        http.call("GET", serve(flood), max_bytes=1_000_000)
    assert caught.value.params["reason"] == "size"


def test_a_compressed_body_is_refused(serve: Serve) -> None:
    with pytest.raises(http.NoAnswer) as caught:
        http.call("GET", serve(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"))
    assert caught.value.params["reason"] == "encoding"


def test_plain_http_is_no_bad_certificate(serve: Serve) -> None:
    """Who reads “the certificate has expired” asks his hosting for a new one, in vain."""
    with pytest.raises(http.NoAnswer) as caught:
        http.call("GET", serve(OK).replace("http://", "https://"))
    assert caught.value.params == {"reason": "no https"}


def test_each_reason_for_no_answer_has_words() -> None:
    """What reads “(connection)” or “(left alone)” in the middle of a sentence is no Italian."""
    source = inspect.getsource(http)
    reasons = set(re.findall(r'(?:NoAnswer|LeftAlone)\(reason="([^"]+)"', source))
    reasons |= set(re.findall(r'"([^"]+)"', "".join(re.findall(r"return .*", inspect.getsource(http._reason)))))
    assert {"connection", "DNS", "timeout", "left alone", "no https"} <= reasons
    with translation.override("en"):
        told = {reason: for_reader({"reason": reason})["reason"] for reason in reasons - {"TLS"}}
    assert [reason for reason, words in told.items() if words == reason] == []
    assert for_reader({"reason": "HTTP 500"}) == {"reason": "HTTP 500"}  # what somebody else said stays


def drip(start: bytes) -> Callable[[socket.socket], None]:
    def talk(peer: socket.socket) -> None:
        peer.sendall(start)
        for _second in range(200):
            peer.sendall(b"x")
            time.sleep(0.05)

    return talk


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_body_that_drips_ends_at_the_deadline(serve: Serve, start: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(http.NoAnswer) as caught:
        http.call("GET", serve(drip(start)), deadline_s=0.5)
    assert 0.4 < time.monotonic() - started < 2
    assert caught.value.params["reason"] == "timeout"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"garbage\r\n\r\n",
    ],
)
def test_half_an_answer_is_no_answer(serve: Serve, answer: bytes) -> None:
    with pytest.raises(http.NoAnswer) as caught:
        http.call("GET", serve(answer))
    assert isinstance(caught.value, TryLater)


def test_secrets_of_an_address_reach_no_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="core.http"):
        http.call("GET", serve(OK), params={"consumer_secret": "cs_hidden"}, headers={"Authorization": "Basic hidden"})
        with pytest.raises(http.NoAnswer) as caught:
            http.call("GET", "http://127.0.0.1:9/x?consumer_secret=cs_hidden")
    ours = [record.getMessage() for record in caplog.records if record.name == "core.http"]
    assert len(ours) == 2
    assert "hidden" not in "".join(ours) + repr(caught.value) + repr(caught.value.__cause__)


@pytest.mark.django_db
def test_no_call_while_a_transaction_is_open(serve: Serve) -> None:
    address = serve(OK)
    assert http.call("GET", address).status == 200  # a test's own transaction does not count
    with transaction.atomic(), pytest.raises(http.TransactionOpen):
        http.call("GET", address)


ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"


def test_all_calls_of_a_block_end_at_its_deadline(serve: Serve) -> None:
    url, began, calls = serve(drip(ENDLESS)), time.monotonic(), 0
    with http.deadline(0.6):
        while http.left():
            calls += 1
            with pytest.raises(http.NoAnswer):
                http.call("GET", url, deadline_s=0.25)
    assert time.monotonic() - began < 1.5
    assert calls >= 2  # its own deadline is the smaller
    assert http.left() == float("inf")


def test_with_no_time_left_nobody_is_called(serve: Serve) -> None:
    reached: list[int] = []
    url = serve(lambda peer: reached.append(1))
    with http.deadline(0.0), pytest.raises(http.NoAnswer):
        http.call("GET", url)
    assert not reached


def test_a_block_within_a_block_has_no_more_time() -> None:
    with http.deadline(1.0):
        with http.deadline(60.0):
            assert http.left() <= 1.0
        with http.deadline(0.1):
            assert http.left() <= 0.1
        assert http.left() > 0.1


def test_without_the_deadline_each_call_takes_its_own(serve: Serve) -> None:
    """The control."""
    url, began = serve(drip(ENDLESS)), time.monotonic()
    for _call in range(3):
        with pytest.raises(http.NoAnswer):
            http.call("GET", url, deadline_s=0.4)
    assert time.monotonic() - began > 1.1
