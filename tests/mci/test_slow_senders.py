"""Whoever sends slowly, or not at all, holds a few threads and nobody's page, webhook or probe. A real granian."""

from __future__ import annotations

import http.client
import io
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from core.inbound import senders
from mci.web import room
from mci.web.bodies import Bodies
from tests.processes import free_port, web_server
from tests.threads import ended

MANY = 80  # connections, where there are 64 threads
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def portal(django_db_setup: None) -> Iterator[int]:
    """One server for all who find it as it was: its port."""
    port = free_port()
    with web_server(port):
        yield port


def status(port: int, method: str, path: str, body: bytes | None = None, *, patience: float = 8) -> tuple[int, float]:
    began = time.monotonic()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        link.request(method, path, body, {"Connection": "close", "Content-Type": FORM})
        return link.getresponse().status, time.monotonic() - began
    except TimeoutError:
        return 0, time.monotonic() - began
    finally:
        link.close()


def csrf_cookie(port: int) -> str:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.request("GET", "/account/login/", headers={"Connection": "close"})
    return str(link.getresponse().headers["Set-Cookie"]).split(";")[0]


@contextmanager
def slow(
    port: int,
    path: str,
    how_many: int,
    *,
    refused: int,
    kind: str = FORM,
    length: int = 5000,
    cookie: str = "",
) -> Iterator[None]:
    """So many who say that `length` bytes come, and send three; `refused` of them have been told so by now."""
    found = []
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
    for _ in range(how_many):
        link = socket.create_connection(("127.0.0.1", port))
        link.sendall(f"{head}{f'Cookie: {cookie}' if cookie else 'X-A: 1'}\r\n\r\na=b".encode())
        found.append(link)
    try:
        end = time.monotonic() + 10
        while len(select.select(found, [], [], 0)[0]) < refused:
            assert time.monotonic() < end, f"{len(select.select(found, [], [], 0)[0])} are refused"
            time.sleep(0.05)
        if not refused:
            time.sleep(1)  # what holds a thread says nothing
        yield
    finally:
        for link in found:
            link.close()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["/account/login/", "/webhooks/woocommerce/anybodys/", "/connect/woocommerce/callback/"]
)
def test_a_stranger_s_slow_connections_stop_nobody(path: str, portal: int) -> None:
    room = 4 if path.startswith("/account/") else 8  # of one network
    with slow(portal, path, MANY, refused=MANY - room):
        for method, asked, wanted in (
            ("GET", "/healthz", 200),
            ("GET", "/account/login/", 200),
            # of the same network as the slow ones, by another door: the two are counted apart
            ("POST", "/webhooks/woocommerce/other/" if path.startswith("/account/") else "/account/login/", 0),
        ):
            said, seconds = status(portal, method, asked, b"x=1" if method == "POST" else None)
            assert said == wanted or (not wanted and said in (401, 403)), (asked, said)
            assert seconds < 3.0, (asked, seconds)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_control_where_nobody_counts_the_senders_they_hold_everything() -> None:
    port = free_port()
    with web_server(port, threads=8), slow(port, "/webhooks/woocommerce/anybodys/", 12, refused=0):
        assert status(port, "GET", "/healthz", patience=3.5)[0] == 0, "the others have it in three seconds"


@pytest.mark.django_db(transaction=True)
def test_a_form_too_long_for_the_memory_is_read_before_it_takes_a_turn(portal: int) -> None:
    kind = "multipart/form-data; boundary=X"
    cookie = csrf_cookie(portal)
    with slow(portal, "/account/login/", 12, refused=8, kind=kind, length=6_000_000, cookie=cookie):
        said, seconds = status(portal, "GET", "/account/login/")
    assert said == 200
    assert seconds < 3.0


def test_one_network_takes_its_part_and_leaves_the_others_theirs(monkeypatch: Any) -> None:
    monkeypatch.setattr(senders, "PATIENCE_S", 0.05)
    counted = senders.Senders(3, each=2)
    with counted.counted("a"), counted.counted("a"):
        with pytest.raises(senders.Full), counted.counted("a"):
            pass
        with counted.counted("b"), pytest.raises(senders.Full), counted.counted("c"):
            pass
    with counted.counted("a"), counted.counted("b"), counted.counted("c"):
        pass


def test_many_quick_senders_at_once_all_get_their_turn() -> None:
    counted, done = senders.Senders(4, each=2), []

    def send(number: int) -> None:
        with counted.counted("a"):
            time.sleep(0.005)
            done.append(number)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert len(done) == 60


def test_a_long_form_with_a_file_comes_whole_and_a_longer_one_has_no_fields(settings: Any, monkeypatch: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    sent = {"word": "kept", "file": SimpleUploadedFile("a.bin", b"x" * 5000)}
    request = RequestFactory().post("/", sent)
    room._read(request)
    file: Any = request.FILES["file"]
    assert (request.POST["word"], file.size) == ("kept", 5000)
    monkeypatch.setattr(room, "LONGEST", 2000)
    request = RequestFactory().post("/", {**sent, "file": SimpleUploadedFile("a.bin", b"x" * 5000)})
    room._read(request)
    assert (dict(request.POST), dict(request.FILES)) == ({}, {})


def test_a_body_in_pieces_beyond_the_limit_is_told_to_come_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(senders, "PATIENCE_S", 0.05)
    monkeypatch.setattr(senders, "hooks", senders.Senders(1, each=1))
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/webhooks/woocommerce/x/",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.input_terminated": True,
    }
    server = senders.Counted(Bodies(lambda environ, start: [environ["wsgi.input"].read()]))
    with senders.hooks.counted("192.0.2.1"):
        assert list(server(dict(environ), lambda status, headers: said.append(status))) == [b""]
    assert said == ["503 Service Unavailable"]
    assert list(server(dict(environ), lambda status, headers: said.append(status))) == [b"{}"]
