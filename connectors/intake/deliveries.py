"""Reading what the webhooks brought: claimed with a lease, tried again with patience, buried visibly when unreadable.

A delivery is a hint: the order is read again from its shop where that is possible, and the body is used as it is where
it is not. One bad body never stops the ones behind it: attempts are counted when it is claimed, so that even one that
kills its worker ends *dead* after a few. The deliveries of a paused shop wait; what the law asks does not."""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from connectors.intake import privacy, rereading, traces, upsert
from connectors.intake.receive import SENT_AT
from connectors.intake.rereading import Asked
from connectors.intake.rereading import forget_silence as forget_silence
from connectors.models import Delivery, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import (
    Access,
    Changed,
    IncomingOrder,
    Muted,
    PrivacyRequest,
    RawOrder,
    Rights,
    Uninstalled,
    Unreadable,
    Withdrawn,
)
from connectors.shops import shop_log, state, visits
from core import busy, leases
from core.errors import DomainError, Refused, TryLater
from core.leases import LeaseLost

log = logging.getLogger(__name__)

NO_ERROR: dict[str, Any] = {"error": "", "error_params": {}}
BATCH = 10
LEASE_S = 120  # longer than a batch takes, though each of its shops is as slow as it may be
MAX_ATTEMPTS = 10
_TRUST_WITHDRAWAL_AFTER = 4  # attempts: a deletion has no version, so the shop is asked first
_TRUST_OLDER_AFTER = 3  # attempts: a shop's API may lag behind what it told a moment ago, or its clock was set back

_WORK = visits.Visits(
    Delivery,
    dt.timedelta(seconds=LEASE_S),
    holds=dt.timedelta(seconds=45),
    kind=visits.INTAKE,
    company="shop__dropshipper",
)


def claim(limit: int = BATCH, *, tried: bool = False) -> tuple[uuid.UUID, list[Delivery]]:
    """Up to `limit` due deliveries of one company, leased to the caller under a new token; committed before it returns.

    `tried`: those that were claimed before. They are claimed one by one, so that a body which kills its worker takes no
    neighbour along twice."""
    read = Q(topic__in=traces.law_topics()) | Q(shop__in=Shop.objects.filter(state__in=["active", "broken"]))
    due = Delivery.objects.filter(read, state="new", try_after__lte=leases.now())
    due = due.filter(attempts__gt=0) if tried else due.filter(attempts=0)
    token, ids = _WORK.claim_many(due.order_by("try_after", "pk"), limit, attempts=F("attempts") + 1)
    found = Delivery.objects.filter(pk__in=ids, lease_token=token).select_related("shop").order_by("id")
    return token, list(found)


def drain(*, limit: int = 200, budget_s: float = 20.0) -> int:
    """Reads what is due, at most `limit` deliveries and no new batch after `budget_s`. Returns how many were tried."""
    until, done = time.monotonic() + budget_s, 0
    while done < limit and time.monotonic() < until:
        before = done
        for size, tried in ((BATCH, False), (1, True)):
            token, batch = claim(size, tried=tried)
            asked = Asked()
            done += _read_all(token, batch, until, asked)
            if batch:
                _WORK.ended(token, rests=asked.rests)
            if batch and not tried:
                _note_received(batch)
        if done == before:
            break
    return done


def _read_all(token: uuid.UUID, batch: Sequence[Delivery], until: float, asked: Asked) -> int:
    """A batch, until the time is over or its shops were waited for; what was not begun is given back. How many were
    tried."""
    for number, delivery in enumerate(batch):
        left = [one.pk for one in batch[number:]]
        if number and (time.monotonic() >= until or asked.waited_s >= rereading.BATCH_WAITS_S):
            _WORK.give_back(token, left, rests=asked.rests, attempts=F("attempts") - 1)
            return number
        try:
            _attempt(delivery, token, asked)
        except BaseException as error:  # the database went away, or the worker is told to stop
            _WORK.give_back(token, left, after=leases.SOON, attempts=F("attempts") - 1)
            if not isinstance(error, Exception) or not busy.is_passing(error):
                raise
            log.info("The database was busy: %s deliveries are read a little later.", len(left))
            return number
    return len(batch)


def replay(delivery_id: int, *, by: int | None = None) -> None:
    """Puts a delivery back to be read, from the beginning."""
    Delivery.objects.filter(pk=delivery_id).exclude(state=Delivery.State.NEW).exclude(body=b"").update(
        state=Delivery.State.NEW, attempts=0, try_after=leases.now(), lease_until=None, lease_token=None, **NO_ERROR
    )
    log.info("Delivery %s is read again, asked by %s.", delivery_id, by)


def _note_received(batch: Sequence[Delivery]) -> None:
    """For the health card. Not done by the intake: every webhook of a shop would wait for the same row."""
    latest: dict[int, dt.datetime] = {}
    for delivery in batch:
        latest[delivery.shop_id] = max(delivery.received_at, latest.get(delivery.shop_id, delivery.received_at))
    for shop_id, moment in latest.items():  # an old message that is read again is no newer
        older = Q(last_delivery_at=None) | Q(last_delivery_at__lt=moment)
        Shop.objects.filter(older, pk=shop_id).update(last_delivery_at=moment)


def _attempt(delivery: Delivery, token: uuid.UUID, asked: Asked) -> None:
    if delivery.attempts > MAX_ATTEMPTS:  # its workers died or it failed until the end
        _end(delivery, token, Delivery.State.DEAD, delivery.error or "attempts", delivery.error_params)
        return
    try:
        state = _read(delivery, token, asked)
        log.debug("Delivery %s: %s", delivery.pk, state)
    except LeaseLost:
        log.info("Delivery %s was taken over by another worker.", delivery.pk)
    except TryLater as error:
        _retry(delivery, token, error.code, error.stored_params(), after=error.after)
    except (Unreadable, Refused) as error:
        _end(delivery, token, Delivery.State.DEAD, error.code, error.stored_params())
    except DomainError as error:
        _retry(delivery, token, error.code, error.stored_params())
    except Exception as error:
        if busy.is_passing(error) and not busy.waited_long(error):
            raise
        log.exception("Delivery %s failed.", delivery.pk)
        _retry(delivery, token, type(error).__name__)


def _read(delivery: Delivery, token: uuid.UUID, asked: Asked) -> str:
    shop, body = delivery.shop, bytes(delivery.body)
    stranger = _stranger(delivery)
    if stranger:
        return _ignore_foreign(delivery, token, stranger)
    reading = platform(shop.platform).read(delivery.topic, body, facts=shop.facts)
    if shop.state == Shop.State.GONE and not isinstance(reading, PrivacyRequest):
        reading = None
    at, truth = delivery.received_at, None
    if isinstance(reading, IncomingOrder | Withdrawn | Changed):
        answer = rereading.ask(shop, reading.external_id, asked)
        if answer is not None:
            at, truth = answer
    if isinstance(reading, Changed):
        if truth is None:
            raise TryLater
        if isinstance(truth, RawOrder) and truth.error:
            raise Unreadable(reason=truth.error)
    if isinstance(reading, Withdrawn) and truth is None and delivery.attempts < _TRUST_WITHDRAWAL_AFTER:
        raise TryLater
    if _lags(reading, truth) and delivery.attempts < _TRUST_OLDER_AFTER:
        asked.answers.pop((shop.pk, reading.external_id), None)  # type: ignore[union-attr]
        raise TryLater
    restored = delivery.topic == "order.restored" and truth is None
    with transaction.atomic():
        state = Delivery.State.DONE
        if isinstance(truth, RawOrder) and truth.reading is not None:
            upsert.upsert(shop, truth.reading, truth.body, via=upsert.WEBHOOK, truth=True, at=at)
        elif isinstance(truth, Withdrawn):
            upsert.withdraw(shop, truth.external_id, at=at)
        elif isinstance(reading, IncomingOrder):
            upsert.upsert(shop, reading, body, via=upsert.WEBHOOK, restored=restored, at=at)
        elif isinstance(reading, Withdrawn):
            upsert.withdraw(shop, reading.external_id, at=at)
        elif isinstance(reading, Uninstalled):
            _uninstall(shop, reading.at or _sent_at(delivery))
        elif isinstance(reading, Muted):
            _have_webhooks_made_anew(shop)
        elif isinstance(reading, Rights):
            _have_it_checked(shop)
        elif isinstance(reading, PrivacyRequest):
            privacy.answer(shop, reading)
        else:
            state = Delivery.State.IGNORED
        if not _settle(delivery, token, state=state, done_at=timezone.now(), **NO_ERROR, **_left(shop, reading)):
            raise LeaseLost
    return state


def _lags(reading: object, truth: object) -> bool:
    """Does the shop answer with an older version than the one that it just told of? A moment later it knows better."""
    if not isinstance(reading, IncomingOrder) or not isinstance(truth, RawOrder) or truth.reading is None:
        return False
    return truth.reading.version_at < reading.version_at


def _left(shop: Shop, reading: object) -> dict[str, bytes]:
    """What becomes of the body: a request of the law is not kept, nor is what comes of somebody who was forgotten."""
    about = getattr(reading, "external_id", "")
    gone = isinstance(reading, PrivacyRequest) or (about and traces.forgotten(shop, [about]))
    return {"body": b""} if gone else {}


def _stranger(delivery: Delivery) -> str:
    """The site that sent it, if that is not the shop: a copy of it (a test site) has its secrets too."""
    shop = delivery.shop
    known = Access(shop.address, shop.key, {}, "", facts=shop.facts)
    return platform(shop.platform).stranger(known, delivery.headers)


def _ignore_foreign(delivery: Delivery, token: uuid.UUID, host: str) -> str:
    """Nothing of it is read, nor kept: neither an order nor a deletion of a copy is one of the shop."""
    words = {"error": "foreign_source", "error_params": {"host": host}, "body": b""}
    with transaction.atomic():
        if not _settle(delivery, token, state=Delivery.State.IGNORED, done_at=timezone.now(), **words):
            raise LeaseLost
        shop_log.note(delivery.shop_id, "foreign_source", {"host": host})
    return Delivery.State.IGNORED


def _have_webhooks_made_anew(shop: Shop) -> None:
    """By the next check; until then, and for what was missed, the shop is read."""
    facts = Shop.objects.values_list("facts", flat=True).get(pk=shop.pk)
    if facts.get("webhooks_anew"):
        return
    Shop.objects.filter(pk=shop.pk).update(
        facts={**facts, "webhooks_anew": True}, last_check_at=None, pull_after=leases.now()
    )
    ShopEvent.objects.create(shop=shop, code="webhooks_muted")


def _have_it_checked(shop: Shop) -> None:
    """The next sweep checks it, also when it was to be reconnected: it may be allowed again what it could not do."""
    live = Shop.objects.filter(pk=shop.pk, state__in=[Shop.State.ACTIVE, Shop.State.BROKEN])
    live.update(last_check_at=None)


def _sent_at(delivery: Delivery) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(delivery.headers[SENT_AT])
    except (KeyError, ValueError):
        return delivery.received_at


def _uninstall(shop: Shop, at: dt.datetime) -> None:
    """The shop cut the connection. Told late, after the reseller has connected it again, it is no news."""
    Shop.objects.select_for_update(no_key=True, of=("self",)).get(pk=shop.pk)  # nobody connects it just now
    joined = (
        shop.events.filter(code__in=["connected", "reconnected"]).order_by("-pk").values_list("at", flat=True).first()
    )
    if (joined or shop.connected_at) > at:
        return
    broken: dict[str, Any] = {"trouble": "uninstalled", "trouble_params": {}}
    state.move(shop.pk, Shop.State.BROKEN, before=state.LIVE, event="uninstalled", **broken)


def _settle(delivery: Delivery, token: uuid.UUID, **fields: object) -> bool:
    """Writes an outcome if the lease is still ours."""
    mine = Delivery.objects.filter(pk=delivery.pk, lease_token=token)
    return bool(mine.update(lease_until=None, lease_token=None, **fields))


def _end(delivery: Delivery, token: uuid.UUID, state: str, error: str, params: Mapping[str, Any] | None = None) -> None:
    words: dict[str, Any] = {"error": error[:300], "error_params": dict(params or {})}
    if traces.is_of_forgotten(delivery.shop, bytes(delivery.body)):
        state, words = Delivery.State.IGNORED, {"body": b"", **NO_ERROR}
    _settle(delivery, token, state=state, done_at=timezone.now(), **words)


def _retry(
    delivery: Delivery,
    token: uuid.UUID,
    error: str,
    params: Mapping[str, Any] | None = None,
    *,
    after: dt.timedelta | None = None,
) -> None:
    if delivery.attempts >= MAX_ATTEMPTS:
        _end(delivery, token, Delivery.State.DEAD, error, params)
        return
    words = {"error": error[:300], "error_params": dict(params or {})}
    _settle(delivery, token, try_after=leases.now() + (after or backoff(delivery.attempts)), **words)


def backoff(attempts: int) -> dt.timedelta:
    """Full jitter up to an hour: 5 s, 10 s, 20 s…"""
    return dt.timedelta(seconds=random.uniform(1, min(3600, 5 * 2 ** min(attempts, 12))))  # noqa: S311 - jitter
