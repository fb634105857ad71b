"""The browsers that a person is signed in with: how long each may stay, and how it is ended.

What a request must know stands in the session itself, which is read anyway; the row of OpenSession is written once at
the start and then at most every five minutes.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import OpenSession, User
from accounts.sign_in.devices import device
from core.inbound import client

STAFF_SECONDS = 12 * 3600  # from the sign-in, whatever is done meanwhile
IDLE_SECONDS = 14 * 24 * 3600  # of a reseller: settings.SESSION_COOKIE_AGE, which begins anew with each `seen`
SEEN_EVERY = 300
SINCE, SEEN = "mci_since", "mci_seen"


def is_over(request: HttpRequest, user: User) -> bool:
    """Whether this session has lived as long as it may."""
    since = request.session.get(SINCE)
    return since is not None and (user.is_staff or user.is_superuser) and time.time() - since >= STAFF_SECONDS


def seen(request: HttpRequest, user: User) -> None:
    """Somebody is there. Writes the row of a session that has none yet, whatever it was begun by, and when it was last
    seen; most calls do nothing."""
    now = time.time()
    if now - request.session.get(SEEN, 0) < SEEN_EVERY:
        return
    session = request.session
    session.setdefault(SINCE, now)
    session[SEEN] = now
    if session.session_key is None:
        session.save()
    told: dict[str, Any] = {
        "user": user,
        "address": client.address(request) or None,
        "device": device(request),
        "seen_at": timezone.now(),
    }
    since = dt.datetime.fromtimestamp(session[SINCE], tz=dt.UTC)
    OpenSession.objects.update_or_create(
        session_key=session.session_key, defaults=told, create_defaults={**told, "since": since}
    )


def begin(request: HttpRequest) -> None:
    """A sign-in: the clock of the session starts, also where the browser had another session before."""
    request.session[SINCE] = time.time()
    request.session[SEEN] = 0


def open_sessions(user: User) -> QuerySet[OpenSession]:
    """The ones that still live, the last seen first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    rows = OpenSession.objects.filter(user=user, session_key__in=alive)
    if user.is_staff or user.is_superuser:
        rows = rows.filter(since__gt=timezone.now() - dt.timedelta(seconds=STAFF_SECONDS))
    return rows.order_by("-seen_at", "-id")


def end(rows: Iterable[OpenSession]) -> int:
    """Signs these browsers out now. Returns how many were still signed in."""
    keys = [row.session_key for row in rows]
    with transaction.atomic():
        alive = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).count()
        Session.objects.filter(session_key__in=keys).delete()
        OpenSession.objects.filter(session_key__in=keys).delete()
    return alive


def end_all(user: User, *, but: str | None = None) -> int:
    """Every session of a person, except the one with the key `but`."""
    return end(OpenSession.objects.filter(user=user).exclude(session_key=but or ""))


def forget_dead() -> int:
    """Rows whose session is gone. Returns how many; for the nightly sweep."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return OpenSession.objects.exclude(session_key__in=alive).delete()[0]
