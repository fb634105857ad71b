"""Shops that answer nothing hold the processes that speak to shops, and nobody else's. Real workers, real sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db.models.functions import Now

from connectors import tasks as shop_tasks
from connectors.models import Delivery, Shop
from mci.local import run
from mci.local.places import Place
from mci.local.processes import tail
from orders import tasks
from orders.models import DispatchRun
from tests import cast
from tests.connectors.conftest import make_shop
from tests.processes import celery_worker, live_environment, process

pytestmark = pytest.mark.django_db(transaction=True)
SLOW_SHOPS = 8


@pytest.fixture
def slow_shops(dropshipper, tarpit) -> None:
    """Of two companies: one alone holds one process only (connectors/shops/visits.py)."""
    other = cast.dropshipper("Lenta S.r.l.")
    for number in range(SLOW_SHOPS):
        make_shop(other if number % 2 else dropshipper, address=f"{tarpit}/{number}")


@contextmanager
def workers_of_make_run(folder: Path) -> Iterator[None]:
    with ExitStack() as stack:
        for name, command in run._commands(Place(folder)).items():
            if name.startswith("worker-"):
                ready = process(command, env=live_environment(), ready=lambda log: " ready." in tail(log, 200))
                stack.enter_context(ready)
        yield


def hold_the_processes_of_shops() -> None:
    """Both are reading a shop that does not answer."""
    end = time.monotonic() + 30
    while Shop.objects.filter(pull_lease_until__gt=Now()).count() < 2 and time.monotonic() < end:
        shop_tasks.nudge_pull()
        time.sleep(0.2)
    assert Shop.objects.filter(pull_lease_until__gt=Now()).count() == 2


def run_took(dropshipper, seconds: float) -> float | None:
    """From the click to the end of a run without orders; None for not yet."""
    booked = DispatchRun.objects.create(dropshipper=dropshipper)
    began = time.monotonic()
    tasks.nudge()
    while time.monotonic() - began < seconds:
        booked.refresh_from_db()
        if booked.is_over:
            return time.monotonic() - began
        time.sleep(0.05)
    return None


@pytest.mark.long
def test_a_run_and_the_intake_do_not_wait_for_slow_shops(dropshipper, slow_shops, pit, tmp_path):
    shop = make_shop(dropshipper, state=Shop.State.BROKEN)  # its webhooks are read; it is not asked
    with workers_of_make_run(tmp_path):
        hold_the_processes_of_shops()
        delivery = Delivery.objects.create(shop=shop, dedupe=b"x", topic="order.created", body=b"<html>")
        took = run_took(dropshipper, 10)
        assert took is not None
        assert took < 3
        shop_tasks.drain_deliveries.apply_async()
        end = time.monotonic() + 3
        while delivery.state == Delivery.State.NEW and time.monotonic() < end:
            time.sleep(0.05)
            delivery.refresh_from_db()
        assert delivery.state == Delivery.State.DEAD, "read, and no order is in it"
        pit.let_go()  # else the workers are waited for when they are stopped


@pytest.mark.long
def test_with_one_group_of_workers_for_all_a_run_waits_for_slow_shops(dropshipper, slow_shops, pit):
    """The negative control: two processes for everything, as it was."""
    with celery_worker():
        hold_the_processes_of_shops()
        assert run_took(dropshipper, 5) is None
        pit.let_go()
