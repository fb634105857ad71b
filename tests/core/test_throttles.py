"""Limits on how often, counted in PostgreSQL."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core.cache import caches
from django.db import connection, connections

from core.errors import TooManyTries
from core.inbound import throttles
from core.models import Throttle

pytestmark = pytest.mark.django_db
FIVE = {"limit": 5, "seconds": 300}


def tries(count: int, key: str = "a", name: str = "guess") -> int:
    """How many of so many are let through."""
    passed = 0
    for _n in range(count):
        try:
            throttles.take(name, key, **FIVE)
        except TooManyTries:
            continue
        passed += 1
    return passed


def time_passes(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_throttle SET full_at = full_at - %s", [dt.timedelta(seconds=seconds)])


def test_so_many_at_once_then_one_at_a_time() -> None:
    assert tries(9) == 5
    time_passes(60)
    assert tries(9) == 1
    time_passes(300)
    assert tries(9) == 5


def test_the_refusal_says_how_long_to_wait() -> None:
    tries(5)
    with pytest.raises(TooManyTries) as refusal:
        throttles.take("guess", "a", **FIVE)
    assert refusal.value.after is not None
    assert 55 < refusal.value.after.total_seconds() <= 60


def test_one_key_is_not_another_and_one_name_is_not_another() -> None:
    assert tries(9) == 5
    assert tries(9, key="b") == 5
    assert tries(9, name="other") == 5


def test_a_try_that_was_given_back_did_not_count() -> None:
    for _n in range(20):
        throttles.take("guess", "a", **FIVE)
        throttles.give_back("guess", "a", **FIVE)
    assert tries(9) == 5


def test_what_is_whole_again_is_forgotten_and_the_rest_is_kept() -> None:
    tries(1, key="old")
    time_passes(61)
    tries(1, key="new")
    assert throttles.sweep() == 1
    assert Throttle.objects.count() == 1


def test_nobody_is_named_in_the_table() -> None:
    throttles.take("guess", "ada@example.it", **FIVE)
    assert "ada" not in str(Throttle.objects.values_list().get())


def test_a_flush_of_redis_loosens_nothing() -> None:
    import redis
    from django.conf import settings

    tries(5)
    caches["default"].set("allauth:rl", [1.0], 300)
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    assert tries(5) == 0
    assert caches["default"].get("allauth:rl") == [1.0]


@pytest.mark.django_db(transaction=True)
def test_tries_in_parallel_are_counted_one_by_one() -> None:
    assert sum(_in_parallel(lambda: tries(3))) == 5


@pytest.mark.django_db(transaction=True)
def test_without_the_single_statement_tries_in_parallel_slip_through() -> None:
    """The negative control: look first, count afterwards."""
    barrier = threading.Barrier(8)

    def naive() -> int:
        seen = Throttle.objects.filter(key__startswith="naive").count()
        barrier.wait(timeout=30)
        if seen >= 5:
            return 0
        Throttle.objects.create(key=f"naive{threading.get_ident()}", full_at=dt.datetime.now(dt.UTC))
        return 1

    assert sum(_in_parallel(naive)) > 5


def _in_parallel(act: object) -> list[int]:
    results: list[int] = []

    def run() -> None:
        try:
            results.append(act())  # type: ignore[operator]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 8
    return results
