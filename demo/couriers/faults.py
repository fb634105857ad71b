"""Trouble on demand: what a courier's service does on a bad day."""

import fnmatch
import threading
from dataclasses import dataclass

from demo.shops.web import Response

_PAGE = b"<!DOCTYPE html><html><title>Servizio non disponibile</title><h1>Torniamo presto</h1></html>"


@dataclass
class Fault:
    route: str
    times: int
    status: int
    body: bytes
    retry_after: str
    slow: float
    drop: bool
    after: bool

    def answer(self) -> Response | None:
        """The answer instead of the service's own; None when it answers itself (only slowly)."""
        if not self.status:
            return None
        headers = [("Content-Type", "text/html; charset=utf-8")]
        if self.retry_after:
            headers.append(("Retry-After", self.retry_after))
        return Response(self.status, self.body, headers)


class Faults:
    """Faults by route: a pattern with `*` over the path below the courier ("shipments/shipment", "AddParcel", "*")."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        route: str = "*",
        *,
        times: int = 1,
        status: int = 0,
        body: bytes = _PAGE,
        retry_after: int | str = "",
        slow: float = 0.0,
        drop: bool = False,
        after: bool = False,
    ) -> None:
        """`slow`: seconds before the answer; `drop`: the line is cut instead of an answer; `after`: what is given
        happens once the service has done what it was asked (a status or a cut line in the place of its answer)."""
        with self._lock:
            self._faults.append(Fault(route, times, status, body, str(retry_after), slow, drop, after))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, route: str) -> Fault | None:
        """The first fault that fits, used up once."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fnmatch.fnmatch(route.strip("/"), fault.route):
                    fault.times -= 1
                    return fault
        return None
