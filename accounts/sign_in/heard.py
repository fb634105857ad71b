"""What allauth tells when somebody signed in or has another password; it offers no other place to hear it."""

from __future__ import annotations

from typing import Any

from allauth.account import signals
from django.http import HttpRequest

from accounts.models import SecurityEvent, User
from accounts.sign_in import guesses, security_log, sessions


def listen() -> None:
    """Called once, when the application is ready."""
    signals.user_logged_in.connect(_signed_in, dispatch_uid="accounts.heard")
    for signal in (signals.password_changed, signals.password_set):
        signal.connect(_password_changed, dispatch_uid="accounts.heard")
    signals.password_reset.connect(_password_reset, dispatch_uid="accounts.heard")


def _signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.begin(request)
    known = guesses.knows(request, user)
    before = SecurityEvent.objects.filter(user=user, code__in=("signed_in", "signed_in_new_device")).exists()
    security_log.note(user, "signed_in" if known or not before else "signed_in_new_device", request=request)


def _password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The session that did it goes on (under another key), all others end."""
    sessions.end_all(user)
    request.session[sessions.SEEN] = 0
    security_log.note(user, "password_changed", request=request)


def _password_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.end_all(user)
    security_log.note(user, "password_changed", request=request)
