"""Trouble on demand: what a real shop answers on a bad day."""

import fnmatch
import threading
from dataclasses import dataclass

from demo.shops.web import Response

_PAGES = {
    "html": b"<!DOCTYPE html><html><title>Manutenzione</title><h1>Torniamo presto</h1></html>",
    "firewall": b"<html><head><title>Attention Required!</title></head><body>Checking your browser</body></html>",
    "wordfence": b"<!DOCTYPE html><html><title>403</title><h1>Your access to this site has been limited</h1></html>",
    "empty": b"",
}
# A plugin that closes the REST API to who is not logged in answers in WordPress's own form.
_JSON = {
    "closed": b'{"code":"rest_not_logged_in","message":"You are not currently logged in.","data":{"status":401}}',
    "maintenance": b'{"code":"wp_die","message":"Briefly unavailable.","data":{"status":503},"additional_errors":[]}',
    "no_route": b'{"code":"rest_no_route","message":"No route was found.","data":{"status":404}}',
}


@dataclass
class Fault:
    route: str
    times: int
    status: int
    body: str
    retry_after: str
    slow: float
    drop: bool
    after: bool

    def answer(self) -> Response | None:
        """The answer instead of the shop's own; None when the shop answers itself (truncated or only slow)."""
        if self.body in _PAGES:
            kind = "text/html; charset=UTF-8"
            response = Response(self.status, _PAGES[self.body], [("Content-Type", kind)])
        elif self.body in _JSON:
            response = Response(self.status, _JSON[self.body], [("Content-Type", "application/json; charset=UTF-8")])
        elif self.status:
            text = f'{{"code":"too_bad","message":"Trouble.","data":{{"status":{self.status}}}}}'
            response = Response(self.status, text.encode(), [("Content-Type", "application/json; charset=UTF-8")])
        else:
            return None
        if self.retry_after:
            response.headers.append(("Retry-After", self.retry_after))
        return response


class Faults:
    """Faults by route: a pattern with `*` over the path below /wp-json/wc/v3/ ("orders", "orders/*", "*")."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        route: str = "*",
        *,
        times: int = 1,
        status: int = 0,
        body: str = "",
        retry_after: int | str = "",
        slow: float = 0.0,
        drop: bool = False,
        after: bool = False,
    ) -> None:
        """`status`: 429, 500, 503 …; `body`: "html", "firewall", "wordfence", "closed" (a plugin's 401), "no_route",
        "maintenance" (WordPress updates itself), "empty", or "truncated" (half of the true answer, as JSON cut off);
        `slow`: seconds before the answer; `drop`: the connection is closed without one; `after`: the same, once the
        shop has done what it was asked. The index, /wp-json/, is the route ""."""
        if body and not status:
            status = 0 if body == "truncated" else 200
        with self._lock:
            self._faults.append(Fault(route, times, status, body, str(retry_after), slow, drop, after))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, path: str) -> Fault | None:
        """The first fault that fits, used up once."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fnmatch.fnmatch(path.strip("/"), fault.route):
                    fault.times -= 1
                    return fault
        return None
