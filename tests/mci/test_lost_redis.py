"""Redis dead or frozen: pages go on, and nobody waits for it twice."""

from __future__ import annotations

import signal
import time

import pytest
from django.core.cache import caches

from mci import celery as mci_celery
from mci.database.cache import DurableCache
from mci.local import redis as local_redis
from mci.local.places import Place


@pytest.fixture
def own_redis(tmp_path_factory, settings, monkeypatch):
    """A Redis of this test's own, to freeze and kill; Celery speaks to it."""
    place = Place(tmp_path_factory.mktemp("redis"))
    place.claim()
    folder = place.socket_dir(owner=None)
    child = local_redis.start_redis(place, folder)
    url = local_redis.url(folder)
    monkeypatch.setattr(mci_celery.Nudge, "_quiet_until", 0.0)
    app = mci_celery.Celery("lost", task_cls=mci_celery.Nudge, set_as_current=False)
    app.conf.broker_url = url.replace("unix://", "redis+socket://").replace("db=", "virtual_host=")
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app.conf.task_publish_retry = False
    app.conf.task_default_queue = "house"
    yield child, app
    child.popen.send_signal(signal.SIGCONT)
    child.stop()
    place.drop_socket_dir()
    place.free()


def freeze(child):
    child.popen.send_signal(signal.SIGSTOP)


def kill(child):
    child.popen.kill()
    child.popen.wait()


@pytest.mark.parametrize("end", [freeze, kill])
def test_a_nudge_that_cannot_be_sent_fails_nobody_and_waits_once(own_redis, end):
    child, app = own_redis

    @app.task(name="lost.nudge")
    def task(): ...

    assert task.delay() is not None
    end(child)
    began = time.monotonic()
    assert [task.delay() for _ in range(20)] == [None] * 20
    assert time.monotonic() - began < 2.0


def test_the_portal_keeps_its_counts_in_the_database_and_sends_tasks_that_never_fail():
    assert isinstance(caches["default"], DurableCache)
    assert mci_celery.app.Task is mci_celery.Nudge or issubclass(mci_celery.app.Task, mci_celery.Nudge)
