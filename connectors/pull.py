"""Reading the shops by their API: what proves that no order was lost. Shops that are due are claimed one by one with a
lease; each page is committed before the cursor moves past it; a shop in trouble waits longer, up to an hour."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from connectors import arrivals, calls, deliveries, inbox, shop_log, shop_state, walks
from connectors.access import access_of
from connectors.errors import NoEnd
from connectors.models import Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import Page
from core.errors import DomainError, NeedsHand, TryLater

log = logging.getLogger(__name__)

EVERY = dt.timedelta(minutes=1)  # one GET; it also wakes the shop's own scheduler, which sends the webhooks
OVERLAP = dt.timedelta(minutes=10)
LEASE = dt.timedelta(minutes=5)
MAX_PAGES = 50  # of one visit; the next visit goes on from there …
VISIT_S = 60.0  # … and so it does after this time: the worker is everybody's
LOOK_BACK = dt.timedelta(days=3)  # what changed in these days is read again and compared, whatever its date says …
LOOK_BACK_EVERY = dt.timedelta(minutes=20)  # … so often
_WALK_TRIES = 3  # visits in a row that failed, after which a walk under way is begun anew
_SLOW_WEBHOOK = dt.timedelta(minutes=10)  # a webhook that is later than this counts as lost

_CLAIM = """
    UPDATE connectors_shop SET pull_lease_until = now() + %s * interval '1 second', pull_lease_token = %s
    WHERE id = (
        SELECT id FROM connectors_shop
        WHERE state = 'active' AND pull_after <= now() AND (pull_lease_until IS NULL OR pull_lease_until < now())
            AND (%s IS NULL OR id = %s)
        ORDER BY pull_after, id LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""


class _LeaseLost(Exception):
    """The lease ran out and another worker reads the shop."""


def pull_due(*, budget_s: float = 40.0) -> int:
    """Visits shops that are due until none is left or `budget_s` is over; how many were visited."""
    started, visited = time.monotonic(), 0
    while time.monotonic() - started < budget_s:
        claimed = _claim(None)
        if claimed is None:
            break
        _visit(*claimed)
        visited += 1
    return visited


def pull_shop(shop_id: int) -> bool:
    """Visits one shop if it is due and nobody else is reading it."""
    claimed = _claim(shop_id)
    if claimed is None:
        return False
    _visit(*claimed)
    return True


def ask_now(shop_id: int) -> None:
    """Makes a shop due at once ("Fetch now")."""
    Shop.objects.filter(pk=shop_id).update(pull_after=timezone.now())


def _claim(shop_id: int | None) -> tuple[Shop, uuid.UUID] | None:
    token = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE.total_seconds(), str(token), shop_id, shop_id])
        row = cursor.fetchone()
    return (Shop.objects.get(pk=row[0]), token) if row else None


def _visit(shop: Shop, token: uuid.UUID) -> None:
    """Walks the changes, then notes how it went."""
    began = timezone.now()
    try:
        with calls.noted(shop):
            more = _walk(shop, token)
            if not more:
                _look_back(shop, token)
        healed = _count_gaps(shop)
        _settle(
            shop,
            token,
            pull_after=timezone.now() if more else timezone.now() + EVERY,
            pull_failures=0,
            last_pull_at=timezone.now(),
            trouble="",
            trouble_params={},
            gaps_healed=F("gaps_healed") + healed,
            **({} if more else {"heard_until": began}),
        )
        if shop.trouble:
            ShopEvent.objects.create(shop=shop, code="recovered", params={"code": shop.trouble})
        deliveries.forget_silence([shop.pk])
    except _LeaseLost:
        log.info("Shop %s is read by another worker.", shop.pk)
    except NeedsHand as error:
        trouble: dict[str, object] = {"trouble": error.code, "trouble_params": _plain(error)}
        shop_state.move(
            shop.pk,
            Shop.State.BROKEN,
            before=[Shop.State.ACTIVE],
            event=error.code,
            params=_plain(error),
            where={"pull_lease_token": token},
            **trouble,
        )
        _settle(shop, token)
    except TryLater as error:
        _put_off(shop, token, error)
    except Exception as error:
        log.exception("Reading shop %s failed.", shop.pk)
        _put_off(shop, token, TryLater(reason=type(error).__name__))


def _walk(shop: Shop, token: uuid.UUID) -> bool:
    """True when the visit ended with pages still to read."""
    api, access = platform(shop.platform), access_of(shop)
    since = (shop.cursor or shop.import_since) - (OVERLAP if shop.cursor else dt.timedelta())
    cursor: str | None = shop.pull_walk or None
    seen: set[str] = set()
    until = time.monotonic() + VISIT_S
    for _page in range(MAX_PAGES):
        if seen and time.monotonic() > until:
            return True
        at = timezone.now()
        page = api.orders_since(access, since, cursor)
        _store(shop, token, page, at)
        if page.cursor is None:
            return False
        if page.cursor in seen:
            raise TryLater(reason="cursor")  # a list that leads back to where it was
        seen.add(page.cursor)
        cursor = page.cursor
    return True


def _look_back(shop: Shop, token: uuid.UUID) -> None:
    """Reads the last days again where an order may change and keep its date (its webhook may be lost), or a clock was
    set back: what is read is compared with what is here, whatever the dates say."""
    if not platform(shop.platform).dates_may_lie or shop.look_back_after > timezone.now():
        return
    changed: list[str] = []
    try:
        for at, page in walks.since(shop, timezone.now() - LOOK_BACK, most=MAX_PAGES):
            changed += arrivals.take(shop, page, at=at)
            mine = Shop.objects.filter(pk=shop.pk, pull_lease_token=token)
            if not mine.update(pull_lease_until=timezone.now() + LEASE):
                raise _LeaseLost
    except NoEnd as error:  # what was read counts; the rest is the daily proof's
        shop_log.note(shop.pk, error.code, _plain(error))
    Shop.objects.filter(pk=shop.pk).update(look_back_after=timezone.now() + LOOK_BACK_EVERY)
    if changed:
        shop_log.note(shop.pk, "looked_back", {"count": len(changed), "numbers": ", ".join(changed[:10])})


def _store(shop: Shop, token: uuid.UUID, page: Page, at: dt.datetime) -> None:
    """One page into the inbox, then the cursor: a page that was half stored is read again."""
    arrivals.take(shop, page.orders, at=at)
    # A shop whose clock is ahead must not push the cursor past what is still to come.
    until = min(page.seen_until, timezone.now()) if page.seen_until else None
    cursor = max(filter(None, (shop.cursor, until)), default=None)
    mine = Shop.objects.filter(pk=shop.pk, pull_lease_token=token)
    if not mine.update(cursor=cursor, pull_walk=page.cursor or "", pull_lease_until=timezone.now() + LEASE):
        raise _LeaseLost
    shop.cursor = cursor


def _count_gaps(shop: Shop) -> int:
    """Orders that only the pull brought, though their webhook had time to come: counted once."""
    with transaction.atomic():
        lost = list(
            shop.inbox.select_for_update(no_key=True)
            .filter(via=inbox.PULL, first_seen_at__lt=timezone.now() - _SLOW_WEBHOOK)
            .order_by("pk")
            .values_list("pk", "number")
        )
        if lost:
            shop.inbox.filter(pk__in=[pk for pk, _number in lost]).update(via=inbox.HEALED)
            numbers = ", ".join(number for _pk, number in lost[:10])
            ShopEvent.objects.create(shop=shop, code="gap_healed", params={"count": len(lost), "numbers": numbers})
    return len(lost)


def _put_off(shop: Shop, token: uuid.UUID, error: TryLater) -> None:
    wait = error.after or max(EVERY, deliveries.backoff(shop.pull_failures + 3))
    # A place in the shop's list that it does not know any more would hold up the reading for ever. What was read up to
    # `cursor` is stored: a walk that is begun anew there misses nothing.
    anew = {"pull_walk": ""} if shop.pull_failures + 1 >= _WALK_TRIES else {}
    _settle(
        shop,
        token,
        **anew,
        pull_after=timezone.now() + min(wait, dt.timedelta(hours=1)),
        pull_failures=min(shop.pull_failures + 1, 1000),
        trouble=error.code,
        trouble_params=_plain(error),
    )
    if error.code != shop.trouble:
        ShopEvent.objects.create(shop=shop, code=error.code, params=_plain(error))


def _plain(error: DomainError) -> dict[str, str]:
    return {name: str(value)[:120] for name, value in error.params.items()}


def _settle(shop: Shop, token: uuid.UUID, **fields: object) -> None:
    mine = Shop.objects.filter(pk=shop.pk, pull_lease_token=token)
    mine.update(pull_lease_until=None, pull_lease_token=None, **fields)
