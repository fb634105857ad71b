"""Two answers for machines. `/healthz`: this process serves. `/readyz`: all that MCI needs is there.

They are given by the first middleware, before hosts, sessions and languages are looked at: a probe comes by IP address.
A load balancer asks /healthz (pages work without Redis and without workers), an alarm asks /readyz.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from core import tenancy
from mci import schema
from mci.operation import watch

logger = logging.getLogger(__name__)

FIRST_MINUTE = 60.0
ASK_AGAIN = 15.0  # seconds between two looks at a schema that was found wanting
SHOWN = 5  # differences that are told
_started = time.monotonic()
_schema: tuple[float, str, str] = (0.0, "", "")  # when it was looked at, and what was said


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
        if request.path_info == "/readyz":
            with tenancy.everybody():
                return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    """200 when every part says ok, else 503; each part says what is wrong in a word. Never an address or a secret."""
    parts = {"database": _database(), "migrations": "ok", "schema": "ok", "redis": _redis()}
    parts["migrations"], parts["schema"] = _migrations_and_schema()
    parts |= watch.words(starting=time.monotonic() - _started < FIRST_MINUTE)
    ready = all(word in ("ok", "starting") for word in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')")
            row = cursor.fetchone()
    except DatabaseError:
        logger.exception("readyz: the database does not answer")
        connection.close()
        return "down"
    return "ok" if row == (False, "off") else "read only"


def _migrations_and_schema() -> tuple[str, str]:
    """Once right they stay right: asked once per process, and every few seconds until then."""
    global _schema
    at, migrations, words = _schema
    if (migrations, words) == ("ok", "ok") or (migrations and time.monotonic() - at < ASK_AGAIN):
        return migrations, words
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        found = schema.findings()
    except DatabaseError:
        return "unknown", "unknown"
    migrations = "missing" if missing else "ok"
    words = "; ".join([*found[:SHOWN], *([f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else [])]) or "ok"
    if words != "ok":
        logger.error("readyz: the schema is not the one that the code wants: %s", "; ".join(found))
    _schema = (time.monotonic(), migrations, words)
    return migrations, words


def _redis() -> str:
    """One second, no second try."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=settings.REDIS_NO_RETRY
        ) as client:
            client.ping()
    except (redis.RedisError, OSError):
        logger.warning("readyz: Redis does not answer", exc_info=True)
        return "down"
    return "ok"
