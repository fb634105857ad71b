"""Connections that were begun, taken from phase to phase by a worker: the address is looked at, the shop's answer is
tried, what was confirmed is connected. Each phase is kept before the next begins, so a worker that dies costs one
phase; what passes is tried again until it works, a person must act, or it was tried often enough. The page of the
attempt shows how it stands."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import translation

from connectors.connect import acts, establishing
from connectors.errors import AttemptOver
from connectors.models import HOLDS_SECRETS, NO_SECRETS, ConnectAttempt
from connectors.platforms import platform
from connectors.platforms.base import Connected
from connectors.shops import visits
from core import busy, http, leases
from core.errors import DomainError, TryLater

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)  # longer than a dozen calls to a slow shop
STEP_S = 75.0  # of one phase, all its calls together
WAITS_S = (10, 20, 60, 120, 300, 600)  # after each try that may be repeated
MOST_TRIES = len(WAITS_S) + 1
_P = ConnectAttempt.Phase


def advance_due(*, budget_s: float = 40.0) -> int:
    """Takes the attempts whose turn it is as far as they go; how many."""
    until, done, clock = time.monotonic() + budget_s, 0, leases.clock()
    _forget_old()
    due = ConnectAttempt.objects.filter(phase__in=list(_STEPS), try_after__lte=leases.now())
    due = visits.fair(due.select_related("dropshipper", "by").order_by("try_after", "pk"), visits.ASKED)[:50]
    for attempt in visits.in_turns(due, attrgetter("dropshipper_id")):
        if time.monotonic() >= until:
            break
        with visits.turn(attempt.dropshipper_id, visits.ASKED, holds=LEASE / 2) as mine:
            leased = clock() + LEASE
            if mine and _mine(attempt).update(try_after=leased, tries=F("tries") + 1):
                attempt.try_after, attempt.tries = leased, attempt.tries + 1
                _advance(attempt)
                done += 1
    return done


def _advance(attempt: ConnectAttempt) -> None:
    try:
        while (step := _STEPS.get(attempt.phase)) is not None:
            if attempt.is_over:
                raise AttemptOver
            with http.deadline(STEP_S):
                step(attempt)
    except AttemptOver as error:  # by another worker, by another answer, or by who disconnected the shop meanwhile
        log.info("Connection %s is over.", attempt.pk)
        _give_up(attempt, error)
    except TryLater as error:
        _put_off(attempt, error, most=1 if attempt.phase == _P.ASKED else MOST_TRIES)
    except DomainError as error:
        _give_up(attempt, error)
    except Exception as error:  # a fault of ours, unless the database was busy
        if not busy.is_passing(error):
            log.exception("Connection %s failed.", attempt.pk)
        _put_off(attempt, TryLater(reason=type(error).__name__), most=MOST_TRIES)


# ---- what is done in each phase


def _look(attempt: ConnectAttempt) -> None:
    """The person waits before the page: what does not answer now is said, and he decides."""
    with translation.override(attempt.by.language):
        receiver = acts.receiver_of(attempt.dropshipper)
    begun = platform(attempt.platform).begin_connect(
        attempt.read("form"),
        token=attempt.token,
        receiver=receiver,
        return_url=f"{settings.SITE_URL}/connect/{attempt.platform}/return/?attempt={attempt.pk}",
        callback_url=f"{settings.SITE_URL}/connect/{attempt.platform}/callback/",
    )
    if begun.connected is not None:  # by keys that he had and typed himself: there is nothing left to confirm
        establishing.assert_possible(attempt, begun.connected)
        _next(attempt, _P.CONFIRMED, **attempt.sealed("found", asdict(begun.connected)))
        return
    way = attempt.sealed("way", {"redirect": begun.redirect or "", "code": begun.code})
    _next(attempt, _P.WAITING, try_after=None, **way, **attempt.sealed("kept", begun.kept))


def _try(attempt: ConnectAttempt) -> None:
    api, kept, answer = platform(attempt.platform), attempt.read("kept"), attempt.read("answer")
    lasting = dict(api.redeem(attempt.address, answer, kept))
    if lasting != answer:  # a code works once: what it gave is kept before anything else may fail
        _next(attempt, _P.ANSWERED, **attempt.sealed("answer", lasting))
    connected = api.finish_connect(attempt.address, lasting, kept)
    establishing.assert_possible(attempt, connected)
    shown = {"name": connected.name, "address": connected.address, "orders": connected.orders}
    found = attempt.sealed("found", asdict(connected))
    _next(attempt, _P.PENDING, try_after=None, found=shown, trouble="", trouble_params={}, **found)


def _establish(attempt: ConnectAttempt) -> None:
    establishing.establish(attempt, Connected(**attempt.read("found")))


def _make_webhooks(attempt: ConnectAttempt) -> None:
    if attempt.shop is not None:
        establishing.subscribe(attempt.shop)
    _next(attempt, _P.DONE, try_after=None, trouble="", trouble_params={})


_STEPS: dict[str, Callable[[ConnectAttempt], None]] = {
    _P.ASKED: _look,
    _P.ANSWERED: _try,
    _P.CONFIRMED: _establish,
    _P.KEPT: _make_webhooks,
}


# ---- how it is kept


def _mine(attempt: ConnectAttempt) -> QuerySet[ConnectAttempt]:
    """Unless another answer came meanwhile, or another worker took it over."""
    return ConnectAttempt.objects.filter(pk=attempt.pk, phase=attempt.phase, try_after=attempt.try_after)


def _next(attempt: ConnectAttempt, phase: str, **fields: Any) -> None:
    if not _mine(attempt).update(phase=phase, **fields):
        raise AttemptOver
    attempt.phase = phase
    attempt.try_after = fields.get("try_after", attempt.try_after)


def _put_off(attempt: ConnectAttempt, error: TryLater, *, most: int) -> None:
    if attempt.tries >= most:
        _give_up(attempt, error)
        return
    wait = max(dt.timedelta(seconds=WAITS_S[attempt.tries - 1]), error.after or dt.timedelta())
    _note(attempt, error, try_after=leases.now() + min(wait, dt.timedelta(hours=1)))


def _give_up(attempt: ConnectAttempt, error: DomainError) -> None:
    """What was typed stays until its hour is over, to be mended and sent again; what the shop brought is forgotten. A
    shop that is there already is not ended by what its webhooks met: its next check mends them."""
    if attempt.phase == _P.KEPT:
        _mine(attempt).update(phase=_P.DONE, try_after=None)
        return
    _note(attempt, error, phase=_P.FAILED, try_after=None, answer_sealed=b"", found_sealed=b"")


def _note(attempt: ConnectAttempt, error: DomainError, **fields: object) -> None:
    _mine(attempt).update(trouble=error.code, trouble_params=error.stored_params(), **fields)


def _forget_old() -> None:
    """The secrets of attempts whose hour has passed, once nobody is at work with them."""
    over = ConnectAttempt.objects.filter(HOLDS_SECRETS, expires_at__lte=leases.now(), try_after=None)
    over.update(**NO_SECRETS)
