"""The page for a moment in which the database is busy or away (core/busy.py): 503 and when to come again, in place of a
fault with a number. A form is kept with all that was typed, its own key too: sent again it is the same click."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from accounts.access import referring_page
from core.busy import RETRY_AFTER, Busy, drop_if_cut, is_passing
from core.errors import TryLater

log = logging.getLogger(__name__)

_MOST_FIELDS, _MOST_CHARS = 2000, 200_000  # of a form that is kept in the page
_SECRET = ("password", "secret", "token", "otp", "code", "recovery")  # part of the name of a field


def answer(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """For an error that waiting mends; None for any other. Neither the session nor the database is asked: they may be
    what is away."""
    if is_passing(error):
        said: TryLater = Busy()
        drop_if_cut()
    elif isinstance(error, TryLater):
        said = error
    else:
        return None
    log.warning("%s %s: busy (%s)", request.method, request.path, error)
    wait = max(1, round((said.after or RETRY_AFTER).total_seconds()))
    htmx = request.headers.get("HX-Request") == "true"
    fields = None if htmx or request.method != "POST" else _typed(request)
    context = {
        "words": str(said),
        "wait": wait,
        "again": "/" + request.get_full_path().lstrip("/"),
        "has_key": any(name == "key" for name, _value in fields or []),
        "fields": fields,
        "is_form": request.method == "POST",
        "back": referring_page(request),
        "csrf_token": get_token(request) if fields is not None else "",
    }
    page = render_to_string("_busy.html" if htmx else "busy.html", context)
    return HttpResponse(page, status=503, headers={"Retry-After": str(wait), "Cache-Control": "no-store"})


def _typed(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What the form held; None where it cannot be kept in a page (files, secrets, too much): there the browser's own
    "back" has it."""
    if request.FILES or any(word in name.lower() for name in request.POST for word in _SECRET):
        return None
    fields = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    if len(fields) > _MOST_FIELDS or sum(len(name) + len(value) for name, value in fields) > _MOST_CHARS:
        return None
    return fields
