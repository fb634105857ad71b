"""Guessing passwords. Counted by account and by client address in PostgreSQL (core/inbound/throttles.py).

Five wrong ones of one address on one account, then one a minute: the others are not touched. Who tries many accounts
is stopped by their address. Many addresses against one account are stopped by the account's own limit. A browser that
signed in to the account before has a limit of its own: its owner is not shut out by strangers."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import Error
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from core import busy
from core.errors import TooManyTries
from core.inbound import client, throttles

COOKIE = "mci_device"
_YEAR = 365 * 24 * 3600
_SALT = "accounts.guesses.device"


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    limit: int
    seconds: int


_PAIR = _Rule("sign-in by account and address", 5, 300)
_ADDRESS = _Rule("sign-in by address", 50, 600)
_ACCOUNT = _Rule("sign-in by account", 30, 3600)
_DEVICE = _Rule("sign-in by account and browser", 10, 600)


def _rules(request: HttpRequest, login: str) -> list[tuple[_Rule, str]]:
    login, place = login.strip().lower(), client.network(request)
    known = _marks(request).get(login)
    if known:
        return [(_DEVICE, f"{login} {known}")]
    return [(_PAIR, f"{login} {place}"), (_ADDRESS, place), (_ACCOUNT, login)]


def count(request: HttpRequest, login: str) -> None:
    """Before a password is looked at: guesses in parallel are counted too. Raises TooManyTries."""
    taken: list[tuple[_Rule, str]] = []
    for rule, key in _rules(request, login):
        try:
            throttles.take(rule.name, key, limit=rule.limit, seconds=rule.seconds)
        except TooManyTries:
            _give_back(taken)  # a try that was not let through counts nowhere
            raise
        taken.append((rule, key))


def right(request: HttpRequest, login: str) -> None:
    """The password was the right one, or could not be looked at: the try is given back."""
    _give_back(_rules(request, login))


def _give_back(taken: list[tuple[_Rule, str]]) -> None:
    busy.drop_if_cut()  # where it was cut, the count is another connection's
    with contextlib.suppress(Error):
        for rule, key in taken:
            throttles.give_back(rule.name, key, limit=rule.limit, seconds=rule.seconds)


def forgive(login: str) -> None:
    """The password was made anew: what was guessed at the old one is void."""
    throttles.clear(_ACCOUNT.name, login.strip().lower())


def _marks(request: HttpRequest) -> dict[str, str]:
    """E-mail → the mark that a browser got when it signed in to that account."""
    try:
        marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_YEAR)
    except signing.BadSignature:
        return {}
    return marks if isinstance(marks, dict) else {}


def knows(request: HttpRequest, user: User) -> bool:
    """Whether this browser signed in to the account before."""
    return user.email.lower() in _marks(request)


def remember(request: HttpRequest, answer: HttpResponse, user: User) -> None:
    """Marks the browser as one of this user's; it holds the marks of three accounts at most."""
    login, marks = user.email.lower(), _marks(request)
    mark = marks.pop(login, "") or secrets.token_hex(8)
    kept = dict([*list(marks.items())[-2:], (login, mark)])
    secure = settings.SESSION_COOKIE_SECURE
    words = signing.dumps(kept, salt=_SALT)
    answer.set_cookie(COOKIE, words, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)
