"""A page of a shop's orders into the inbox. Those that we never saw come in together, in a number of statements that
does not grow with them; what is known already in this version is passed over; the rest goes the way of one order
(connectors/intake/upsert.py). Each order ends as it would by that way."""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.intake import traces, upsert
from connectors.intake.receive import store_unreadable
from connectors.models import InboxOrder, Shop
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder, RawOrder
from connectors.shops import stores
from connectors.shops.access import access_of
from core.errors import NeedsHand, TryLater
from orders.intake import bulk as orders_arrivals

log = logging.getLogger(__name__)

_MOST_ASKED = 10  # orders of one page that are asked for by themselves …
_ASKING_S = 30.0  # … within this time


def take(shop: Shop, page: Sequence[RawOrder], *, at: dt.datetime | None = None) -> list[str]:
    """One page, asked for at `at` (now, if not given); the numbers of the known orders that changed in the shop. An
    order that cannot be read, or not be stored, ends as a dead delivery and holds nobody up. Raises TryLater,
    NeedsHand."""
    at = at or timezone.now()
    found: dict[str, tuple[IncomingOrder, bytes]] = {}
    for raw in page:
        if raw.error:
            store_unreadable(shop.pk, raw.body, raw.error)
        elif raw.reading is not None:
            before = found.get(raw.reading.external_id)
            if before is None or before[0].version_at <= raw.reading.version_at:
                found[raw.reading.external_id] = (raw.reading, raw.body)
    store = traces.rows_of_store(shop, found)
    gone = traces.forgotten_in(store, {key: reading for key, (reading, _body) in found.items()})
    known: dict[str, list[Any]] = {
        row.external_id: [row.version_at, bytes(row.version_hash)] for row in store if row.shop_id == shop.pk
    }
    new = {
        key: one
        for key, one in found.items()
        if key not in known and key not in gone and upsert.is_wanted(shop, one[0])
    }
    singles = [
        one
        for key, one in found.items()
        if key in known and known[key] != [one[0].version_at, upsert.version_of(one[0])]
    ]
    changed = []
    same = _same_by_todays_reading(shop, [one for one, _body in singles if known[one.external_id][0] == one.version_at])
    # A list may come from a cache, and a clock may have been set back: the order itself tells which. By turns: a cache
    # repeats its page at every visit, and the shop may be slow.
    older = [key for key, (reading, _body) in found.items() if key in known and known[key][0] > reading.version_at]
    asking = set(random.sample(older, min(len(older), _MOST_ASKED)))
    until = time.monotonic() + _ASKING_S
    for reading, body in [*_take_new(shop, new, at), *singles]:
        one: tuple[IncomingOrder, bytes, dt.datetime] | None = (reading, body, at)
        if known.get(reading.external_id, [reading.version_at])[0] > reading.version_at:
            may = reading.external_id in asking and time.monotonic() < until
            one = _asked_again(shop, reading.external_id) if may else None
        if one is not None and _take_one(shop, *one) and reading.external_id not in same:
            changed.append(reading.number)
    return changed


def _same_by_todays_reading(shop: Shop, readings: Sequence[IncomingOrder]) -> set[str]:
    """Of these, with the date that is known, those whose stored body reads the same now: the shop changed nothing, we
    read better since (each release may). They are judged anew, and nobody is told of a change. 1 statement, or none."""
    told = {reading.external_id: upsert.version_of(reading) for reading in readings}
    rows = shop.inbox.filter(external_id__in=told).select_related("shop") if told else ()
    return {
        row.external_id
        for row in rows
        if (before := upsert.reread(row)) is not None and upsert.version_of(before) == told[row.external_id]
    }


def _asked_again(shop: Shop, external_id: str) -> tuple[IncomingOrder, bytes, dt.datetime] | None:
    at = timezone.now()
    raw = platform(shop.platform).order(access_of(shop), external_id)
    if isinstance(raw, RawOrder) and raw.reading is not None:
        return raw.reading, raw.body, at
    return None


def _take_one(shop: Shop, reading: IncomingOrder, body: bytes, at: dt.datetime) -> bool:
    try:
        return upsert.upsert(shop, reading, body, via=_via(shop, reading), truth=True, at=at) is not None
    except (NeedsHand, TryLater):
        raise
    except Exception as error:  # one order must not hold up its shop
        log.exception("Order %s of shop %s could not be stored.", reading.external_id, shop.pk)
        store_unreadable(shop.pk, body, type(error).__name__)
    return False


def _take_new(
    shop: Shop, new: Mapping[str, tuple[IncomingOrder, bytes]], at: dt.datetime
) -> Iterable[tuple[IncomingOrder, bytes]]:
    """Stores them all or none; gives back those that must go one by one."""
    try:
        return _store(shop, new, at) if new else ()
    except Exception:
        log.exception("A page of shop %s could not be stored as a whole.", shop.pk)
        return new.values()


@transaction.atomic
def _store(
    shop: Shop, new: Mapping[str, tuple[IncomingOrder, bytes]], at: dt.datetime
) -> list[tuple[IncomingOrder, bytes]]:
    """Those that somebody else (a webhook) brought in the same moment are given back."""
    known = stores.known(shop, {key: reading for key, (reading, _body) in new.items()})
    learned = upsert.learned(shop, [reading for reading, _body in new.values()])
    data = {
        key: upsert.new_order(shop, reading, known.get(key, ""), learned)
        for key, (reading, _body) in sorted(new.items())
        if reading.live
    }
    live = [key for key, made in data.items() if made is not None]
    # Orders get their numbers first, so that the inbox, which decides who was first, can name them: the foreign key is
    # looked at when the transaction ends.
    ids = dict(zip(live, orders_arrivals.numbers(len(live)), strict=True))
    rows = [
        InboxOrder(
            shop=shop,
            external_id=key,
            number=reading.number[:60],
            status=reading.status[:40],
            version_at=reading.version_at,
            version_hash=upsert.version_of(reading),
            raw=body,
            order_id=ids.get(key),
            via=_via(shop, reading),
            identity=reading.identity[:80],
            placed_at=reading.placed_at,
            read_at=at,
            elsewhere=key in data and data[key] is None,
        )
        for key, (reading, body) in sorted(new.items())
    ]
    InboxOrder.objects.bulk_create(rows, ignore_conflicts=True)
    stored = {key: (order_id, *version) for key, order_id, *version in _rows(shop, new, "order_id")}
    mine = {
        row.external_id for row in rows if stored[row.external_id] == (row.order_id, row.version_at, row.version_hash)
    }
    orders_arrivals.create_many(
        {ids[key]: made for key, made in data.items() if made is not None and key in mine},
        dropshipper_id=shop.dropshipper_id,
        method_id=shop.method_id,
    )
    return [one for key, one in new.items() if key not in mine]


def _rows(shop: Shop, keys: Iterable[str], *more: str) -> Iterator[tuple[Any, ...]]:
    """External id, `more` and the version of what the inbox has."""
    found = InboxOrder.objects.filter(shop=shop, external_id__in=list(keys))
    for *row, hash_ in found.values_list("external_id", *more, "version_at", "version_hash"):
        yield (*row, bytes(hash_))


def _via(shop: Shop, reading: IncomingOrder) -> str:
    return upsert.IMPORT if reading.version_at < shop.connected_at else upsert.PULL
