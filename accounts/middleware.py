"""Puts the tenant on the request and in force for the database, speaks the user's language, and guards the door behind
the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import to_login
from accounts.models import User
from accounts.sign_in import mfa, reauth, sessions
from core import tenancy

DOORS = "/account/"  # sign-in, sign-up, resets, confirmations


class TenantMiddleware:
    """`request.member` and `request.dropshipper`: None for strangers and staff. No query without a session cookie
    (webhooks, health), and none beyond the user's own with one: accounts.backends reads member and company with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        member = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            member = getattr(request.user, "member", None)
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        request.member = member  # type: ignore[attr-defined]
        request.dropshipper = member.dropshipper if member else None  # type: ignore[attr-defined]
        with tenancy.of(_rows_of(request)):
            return tenancy.kept_for(self.get_response(request))


def _rows_of(request: HttpRequest) -> int | str:
    """Whose rows the request may see: its own company's, for staff everybody's, for a stranger nobody's. At the doors a
    stranger is not known yet: who signs in or up is looked for among all."""
    user = getattr(request, "user", None)
    if settings.SESSION_COOKIE_NAME in request.COOKIES and user is not None and user.is_authenticated:
        if user.is_staff:
            return tenancy.EVERYBODY
        member = getattr(user, "member", None)
        if member is not None:
            return int(member.dropshipper_id)
    return tenancy.EVERYBODY if request.path_info.startswith(DOORS) else tenancy.NOBODY


class DoorMiddleware:
    """After TenantMiddleware: ends sessions that are over, and lets staff without a second factor no further than to
    the page where they get one. It stands before every view that there is, the administration's too."""

    OPEN = frozenset(
        [
            *("accounts:enrol", "accounts:app", "accounts:passkey", "accounts:codes", "accounts:codes_file"),
            *("accounts:prove", "account_reauthenticate", "account_login", "account_logout", "account_inactive"),
            *("accounts:language", "accounts:theme"),
        ]
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = self._user(request)
        if user is not None:
            if sessions.is_over(request, user):
                logout(request)
                request.member = request.dropshipper = None  # type: ignore[attr-defined]
                messages.info(request, _("Staff sign in again every 12 hours: please do so now."))
                return to_login(request)
            sessions.seen(request, user)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        user = self._user(request)
        if user is None or not mfa.must_have(user) or mfa.is_proven(request, user):
            return self._administration(request)
        match = request.resolver_match
        if match is not None and match.view_name in self.OPEN:
            return None
        page = reverse("accounts:enrol")
        if getattr(request, "htmx", False):
            answer = HttpResponse(status=200)
            answer["HX-Redirect"] = page
            return answer
        wanted = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        return redirect(f"{page}?{urlencode({'next': wanted})}" if wanted not in ("", "/") else page)

    @staticmethod
    def _administration(request: HttpRequest) -> HttpResponseBase | None:
        """What is changed there (tariffs, prices, rights) is asked for again like the money acts of the desks."""
        match = request.resolver_match
        if match is None or match.namespace != "admin" or match.url_name in ("login", "logout", "jsi18n"):
            return None
        return reauth.ask_unless_recent(request)

    @staticmethod
    def _user(request: HttpRequest) -> User | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not isinstance(request.user, User):
            return None
        return request.user
