"""The pages of last resort. They explain, in the reader's language, and lead back."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.access import referring_page

logger = logging.getLogger("mci.errors")
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _reference() -> str:
    """Something to say on the phone: 7F3K-20QX."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of yesterday, or of another session: nothing was done, reloading mends it (settings.CSRF_FAILURE_VIEW)."""
    return render(request, "403_csrf.html", {"back": referring_page(request)}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """No session, no database, no context: whatever broke must not break this page too."""
    reference = _reference()
    logger.error("Reference %s: %s %s", reference, request.method, request.path)
    return HttpResponse(
        render_to_string("500.html", {"reference": reference}), status=500, headers={"X-Reference": reference}
    )
