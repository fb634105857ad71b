"""Taking a webhook in: signature over the raw bytes, one INSERT, done. Reading comes later (connectors/deliveries.py).

Nothing else may happen before the answer: no parsing, no Redis, no second statement. WooCommerce never repeats a
delivery that failed, and takes a slow receiver for a broken one."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils.timezone import now

from connectors.access import access_of
from connectors.models import Delivery, Shop
from connectors.platforms import platform
from connectors.platforms.base import Access, BadSignature
from core.errors import NeedsHand, Refused

_SECRETS_KEPT_S = 30.0
_MISSES_KEPT_S = 5.0
_MOST_KEPT = 10_000
_KEPT_HEADERS = ("user-agent", "content-type")  # of every platform; it may name more: `kept_headers`

# A copy of a delivery that ended dead, or one whose body says no version, is read again; any other copy is nothing new.
_STORE = """
    INSERT INTO connectors_delivery
        (shop_id, dedupe, topic, delivery_id, headers, body, received_at, state, attempts, try_after, error)
    VALUES (%s, %s, %s, %s, %s, %s, now(), 'new', 0, now(), '')
    ON CONFLICT (shop_id, dedupe) DO UPDATE
        SET state = 'new', attempts = 0, try_after = now(), lease_until = NULL, lease_token = NULL, error = '',
            received_at = now(), done_at = NULL
        WHERE connectors_delivery.state = 'dead' OR (%s AND connectors_delivery.state <> 'new')
"""


class TooBig(Refused):
    code = "too_big"


class Unknown(Refused):
    """No such shop, or the signature is wrong: the answer does not tell which."""

    code = "unknown"


class Stale(Refused):
    """Genuine, and of a time too far from ours: played back, or signed by a wrong clock."""

    code = "stale"


@dataclass(frozen=True, slots=True)
class _Known:
    shop_id: int | None
    access: Access | None
    until: float
    since: float


_known: dict[tuple[str, str], _Known] = {}


def forget() -> None:
    """Empties this process's memory of secrets."""
    _known.clear()


def _look_up(slug: str, key: str, *, newer_than: float = 0.0) -> _Known:
    now = time.monotonic()
    found = _known.get((slug, key))
    if found and found.until > now and found.since >= newer_than:
        return found
    if len(_known) >= _MOST_KEPT:
        _known.clear()
    shop = Shop.objects.filter(platform=slug, key=key).exclude(state=Shop.State.GONE).first()
    try:
        access = access_of(shop) if shop else None
    except NeedsHand:
        access = None
    kept = _SECRETS_KEPT_S if access else _MISSES_KEPT_S
    found = _Known(shop.pk if shop and access else None, access, now + kept, now)
    _known[slug, key] = found
    return found


def take(slug: str, key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Stores a signed delivery and commits; False when there was nothing to store (a ping). Raises Unknown, Stale,
    TooBig.

    `headers` keys are lower case."""
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        raise TooBig
    started = time.monotonic()
    for newer_than in (0.0, started):
        known = _look_up(slug, key, newer_than=newer_than)
        if known.access is None or known.shop_id is None:
            raise Unknown
        try:
            envelope = platform(slug).envelope(known.access, headers, body)
            break
        except BadSignature:
            # Perhaps the secret is new: looked up once more, unless that was just done.
            if known.since >= started - 1.0:
                raise Unknown from None
    else:
        raise Unknown
    if envelope.window is not None and envelope.sent_at is not None and abs(now() - envelope.sent_at) > envelope.window:
        raise Stale
    if not envelope.topic:
        return False
    _store(
        known.shop_id,
        hashlib.sha256(envelope.topic.encode() + b"\0" + body).digest(),
        envelope.topic,
        envelope.delivery_id,
        {name: headers[name][:200] for name in (*_KEPT_HEADERS, *_own_headers(slug)) if name in headers},
        body,
        not envelope.versioned,
    )
    return True


def _own_headers(slug: str) -> Sequence[str]:
    names: Sequence[str] = getattr(platform(slug), "kept_headers", ())
    return names


def _store(shop_id: int, dedupe: bytes, topic: str, delivery_id: str, kept: Any, body: bytes, again: bool) -> None:
    row = (shop_id, dedupe, topic[:60], delivery_id[:80], json.dumps(kept), body, again)
    # Instead of asking the connection whether it lives (a statement of its own), the INSERT is tried again on a new
    # one: it may run twice. Within a transaction (tests) there is no second connection.
    cast(Any, connection).health_check_done = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(_STORE, row)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(_STORE, row)


def store_unreadable(shop_id: int, body: bytes, error: str) -> None:
    """Keeps an order that the pull could not read as a dead delivery: visible, and can be read again."""
    Delivery.objects.bulk_create(
        [
            Delivery(
                shop_id=shop_id,
                dedupe=hashlib.sha256(b"pull\0" + body).digest(),
                topic="order.updated",
                delivery_id="pull",
                body=body,
                state=Delivery.State.DEAD,
                error=error[:300],
            )
        ],
        ignore_conflicts=True,
    )
