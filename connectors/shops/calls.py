"""The calls that were made to a shop, for its health card: what for, how it went, how long it took. No address with its
query, no headers, no bodies: so no secret and no customer."""

from __future__ import annotations

import datetime as dt
import logging
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.utils import timezone

from connectors.models import Shop, ShopCall
from connectors.shops import shop_log
from core import http

log = logging.getLogger(__name__)

CACHED = "cached_answers"  # ShopEvent.code
KEPT = 200  # calls per shop
KEPT_DAYS = 7

_PRUNE = """
    DELETE FROM connectors_shopcall AS call USING connectors_shop AS shop
    CROSS JOIN LATERAL (
        SELECT id FROM connectors_shopcall WHERE shop_id = shop.id ORDER BY id DESC OFFSET %s LIMIT 1
    ) AS edge
    WHERE call.shop_id = shop.id AND call.id <= edge.id
"""


@contextmanager
def noted(shop: Shop) -> Iterator[None]:
    """Keeps the calls that are made within as rows, written at the end in one statement, whatever became of the act.
    Around an act that calls a shop, and outside of any transaction."""
    made: deque[tuple[dt.datetime, http.Made]] = deque(maxlen=KEPT)
    token = http.watching.set(lambda call: made.append((timezone.now(), call)))
    try:
        yield
    finally:
        http.watching.reset(token)
        _write(shop, made)
        _tell_of_caches(shop, made)


def _tell_of_caches(shop: Shop, made: Iterable[tuple[dt.datetime, http.Made]]) -> None:
    """Calls ask past caches; where one answers all the same, changes are not seen, and only the shop can mend it."""
    by = next((call.cached for _at, call in made if call.cached), "")
    if by:
        try:
            shop_log.note(shop.pk, CACHED, {"by": by[:60]})
        except DatabaseError as error:  # as below
            log.warning("A cache of shop %s was not noted: %s", shop.pk, type(error).__name__)


def _write(shop: Shop, made: deque[tuple[dt.datetime, http.Made]]) -> None:
    if not made:
        return
    rows = [
        ShopCall(shop_id=shop.pk, at=at, what=call.label[:80], result=call.result[:20], ms=min(call.ms, 10**6))
        for at, call in made
    ]
    try:
        ShopCall.objects.bulk_create(rows)
    except DatabaseError as error:  # a log that cannot be written is no reason for the act to fail
        log.warning("The calls of shop %s were not noted: %s", shop.pk, type(error).__name__)


def prune() -> int:
    """Drops what is older than a week and, of each shop, all but the last two hundred; how many."""
    old, _per_model = ShopCall.objects.filter(at__lt=timezone.now() - dt.timedelta(days=KEPT_DAYS)).delete()
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, [KEPT])
        return old + cursor.rowcount
