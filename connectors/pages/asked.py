"""What was asked of a shop by a button, on the page where the button stands: it is being done, and what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import PortalRequest
from connectors import tasks
from connectors.errors import ShopGone
from connectors.models import Shop, ShopAsk
from connectors.shops import asks, limits
from core.errors import DomainError
from core.requests import STOP_POLLING

PART = "asked"
_SHOWN = dt.timedelta(minutes=10)  # how long a result stands on the page
W = ShopAsk.What
_DOING: dict[str, str | Promise] = {
    W.TEST: gettext_lazy("The connection is being tested"),
    W.COMPARE: gettext_lazy("The shop’s products are being read"),
    W.PROVE: gettext_lazy("The shop’s orders are being held against ours"),
    W.LEAVE: gettext_lazy("MCI’s webhooks are being removed from the shop"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`tone` ok | warn | bad of a result; "" while it is being done."""

    what: str
    words: str
    tone: str = ""


def book(request: PortalRequest, shop: Shop, what: str) -> None:
    """The button: a worker does it, and the page shows it happen."""
    if shop.state == Shop.State.GONE:
        messages.error(request, str(ShopGone()))
        return
    known = asks.newest(shop, what)
    try:
        if known is None or known.is_over:  # a second click is none
            limits.ask(shop, what)
    except DomainError as error:
        messages.warning(request, str(error))
        return
    asks.ask(shop, what, by=request.user.pk)
    transaction.on_commit(tasks.nudge_asked if what in asks.QUICK else tasks.nudge_asked_walks)


def shown(shop: Shop, *what: str) -> Asked | None:
    """For the page: what is being done, or what came of it a moment ago."""
    row = asks.newest(shop, *what)
    if row is None:
        return None
    if not row.is_over:
        return Asked(row.what, str(_DOING[row.what]))
    if row.done_at is None or row.done_at < timezone.now() - _SHOWN or row.what == W.LEAVE:
        return None
    return _result(row)


def _result(row: ShopAsk) -> Asked:
    params = row.params
    if row.code:
        why = DomainError.sentence(row.code, params)
        if row.what != W.TEST:
            return Asked(row.what, why, "bad")
        if params.get("on_card"):
            return Asked(row.what, _("Tested just now: what is wrong stands below."), "bad")
        words = _("It could not be tested now, and nothing changes: %(why)s")
        return Asked(row.what, words % {"why": why}, "warn")
    if row.what == W.COMPARE:
        seen = params.get("seen", 0)
        words = ngettext("%(seen)s product read, %(ours)s of ours.", "%(seen)s products read, %(ours)s of ours.", seen)
        return Asked(row.what, words % {"seen": seen, "ours": params.get("ours", 0)}, "ok")
    if row.what == W.PROVE:
        if params.get("clean", True):
            return Asked(row.what, _("No order is missing."), "ok")
        return Asked(row.what, _("Not everything could be read: see the list."), "warn")
    return Asked(row.what, _("The shop answers and its webhooks are in place."), "ok")


def part(request: PortalRequest, shop: Shop, *what: str) -> HttpResponse:
    """What the page asks for by itself: nothing new (204), or it is over and the page shows all that it changed."""
    row = asks.newest(shop, *what)
    if row is None or row.is_over:
        return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(request, "connectors/_asked.html", {"asked": shown(shop, *what), "here": request.path})
