"""The addresses that shops call: webhooks, and a connection's callback. No session, no language, never a redirect."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from connectors import tasks
from connectors.connect import acts, pairing
from connectors.intake import receive
from connectors.models import ConnectAttempt
from connectors.pages import attempt
from connectors.platforms import platform
from connectors.platforms.base import Malformed
from connectors.platforms.paired import Paired
from core import tenancy
from core.errors import DomainError
from core.inbound import senders, slots
from core.strict import BadJson, is_text, load_json

log = logging.getLogger(__name__)
_PATH = re.compile(r"/webhooks/([a-z][a-z0-9_]{0,19})/([A-Za-z0-9_-]{1,40})/?", re.ASCII)
_MAX_CALLBACK_BYTES = 16 * 1024
_ASK_AGAIN_S = 3  # what a plugin is told to wait between two questions


class WebhookMiddleware:
    """First in MIDDLEWARE: a webhook's address is answered here, before sessions, languages and redirects to https or
    to a final slash (docs/performance.md has what it gains). Everything else goes its way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/webhooks/"):
            match = _PATH.fullmatch(request.path_info)
            return webhook(request, *match.groups()) if match else _answer(401)
        return self._get_response(request)


def _answer(status: int) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain", headers={"Content-Length": "0"})
    if status == 503:
        response["Retry-After"] = "10"
    return response


class _Headers(Mapping[str, str]):
    """The request's headers by lower-case name, each looked up when it is asked for: on the hot path only few are."""

    def __init__(self, meta: Mapping[str, Any]) -> None:
        self._meta = meta

    def __getitem__(self, name: str) -> str:
        value: str = self._meta["CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")]
        return value

    def __iter__(self) -> Iterator[str]:
        yield from (name[5:].replace("_", "-").lower() for name in self._meta if name.startswith("HTTP_"))
        if "CONTENT_TYPE" in self._meta:
            yield "content-type"

    def __len__(self) -> int:
        return sum(1 for _name in self)


@csrf_exempt
@tenancy.across  # whose shop this is, its key says
def webhook(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """200 once the body is committed. 401 for an unknown shop and for a wrong signature alike, and for what is too old;
    413 beyond the cap."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return _answer(400)
    if length > settings.WEBHOOK_MAX_BYTES:
        log.warning("A webhook of %s bytes for %s was refused.", length, slug)
        return _answer(413)
    try:
        headers, body = _Headers(request.META), request.read(settings.WEBHOOK_MAX_BYTES + 1)
        with slots.webhooks.taken():  # not while the sender sends
            if key == receive.APP:
                receive.take_for_app(slug, headers, body)
            else:
                receive.take(slug, key, headers, body)
    except senders.Full:
        return _answer(503)
    except receive.Stale:
        response = _answer(401)
        response["X-MCI-Time"] = str(int(time.time()))  # a sender whose clock is wrong may sign anew by it
        return response
    except (receive.Unknown, Http404):
        return _answer(401)
    except receive.TooBig:
        return _answer(413)
    except Malformed:
        return _answer(400)
    except OSError:  # the sender went away
        return _answer(400)
    except DatabaseError:
        log.exception("A webhook could not be stored.")
        return _answer(503)
    return _answer(200)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def connect_callback(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What became of a connection: a shop hands over the keys that its owner approved, or the reseller's own browser
    brings the answer. Which of the two is the platform's to say."""
    if platform(slug).callback_by_browser:
        return attempt.came_back(request, slug)
    return _handed_over(request, slug) if request.method == "POST" else _answer(405)


@tenancy.across  # whose attempt this is, its token says
def _handed_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Exactly 200 and soon, or the shop takes the keys back: they are kept, and tried afterwards. A plugin asks again
    until it is given its secret."""
    try:
        payload = load_json(request.read(_MAX_CALLBACK_BYTES + 1), max_bytes=_MAX_CALLBACK_BYTES)
    except BadJson:
        return _answer(400)
    if not is_text(payload):
        return _answer(400)
    api = platform(slug)
    token = api.callback_token(payload) if isinstance(payload, dict) else ""
    if not token:
        return _answer(400)
    if isinstance(api, Paired):
        return _paired(api, slug, token, payload)
    try:
        acts.receive(slug, token=token, payload=payload)
    except DomainError as error:
        log.info("A connection was refused: %s", error.code)
        return _answer(401)
    tasks.nudge_connect()
    return _answer(200)


def _paired(api: Paired, slug: str, token: str, payload: Mapping[str, Any]) -> HttpResponse:
    with translation.override(_language(payload)):
        try:
            if api.asks_who(payload):
                return _json(200, pairing.whose(slug, token))
            standing = pairing.bring(api, slug, token, payload)
        except DomainError as error:
            log.info("A pairing was refused: %s", error.code)
            return _json(401, {"error": error.code, "message": str(error)})
        if standing.begun:
            tasks.nudge_connect()
        if standing.reply:
            return _json(200, standing.reply)
        words = pairing.words_of(standing)
        if standing.phase == ConnectAttempt.Phase.FAILED:
            return _json(401, {"error": standing.trouble, "message": words})
        return _json(202, {"state": standing.phase, "after": _ASK_AGAIN_S, "message": words})


def _language(payload: Mapping[str, Any]) -> str:
    """Of the person who sits before the plugin."""
    return "en" if str(payload.get("language", "")).startswith("en") else "it"


def _json(status: int, data: Mapping[str, Any]) -> HttpResponse:
    body = json.dumps(dict(data)).encode()
    headers = {"Content-Length": str(len(body)), "Cache-Control": "no-store"}
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
