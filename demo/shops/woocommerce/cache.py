"""A cache plugin in front of the REST API: it gives the same answer to the same address, whoever asks and whatever
happened since. Seen with LiteSpeed Cache: nothing in the answer but one header tells of it."""

import copy
import time

from demo.shops.web import Request, Response

HEADER = "X-LiteSpeed-Cache"


class Cache:
    """`seconds`: how long it keeps an answer; 0: there is no cache. `passes_over`: names in the query that it takes for
    nothing (some are told so of those that campaigns add)."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.passes_over: frozenset[str] = frozenset()
        self._kept: dict[str, tuple[float, Response]] = {}

    def clear(self) -> None:
        self._kept.clear()

    def _key(self, request: Request) -> str:
        query = sorted(pair for pair in request.query if pair[0] not in self.passes_over)
        return f"{request.full_path}?{query}"

    def find(self, request: Request) -> Response | None:
        if not self.seconds or request.method != "GET":
            return None
        known = self._kept.get(self._key(request))
        if known is None or time.monotonic() - known[0] > self.seconds:
            return None
        response = copy.deepcopy(known[1])
        response.headers.append((HEADER, "hit"))
        return response

    def keep(self, request: Request, response: Response) -> None:
        if self.seconds and request.method == "GET" and response.status == 200:
            self._kept[self._key(request)] = (time.monotonic(), copy.deepcopy(response))
            response.headers.append((HEADER, "miss"))
