"""Taking a webhook in: signature over the raw bytes, one INSERT, done. Reading comes later
(connectors/intake/deliveries.py).

Nothing else may happen before the answer: no parsing, no Redis, no second statement for what is new. WooCommerce never
repeats a delivery that failed, and takes a slow receiver for a broken one."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.utils.timezone import now

from connectors.intake import traces
from connectors.models import Delivery, Shop
from connectors.platforms import platform
from connectors.platforms.base import Access, BadSignature, Envelope
from connectors.shops.access import intake_access
from core.errors import NeedsHand, Refused

log = logging.getLogger(__name__)

APP = "app"  # in the place of a shop's key: a webhook of the whole app
SENT_AT = "sent-at"  # in Delivery.headers: when it happened in the shop, as the envelope says
_SECRETS_KEPT_S = 30.0
_MISSES_KEPT_S = 5.0
_MOST_KEPT = 10_000
_KEPT_HEADERS = ("user-agent", "content-type")  # of every platform; it may name more: `kept_headers`

# Two statements instead of ON CONFLICT DO UPDATE: nearly every delivery is new, and pays nothing for the rare copy.
_STORE = """
    INSERT INTO connectors_delivery
        (shop_id, dedupe, topic, delivery_id, headers, body, received_at, state, attempts, try_after, error)
    VALUES (%s, %s, %s, %s, %s, %s, now(), 'new', 0, now(), '')
    ON CONFLICT (shop_id, dedupe) DO NOTHING
"""
# A copy of a delivery that ended dead, or one whose body says no version, is read again; any other copy is nothing new.
_AGAIN = """
    UPDATE connectors_delivery
    SET state = 'new', attempts = 0, try_after = now(), lease_until = NULL, lease_token = NULL, error = '',
        error_params = '{}', received_at = now(), done_at = NULL, body = %s
    WHERE shop_id = %s AND dedupe = %s AND (state = 'dead' OR (%s AND state <> 'new'))
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
    shop = _shop_of(slug, key)
    try:
        access = intake_access(shop) if shop else None
    except NeedsHand:
        access = None
    kept = _SECRETS_KEPT_S if access else _MISSES_KEPT_S
    found = _Known(shop.pk if shop and access else None, access, now + kept, now)
    _known[slug, key] = found
    return found


def _shop_of(slug: str, key: str) -> Shop | None:
    """By its key, while it is connected. By its address (a webhook of the whole app) also one that is gone: the law's
    requests come after the end of a connection."""
    if "://" not in key:
        return Shop.objects.filter(platform=slug, key=key).exclude(state=Shop.State.GONE).first()
    found = Shop.objects.filter(platform=slug, address=key)
    return found.exclude(state=Shop.State.GONE).first() or found.order_by("-pk").first()


def take_for_app(slug: str, headers: Mapping[str, str], body: bytes) -> bool:
    """`take` for the address of a whole app, whose webhooks name their shop in a header. One that is signed rightly and
    about a shop that we do not know is taken for done, and told to the log: there is nothing of it here. Raises
    Unknown, TooBig, Malformed."""
    address = platform(slug).app_shop(headers)
    if not address:
        raise Unknown
    known = _look_up(slug, address)
    if known.access is not None:
        return take(slug, address, headers, body)
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        raise TooBig
    try:
        envelope = platform(slug).envelope(Access(address, "", {}, ""), headers, body)
    except BadSignature:
        raise Unknown from None
    log.warning("%s is about %s, of which there is nothing here.", envelope.topic, address)
    return False


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
    # What a copy of the shop sends must not stand for the same message of the shop itself, nor the other way round.
    stranger = platform(slug).stranger(known.access, headers)
    _store(
        known.shop_id,
        hashlib.sha256(envelope.topic.encode() + b"\0" + body + stranger.encode()).digest(),
        envelope.topic,
        envelope.delivery_id,
        _kept(slug, headers, envelope),
        body,
        not envelope.versioned,
    )
    return True


def _kept(slug: str, headers: Mapping[str, str], envelope: Envelope) -> str:
    kept = [(name, headers.get(name, "")[:200]) for name in _kept_names(slug)]
    if envelope.sent_at is not None:
        kept.append((SENT_AT, envelope.sent_at.isoformat()))
    return _as_json(tuple(kept))


@cache
def _kept_names(slug: str) -> tuple[str, ...]:
    return (*_KEPT_HEADERS, *platform(slug).kept_headers)


@lru_cache(maxsize=512)
def _as_json(kept: tuple[tuple[str, str], ...]) -> str:
    """Most deliveries of a shop carry the same headers; what is empty is left out."""
    return json.dumps({name: value for name, value in kept if value})


def _store(shop_id: int, dedupe: bytes, topic: str, delivery_id: str, kept: str, body: bytes, again: bool) -> None:
    row = (shop_id, dedupe, topic[:60], delivery_id[:80], kept, body)
    database = connections[DEFAULT_DB_ALIAS]  # once: the usual proxy looks it up at each use
    # Instead of asking the connection whether it lives (a statement of its own), the INSERT is tried again on a new
    # one: it may run twice. Within a transaction (tests) there is no second connection.
    cast(Any, database).health_check_done = True
    try:
        with database.cursor() as cursor:
            _insert(cursor, row, again)
    except (OperationalError, InterfaceError):
        if database.in_atomic_block:
            raise
        database.close()
        with database.cursor() as cursor:
            _insert(cursor, row, again)


def _insert(cursor: Any, row: tuple[Any, ...], again: bool) -> None:
    cursor.execute(_STORE, row)
    if not cursor.rowcount:
        cursor.execute(_AGAIN, (row[5], *row[:2], again))  # the first one's may have been emptied


def store_unreadable(shop_id: int, body: bytes, reason: str) -> None:
    """Keeps an order that the pull could not read as a dead delivery: visible, and can be read again. Not one whose
    customer was forgotten."""
    if traces.is_of_forgotten(Shop.objects.get(pk=shop_id), body):
        return
    Delivery.objects.bulk_create(
        [
            Delivery(
                shop_id=shop_id,
                dedupe=hashlib.sha256(b"pull\0" + body).digest(),
                topic="order.updated",
                delivery_id="pull",
                body=body,
                state=Delivery.State.DEAD,
                error="unreadable",
                error_params={"reason": reason[:300]},
            )
        ],
        ignore_conflicts=True,
    )
