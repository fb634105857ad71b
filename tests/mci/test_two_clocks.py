"""A worker whose clock is not beat's: real processes, the worker minutes ahead of beat and of the database."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from connectors.models import Delivery
from mci.celery import app
from mci.local.processes import tail
from mci.operation import health, heartbeat, watch
from tests.connectors.conftest import make_shop
from tests.processes import live_environment, process

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def machines(*, ahead: float, **more: str) -> Iterator[None]:
    """Beat with the right clock, and a worker of every queue whose clock is `ahead` seconds ahead."""
    env = live_environment(**more)
    app.control.purge()  # what other tests sent to nobody
    ours = [sys.executable, "-m", "tests.mci.worker_ahead"]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        worker = [*ours, str(ahead), "-A", "mci", "worker", "--concurrency", "2", "--loglevel", "INFO"]
        beat = [
            *ours,
            "0",
            "-A",
            "mci",
            "beat",
            "--loglevel",
            "INFO",
            "--pidfile=",
            "--schedule",
            str(Path(folder) / "beat"),
        ]
        stack.enter_context(process(worker, env=env, ready=lambda log: " ready." in tail(log, 200)))
        stack.enter_context(process(beat, env=env, ready=lambda log: "beat: Starting" in tail(log, 200)))
        yield


def delivery(dropshipper) -> Delivery:
    return Delivery.objects.create(shop=make_shop(dropshipper), dedupe=b"x", topic="order.created", body=b"<html>")


def read_within(found: Delivery, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found.refresh_from_db()
        if found.state == Delivery.State.DEAD:  # it was read: no order is in it
            return True
        time.sleep(0.1)
    return False


@pytest.mark.long
def test_a_worker_minutes_ahead_works_and_its_clock_is_named(dropshipper, client, monkeypatch):
    waiting = delivery(dropshipper)
    with machines(ahead=180):
        assert read_within(waiting, 15)
        end = time.monotonic() + 15
        while len(heartbeat.readings()) < 5 and time.monotonic() < end:
            time.sleep(0.1)
        found = watch.look()
    assert set(found.skewed) == set(heartbeat.QUEUES), "the workers' clock, not that of beat"
    assert all(179 < skew < 182 for skew in found.skewed.values())
    assert found.silent == {}
    monkeypatch.setattr(health, "_started", time.monotonic() - 3600)
    assert "intake +18" in client.get("/readyz").json()["clocks"]


@pytest.mark.long
def test_with_the_old_expiries_it_discards_all_its_work(dropshipper):
    """The negative control: what beat stamps for two seconds is old before a worker three seconds ahead sees it."""
    waiting = delivery(dropshipper)
    with machines(ahead=3, EXPIRES="1"):
        assert not read_within(waiting, 5)
