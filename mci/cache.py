"""The cache on Redis that a page survives losing.

A cache that cannot be reached is an empty one. After one failure the process leaves it alone for a few seconds, so that
a frozen Redis costs a request one timeout (settings.CACHES) and not one per look-up.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

QUIET_SECONDS = 5.0


def _spare(method: Callable[..., Any], lost: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def spared(self: LosableRedisCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= LosableRedisCache.quiet_until:
            try:
                return method(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                LosableRedisCache.quiet_until = time.monotonic() + QUIET_SECONDS
                logger.warning("The cache does not answer, pages go on without it: %s", error)
        return lost(*args, **kwargs)

    return spared


def _default(key: str, default: Any = None, version: int | None = None) -> Any:
    return default


def _missing(key: str, *args: Any, **kwargs: Any) -> int:
    raise ValueError(f"Key '{key}' not found")  # what Django's caches say of a key that is not there


class LosableRedisCache(RedisCache):
    quiet_until = 0.0

    add = _spare(RedisCache.add, lambda *args, **kwargs: True)
    get = _spare(RedisCache.get, _default)
    set = _spare(RedisCache.set, lambda *args, **kwargs: None)
    touch = _spare(RedisCache.touch, lambda *args, **kwargs: False)
    delete = _spare(RedisCache.delete, lambda *args, **kwargs: False)
    get_many = _spare(RedisCache.get_many, lambda *args, **kwargs: {})
    has_key = _spare(RedisCache.has_key, lambda *args, **kwargs: False)
    incr = _spare(RedisCache.incr, _missing)
    set_many = _spare(RedisCache.set_many, lambda data, *args, **kwargs: list(data))
    delete_many = _spare(RedisCache.delete_many, lambda *args, **kwargs: None)
    clear = _spare(RedisCache.clear, lambda *args, **kwargs: False)
