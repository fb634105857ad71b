"""Redis dead or frozen: pages go on, and nobody waits for it twice."""

from __future__ import annotations

import signal
import time

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

from mci import celery as mci_celery
from mci.cache import LosableRedisCache
from mci.local import redis as local_redis
from mci.local.places import Place


@pytest.fixture
def own_redis(tmp_path_factory, settings, monkeypatch):
    """A Redis of this test's own, to freeze and kill; the cache and Celery speak to it."""
    place = Place(tmp_path_factory.mktemp("redis"))
    place.claim()
    folder = place.socket_dir(owner=None)
    child = local_redis.start_redis(place, folder)
    url = local_redis.url(folder)
    options = settings.CACHES["default"]["OPTIONS"]
    own = LosableRedisCache(url, {"OPTIONS": options})
    monkeypatch.setattr(LosableRedisCache, "quiet_until", 0.0)
    monkeypatch.setattr(mci_celery.Nudge, "_quiet_until", 0.0)
    app = mci_celery.Celery("lost", task_cls=mci_celery.Nudge, set_as_current=False)
    app.conf.broker_url = url.replace("unix://", "redis+socket://").replace("db=", "virtual_host=")
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app.conf.task_publish_retry = False
    yield child, own, app
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
def test_a_lost_cache_is_an_empty_one_and_costs_one_short_wait(own_redis, end):
    child, own, _app = own_redis
    own.set("a", 1)
    assert own.get("a") == 1
    end(child)
    began = time.monotonic()
    for _ in range(20):
        assert own.get("a", "default") == "default"
        assert own.get_many(["a", "b"]) == {}
        assert own.add("a", 2) is True
        own.set("a", 3)
        own.delete("a")
        assert "a" not in own
        with pytest.raises(ValueError, match="not found"):
            own.incr("a")
    assert time.monotonic() - began < 1.0


def test_without_the_guard_a_frozen_redis_stops_a_page(own_redis, settings):
    """The negative control: Django's own backend waits anew at every look-up, and raises."""
    child, own, _app = own_redis
    plain = RedisCache(own._servers[0], {"OPTIONS": settings.CACHES["default"]["OPTIONS"]})
    plain.get("a")
    freeze(child)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(Exception, match=r"(?i)time"):
            plain.get("a")
    assert time.monotonic() - began > 1.4


@pytest.mark.parametrize("end", [freeze, kill])
def test_a_nudge_that_cannot_be_sent_fails_nobody_and_waits_once(own_redis, end):
    child, _own, app = own_redis

    @app.task(name="lost.nudge")
    def task(): ...

    assert task.delay() is not None
    end(child)
    began = time.monotonic()
    assert [task.delay() for _ in range(20)] == [None] * 20
    assert time.monotonic() - began < 2.0


def test_the_cache_comes_back_by_itself(own_redis, monkeypatch):
    child, own, _app = own_redis
    freeze(child)
    assert own.get("a") is None
    child.popen.send_signal(signal.SIGCONT)
    monkeypatch.setattr(LosableRedisCache, "quiet_until", 0.0)
    own.set("a", 5)
    assert own.get("a") == 5


def test_the_portal_uses_the_cache_that_may_be_lost_and_the_tasks_that_never_fail():
    assert isinstance(caches["default"], LosableRedisCache)
    assert mci_celery.app.Task is mci_celery.Nudge or issubclass(mci_celery.app.Task, mci_celery.Nudge)
