"""What is true while a request is answered."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import http


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
