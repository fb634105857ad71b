"""What is done for each shop now and then (a comparison, a proof): whose turn it is, and what if the shop is away."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import Q

from connectors.errors import NoEnd, SamePage
from connectors.intake.deliveries import backoff
from connectors.models import Shop, ShopEvent
from connectors.shops import visits
from core import busy, http, leases
from core.errors import DomainError
from core.leases import Lease

log = logging.getLogger(__name__)
T = TypeVar("T")

LEASE = dt.timedelta(minutes=10)  # a worker that dies in its turn leaves the shop for so long
_AWAY = dt.timedelta(minutes=30)  # at least, when the shop refused or did not answer
_NO_END = dt.timedelta(hours=6)  # when its list was too long for its pace
_FAULT = dt.timedelta(hours=1)
_WORK = visits.Visits(Shop, LEASE, "turn", holds=dt.timedelta(minutes=4))


# A walk may last so long, and longer the more it brings: neither a list without an end nor a shop that takes half a
# minute for each page holds a worker, which all shops share, for hours.
_MAY_LAST_S = 120.0
_MORE_PER_PAGE_S = 5.0
_MOST_PAGES = 2000


class Onward:
    """Watches a walk from page to page. `resumes`: it goes on at the next turn, so the deadline of this one is no
    reason to give it up."""

    def __init__(self, *, resumes: bool = False) -> None:
        self._resumes = resumes
        self._before: list[str] = []
        self._began, self._pages = time.monotonic(), 0

    def look(self, ids: Sequence[str]) -> None:
        """Raises SamePage for a page that was just there, NoEnd when the walk lasts too long for what it brings."""
        if ids and list(ids) == self._before:
            raise SamePage
        self._before = list(ids)
        self._pages += 1
        out_of_time = not self._resumes and not http.left()
        lasted = time.monotonic() - self._began
        if out_of_time or self._pages > _MOST_PAGES or lasted > _MAY_LAST_S + _MORE_PER_PAGE_S * self._pages:
            raise NoEnd(pages=self._pages)


def take(field: str, act: Callable[[Shop], object], *, budget_s: float, visit_s: float, only: Q | None = None) -> int:
    """Runs `act` for the active shops whose date in `field` has passed, the longest waiting first, until the time is
    over (and one turn more); `act` sets the next date. All calls of one turn end within `visit_s`. Returns how many
    went well."""
    until, seen, done = time.monotonic() + budget_s, list[int](), 0
    due = Shop.objects.filter(only or Q(), Q(**{f"{field}__lte": leases.now()}), state=Shop.State.ACTIVE)
    while time.monotonic() < until:
        lease = _WORK.claim(due.exclude(pk__in=seen).order_by(field, "pk"))
        if lease is None:
            break
        seen.append(lease.pk)
        try:
            with leases.held(lease), http.deadline(visit_s):
                done += _turn(lease, field, act)
        except Exception as error:  # the others have their turn
            if not busy.is_passing(error):
                log.exception("The turn of shop %s (%s) failed.", lease.pk, field)
    return done


def one(shop: Shop, act: Callable[[Shop], T], *, visit_s: float) -> T:
    """A turn for a person who asked for it. Raises Busy while the shop has one already, and what `act` raises."""
    lease = _WORK.claim(Shop.objects.filter(pk=shop.pk))
    if lease is None:
        raise busy.Busy
    with leases.held(lease), http.deadline(visit_s):
        return act(Shop.objects.get(pk=shop.pk))


def _turn(lease: Lease, field: str, act: Callable[[Shop], object]) -> bool:
    shop = Shop.objects.get(pk=lease.pk)
    try:
        act(shop)
    except DomainError as error:
        wait = _NO_END if isinstance(error, NoEnd) else max(backoff(9), _AWAY)
        told = lease.mine().filter(state=Shop.State.ACTIVE).exists()  # not of one that was disconnected meanwhile
        later: dict[str, Any] = {field: leases.now() + wait}
        if lease.release(**later) and told:
            ShopEvent.objects.create(shop=shop, code=error.code, params=error.stored_params())
        return False
    except Exception as error:
        if not busy.is_passing(error):  # a fault of ours: not again at once
            later = {field: leases.now() + _FAULT}
            lease.release(**later)
        raise
    return True
