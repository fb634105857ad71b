"""What is true while a request is answered, and what its texts say."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import http

STOP_POLLING = 286  # htmx asks no more after an answer with this status


def whole_number(text: str, digits: int = 18) -> int | None:
    """The whole number that a text from an address or a form says in at most `digits` digits; None when it says
    none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


class NoCallsMiddleware:
    """First in MIDDLEWARE: who answers a request calls nobody. Whoever is slow outside would else hold the threads that
    all pages share; a worker calls, and the page shows it happen (core/http.py refuses with RequestThread)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = http.answering.set(True)
        try:
            return self._get_response(request)
        finally:
            http.answering.reset(token)
