"""What a person asks of a shop by a button: booked as a row, done by a worker, shown by the page that polls. The same
asked twice is one row. What is left to do in a shop that was disconnected is asked for likewise."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from connectors.intake import pull, reconcile
from connectors.listings import compare
from connectors.models import Shop, ShopAsk, ShopEvent
from connectors.platforms import platform
from connectors.shops import calls, health, schedule, visits
from connectors.shops.access import access_of
from core import busy, http, leases
from core.errors import DomainError, TryLater

log = logging.getLogger(__name__)

W = ShopAsk.What
QUICK, WALKS = (W.TEST, W.LEAVE), (W.COMPARE, W.PROVE)  # a few calls; as many as the shop has pages
_LEASE = dt.timedelta(minutes=4)  # longer than any of them may last, which all have their deadlines
_LEAVE_S = 40.0
_TURN = dt.timedelta(seconds=80)  # of its company, held when the worker was killed
_AGAIN = dt.timedelta(seconds=5)  # when the shop has its own turn just now
_ON = dt.timedelta(seconds=15)  # a comparison that needs more than one turn
_PATIENCE = dt.timedelta(minutes=30)
_WAITS_S = (60, 300, 900, 3600, 6 * 3600)  # of LEAVE, while the shop does not answer
_MOST_DEATHS = 3  # of workers that did not come back from it


def ask(shop: Shop, what: str, *, by: int | None = None) -> ShopAsk:
    """Books it, unless it is asked for already."""
    now = leases.clock()()
    row = ShopAsk(shop=shop, what=what, by_id=by, asked_at=now, try_after=now)
    ShopAsk.objects.bulk_create([row], ignore_conflicts=True)
    return ShopAsk.objects.filter(shop=shop, what=what).latest("pk")


def newest(shop: Shop, *what: str) -> ShopAsk | None:
    return ShopAsk.objects.filter(shop=shop, what__in=what).order_by("-pk").first()


def do_due(kinds: Iterable[str] = (*QUICK, *WALKS), *, budget_s: float = 40.0) -> int:
    """Does what is asked for and due; how many."""
    until, done, clock = time.monotonic() + budget_s, 0, leases.clock()
    due = ShopAsk.objects.filter(what__in=list(kinds), try_after__lte=leases.now()).select_related("shop")
    due = visits.fair(due.order_by("try_after", "pk"), visits.ASKED, "shop__dropshipper")[:100]
    for row in visits.in_turns(due, lambda row: row.shop.dropshipper_id):
        if time.monotonic() >= until:
            break
        with _turn(row) as mine:
            leased = clock() + _LEASE
            if mine and _mine(row).update(try_after=leased, tries=F("tries") + 1):
                row.try_after, row.tries = leased, row.tries + 1
                _do(row)
                done += 1
    return done


def _turn(row: ShopAsk) -> AbstractContextManager[bool]:
    """A walk is claimed with a turn of its own (connectors/shops/schedule.py); nobody waits for the end of what was
    left."""
    if row.what in WALKS:
        return nullcontext(True)
    kind = visits.VISIT if row.what == W.LEAVE else visits.ASKED
    return visits.turn(row.shop.dropshipper_id, kind, holds=_TURN)


def _do(row: ShopAsk) -> None:
    try:
        if row.what != W.LEAVE and row.tries > _MOST_DEATHS:
            raise TryLater
        if (row.shop.state == Shop.State.GONE) != (row.what == W.LEAVE):
            _over(row)  # disconnected, or connected again, meanwhile
            return
        _ACTS[row.what](row)
    except DomainError as error:
        _failed(row, error)
    except Exception as error:  # a fault of ours, unless the database was busy
        if busy.is_passing(error):
            _failed(row, busy.Busy())
            return
        log.exception("%s of shop %s failed.", row.what, row.shop_id)
        _failed(row, TryLater(reason=type(error).__name__))


def _test(row: ShopAsk) -> None:
    shop = row.shop
    if health.check(shop):
        pull.ask_now(shop.pk)
        _over(row)
        return
    # What is wrong with the shop stands on its card, and only there: two words about one shop would be one too many.
    on_card = Shop.objects.filter(pk=shop.pk, trouble=shop.trouble).exclude(trouble="").exists()
    _over(row, code=shop.trouble or TryLater.code, params={**shop.trouble_params, "on_card": on_card})


def _compare(row: ShopAsk) -> None:
    """In as many turns as the shop's pages need."""
    found = schedule.one(row.shop, compare.compare, visit_s=compare.VISIT_S)
    known = row.params if "seen" in row.params else {"seen": 0, "ours": 0}
    params = {"seen": known["seen"] + found.seen, "ours": known["ours"] + found.ours}
    if Shop.objects.exclude(compare_walk="").filter(pk=row.shop_id).exists():
        _mine(row).update(try_after=leases.now() + _ON, tries=0, params=params)
    else:
        _over(row, params=params)


def _prove(row: ShopAsk) -> None:
    found = schedule.one(row.shop, reconcile.prove, visit_s=reconcile.VISIT_S)
    _over(row, params={"clean": found.is_clean})


def _leave(row: ShopAsk) -> None:
    with calls.noted(row.shop), http.deadline(_LEAVE_S):
        platform(row.shop.platform).unsubscribe(access_of(row.shop))
    _forget_secrets(row)
    _over(row)


_ACTS: dict[str, Callable[[ShopAsk], None]] = {W.TEST: _test, W.COMPARE: _compare, W.PROVE: _prove, W.LEAVE: _leave}


def _failed(row: ShopAsk, error: DomainError) -> None:
    if isinstance(error, busy.Busy) and row.asked_at > timezone.now() - _PATIENCE:
        _mine(row).update(try_after=leases.now() + _AGAIN, tries=F("tries") - 1)
        return
    if row.what == W.LEAVE and isinstance(error, TryLater) and row.tries <= len(_WAITS_S):
        wait = max(dt.timedelta(seconds=_WAITS_S[row.tries - 1]), error.after or dt.timedelta())
        _mine(row).update(try_after=leases.now() + min(wait, dt.timedelta(hours=12)), code=error.code)
        return
    if row.what == W.LEAVE:
        log.info("The webhooks of shop %s could not be removed: %s", row.shop_id, error.code)
        if _forget_secrets(row):
            ShopEvent.objects.create(shop=row.shop, code="webhooks_left", params={"code": error.code})
    _over(row, code=error.code, params=error.stored_params())


def _forget_secrets(row: ShopAsk) -> bool:
    """Unless it was connected anew meanwhile: then its webhooks are looked at again, for some may have been taken."""
    same = Shop.objects.filter(pk=row.shop_id, sealed_credentials=bytes(row.shop.sealed_credentials))
    if same.filter(state=Shop.State.GONE).update(sealed_credentials=b"", webhook_secret_sealed=b""):
        return True
    Shop.objects.filter(pk=row.shop_id).exclude(state=Shop.State.GONE).update(last_check_at=None)
    return False


def _mine(row: ShopAsk) -> QuerySet[ShopAsk]:
    return ShopAsk.objects.filter(pk=row.pk, try_after=row.try_after)


def _over(row: ShopAsk, *, code: str = "", params: dict[str, Any] | None = None) -> None:
    _mine(row).update(try_after=None, done_at=timezone.now(), code=code, params=params or {})
