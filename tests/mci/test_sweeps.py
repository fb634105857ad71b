"""One seat for a nudge: what is sent twice is done once, by a row in PostgreSQL and its clock."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid

import pytest
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from mci import tasks
from mci.celery import app
from mci.models import Heartbeat, Sweep
from mci.operation import heartbeat, sweeps
from tests.meeting import meet
from tests.threads import ended


def seat(seats: int = 1, *, nightly: bool = False):
    return sweeps.seat("a-sweep", seats=seats, lease_s=60, nightly=nightly)


@pytest.mark.django_db
def test_whoever_finds_no_seat_returns_at_once_and_the_seat_is_left_at_the_end():
    with seat() as mine, seat() as other:
        assert (mine, other) == (True, False)
    with seat(2) as first, seat(2) as second, seat(2) as third:
        assert (first, second, third) == (True, True, False)
    assert Sweep.objects.filter(lease_until=None).count() == 2


@pytest.mark.django_db
def test_a_sweep_that_failed_leaves_its_seat_and_was_not_done():
    with pytest.raises(RuntimeError), seat():
        raise RuntimeError
    assert Sweep.objects.get().done_at is None
    with seat() as mine:
        assert mine
    assert Sweep.objects.get().done_at is not None


@pytest.mark.django_db
def test_the_seat_of_a_killed_worker_is_free_when_its_lease_has_run_out():
    with seat() as mine:
        assert mine
        Sweep.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        with seat() as other:
            assert other
            at_work = Sweep.objects.get().lease_token
        assert at_work is not None
    assert Sweep.objects.get().done_at is not None


@pytest.mark.django_db
def test_a_nightly_sweep_is_done_once_a_night_however_often_it_is_nudged():
    taken = []
    for _nudge in range(3):
        with seat(nightly=True) as mine:
            taken.append(mine)
    assert taken == [True, False, False]
    Sweep.objects.update(done_at=timezone.now() - dt.timedelta(hours=25))
    with seat(nightly=True) as mine:
        assert mine


@pytest.mark.django_db
def test_a_night_that_failed_is_tried_again_the_same_night():
    with pytest.raises(RuntimeError), seat(nightly=True):
        raise RuntimeError
    with seat(nightly=True) as mine:
        assert mine


def _most_at_once(seats: int) -> int:
    """Eight nudges at the same moment: how many worked side by side?"""
    at_work, most, lock, ready = 0, 0, threading.Lock(), threading.Barrier(8)

    def nudge() -> None:
        nonlocal at_work, most
        ready.wait()
        with seat(seats) as mine:
            if mine:
                with lock:
                    at_work += 1
                    most = max(most, at_work)
                time.sleep(0.3)
                with lock:
                    at_work -= 1
        connection.close()

    threads = [threading.Thread(target=nudge) for _ in range(8)]
    for thread in threads:
        thread.start()
    ended(threads)
    return most


@pytest.mark.django_db(transaction=True)
def test_of_eight_nudges_at_once_one_works():
    assert _most_at_once(1) == 1


@pytest.mark.django_db(transaction=True)
def test_a_seat_that_is_just_being_taken_is_nobody_elses():
    """Who waited for it would sit down on it too, and the sweep be done twice at once."""
    with seat():
        pass  # the row is there

    given = {"name": "a-sweep", "seats": 1, "lease": 60.0, "nightly": False, "night": sweeps.NIGHT, "zone": "UTC"}
    met = meet(*[lambda: sweeps._take({**given, "token": str(uuid.uuid4())})] * 2)
    assert (met.first, met.second, met.waited) == (Sweep.objects.get().pk, None, False)


@pytest.mark.django_db(transaction=True)
def test_without_the_seat_they_all_would():
    """The negative control: with a seat for each of them."""
    assert _most_at_once(8) > 1


@pytest.mark.django_db
def test_a_task_that_is_at_work_elsewhere_does_nothing_and_one_with_an_argument_is_no_sweep():
    done = []

    @shared_task(name="mci.tests.sweep", lane="house")
    def sweep() -> None:
        done.append("sweep")

    @shared_task(name="mci.tests.one", lane="shops")
    def one(pk: int) -> None:
        done.append(pk)

    with sweeps.seat("mci.tests.sweep", seats=1, lease_s=60):
        sweep()
        one(7)
    assert done == [7]
    sweep()
    assert done == [7, "sweep"]
    assert Heartbeat.objects.filter(pk="house").exists(), "whoever works at a sweep is heard"


# The table of beat


def test_nothing_that_beat_sends_expires_and_every_task_has_a_queue_with_workers():
    app.loader.import_default_modules()
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert "expires" not in entry.get("options", {}), f"{name}: two machines' clocks would be compared"
        task = app.tasks[entry["task"]]
        assert (entry.get("options", {}).get("queue") or task.lane) in heartbeat.QUEUES
    ours = [task for name, task in app.tasks.items() if not name.startswith(("celery.", "mci.tests."))]
    assert {app.amqp.router.route({}, task.name, task_type=task)["queue"].name for task in ours} == set(
        heartbeat.QUEUES
    )
    assert {task.lane for task in ours} == set(heartbeat.QUEUES)


def test_money_and_intake_have_queues_that_nothing_else_is_in():
    app.loader.import_default_modules()
    within = {
        queue: {name for name, task in app.tasks.items() if getattr(task, "lane", "") == queue}
        for queue in heartbeat.QUEUES
    }
    assert within["money"] == {"orders.tasks.run_dispatches"}
    assert within["intake"] == {"connectors.tasks.drain_deliveries"}


@pytest.mark.django_db
def test_sessions_that_ran_out_are_deleted_at_night():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - dt.timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + dt.timedelta(days=1))
    tasks.sweep_old()
    assert list(Session.objects.values_list("pk", flat=True)) == ["new"]
