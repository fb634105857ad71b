"""Puts the tenant on the request, and speaks the user's language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class TenantMiddleware:
    """`request.member` and `request.dropshipper`: None for strangers and staff. No query without a session cookie
    (webhooks, health), and none beyond the user's own with one: accounts.backends reads member and company with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            member = getattr(request.user, "member", None)
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        request.member = member  # type: ignore[attr-defined]
        request.dropshipper = member.dropshipper if member else None  # type: ignore[attr-defined]
        return self.get_response(request)
