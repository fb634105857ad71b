"""A host that does not answer costs nobody its deadline again and again."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from typing import Any

import pytest
from django.db import connection

from core import http
from core.models import Outage
from core.outbound import breaker, names

pytestmark = pytest.mark.django_db


@pytest.fixture
def nobody() -> str:
    """The address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def call(address: str) -> str:
    """Why there was no answer."""
    with pytest.raises(http.NoAnswer) as caught:
        http.call("GET", address)
    return str(caught.value.params["reason"])


def time_passes(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_outage SET open_until = open_until - make_interval(secs => %s)", [seconds])


def test_after_four_calls_that_found_nobody_a_host_is_left_alone(nobody: str) -> None:
    assert [call(nobody) for _n in range(6)] == ["connection"] * 4 + ["left alone"] * 2


def test_it_is_tried_again_later_and_left_alone_for_longer(nobody: str) -> None:
    waits = []
    for _n in range(4):
        call(nobody)
    for _n in range(7):
        _failures, left = breaker.known_trouble(nobody.removeprefix("http://"))
        assert left is not None
        waits.append(round(left.total_seconds()))
        time_passes(1000)
        assert call(nobody) == "connection"  # one call finds out
        assert call(nobody) == "left alone"
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_one_answer_clears_it(nobody: str) -> None:
    for _n in range(3):
        call(nobody)
    port = int(nobody.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)) as server:

        def answer() -> None:
            peer, _address = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert http.call("GET", nobody).status == 500  # an error is an answer
        thread.join(10)
    assert not Outage.objects.exists()
    assert [call(nobody) for _n in range(5)] == ["connection"] * 4 + ["left alone"]


def test_another_host_is_not_touched(nobody: str) -> None:
    for _n in range(5):
        call(nobody)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    assert call(f"http://127.0.0.1:{port}") == "connection"


def test_who_had_no_time_to_answer_is_not_said_to_be_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes calls and says nothing
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        for _n in range(5):
            with pytest.raises(http.NoAnswer):
                http.call("GET", address, deadline_s=0.05)
    assert not Outage.objects.exists()


def test_what_nobody_asked_for_is_forgotten(nobody: str) -> None:
    call(nobody)
    assert breaker.sweep() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_outage SET at = at - interval '2 days'")
    assert breaker.sweep() == 1


# ---- names


def answers(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> list[str]:
    """The server of names says these, one round after the other; what it was asked."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_args: Any, **_kwargs: Any) -> list[Any]:
        found = rounds[min(len(asked), len(rounds) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads inside at its second look-up: there is none."""
    asked = answers(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    called: list[Any] = []

    def connect(address: Any, *_args: Any, **_kwargs: Any) -> socket.socket:
        called.append(address)
        raise OSError("no network in a test")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(http.NoAnswer):
        http.call("GET", "https://shop.example.com/")
    assert asked == ["shop.example.com"]
    assert called == [("93.184.216.34", 443)]


def test_a_server_of_names_that_never_answers_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()

    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        held.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    try:
        with pytest.raises(http.NoAnswer) as caught:
            http.call("GET", "https://shop.example.com/", deadline_s=0.2)
        assert caught.value.params["reason"] == "timeout"
    finally:
        held.set()


def test_look_ups_that_hang_do_not_gather_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    held, begun = threading.Event(), []

    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        begun.append(1)
        held.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    try:
        for _n in range(names.MOST_WAITING + 10):
            with pytest.raises(TimeoutError):
                names.public_address("shop.example.com", 443, blocked=[], within_s=0.01)
        assert len(begun) == names.MOST_WAITING
    finally:
        held.set()


@pytest.mark.parametrize("host", ["shop..example.com", "x" * 300, "\udcff.example.com"])
def test_what_is_no_name_is_not_known(host: str) -> None:
    with pytest.raises(OSError):
        names.public_address(host, 443, blocked=[], within_s=2)


def test_how_long_it_is_left_alone_is_told_to_who_puts_the_work_off(nobody: str) -> None:
    for _n in range(4):
        call(nobody)
    with pytest.raises(http.LeftAlone) as caught:
        http.call("GET", nobody)
    assert caught.value.after is not None
    assert dt.timedelta(seconds=25) < caught.value.after <= dt.timedelta(seconds=30)
