"""allauth's switches that are code."""

from __future__ import annotations

from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.sign_in import guesses, security_log
from accounts.sign_in.door_adapter import DoorAdapter
from core.errors import TooManyTries
from core.inbound import client


class AccountAdapter(DoorAdapter):
    """Sign-up is open to resellers; the supplier approves each."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def get_client_ip(self, request: HttpRequest) -> str:
        """allauth's limits by address count by it; of IPv6 a household's network."""
        return client.network(request) or "0.0.0.0"  # noqa: S104 (nobody listens here)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            guesses.count(request, credentials.get("email", ""))
        except TooManyTries as error:
            raise self.validation_error("too_many_login_attempts") from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A password that could not be looked at, since the database was away, is no wrong one."""
        try:
            user = super().authenticate(request, **credentials)
        except Error:
            guesses.right(request, credentials.get("email", ""))
            raise
        if user is not None:
            guesses.right(request, credentials.get("email", ""))
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        security_log.note_failed_sign_in(credentials.get("email", ""), request=request)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """After a password was made anew."""
        guesses.forgive(credentials.get("email", ""))

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        answer: HttpResponse = super().post_login(request, user, **options)
        if isinstance(user, User):
            guesses.remember(request, answer, user)
        return answer
