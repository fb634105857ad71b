"""Trouble on demand: what a real store answers on a bad day."""

import fnmatch
import threading
from dataclasses import dataclass

from demo.shops.web import Response, html

from .gids import Doc

# By word: (status, body). They are answered without the store having done anything.
_ANSWERS = {
    "429": (429, b'{"errors":"Exceeded 2 calls per second for api client. Reduce request rates."}'),
    "500": (500, b'{"errors":"Internal Server Error"}'),
    "502": (502, b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
    "html": (200, b"<!DOCTYPE html><html><head><title>Something went wrong</title></head><body>Oops</body></html>"),
    "string": (401, b'{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}'),
    "frozen": (402, b'{"errors":"Unavailable Shop"}'),
    "forbidden": (403, b'{"errors":"[API] This action requires merchant approval."}'),
    "gone": (404, b'{"errors":"Not Found"}'),
    "locked": (423, b'{"errors":"Locked"}'),
    "security": (430, b'{"errors":"Security rejection"}'),
    "empty": (200, b""),
}
INTERNAL = (
    "Internal error. Looks like something went wrong on our end.\n"
    "Request ID: 0c0f5b0a-11d5-4d7e-8a43-5a3d2b6a1c11-1795680000 (include this in support requests)."
)


@dataclass
class Fault:
    name: str
    kind: str
    times: int
    status: int
    body: str
    retry_after: str
    slow: float
    drop: bool
    after: bool

    @property
    def before_acting(self) -> bool:
        """True: the store never gets to work on it."""
        return not self.after and (self.drop or self.kind in _ANSWERS or bool(self.status))

    def answer(self) -> Response | None:
        """The whole answer instead of the store's; None when the store's own is used, perhaps spoiled."""
        if self.drop:
            return Response(0)
        known = _ANSWERS.get(self.kind) or (_ANSWERS.get(self.body) if self.body else None)
        if known is None and not self.status:
            return None
        status, body = known or (self.status, b'{"errors":"Trouble"}')
        status = self.status or status
        response = html(body.decode(), status) if body[:1] == b"<" else Response(status, body)
        if body[:1] != b"<":
            response.headers.append(("Content-Type", "application/json; charset=utf-8"))
        if status == 429 or self.retry_after:
            response.headers.append(("Retry-After", self.retry_after or "2.0"))
        return response

    def errors(self) -> list[Doc]:
        """Top-level errors of a GraphQL answer with status 200."""
        if self.kind == "internal":
            return [{"message": INTERNAL, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "0c0f5b0a"}}]
        return []


class Faults:
    """Faults by name: of the operation, of one of its root fields, or "access_token"; with `*` as a pattern."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        name: str = "*",
        kind: str = "",
        *,
        times: int = 1,
        status: int = 0,
        body: str = "",
        retry_after: str = "",
        slow: float = 0.0,
        drop: bool = False,
        after: bool = False,
    ) -> None:
        """`kind`: throttled, 429, max_cost, 500, 502, html, string, frozen, forbidden, gone, locked, security, empty,
        internal, truncated, slow, drop, applied_then_timeout (done, then the line is cut), no_expires_in (of a token),
        access_denied:<field>, user_error:<code>:<message> (a mutation does nothing but say so). Or by parts: `status`,
        `body`, `slow` seconds, `drop` the line, `after` the store has done what was asked."""
        if kind == "slow":
            slow = slow or 5.0
        if kind == "drop":
            drop = True
        if kind == "applied_then_timeout":
            drop = after = True
        if body and not kind:
            kind, body = body, ""
        with self._lock:
            self._faults.append(Fault(name, kind, times, status, body, retry_after, slow, drop, after))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, names: list[str]) -> Fault | None:
        """The first fault that fits, used up once."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and any(fnmatch.fnmatch(name, fault.name) for name in names):
                    fault.times -= 1
                    return fault
        return None
