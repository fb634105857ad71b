"""The pages of last resort. They explain, in the reader's language, and lead back."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import SESSION_OVER, referring_page
from accounts.kept import forms
from accounts.kept.middleware import with_form
from core.api import problems
from core.api.problems import Problem
from core.errors import TooManyTries
from core.inbound import redirects
from mci.web import busy

logger = logging.getLogger("mci.errors")
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _reference() -> str:
    """Something to say on the phone: 7F3K-20QX."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def again(request: HttpRequest) -> str:
    """The address to load once more; "" for a form, which the browser still has."""
    return "/" + request.get_full_path().lstrip("/") if request.method in ("GET", "HEAD") else ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return too_large(request)
    if problems.is_for_api(request):
        return problems.plain(Problem(400, "bad_request"))
    return render(request, "400.html", status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    """No session and no user are asked for: the request may be refused before they are known."""
    with translation.override(translation.get_language_from_request(request)):
        if problems.is_for_api(request):
            return problems.plain(Problem(413, "too_large"))
        return HttpResponse(render_to_string("413.html"), status=413)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of yesterday, or of another session: nothing was done, and what was typed comes back for the person whose
    page it was (settings.CSRF_FAILURE_VIEW)."""
    user = getattr(request, "user", None)
    reader = user.pk if user is not None and user.is_authenticated else None
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=SESSION_OVER, headers={"HX-Reswap": "none"})
    sign_in = reverse("account_login")
    if reader is not None and request.path == sign_in:  # signed in meanwhile, in another tab
        return redirect(redirects.ours(request, request.POST.get("next", "")) or "/")
    owner = forms.owner_of(request)
    mine = owner is not None and reader in (None, owner)
    row = forms.keep(request, owner) if mine and owner is not None else None
    page = with_form(row.page, row) if row else referring_page(request)
    context = {
        "kept": row,
        "again": page if reader is not None else f"{sign_in}?{urlencode({'next': page})}",
        "signed_out": reader is None and owner is not None,
        "another": reader is not None and owner is not None and owner != reader,
        "back": referring_page(request),
    }
    return render(request, "403_csrf.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if problems.is_for_api(request):
        return problems.plain(Problem(404, "not_found", retry=problems.NEVER))
    return render(request, "404.html", status=404)


class NotAllowedMiddleware:
    """Last in MIDDLEWARE. A form's own address, opened again from the address bar, a bookmark or a restored window: the
    browser would show a blank page of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if answer.status_code == 422 and isinstance(answer, HttpResponse):
            _say_in_title(answer)
        if answer.status_code != 405 or request.method != "GET" or "text/html" not in request.headers.get("Accept", ""):
            return answer
        page = render(request, "405.html", {"back": _above(request.path)}, status=405)
        page.headers["Allow"] = answer.headers.get("Allow", "POST")
        return page

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Somebody who tries too often is told so, and how long to wait; what waiting mends is no fault of ours."""
        if problems.is_for_api(request):
            return None  # its views have answers of their own
        if not isinstance(error, TooManyTries):
            return busy.answer(request, error)
        wait = max(1, round(error.after.total_seconds())) if error.after else 60
        page = render(request, "429.html", {"words": str(error), "back": referring_page(request)}, status=429)
        page.headers["Retry-After"] = str(wait)
        return page


def _say_in_title(answer: HttpResponse) -> None:
    """Whoever hears a page reads its title first: of a form that was refused it begins with "Error:"."""
    word = f"{_('Error:')} "
    opened, title, rest = answer.content.partition(b"<title>")
    if title and not rest.startswith(word.encode()):
        answer.content = opened + title + word.encode() + rest


def _above(path: str) -> str:
    """The page that an act's address stands below: /orders/desk/7/ of /orders/desk/7/ship/."""
    above = f"{path.rstrip('/').rpartition('/')[0]}/"
    try:
        resolve(above)
    except Resolver404:
        return "/"
    return above


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """No session, no database, no context: whatever broke must not break this page too."""
    if problems.is_for_api(request):
        error = sys.exc_info()[1]
        logger.error("%s %s", request.method, request.path)
        found = problems.of(error) if isinstance(error, Exception) else None
        return problems.plain(found or Problem(500, "fault", retry=problems.LATER))
    waiting = busy.answer(request, sys.exc_info()[1])  # of a middleware: the session, the reader
    if waiting is not None:
        return waiting
    reference = _reference()
    logger.error("Reference %s: %s %s", reference, request.method, request.path)
    return HttpResponse(
        render_to_string("500.html", {"reference": reference, "again": again(request)}),
        status=500,
        headers={"X-Reference": reference},
    )
