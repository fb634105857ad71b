"""Two workers, one of whose clocks is minutes off, never speak to one shop at the same time: whatever the work."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.db.models import DateTimeField, Value
from django.utils import timezone

from connectors.intake import deliveries, pull, receive, reconcile
from connectors.listings import compare, publishing
from connectors.models import Delivery, Listing, PublishItem, PublishRun, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import ShopBusy
from connectors.shops import credentials, health
from connectors.shops.access import intake_access
from core import leases
from tests import cast
from tests.connectors.conftest import LONG_AGO, make_goods, make_shop, order_body, signed

pytestmark = pytest.mark.django_db(transaction=True)
OFF = dt.timedelta(minutes=10)  # more than any lease


def publish(shop: Any) -> None:
    publishing.advance(PublishRun.objects.get().pk)


def renew(shop: Any) -> None:
    credentials.renew(shop.pk, intake_access(shop), json.loads(shop.credentials))


# Each work: what the worker calls, and the call to the shop that it makes first.
WORKS: dict[str, tuple[Callable[[Any], object], str]] = {
    "pull": (lambda shop: pull.pull_due(budget_s=0.5), "orders_since"),
    "news": (lambda shop: sweep.tell_due(budget_s=0.5), "tell_stock"),
    "proof": (lambda shop: reconcile.prove_due(budget_s=0.5), "orders_seen"),
    "comparison": (lambda shop: compare.compare_due(budget_s=0.5), "terms"),
    "check": (lambda shop: health.check_due(budget_s=0.5), "check"),
    "publishing": (publish, "terms"),
    "delivery": (lambda shop: deliveries.drain(budget_s=0.5), "order"),
    "renewal": (renew, "renew"),
}


class Line:
    """The shop's end of a call: it lasts until it is let go, and then the shop is busy."""

    def __init__(self) -> None:
        self.calls, self.began, self.end = 0, threading.Event(), threading.Event()

    def __call__(self, *_args: Any, **_more: Any) -> Any:
        self.calls += 1
        if self.calls == 1:
            self.began.set()
            self.end.wait(20)
        raise ShopBusy


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    made = Line()
    api = type(platform("woocommerce"))
    for name in {call for _work, call in WORKS.values()}:
        monkeypatch.setattr(api, name, made)
    return made


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.timedelta], None]:
    """`machine(off)`: from now on the clock of the calling thread's machine is off by so much."""
    offs: dict[int, dt.timedelta] = {}
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + offs.get(threading.get_ident(), dt.timedelta()))

    def off(by: dt.timedelta) -> None:
        offs[threading.get_ident()] = by

    return off


def ready() -> Any:
    """A shop for which every work is due."""
    goods = make_goods()
    shop = make_shop(cast.dropshipper(), address="http://127.0.0.1:9", stock_on=True)
    due = dict.fromkeys(("pull_after", "news_after", "prove_after", "compare_after"), LONG_AGO)
    Shop.objects.update(last_check_at=None, **due)
    variant = goods["MCI-0001"]
    Listing.objects.create(shop=shop, variant=variant, external_id="11", told=3, try_after=LONG_AGO)
    run = PublishRun.objects.create(dropshipper=shop.dropshipper, shop=shop, total=1, try_after=LONG_AGO)
    PublishItem.objects.create(run=run, product=variant.product, position=0)
    body = json.dumps(order_body()).encode()
    headers = {name.lower(): value for name, value in signed(body, "order.created").items()}
    assert receive.take("woocommerce", shop.key, headers, body)
    Delivery.objects.update(try_after=LONG_AGO)
    return Shop.objects.get(pk=shop.pk)


@pytest.fixture(autouse=True)
def _turns_for_all(settings: Any) -> None:
    """So that it is the lease of the row, and not the turn of the company, that keeps the second worker away."""
    settings.COMPANY_TURNS = dict.fromkeys(settings.COMPANY_TURNS, 9)


def two_workers(
    name: str, line: Line, machine: Callable[[dt.timedelta], None], first_off: dt.timedelta, second_off: dt.timedelta
) -> int:
    """The second worker comes while the first is in the middle of a call; how many calls there were by then."""
    act, _call = WORKS[name]
    shop = ready()

    def first() -> None:
        machine(first_off)
        try:
            while not line.began.is_set() and time.monotonic() < end:  # a sweep passes by what it finds locked
                act(shop)
        except ShopBusy:  # of a renewal
            pass
        finally:
            connections.close_all()

    end = time.monotonic() + 20
    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert line.began.wait(20), "the first worker called nobody"
        machine(second_off)
        second = threading.Thread(target=lambda: _second(act, shop, machine, second_off))
        second.start()
        second.join(timeout=20)
        return line.calls
    finally:
        line.end.set()
        thread.join(timeout=20)
        machine(dt.timedelta())


def _second(act: Callable[[Any], object], shop: Any, machine: Callable[[dt.timedelta], None], by: dt.timedelta) -> None:
    machine(by)
    try:
        act(shop)
    except ShopBusy:
        pass
    finally:
        connections.close_all()


SKEWS = [
    pytest.param(-OFF, dt.timedelta(), id="the first is behind"),
    pytest.param(dt.timedelta(), OFF, id="the second is ahead"),
]


@pytest.mark.parametrize("name", WORKS)
@pytest.mark.parametrize(("first", "second"), SKEWS)
def test_a_worker_minutes_off_does_not_speak_beside_another(
    name: str, first: dt.timedelta, second: dt.timedelta, line: Line, machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_PATIENCE_S", 0.3)
    assert two_workers(name, line, machine, first, second) == 1


@pytest.mark.parametrize("name", WORKS)
def test_by_the_machines_clock_it_would(name: str, line: Line, machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same with the guard off."""
    monkeypatch.setattr(credentials, "_PATIENCE_S", 0.3)
    monkeypatch.setattr(leases, "now", lambda: Value(timezone.now(), output_field=DateTimeField()))
    assert two_workers(name, line, machine, -OFF, dt.timedelta()) == 2


def test_a_worker_ahead_leaves_nothing_waiting_for_minutes(line: Line, machine: Any) -> None:
    """What it puts off is due again when the database says so."""
    shop = ready()
    line.end.set()
    machine(OFF)
    pull.pull_due(budget_s=0.5)
    pull.ask_now(shop.pk)
    machine(dt.timedelta())
    before = line.calls
    assert pull.pull_due(budget_s=0.5) == 1
    assert line.calls == before + 1


def test_a_run_of_another_shop_does_not_wait(line: Line, machine: Any) -> None:
    """The lease is of one shop: the second worker reads the next one."""
    ready()
    other = make_shop(cast.dropshipper(name="Altra Bottega S.r.l."), address="http://127.0.0.1:10", pull_after=LONG_AGO)
    thread = threading.Thread(target=lambda: (pull.pull_due(budget_s=0.1), connections.close_all()))
    thread.start()
    assert line.began.wait(20)
    assert pull.pull_due(budget_s=0.1) == 1
    line.end.set()
    thread.join(20)
    other.refresh_from_db()
    assert other.trouble
