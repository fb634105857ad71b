"""Pages take turns, so that webhooks and probes always find a thread (core/inbound/slots.py)."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from typing import BinaryIO, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation

from core.api import problems
from core.inbound import senders, slots
from mci.web import errors

LONGEST = 32 * 1024 * 1024  # of a form with files
PIECE = 64 * 1024


class RoomMiddleware:
    """After what needs no database: webhooks, probes, redirects to https, static files. Who finds no turn within ten
    seconds, or a crowd that waits already, gets 503 with Retry-After."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            _read(request)
            with slots.pages.taken():
                return self.get_response(request)
        except senders.Full:
            return _busy(request)


def _read(request: HttpRequest) -> None:
    """What a form sends, before it takes a turn: nobody waits for a slow sender. With files it may be too long for the
    memory; what is longer still is not read, so that its fields are not there. Raises senders.Full."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if 0 < length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            _body = request.body
        elif length > 0 and request.content_type == "multipart/form-data":
            request._stream = _kept(request, length) if length <= LONGEST else io.BytesIO()
    except (ValueError, UnreadablePostError, RequestDataTooBig):
        return


def _kept(request: HttpRequest, length: int) -> BinaryIO:
    found = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as the request
    while length > 0 and (piece := request._stream.read(min(length, PIECE))):
        found.write(piece)
        length -= len(piece)
    found.seek(0)
    return cast(BinaryIO, found)


def _busy(request: HttpRequest) -> HttpResponse:
    """No session, no database: nobody has a turn for them."""
    headers = {"Retry-After": "5", "Cache-Control": "no-store"}
    with translation.override(translation.get_language_from_request(request)):
        if problems.is_for_api(request):
            return problems.plain(problems.Problem(503, "unavailable", retry=problems.LATER, headers=headers))
        again = errors.again(request)
        return HttpResponse(render_to_string("503.html", {"again": again}), status=503, headers=headers)
