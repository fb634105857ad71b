"""The answers of shops to connections that were begun, gone on with by a worker: the callback only keeps them. Each is
tried until it works, a person must act, or it was tried often enough; the page that waits shows how it stands."""

from __future__ import annotations

import datetime as dt
import json
import logging
import time

from django.db.models import F, QuerySet
from django.utils import timezone

from connectors import connect
from connectors.errors import AttemptOver
from connectors.models import ConnectAttempt
from connectors.platforms import platform
from core.errors import DomainError, TryLater

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)  # longer than a dozen calls to a slow shop
WAITS_S = (10, 20, 60, 120, 300, 600)  # after each try that may be repeated
MOST_TRIES = len(WAITS_S) + 1


def advance_due(*, budget_s: float = 40.0) -> int:
    """Tries the answers whose turn it is; how many."""
    until, done = time.monotonic() + budget_s, 0
    due = ConnectAttempt.objects.filter(used_at=None, try_after__lte=timezone.now()).exclude(answer_sealed=b"")
    for attempt in due.order_by("try_after", "pk")[:50]:
        if time.monotonic() >= until:
            break
        mine = ConnectAttempt.objects.filter(pk=attempt.pk, used_at=None, try_after=attempt.try_after)
        leased = timezone.now() + LEASE
        if mine.update(try_after=leased, tries=F("tries") + 1):
            attempt.try_after, attempt.tries = leased, attempt.tries + 1
            _try(attempt)
            done += 1
    return done


def _try(attempt: ConnectAttempt) -> None:
    try:
        _go_on(attempt)
    except AttemptOver as error:  # by another worker, by another answer, or by who disconnected the shop meanwhile
        log.info("Connection %s is over.", attempt.pk)
        _give_up(attempt, error)
    except TryLater as error:
        _put_off(attempt, error)
    except DomainError as error:
        _give_up(attempt, error)
    except Exception as error:  # a fault of ours
        log.exception("Connection %s failed.", attempt.pk)
        _put_off(attempt, TryLater(reason=type(error).__name__))


def _go_on(attempt: ConnectAttempt) -> None:
    api, kept = platform(attempt.platform), json.loads(attempt.kept or "{}")
    answer = json.loads(attempt.answer)
    lasting = dict(api.redeem(attempt.address, answer, kept))
    if lasting != answer:  # a code works once: what it gave is kept before anything else may fail
        attempt.answer = json.dumps(lasting)
        if not _mine(attempt).update(answer_sealed=attempt.answer_sealed):
            raise AttemptOver
    connect.establish(attempt, api.finish_connect(attempt.address, lasting, kept))


def _mine(attempt: ConnectAttempt) -> QuerySet[ConnectAttempt]:
    """Unless another answer came meanwhile, or another worker took it over."""
    return ConnectAttempt.objects.filter(pk=attempt.pk, used_at=None, try_after=attempt.try_after)


def _put_off(attempt: ConnectAttempt, error: TryLater) -> None:
    if attempt.tries >= MOST_TRIES:
        _give_up(attempt, error)
        return
    wait = max(dt.timedelta(seconds=WAITS_S[attempt.tries - 1]), error.after or dt.timedelta())
    _note(attempt, error, try_after=timezone.now() + min(wait, dt.timedelta(hours=1)))


def _give_up(attempt: ConnectAttempt, error: DomainError) -> None:
    _note(attempt, error, try_after=None, answer_sealed=b"")


def _note(attempt: ConnectAttempt, error: DomainError, **fields: object) -> None:
    _mine(attempt).update(trouble=error.code, trouble_params=connect.plain(error), **fields)
