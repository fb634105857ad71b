"""Nobody's slowness is everybody's: pages, webhooks and runs beside shops that answer a byte a second, against the same
without them. The real web server, beat and a worker of each queue, as `make run` has them; loopback only.

Requests are sent at their time, whether or not the one before was answered, and measured from that time."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import socket
import tempfile
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psutil
from allauth.account.internal.flows import login as records
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from accounts.models import Dropshipper, Member, User
from bench import tarpit
from bench.client import Send, at_their_times
from bench.intake import SECRET, webhooks
from bench.report import Result
from bench.sincronizza import Stage
from connectors.models import ConnectAttempt, Delivery, Shop
from core.models import Outage
from mci.local import run, web
from mci.local.places import ROOT, Place
from mci.local.processes import start
from orders.dispatch import plan
from orders.models import DispatchRun, Order

PAIRS = 2
SECONDS = 12.0  # of each half of a pair
WEBHOOKS, PAGES = 200.0, 6.0  # a second
RUN_EVERY_S, RUN_OF = 2.0, 20
SLOW_SHOPS, SLOW_FORMS = 10, 8
MOST = 1.5
CALM_MS = 150.0  # webhooks' p95 beyond which they only queue
_GET, _POST = "GET", "POST"


@dataclass
class Half:
    """What one half of a pair showed."""

    pages: float
    webhooks: float
    begun: float
    ended: float
    worked: float
    sent: int
    lost: int


def measure(*, rounds: int) -> list[Result]:
    """Pairs are long and few, whatever `rounds` is."""
    portal = Portal()
    halves: dict[bool, list[Half]] = {False: [], True: []}
    with ExitStack() as stack:
        port = stack.enter_context(_served())
        part = portal.warm_up(port)
        for _pair in range(min(PAIRS, rounds)):
            halves[False].append(portal.half(port, part))
            with tarpit.opened() as address, portal.slow(port, address):
                halves[True].append(portal.half(port, part))
    quiet, beside = halves[False], halves[True]
    rate = WEBHOOKS * part
    if part < 1:
        print(f"  load: {rate:.0f} webhooks/s, {PAGES * max(part, 0.5):.0f} pages/s: the machine is busy.", flush=True)

    def result(name: str, unit: str, of: Callable[[Half], float]) -> Result:
        return Result(name, unit, [of(one) for one in beside], [of(one) for one in quiet], "without", at_most=MOST)

    sent, lost = sum(one.sent for one in [*quiet, *beside]), sum(one.lost for one in [*quiet, *beside])
    return [
        result("pages beside slow shops, p95", "ms", lambda one: one.pages),
        result(f"webhooks ({rate:.0f}/s) beside slow shops, p95", "ms", lambda one: one.webhooks),
        result("click to run begun, beside slow shops", "ms", lambda one: one.begun),
        result(f"click to run of {RUN_OF} ended, beside slow shops", "ms", lambda one: one.ended),
        result("the processor's time, web server and workers", "ms", lambda one: one.worked),
        Result("webhooks taken and kept", "", [sent - lost], [sent], "sent", at_least=1),
    ]


class Portal:
    """A reseller who works, and two whose shops are slow."""

    def __init__(self) -> None:
        self.stage = Stage("load", "07643520567")
        self.cookies = _signed_in(self.stage.seller, "load@bench.example")
        self.shop = self._shop(self.stage.seller, "https://load.example", state=Shop.State.BROKEN)  # read, never asked
        self.slow_ones = [
            Dropshipper.objects.create(name=f"Slow {n}", vat_number=vat, status="active")
            for n, vat in enumerate(("12345670017", "01234560017"))
        ]
        self.slow_cookies = [_signed_in(one, f"slow{n}@bench.example") for n, one in enumerate(self.slow_ones)]
        self.salt = itertools.count()
        _inbox(self.stage, self.shop)
        self.order = Order.objects.filter(dropshipper=self.stage.seller).latest("pk").pk

    @staticmethod
    def _shop(owner: Dropshipper, address: str, **fields: Any) -> Shop:
        shop = Shop(dropshipper=owner, platform="woocommerce", name="Load", address=address, **fields)
        shop.webhook_secret = SECRET
        shop.credentials = json.dumps({"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40})
        shop.save()
        return shop

    def warm_up(self, port: int) -> float:
        """Each worker process has answered; then which part of the pages and webhooks is sent: all, or half of what
        this machine holds now. Nearer to its end everything waits for everything, slow shops or not."""
        pages = [one._replace(at=one.at / 4) for one in self._pages(PAGES, 12.0)]  # each process, each of its slots
        at_their_times(port, [pages], threads=8)
        for held in (2.0, 1.2, 0.7, 0.4, 0.2):
            found = self.half(port, held, seconds=4.0)
            if found.webhooks < CALM_MS and found.pages < 4 * CALM_MS:
                return min(1.0, held / 2)
        return 0.05

    def half(self, port: int, part: float, *, seconds: float = SECONDS) -> Half:
        Delivery.objects.filter(shop=self.shop, state=Delivery.State.NEW).delete()  # what is still to be read
        before = Delivery.objects.count()
        first = DispatchRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        hooks = self._webhooks(self.shop, WEBHOOKS * part, seconds, "webhook")
        slow = list(Shop.objects.filter(state=Shop.State.ACTIVE, dropshipper__in=self.slow_ones))
        for shop in slow[:2]:  # their orders are to be asked for at the slow shop
            hooks += self._webhooks(shop, 1.0, seconds, "slow webhook")
        worked_before = _worked_s()
        answers = at_their_times(
            port, [hooks, [*self._pages(PAGES * max(part, 0.5), seconds), *self._clicks(seconds)]], threads=8
        )
        wrong = [one for one in answers if not one.good and one.kind in ("page", "click")]
        assert not wrong, wrong[:3]
        good = sum(one.good for one in answers if one.kind.endswith("webhook"))
        stored = Delivery.objects.count() - before
        times = {kind: [one.ms for one in answers if one.kind == kind] for kind in ("page", "webhook")}
        begun, ended = self._runs(first)
        worked = (_worked_s() - worked_before) * 1000
        return Half(
            _p95(times["page"]),
            _p95(times["webhook"]),
            begun,
            ended,
            worked,
            len(hooks),
            len(hooks) - min(good, stored),
        )

    def _webhooks(self, shop: Shop, rate: float, seconds: float, kind: str) -> list[Send]:
        made = webhooks(shop.key, f"load {next(self.salt)}", count=int(rate * seconds))
        return [Send(n / rate, kind, _POST, path, headers, body, 200) for n, (path, headers, body) in enumerate(made)]

    def _pages(self, rate: float, seconds: float) -> Iterator[Send]:
        pages = itertools.cycle(("/inbox/woocommerce/", f"/orders/{self.order}/", "/wallet/"))
        for n in range(max(3, int(rate * seconds))):
            yield Send(n / rate, "page", _GET, next(pages), [("Cookie", self.cookies)], b"", 200)

    def _clicks(self, seconds: float) -> Iterator[Send]:
        for n in range(int(seconds / RUN_EVERY_S)):
            ids = self.stage.orders(RUN_OF)
            seen = plan.plan(ids, dropshipper_id=self.stage.seller.pk).seen
            form = {"order": ids, "key": str(uuid.uuid4()), "source": f"load{next(self.salt)}", "seen": seen}
            yield _posted(0.5 + n * RUN_EVERY_S, "click", "/orders/runs/", form, self.cookies)

    def _runs(self, after: int) -> tuple[float, float]:
        """Milliseconds from the click to the beginning and to the end, medians."""
        runs, end = DispatchRun.objects.filter(pk__gt=after), time.monotonic() + 30
        while runs.filter(finished_at=None).exists():
            assert time.monotonic() < end, "a run did not end"
            time.sleep(0.1)
        assert not any(one.items.exclude(result="dispatched").exists() for one in runs)
        waits = runs.values_list(F("started_at") - F("created_at"), F("finished_at") - F("created_at"))
        begun, ended = zip(*waits, strict=True)
        return tuple(median(one.total_seconds() * 1000 for one in some) for some in (begun, ended))  # type: ignore[return-value]

    @contextmanager
    def slow(self, port: int, address: str) -> Iterator[None]:
        """Shops whose every visit lasts as long as it may, due all the time, and forms that lead to such a one."""
        shops = [self._shop(self.slow_ones[n % 2], f"{address}/{uuid.uuid4().hex}") for n in range(SLOW_SHOPS)]
        forms = [
            _posted(0.1 * n, "form", "/shops/connect/woocommerce/", _form(f"{address}/f{uuid.uuid4().hex}"), cookies)
            for n, cookies in zip(range(SLOW_FORMS), itertools.cycle(self.slow_cookies), strict=False)
        ]
        over = threading.Event()
        thread = threading.Thread(target=_keep_due, args=([shop.pk for shop in shops], over))
        thread.start()
        try:
            answers = at_their_times(port, [forms], threads=4)
            assert all(one.good for one in answers), answers
            assert ConnectAttempt.objects.filter(address__startswith=address).count() == SLOW_FORMS
            time.sleep(2.0)  # workers are at it
            held = (
                Shop.objects.filter(pull_lease_until__gt=Now()).count()
                + ConnectAttempt.objects.filter(tries__gt=0, try_after__gt=Now()).count()
            )
            assert held, "no worker is at a slow shop"
            yield
        finally:
            over.set()
            thread.join()
            Shop.objects.filter(pk__in=[shop.pk for shop in shops]).update(state=Shop.State.PAUSED)
            ConnectAttempt.objects.update(phase=ConnectAttempt.Phase.FAILED, try_after=None)


def _keep_due(ids: Sequence[int], over: threading.Event) -> None:
    """Nothing is put off, and no host is left alone: each visit costs its whole time."""
    due = dict.fromkeys(("pull_after", "news_after", "prove_after", "compare_after"), Now())
    try:
        while not over.wait(1.0):
            Outage.objects.all().delete()
            Shop.objects.filter(pk__in=ids).update(
                **due, pull_failures=0, slow_visits=0, last_check_at=None, stock_on=True
            )
            put_off = ConnectAttempt.objects.filter(phase=ConnectAttempt.Phase.FAILED).exclude(form_sealed=b"")
            put_off.update(phase=ConnectAttempt.Phase.ASKED, try_after=Now(), tries=0)
    finally:
        connection.close()


def _form(address: str) -> dict[str, Any]:
    return {"address": address, "mode": "keys", "consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40}


def _posted(at: float, kind: str, path: str, form: dict[str, Any], cookies: str) -> Send:
    token = cookies.partition("csrftoken=")[2]
    body = urllib.parse.urlencode(form, doseq=True).encode()
    headers = [("Cookie", cookies), ("X-CSRFToken", token), ("Content-Type", "application/x-www-form-urlencoded")]
    return Send(at, kind, _POST, path, headers, body, 302)


def _signed_in(company: Dropshipper, email: str) -> str:
    person = User.objects.create_user(email)
    Member.objects.create(user=person, dropshipper=company, role=Member.Role.OWNER)
    client = Client()
    client.force_login(person)
    session = client.session  # as the sign-in leaves it: a shop is connected only by who has just proven who he is
    session[records.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session[records._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    return f"sessionid={client.cookies['sessionid'].value}; csrftoken={secrets.token_hex(16)}"


def _inbox(stage: Stage, shop: Shop) -> None:
    from bench.fence import _old_orders

    _old_orders(stage, shop)


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[18]


def _worked_s() -> float:
    """The processor's seconds of the portal's processes until now; the database is not among them."""
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any(name in " ".join(process.cmdline()) for name in ("granian", "celery")):
                times = process.cpu_times()
                spent += times.user + times.system
    return spent


# ---- the portal's processes


@contextmanager
def _served() -> Iterator[int]:
    """The port of the web server; the workers are ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="mci-bench-") as folder:
        place = Place(Path(folder))
        place.claim()
        environment = {**os.environ, **web.environment("127.0.0.1", port), "DJANGO_SETTINGS_MODULE": "mci.settings"}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        children = [start(place, name, args, env=environment, cwd=ROOT) for name, args in run._commands(place).items()]
        try:
            end = time.monotonic() + 60
            while not (_listens(port) and all(" ready." in _log(place, child.name) for child in children[1:-1])):
                if time.monotonic() > end or any(child.dead() for child in children):
                    raise RuntimeError("\n".join(_log(place, child.name)[-2000:] for child in children))
                time.sleep(0.2)
            yield port
        finally:
            for child in children:
                child.patience = 2.0  # a worker that waits for the tarpit
                child.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _log(place: Place, name: str) -> str:
    path = place.log / f"{name}.log"
    return path.read_text(errors="replace") if path.exists() else ""
