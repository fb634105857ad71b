"""What is done for each shop now and then (a comparison, a proof): whose turn it is, and what if the shop is away."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence

from django.db.models import Q
from django.utils import timezone

from connectors.deliveries import backoff
from connectors.errors import NoEnd, SamePage
from connectors.models import Shop, ShopEvent
from core.errors import DomainError

log = logging.getLogger(__name__)

_DIED = dt.timedelta(hours=1)  # a worker that dies in its turn leaves the shop for so long
_AWAY = dt.timedelta(minutes=30)  # at least, when the shop refused or did not answer


# A walk may last so long, and longer the more it brings: neither a list without an end nor a shop that takes half a
# minute for each page holds a worker, which all shops share, for hours.
_MAY_LAST_S = 120.0
_MORE_PER_PAGE_S = 5.0
_MOST_PAGES = 2000


class Onward:
    """Watches a walk from page to page."""

    def __init__(self) -> None:
        self._before: list[str] = []
        self._began, self._pages = time.monotonic(), 0

    def look(self, ids: Sequence[str]) -> None:
        """Raises SamePage for a page that was just there, NoEnd when the walk lasts too long for what it brings."""
        if ids and list(ids) == self._before:
            raise SamePage
        self._before = list(ids)
        self._pages += 1
        if self._pages > _MOST_PAGES or time.monotonic() - self._began > _MAY_LAST_S + _MORE_PER_PAGE_S * self._pages:
            raise NoEnd(pages=self._pages)


def take(field: str, act: Callable[[Shop], object], *, budget_s: float, only: Q | None = None) -> int:
    """Runs `act` for the active shops whose date in `field` has passed, the longest waiting first, until the time is
    over; `act` sets the next date. Whoever moves the date first has the turn. Returns how many went well."""
    until, done = time.monotonic() + budget_s, 0
    due = Shop.objects.filter(only or Q(), Q(**{f"{field}__lte": timezone.now()}), state=Shop.State.ACTIVE)
    for shop in due.order_by(field, "pk")[:100]:
        if time.monotonic() >= until:
            break
        mine = Shop.objects.filter(pk=shop.pk, **{field: getattr(shop, field)})
        if not mine.update(**{field: timezone.now() + _DIED}):
            continue
        try:
            act(shop)
        except DomainError as error:
            params = {name: str(value)[:120] for name, value in error.params.items()}
            ShopEvent.objects.create(shop=shop, code=error.code, params=params)
            Shop.objects.filter(pk=shop.pk).update(**{field: timezone.now() + max(backoff(9), _AWAY)})
            continue
        except Exception:  # a fault of ours; its date stands an hour ahead, the others have their turn
            log.exception("The turn of shop %s (%s) failed.", shop.pk, field)
            continue
        done += 1
    return done
