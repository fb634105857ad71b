"""Reading the shops by their API: what proves that no order was lost. Shops that are due are claimed one by one with a
lease; each page is committed before the cursor moves past it; a shop in trouble waits longer, up to an hour."""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Any

from django.db import Error, transaction
from django.db.models import F
from django.utils import timezone

from connectors.errors import NoEnd
from connectors.intake import deliveries, upsert, walks
from connectors.intake import page as orders_page
from connectors.models import Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import Page
from connectors.shops import calls, shop_log, state, visits
from connectors.shops.access import access_of
from core import busy, http, leases
from core.errors import NeedsHand, TryLater
from core.leases import Lease, LeaseLost

log = logging.getLogger(__name__)

EVERY = dt.timedelta(minutes=1)  # one GET; it also wakes the shop's own scheduler, which sends the webhooks
OVERLAP = dt.timedelta(minutes=10)
_SECOND = dt.timedelta(seconds=1)  # some lists begin strictly after their moment, and that one is wanted
LEASE = dt.timedelta(minutes=5)
MAX_PAGES = 50  # of one visit; the next visit goes on from there …
VISIT_S = 40.0  # … and so it does after this time, all calls together: the worker is everybody's
LOOK_BACK = dt.timedelta(days=3)  # what changed in these days is read again and compared, whatever its date says …
LOOK_BACK_EVERY = dt.timedelta(minutes=20)  # … so often
_FEW = 8  # pages of a visit that used its time up: the shop is slow, and waits longer from one such visit to the next
_WALK_TRIES = 3  # visits in a row that failed, after which a walk under way is begun anew
_SLOW_WEBHOOK = dt.timedelta(minutes=10)  # a webhook that is later than this counts as lost
_WORK = leases.Work(Shop, LEASE, "pull")
_FAIR = visits.Visits(Shop, LEASE, "pull", holds=dt.timedelta(seconds=2 * VISIT_S))


def pull_due(*, budget_s: float = 40.0) -> int:
    """Visits shops that are due until none is left or `budget_s` is over; how many were visited. It may take as long as
    one visit more."""
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
    Shop.objects.filter(pk=shop_id).update(pull_after=leases.now())


def _claim(shop_id: int | None) -> tuple[Shop, Lease] | None:
    due = Shop.objects.filter(state=Shop.State.ACTIVE, pull_after__lte=leases.now()).order_by("pull_after", "pk")
    lease = _FAIR.claim(due) if shop_id is None else _WORK.claim(due.filter(pk=shop_id))
    return (Shop.objects.annotate(clock=leases.now()).get(pk=lease.pk), lease) if lease else None


def _visit(shop: Shop, lease: Lease) -> None:
    """Walks the changes, then notes how it went."""
    began = timezone.now()
    try:
        with leases.held(lease):
            try:
                with calls.noted(shop), http.deadline(VISIT_S):
                    walk = _Walk(shop, lease)
                    more = walk.go()
                    if not more:
                        _look_back(shop, lease)
            except NeedsHand as error:
                _break(shop, lease, error)
            except TryLater as error:
                _put_off(shop, lease, error)
            except Exception as error:
                if isinstance(error, LeaseLost) or busy.is_passing(error):
                    raise
                log.exception("Reading shop %s failed.", shop.pk)
                _put_off(shop, lease, TryLater(reason=type(error).__name__))
            else:
                _settle(shop, lease, began, walk, more=more)
    except LeaseLost:  # disconnected, connected anew, or read by another worker
        log.info("The reading of shop %s was taken out of our hands.", shop.pk)
    except Error as error:
        if not busy.is_passing(error):
            raise
        log.info("The database was busy: shop %s is read a little later.", shop.pk)


def _settle(shop: Shop, lease: Lease, began: dt.datetime, walk: _Walk, *, more: bool) -> None:
    """All went well."""
    healed = _count_gaps(shop)
    slow = shop.slow_visits + 1 if more and walk.is_slow else 0
    wait = EVERY if not more else _slow_wait(slow)
    fields: dict[str, Any] = {
        "pull_after": leases.now() + wait,
        "pull_failures": 0,
        "slow_visits": min(slow, 1000),
        "last_pull_at": timezone.now(),
        "gaps_healed": F("gaps_healed") + healed,
        **({} if more else {"heard_until": began}),
    }
    recovered = bool(shop.trouble) and state.well(shop.pk, shop.trouble, where=_mine(lease))
    if not lease.release(**fields):
        raise LeaseLost
    if recovered:
        ShopEvent.objects.create(shop=shop, code="recovered", params={"code": shop.trouble})
    deliveries.forget_silence([shop.pk])


def _slow_wait(slow: int) -> dt.timedelta:
    """A shop that gave little in all its time: each time twice as long, up to an hour."""
    return dt.timedelta(seconds=min(VISIT_S * 2 ** min(slow - 1, 10), 3600.0) if slow else 0.0)


class _Walk:
    """The changes since the cursor, page by page, each stored before the next is asked for."""

    def __init__(self, shop: Shop, lease: Lease) -> None:
        self._shop, self._lease, self._stored = shop, lease, 0

    @property
    def is_slow(self) -> bool:
        return self._stored < min(_FEW, MAX_PAGES)

    def go(self) -> bool:
        """True when the visit ended with pages still to read."""
        shop = self._shop
        api, access = platform(shop.platform), access_of(shop)
        since = shop.cursor - OVERLAP if shop.cursor else shop.import_since - _SECOND
        cursor: str | None = shop.pull_walk or None
        seen: set[str] = set()
        for _page in range(MAX_PAGES):
            if self._stored and not http.left():
                return True
            at = timezone.now()
            try:
                page = api.orders_since(access, since, cursor)
            except TryLater:
                if self._stored and not http.left():  # in the middle of a page: the next visit goes on there
                    return True
                raise
            _store(shop, self._lease, page, at)
            self._stored += 1
            if page.cursor is None:
                return False
            if page.cursor in seen:
                raise TryLater(reason="cursor")  # a list that leads back to where it was
            seen.add(page.cursor)
            cursor = page.cursor
        return True


def _look_back(shop: Shop, lease: Lease) -> None:
    """Reads the last days again where an order may change and keep its date (its webhook may be lost), or a clock was
    set back: what is read is compared with what is here, whatever the dates say."""
    clock: dt.datetime = shop.clock  # type: ignore[attr-defined]  # of _claim
    if not platform(shop.platform).dates_may_lie or shop.look_back_after > clock:
        return
    changed: list[str] = []
    try:
        for at, page in walks.since(shop, timezone.now() - LOOK_BACK, most=MAX_PAGES):
            changed += orders_page.take(shop, page, at=at)
            if not lease.renew():
                raise LeaseLost
    except NoEnd as error:  # what was read counts; the rest is the daily proof's
        shop_log.note(shop.pk, error.code, error.stored_params())
    if not lease.renew(look_back_after=leases.now() + LOOK_BACK_EVERY):
        raise LeaseLost
    if changed:
        shop_log.note(shop.pk, "looked_back", {"count": len(changed), "numbers": ", ".join(changed[:10])})


def _store(shop: Shop, lease: Lease, page: Page, at: dt.datetime) -> None:
    """One page into the inbox, then the cursor: a page that was half stored is read again."""
    orders_page.take(shop, page.orders, at=at)
    # A shop whose clock is ahead must not push the cursor past what is still to come.
    until = min(page.seen_until, timezone.now()) if page.seen_until else None
    cursor = max(filter(None, (shop.cursor, until)), default=None)
    if not lease.renew(cursor=cursor, pull_walk=page.cursor or ""):
        raise LeaseLost
    shop.cursor = cursor


def _count_gaps(shop: Shop) -> int:
    """Orders that only the pull brought, though their webhook had time to come: counted once."""
    with transaction.atomic():
        lost = list(
            shop.inbox.select_for_update(no_key=True)
            .filter(via=upsert.PULL, first_seen_at__lt=timezone.now() - _SLOW_WEBHOOK)
            .order_by("pk")
            .values_list("pk", "number")
        )
        if lost:
            shop.inbox.filter(pk__in=[pk for pk, _number in lost]).update(via=upsert.HEALED)
            numbers = ", ".join(number for _pk, number in lost[:10])
            ShopEvent.objects.create(shop=shop, code="gap_healed", params={"count": len(lost), "numbers": numbers})
    return len(lost)


def _put_off(shop: Shop, lease: Lease, error: TryLater) -> None:
    wait = error.after or max(EVERY, deliveries.backoff(shop.pull_failures + 3))
    # A place in the shop's list that it does not know any more would hold up the reading for ever. What was read up to
    # `cursor` is stored: a walk that is begun anew there misses nothing.
    anew: dict[str, Any] = {"pull_walk": ""} if shop.pull_failures + 1 >= _WALK_TRIES else {}
    after = leases.now() + min(wait, dt.timedelta(hours=1))
    troubled = state.troubled(shop.pk, error, where=_mine(lease))
    if not lease.release(**anew, pull_after=after, pull_failures=min(shop.pull_failures + 1, 1000)):
        raise LeaseLost
    if troubled and error.code != shop.trouble:
        ShopEvent.objects.create(shop=shop, code=error.code, params=error.stored_params())


def _break(shop: Shop, lease: Lease, error: NeedsHand) -> None:
    """To reconnect; a shop that was paused, disconnected or connected anew while it was asked stays as it is."""
    state.broken(shop.pk, error, where=_mine(lease))
    lease.release()


def _mine(lease: Lease) -> dict[str, Any]:
    return {_WORK.token: lease.token}
