"""A real granian: slow pages hold no webhook, a dead worker ends nobody, a restart refuses nobody."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psutil
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from connectors.models import Delivery
from connectors.shops.access import webhook_address
from mci.local import web
from tests.connectors.conftest import make_shop, order_body, signed
from tests.processes import free_port, process, web_server
from tests.threads import ended

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Sender:
    """Shops that send webhooks, each on a connection of its own, as shops do."""

    port: int
    path: str
    said: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, number: int) -> None:
        body = json.dumps(order_body(number)).encode()
        began, word = time.monotonic(), ""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            link.request("POST", self.path, body, {**signed(body, "order.created"), "Connection": "close"})
            word = str(link.getresponse().status)
        except OSError as error:
            word = type(error).__name__
        finally:
            link.close()
        with self.lock:
            self.said[word] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)

    @contextmanager
    def sending(self, *, shops: int = 4, pause_s: float = 0.02) -> Iterator[None]:
        def send(shop: int) -> None:
            number = shop * 100_000
            while not self.stop.is_set():
                number += 1
                self.post(number)
                time.sleep(pause_s)

        threads = [threading.Thread(target=send, args=(shop,)) for shop in range(1, shops + 1)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            ended(threads)

    def nothing_was_lost(self) -> None:
        assert Delivery.objects.count() >= self.said["200"] > 50, self.said
        assert "ConnectionRefusedError" not in self.said, self.said

    def was_handed_over(self) -> None:
        """All were answered; the kernel may have cut who stood in the old listener's queue at the moment it closed
        (docs/operations.md)."""
        self.nothing_was_lost()
        assert set(self.said) <= {"200", "BrokenPipeError", "ConnectionResetError"}, self.said
        assert self.said.total() - self.said["200"] <= 2, self.said


@pytest.fixture
def sender(dropshipper) -> Callable[[int], Sender]:
    path = urlsplit(webhook_address(make_shop(dropshipper))).path
    return lambda port: Sender(port, path)


# Slow pages


@contextmanager
def slow_pages(port: int, owner, how_many: int) -> Iterator[Counter[str]]:
    """Pages that wait for a lock of the database: each for its whole four seconds."""
    client = Client()
    client.force_login(owner)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    said: Counter[str] = Counter()

    def ask() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            link.request("GET", "/", headers={"Cookie": cookie, "Connection": "close"})
            said[str(link.getresponse().status)] += 1
        finally:
            link.close()

    threads = [threading.Thread(target=ask) for _ in range(how_many)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        yield said
    ended(threads)


@pytest.mark.long
def test_webhooks_and_probes_are_answered_while_every_page_waits(sender, owner):
    port = free_port()
    with web_server(port, PGAPPNAME=f"web-{port}"):
        hooks = sender(port)
        hooks.post(1)  # the platform's modules are read once
        hooks.slowest = 0.0
        with slow_pages(port, owner, 60) as said:
            for number in range(2, 22):
                hooks.post(number)
            began = time.monotonic()
            probe = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            probe.request("GET", "/healthz")
            assert probe.getresponse().status == 200
            assert time.monotonic() - began < 1.0
        assert hooks.said == {"200": 21}
        assert hooks.slowest < 1.0
        assert said["503"] >= 60 - 32, "who finds the room full is told so, at once"
        assert sum(said.values()) == 60
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [f"web-{port}"])
            assert 1 <= cursor.fetchone()[0] <= 8, "4 connections for pages, 4 for webhooks, however many threads"


@pytest.mark.long
def test_with_the_threads_shared_a_webhook_waits_for_the_pages(sender, owner):
    """The negative control: four threads for all, as it was."""
    port = free_port()
    with web_server(port, threads=4):
        hooks = sender(port)
        hooks.post(1)
        hooks.slowest = 0.0
        with slow_pages(port, owner, 5):
            hooks.post(2)
        assert hooks.slowest > 2.0


def test_slow_senders_of_forms_hold_no_page(owner):
    """Bodies that come byte by byte wait in threads, not in the few slots of pages."""
    port = free_port()
    with web_server(port):
        links = []
        for _ in range(8):
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            link.putrequest("POST", "/account/login/")
            link.putheader("Content-Type", "application/x-www-form-urlencoded")
            link.putheader("Content-Length", "1000")
            link.endheaders(b"l")
            links.append(link)
        time.sleep(0.5)
        began = time.monotonic()
        page = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        page.request("GET", "/account/login/")
        assert page.getresponse().status == 200
        assert time.monotonic() - began < 3.0
        for link in links:
            link.close()


# Restarts


@contextmanager
def server(port: int, **more: str):
    """A granian of two workers; its main process."""
    from tests.processes import live_environment

    env = {**live_environment(PORT=str(port)), **web.environment("127.0.0.1", port), **more}
    with process(web.COMMAND, env=env, ready=lambda log: log.read_text().count("Started worker-") >= 2) as popen:
        yield popen


def workers(popen) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [child for child in psutil.Process(popen.pid).children() if "granian" in " ".join(child.cmdline())]
    return []


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition()


@pytest.mark.long
def test_a_killed_worker_is_replaced_and_no_webhook_is_refused(sender):
    port = free_port()
    with server(port) as popen:
        hooks = sender(port)
        with hooks.sending():
            time.sleep(1)
            before = workers(popen)
            before[-1].kill()
            wait_for(lambda: len(workers(popen)) == 2 and before[-1] not in workers(popen))
            time.sleep(1)
        assert popen.poll() is None
    hooks.nothing_was_lost()
    assert sum(count for word, count in hooks.said.items() if word != "200") <= 4, hooks.said  # in its hands


@pytest.mark.long
def test_without_respawning_one_dead_worker_ends_the_server(sender):
    """The negative control: granian as it is by itself."""
    port = free_port()
    with server(port, GRANIAN_RESPAWN_FAILED_WORKERS="false") as popen:
        hooks = sender(port)
        with hooks.sending():
            time.sleep(1)
            workers(popen)[-1].kill()
            wait_for(lambda: popen.poll() is not None)
            time.sleep(1)
    assert hooks.said["ConnectionRefusedError"] > 0


@pytest.mark.long
def test_a_reload_replaces_all_workers_and_refuses_nobody(sender):
    port = free_port()
    with server(port, GRANIAN_RESPAWN_INTERVAL="5") as popen:  # waited for once for each worker
        hooks = sender(port)
        before = set(workers(popen))
        with hooks.sending():
            time.sleep(0.5)
            os.kill(popen.pid, signal.SIGHUP)
            wait_for(lambda: len(workers(popen)) == 2 and not before & set(workers(popen)))
            time.sleep(1)
    hooks.was_handed_over()


@pytest.mark.long
def test_a_new_server_takes_over_the_port_before_the_old_one_stops(sender):
    """How a deployment without a proxy is done: two servers share the port for a moment."""
    port = free_port()
    with server(port) as old:
        hooks = sender(port)
        with hooks.sending(), server(port):
            old.terminate()
            old.wait(20)
            time.sleep(1)
            hooks.stop.set()
            time.sleep(0.2)
    hooks.was_handed_over()


@pytest.mark.long
def test_a_server_that_is_stopped_first_refuses(sender):
    """The negative control: stop, then start."""
    port = free_port()
    with server(port) as old:
        hooks = sender(port)
        with hooks.sending():
            time.sleep(1)
            old.terminate()
            old.wait(20)
            with server(port):
                time.sleep(0.5)
    assert hooks.said["ConnectionRefusedError"] > 0
