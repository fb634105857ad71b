from __future__ import annotations

import datetime as dt
import time

import pytest
from django.db import connection
from django.utils import timezone, translation

from connectors.models import Shop
from core.postgresql.owner import as_owner
from mci.models import Heartbeat
from mci.operation import health, heartbeat, watch
from tests import cast
from tests.connectors.conftest import make_shop


@pytest.fixture
def long_running(monkeypatch):
    monkeypatch.setattr(health, "_started", time.monotonic() - 3600)


def test_healthz_asks_no_database_and_no_host(client):
    """pytest-django refuses every query of a test without a database: an answer shows that there was none."""
    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def heard(*without: str) -> None:
    """Beat and the workers of all queues but these were heard just now."""
    for name in (heartbeat.BEAT, *heartbeat.QUEUES):
        if name not in without:
            heartbeat.note(name)


def since(name: str, seconds: float) -> None:
    Heartbeat.objects.filter(pk=name).update(at=timezone.now() - dt.timedelta(seconds=seconds))


@pytest.mark.django_db
def test_readyz_is_whole_when_beat_and_the_workers_were_heard(client, long_running):
    heard()
    answer = client.get("/readyz", headers={"host": "10.0.0.7"})
    assert answer.status_code == 200
    fine = {"database", "migrations", "schema", "redis", "beat", "workers", "clocks", "backlog"}
    assert answer.json() == {"ready": True, **dict.fromkeys(fine, "ok")}


@pytest.mark.django_db
def test_silence_is_no_trouble_in_the_first_minute_only(client, monkeypatch):
    monkeypatch.setattr(health, "_started", time.monotonic())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["beat"], answer.json()["workers"]) == (200, "starting", "starting")
    monkeypatch.setattr(health, "_started", time.monotonic() - 61)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["beat"]) == (503, "silent")


@pytest.mark.django_db
def test_readyz_says_since_when_beat_is_silent(client, long_running):
    heard()
    since("beat", 300)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["beat"], answer.json()["workers"]) == (503, "silent for 300 s", "ok")


@pytest.mark.django_db
@pytest.mark.parametrize("queue", heartbeat.QUEUES)
def test_one_queue_without_a_worker_is_named(client, long_running, queue):
    heard(queue)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["beat"], answer.json()["workers"]) == (503, "ok", f"{queue} silent")


@pytest.mark.django_db
def test_a_clock_that_is_off_is_named(client, long_running, monkeypatch):
    heard("shops")
    real = time.time
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + 180)
        heartbeat.note("shops")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["clocks"]) == (503, "shops +180 s")
    assert answer.json()["workers"] == "ok", "it lives: its clock does not say otherwise"


@pytest.mark.django_db
def test_what_waits_too_long_is_named_although_the_workers_are_heard(client, long_running, dropshipper):
    heard()
    shop = make_shop(dropshipper)
    Shop.objects.filter(pk=shop.pk).update(pull_after=timezone.now() - dt.timedelta(hours=1))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["backlog"]) == (503, "pulls 3600 s")
    Shop.objects.filter(pk=shop.pk).update(state=Shop.State.PAUSED)
    assert client.get("/readyz").status_code == 200, "a paused shop is not read, and nobody waits for it"


@pytest.mark.django_db
def test_the_staff_are_told_of_what_stands_still_and_of_nothing_when_all_is_well(client, staff):
    cast.sign_in(client, staff)
    heard()
    assert b"data-troubles" not in client.get("/").content
    since("shops", 600)
    with translation.override("en"):
        assert watch.sentences() == ["Silent for 10 min: speaking to the shops."]
    page = client.get("/").content
    assert b'data-troubles="1"' in page
    assert b"10 min" in page


@pytest.mark.django_db
def test_readyz_names_a_dead_redis_and_shows_no_address(client, settings, long_running):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["redis"] == "down"
    assert answer.json()["database"] == "ok"
    assert b"127.0.0.1" not in answer.content


@pytest.mark.django_db
def test_readyz_knows_missing_migrations(client, monkeypatch):
    monkeypatch.setattr(health, "_schema", (0.0, "", ""))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'orders'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "missing")


@pytest.mark.django_db
def test_the_database_of_the_tests_is_a_durable_one():
    from mci.checks import durable_database

    assert durable_database(None, databases=["default"]) == []


@pytest.mark.django_db
def test_a_database_that_answers_before_it_has_written_is_an_error():
    from mci.checks import durable_database

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert [found.id for found in durable_database(None, databases=["default"])] == ["mci.E003"]
