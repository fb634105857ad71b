"""Beat without a worker: for days it may send into queues that nobody reads, and Redis stays as small as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from celery import Celery, Task
from celery.beat import Scheduler
from django.conf import settings

from mci import celery as mci_celery
from mci.local import redis as local_redis
from mci.local.places import Place
from mci.models import Heartbeat
from mci.operation import heartbeat
from tests.processes import celery_worker

SENT = 3000  # of each entry of beat's table: with one a second, most of an hour


@pytest.fixture
def own_redis(
    tmp_path_factory: pytest.TempPathFactory, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A Redis of this test's own; its address."""
    place = Place(tmp_path_factory.mktemp("redis"))
    place.claim()
    folder = place.socket_dir(owner=None)
    child = local_redis.start_redis(place, folder)
    monkeypatch.setattr(mci_celery.Nudge, "_quiet_until", 0.0)
    yield local_redis.url(folder)
    child.stop()
    place.drop_socket_dir()
    place.free()


def nothing(*args: Any) -> None: ...


def portal(url: str, *, task_cls: type[Task]) -> Celery:
    """The portal's tasks (their names, queues and table) on another broker."""
    app = Celery("no-worker", task_cls=task_cls, set_as_current=False)
    app.config_from_object(settings, namespace="CELERY")
    app.conf.broker_url = url.replace("unix://", "redis+socket://").replace("db=", "virtual_host=")
    mci_celery.app.loader.import_default_modules()  # shared tasks are every application's
    return app


def beat_for_long(app: Celery, times: int) -> None:
    beat = Scheduler(app, schedule={}, lazy=True)
    beat.merge_inplace(app.conf.beat_schedule)
    for _turn in range(times):
        for entry in beat.schedule.values():
            beat.apply_entry(entry, producer=beat.producer)


def waiting(url: str) -> dict[str, int]:
    client = redis.Redis.from_url(url)
    return {queue: client.llen(queue) for queue in heartbeat.QUEUES}


def used(url: str) -> int:
    return int(redis.Redis.from_url(url).info("memory")["used_memory_dataset"])


def test_beat_alone_fills_nothing(own_redis: str) -> None:
    app = portal(own_redis, task_cls=mci_celery.Nudge)
    beat_for_long(app, 1)
    before, keys = used(own_redis), set(redis.Redis.from_url(own_redis).keys())
    beat_for_long(app, SENT // 10)
    assert sum(waiting(own_redis).values()) == len(settings.CELERY_BEAT_SCHEDULE), "of each task one waits"
    assert used(own_redis) - before < 200_000
    assert set(redis.Redis.from_url(own_redis).keys()) == keys


@pytest.mark.long
def test_without_the_bound_it_fills_redis(own_redis: str) -> None:
    """The negative control: Celery's own task, sent as often."""
    app = portal(own_redis, task_cls=Task)
    beat_for_long(app, 1)
    before = used(own_redis)
    beat_for_long(app, SENT // 10)
    assert sum(waiting(own_redis).values()) > SENT
    assert used(own_redis) - before > 2_000_000


def test_a_queue_that_is_full_takes_nothing_more_whatever_is_in_it(own_redis: str) -> None:
    app = portal(own_redis, task_cls=mci_celery.Nudge)
    ask = app.task(nothing, name="ask", lane="shops")
    for pk in range(mci_celery.FULL + 20):
        ask.delay(pk)
    ask.delay(3)
    assert waiting(own_redis)["shops"] == mci_celery.FULL
    redis.Redis.from_url(own_redis).flushall()
    assert [ask.delay(3) is not None, ask.delay(3) is not None, ask.delay(4) is not None] == [True, False, True]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_when_a_worker_comes_back_all_goes_on_and_redis_is_empty_again(own_redis: str) -> None:
    beat_for_long(portal(own_redis, task_cls=mci_celery.Nudge), 100)
    assert sum(waiting(own_redis).values()) == len(settings.CELERY_BEAT_SCHEDULE)
    with celery_worker(REDIS_URL=own_redis):
        end = time.monotonic() + 20
        while heartbeat.silent(heartbeat.readings()) and time.monotonic() < end:
            time.sleep(0.1)
        assert heartbeat.silent(heartbeat.readings()) == {}
        time.sleep(3)
        assert sum(waiting(own_redis).values()) <= 3
        left = {key.decode() for key in redis.Redis.from_url(own_redis).scan_iter()}
    assert not [key for key in left if key.startswith(("celery-task-meta", "unacked_mutex"))]
    assert not [key for key in left if "pidbox" in key], "no remote control, so nothing of it is kept"
    assert Heartbeat.objects.count() == 5
