from __future__ import annotations

import time

import pytest
from django.db import connection

from mci import health, heartbeat


@pytest.fixture
def long_running(monkeypatch):
    monkeypatch.setattr(health, "_started", time.monotonic() - 3600)


def test_healthz_asks_no_database_and_no_host(client):
    """pytest-django refuses every query of a test without a database: an answer shows that there was none."""
    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_readyz_is_whole_when_beat_was_heard(client, long_running):
    heartbeat.record()
    answer = client.get("/readyz", headers={"host": "10.0.0.7"})
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "redis": "ok", "beat": "ok"}


@pytest.mark.django_db
def test_a_silent_beat_is_no_trouble_in_the_first_minute_only(client, monkeypatch):
    heartbeat.connection().delete(heartbeat.KEY)
    monkeypatch.setattr(health, "_started", time.monotonic())
    assert client.get("/readyz").json()["beat"] == "starting"
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "_started", time.monotonic() - 61)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["beat"]) == (503, "silent")


@pytest.mark.django_db
def test_readyz_says_since_when_beat_is_silent(client, long_running):
    heartbeat.connection().set(heartbeat.KEY, str(time.time() - 300))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["beat"].startswith("silent for 300") or answer.json()["beat"].startswith("silent for 301")


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
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
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
