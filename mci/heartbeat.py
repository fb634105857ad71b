"""Whether beat and a worker are alive: beat sends a task every five seconds, a worker notes in Redis that it ran."""

from __future__ import annotations

import sys
import time

import redis
from django.conf import settings

KEY = "mci:heartbeat"


def connection() -> redis.Redis:
    """A fresh short-tempered connection: one second, no second try."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=settings.REDIS_NO_RETRY
    )


def record() -> None:
    with connection() as client:
        client.set(KEY, str(time.time()))


def age() -> float | None:
    """Seconds since a worker last obeyed beat, None if never. Raises redis.RedisError."""
    with connection() as client:
        noted = client.get(KEY)
    return None if noted is None else max(0.0, time.time() - float(noted))


if __name__ == "__main__":  # a container's health check: DJANGO_SETTINGS_MODULE=mci.settings python -m mci.heartbeat
    heard = age()
    sys.exit(0 if heard is not None and heard < 60 else f"beat or the workers are silent ({heard} s)")
