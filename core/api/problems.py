"""What the API says when it says no: application/problem+json (RFC 9457) with a code that never changes and words in
the reader's language. `retry` sorts them by what happens next: never, after_change, later."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from core import busy
from core.errors import AlreadyDone, DomainError, NeedsHand, Refused, TooManyTries, TryLater

log = logging.getLogger("mci.api")

MEDIA_TYPE = "application/problem+json"
NEVER, AFTER_CHANGE, LATER = "never", "after_change", "later"

# The codes of the API itself; those of the business are the domain errors' own (core/errors.py).
TITLES: dict[str, str | Promise] = {
    "bad_request": _("This request cannot be read."),
    "bad_cursor": _("This cursor is not one of ours: begin again without it."),
    "bad_parameter": _("A parameter of the address is not as it should be."),
    "bad_json": _("The body is not JSON that we accept."),
    "key_missing": _("Send your API key: Authorization: Bearer …"),
    "key_unknown": _("This API key is unknown, was revoked, or has expired."),
    "scope_missing": _("This API key may not do this: the scope %(scope)s is missing."),
    "address_not_allowed": _("This API key may not be used from this address."),
    "company_not_active": _("The company’s account is not active."),
    "not_found": _("There is no such thing here."),
    "method_not_allowed": _("This address does not take this method."),
    "length_required": _("Say how long the body is (Content-Length)."),
    "too_large": _("The body is too large."),
    "unsupported_media_type": _("Send JSON: Content-Type: application/json."),
    "invalid": _("Some of what was sent is not as it should be."),
    "idempotency_key_missing": _("Send a key of your own with each write: Idempotency-Key: …"),
    "idempotency_key_bad": _("An Idempotency-Key has 1 to 200 visible ASCII characters."),
    "idempotency_key_reused": _("This Idempotency-Key was used for another request: take a new one for a new request."),
    "in_progress": _("The first request with this Idempotency-Key is still at work: ask again in a moment."),
    "fault": _("Something broke on our side. Nothing was done; the fault is noted."),
    "unavailable": _("Too much is going on right now: try again in a moment."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one member of the body; `pointer` as in RFC 6901."""

    pointer: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


# Params of a domain error that a program decides by.
_TOLD = ("missing", "needed", "before", "now", "figures", "sku", "existing", "existing_number", "existing_state")


class Problem(Exception):
    """An answer that is a problem. `code` is one of TITLES, or a domain error's with its sentence as `detail`."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        detail: str = "",
        retry: str = AFTER_CHANGE,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.retry = status, code, detail, retry
        self.errors, self.headers, self.params, self.more = list(errors), dict(headers or {}), params or {}, more or {}

    def body(self, request_id: str = "") -> dict[str, Any]:
        title = str(TITLES[self.code]) % self.params if self.code in TITLES else self.detail
        found: dict[str, Any] = {
            "type": f"/api/#{self.code}",
            "title": title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail or title,
            "retry": self.retry,
        }
        if request_id:
            found["request_id"] = request_id
        if self.errors:
            found["errors"] = [one.as_json() for one in self.errors]
        return found | dict(self.more)


def of_refusal(error: DomainError) -> Problem:
    """A rule of the business as a problem. 409 where the state forbids it, 422 where the content does, 429 and 503
    where waiting helps."""
    if isinstance(error, TooManyTries | TryLater):
        wait = max(1, round(error.after.total_seconds())) if error.after else 5
        status = HTTPStatus.TOO_MANY_REQUESTS if isinstance(error, TooManyTries) else HTTPStatus.SERVICE_UNAVAILABLE
        return Problem(status, error.code, detail=str(error), retry=LATER, headers={"Retry-After": str(wait)})
    by_state = isinstance(error, AlreadyDone) or (isinstance(error, Refused) and error.by_state)
    status = HTTPStatus.CONFLICT if by_state else HTTPStatus.UNPROCESSABLE_ENTITY
    retry = AFTER_CHANGE if isinstance(error, NeedsHand) or not by_state else NEVER
    more: dict[str, Any] = {name: str(value) for name, value in error.params.items() if name in _TOLD}
    return Problem(status, error.code, detail=str(error), retry=retry, more=more)


def of(error: Exception) -> Problem | None:
    """Any error as a problem; None for a fault of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DomainError):
        return of_refusal(error)
    if busy.is_passing(error):
        busy.drop_if_cut()
        return Problem(503, "unavailable", retry=LATER, headers={"Retry-After": "5"})
    if isinstance(error, Http404 | exceptions.NotFound):
        return Problem(404, "not_found", retry=NEVER)
    if isinstance(error, exceptions.MethodNotAllowed):
        return Problem(405, "method_not_allowed", retry=NEVER)
    if isinstance(error, exceptions.UnsupportedMediaType):
        return Problem(415, "unsupported_media_type")
    if isinstance(error, exceptions.ValidationError):
        return Problem(422, "invalid", errors=list(flat(error.detail)))
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return Problem(403, "scope_missing", retry=NEVER, params={"scope": "–"})
    if isinstance(error, exceptions.APIException):
        return Problem(400, "bad_request") if error.status_code < 500 else None
    return None


def flat(detail: Any, pointer: str = "") -> Iterable[FieldError]:
    """DRF's errors, nested by name and by number, as pointers into the body."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = pointer if name == "non_field_errors" else f"{pointer}/{_token(name)}"
            yield from flat(inner, here)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from flat(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield FieldError(pointer, str(getattr(detail, "code", "invalid")), str(detail))


def _token(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST_FRAMEWORK["EXCEPTION_HANDLER"]."""
    request_id = getattr(context.get("view"), "request_id", "")
    problem = of(error)
    if problem is None:
        log.error("Request %s failed.", request_id, exc_info=error)
        problem = Problem(500, "fault", retry=LATER)
    answer = Response(problem.body(request_id), status=problem.status, headers=problem.headers)
    if isinstance(error, exceptions.MethodNotAllowed) and context.get("view") is not None:
        answer["Allow"] = ", ".join(context["view"].allowed_methods)
    answer.content_type = MEDIA_TYPE
    answer.problem = problem  # type: ignore[attr-defined]
    return answer


PATH = "/api/v1/"


def is_for_api(request: HttpRequest) -> bool:
    """Whether who asks is a program, to whom a page of ours says nothing."""
    return request.path_info.startswith(PATH)


def plain(problem: Problem) -> JsonResponse:
    """For middlewares and the handlers of last resort, which are no views of the API."""
    return JsonResponse(problem.body(), status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE)
