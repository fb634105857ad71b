"""The cost bucket of a shop, shared by all workers in Redis: Shopify gives each app so many points per second and shop.

Points are taken before a call by an estimate and set right by what Shopify says after it. A fifth of the bucket is kept
for what people wait for. Without Redis every call goes ahead: Shopify itself says no where it must."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

import redis
from django.conf import settings
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

MAXIMUM, RATE = 2000.0, 100.0  # until Shopify says otherwise
KEPT = 0.2  # of the bucket, for people
_QUIET_S = 5.0  # a Redis that does not answer is not asked again for so long
_LIVES_S = 3600

# KEYS[1] the bucket; ARGV: points, part kept. Returns milliseconds to wait, 0 when the points were taken.
_RESERVE = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local b = redis.call('HMGET', KEYS[1], 'available', 'maximum', 'rate', 'at')
local maximum = tonumber(b[2]) or tonumber(ARGV[3])
local rate = tonumber(b[3]) or tonumber(ARGV[4])
local available = tonumber(b[1]) or maximum
available = math.min(maximum, available + math.max(0, now - (tonumber(b[4]) or now)) * rate)
local needed = math.min(tonumber(ARGV[1]) + tonumber(ARGV[2]) * maximum, maximum)
local wait = 0
if available >= needed then
  available = available - tonumber(ARGV[1])
else
  wait = math.ceil((needed - available) / rate * 1000)
end
redis.call('HSET', KEYS[1], 'available', tostring(available), 'maximum', tostring(maximum), 'rate', tostring(rate),
  'at', tostring(now))
redis.call('EXPIRE', KEYS[1], ARGV[5])
return wait
"""
_CORRECT = """
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'available', ARGV[1], 'maximum', ARGV[2], 'rate', ARGV[3],
  'at', tostring(tonumber(now[1]) + tonumber(now[2]) / 1000000))
redis.call('EXPIRE', KEYS[1], ARGV[4])
"""

_client: redis.Redis | None = None
_quiet_until = 0.0


def reserve(address: str, points: float, *, interactive: bool = False) -> float:
    """Takes points of the shop's bucket; 0.0 when they were there, else the seconds to wait before asking again."""
    kept = 0.0 if interactive else KEPT
    wait = _run(_RESERVE, address, points, kept, MAXIMUM, RATE, _LIVES_S)
    return float(wait) / 1000 if wait else 0.0


def correct(address: str, status: Mapping[str, Any]) -> None:
    """Shopify's own word after a call (extensions.cost.throttleStatus)."""
    figures = [status.get(name) for name in ("currentlyAvailable", "maximumAvailable", "restoreRate")]
    if all(isinstance(figure, int | float) and not isinstance(figure, bool) for figure in figures):
        _run(_CORRECT, address, *figures, _LIVES_S)


def _run(script: str, address: str, *arguments: Any) -> Any:
    global _client, _quiet_until
    if time.monotonic() < _quiet_until:
        return None
    try:
        if _client is None:
            _client = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=0.5,
                socket_connect_timeout=0.5,
                retry=settings.REDIS_NO_RETRY,
            )
        return _client.eval(script, 1, f"mci:shopify:bucket:{address}", *(str(value) for value in arguments))
    except (RedisError, OSError) as error:
        _quiet_until = time.monotonic() + _QUIET_S
        log.warning("The cost bucket is not shared, Redis does not answer: %s", type(error).__name__)
        return None
