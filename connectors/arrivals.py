"""A page of a shop's orders into the inbox. Those that we never saw come in together, in a number of statements that
does not grow with them; what is known already in this version is passed over; the rest goes the way of one order
(connectors/inbox.py). Each order ends as it would by that way."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from connectors import inbox
from connectors.intake import store_unreadable
from connectors.models import InboxOrder, Shop
from connectors.platforms.base import IncomingOrder, RawOrder
from core.errors import NeedsHand, TryLater
from orders import arrivals as orders_arrivals

log = logging.getLogger(__name__)


def take(shop: Shop, page: Sequence[RawOrder]) -> None:
    """One page that was read from the shop just now. An order that cannot be read, or not be stored, ends as a dead
    delivery and holds nobody up. Raises TryLater, NeedsHand."""
    found: dict[str, tuple[IncomingOrder, bytes]] = {}
    for raw in page:
        if raw.error:
            store_unreadable(shop.pk, raw.body, raw.error)
        elif raw.reading is not None:
            before = found.get(raw.reading.external_id)
            if before is None or before[0].version_at <= raw.reading.version_at:
                found[raw.reading.external_id] = (raw.reading, raw.body)
    known = {key: version for key, *version in _rows(shop, found)}
    new = {key: one for key, one in found.items() if key not in known and inbox.is_wanted(shop, one[0])}
    singles = [
        one
        for key, one in found.items()
        if key in known and known[key] != [one[0].version_at, inbox.version_of(one[0])]
    ]
    for one in [*_take_new(shop, new), *singles]:
        _take_one(shop, *one)


def _take_one(shop: Shop, reading: IncomingOrder, body: bytes) -> None:
    try:
        inbox.upsert(shop, reading, body, via=_via(shop, reading), truth=True)
    except (NeedsHand, TryLater):
        raise
    except Exception as error:  # one order must not hold up its shop
        log.exception("Order %s of shop %s could not be stored.", reading.external_id, shop.pk)
        store_unreadable(shop.pk, body, type(error).__name__)


def _take_new(shop: Shop, new: Mapping[str, tuple[IncomingOrder, bytes]]) -> Iterable[tuple[IncomingOrder, bytes]]:
    """Stores them all or none; gives back those that must go one by one."""
    try:
        return _store(shop, new) if new else ()
    except Exception:
        log.exception("A page of shop %s could not be stored as a whole.", shop.pk)
        return new.values()


@transaction.atomic
def _store(shop: Shop, new: Mapping[str, tuple[IncomingOrder, bytes]]) -> list[tuple[IncomingOrder, bytes]]:
    """Those that somebody else (a webhook) brought in the same moment are given back."""
    live = [key for key, (reading, _body) in sorted(new.items()) if reading.live]
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
            version_hash=inbox.version_of(reading),
            raw=body,
            order_id=ids.get(key),
            via=_via(shop, reading),
        )
        for key, (reading, body) in sorted(new.items())
    ]
    InboxOrder.objects.bulk_create(rows, ignore_conflicts=True)
    stored = {key: (order_id, *version) for key, order_id, *version in _rows(shop, new, "order_id")}
    mine = {
        row.external_id for row in rows if stored[row.external_id] == (row.order_id, row.version_at, row.version_hash)
    }
    learned = inbox.learned(shop, [new[key][0] for key in mine])
    orders_arrivals.create_many(
        {ids[key]: inbox.data_of(shop, new[key][0], learned) for key in live if key in mine},
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
    return inbox.IMPORT if reading.version_at < shop.connected_at else inbox.PULL
