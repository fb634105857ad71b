"""The first and the last that a request meets: what cannot be meant is refused before anything reads it, and every
answer, whoever gave it, carries what browsers must be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from csp.utils import build_policy
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core.api import problems
from mci.web import errors, probe

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{name}=()"
        for name in (
            "camera",
            "accelerometer",
            "display-capture",
            "geolocation",
            "gyroscope",
            "microphone",
            "midi",
            "payment",
            "usb",
        )
    ),
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"  # what is no page loads nothing
MEDIA = f"{NOTHING}; sandbox"
HSTS = f"max-age={settings.SECURE_HSTS_SECONDS}" + ("; includeSubDomains" * settings.SECURE_HSTS_INCLUDE_SUBDOMAINS)
_MEDIA = f"/{settings.MEDIA_URL.strip('/')}/"
_PUBLIC = (f"/{settings.STATIC_URL.strip('/')}/", _MEDIA)  # may be kept, by browsers and by whoever stands between
_MACHINES = ("/webhooks/", "/healthz", "/readyz")
_API_FILES = "/api/v1/imports"  # a file of orders in its body: as large as a form's
_FILES = ("/admin/",)  # where pictures are sent
_WITH_BODY = ("POST", "PUT", "PATCH")
Get = Callable[[HttpRequest], HttpResponseBase]


class EdgeMiddleware:
    """First in MIDDLEWARE. Cookies that hide control characters are none; a body that is too long, or of no length, is
    refused unread (what webhooks are told is their reader's). Then the headers, on answers of every middleware."""

    def __init__(self, get_response: Get) -> None:
        self._get_response = get_response
        self._policy = build_policy() if settings.CONTENT_SECURITY_POLICY else NOTHING

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if problems.is_for_api(request):
            request.COOKIES = {}  # a program has a key; a browser that was led there brings nobody's rights along
        elif "\\" in request.META.get("HTTP_COOKIE", ""):  # only there "\000" becomes one
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if value.isprintable()}
        answer = self._refusal(request) or self._get_response(request)
        if "HTTP_X_MCI_PROBE" in request.META:
            probe.answer(request, answer)
        self._tell(request, answer)
        return answer

    @staticmethod
    def _refusal(request: HttpRequest) -> HttpResponse | None:
        path = request.path_info
        if request.method not in _WITH_BODY or path.startswith("/webhooks/"):
            return None
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length and "HTTP_TRANSFER_ENCODING" in request.META:
            if problems.is_for_api(request):
                return problems.plain(problems.Problem(411, "length_required"))
            return HttpResponse(status=411, content_type="text/plain")
        if problems.is_for_api(request):
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE if path == _API_FILES else settings.API_MAX_BYTES
        else:
            most = settings.UPLOAD_MAX_BYTES if path.startswith(_FILES) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return errors.too_large(request) if length.isdecimal() and int(length) > most else None

    def _tell(self, request: HttpRequest, answer: HttpResponseBase) -> None:
        headers = answer.headers
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        path = request.path_info
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            headers.setdefault("Strict-Transport-Security", HSTS)
        if "Content-Security-Policy" not in headers and not (settings.DEBUG and answer.status_code in (404, 500)):
            is_page = headers.get("Content-Type", "").startswith("text/html")
            headers["Content-Security-Policy"] = self._policy if is_page else NOTHING
        if path.startswith(_MEDIA):
            headers["Content-Security-Policy"] = MEDIA
        elif not path.startswith((*_PUBLIC, *_MACHINES)) and "no-store" not in headers.get("Cache-Control", ""):
            headers["Cache-Control"] = "no-store"  # on no disk of a shared computer


class CleanMiddleware:
    """Last in MIDDLEWARE, so that the page of refusal knows its reader. NUL, which the database takes nowhere, and
    bytes that are no UTF-8 are nothing that a person typed: 404 in a path, 400 in a query or a field."""

    def __init__(self, get_response: Get) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or not _is_text(request.path_info):
            raise Http404
        query = request.META.get("QUERY_STRING", "")
        if "%" in query and not _is_text(query):
            return errors.bad_request(request)
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Fields, once it is certain that they come from a page of ours; what has a reader of its own is left to it."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        held = any("\0" in name or any("\0" in value for value in values) for name, values in request.POST.lists())
        return errors.bad_request(request) if held else None


def _is_text(quoted: str) -> bool:
    """Whether what is behind the % signs is text without NUL. Django has put those back that are no UTF-8."""
    try:
        return "\0" not in unquote_to_bytes(quoted).decode()
    except UnicodeDecodeError:
        return False
