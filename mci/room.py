"""Pages take turns, so that webhooks and probes always find a thread (core/slots.py)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation

from core import slots


class RoomMiddleware:
    """After what needs no database: webhooks, probes, redirects to https, static files. Who finds no turn within ten
    seconds, or a crowd that waits already, gets 503 with Retry-After."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            with slots.pages.taken(partial(_read, request)):
                return self.get_response(request)
        except slots.Full:
            return _busy(request)


def _read(request: HttpRequest) -> None:
    """What a form sends, however slowly; what is too long for memory is refused or stored by whoever it is for."""
    try:
        if 0 < int(request.META.get("CONTENT_LENGTH") or 0) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            _body = request.body
    except (ValueError, UnreadablePostError, RequestDataTooBig):
        return


def _busy(request: HttpRequest) -> HttpResponse:
    """No session, no database: nobody has a turn for them."""
    headers = {"Retry-After": "5", "Cache-Control": "no-store"}
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
