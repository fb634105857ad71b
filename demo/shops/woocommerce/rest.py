"""The REST API: which route, which checks in which order, which headers. Answers: rest_orders.py, rest_shop.py."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from demo.shops.web import Request, Response

from . import order_list
from .errors import RestError
from .php import json_encode

if TYPE_CHECKING:
    from .shop import Shop

NAMESPACES = ["oembed/1.0", "wc/v3", "wc/v2", "wc/v1", "wc-admin", "wc-analytics", "wc/store", "wc/store/v1",
              "wc/private", "wc-telemetry", "wp/v2", "wp-site-health/v1", "wp-block-editor/v1"]  # fmt: skip
_COMMON = [
    ("Content-Type", "application/json; charset=UTF-8"),
    ("X-Robots-Tag", "noindex"),
]
_EXPOSED = [
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link"),
    ("Access-Control-Allow-Headers", "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type"),
]
_NEVER_KEEP = [
    ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"),
    ("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private"),
]


@dataclass
class Call:
    """One request to a route, with what its address and body say."""

    shop: "Shop"
    request: Request
    home: str
    ids: list[int]
    given: dict[str, Any]
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    link: str = ""

    @property
    def id(self) -> int:
        return self.ids[0]


Answer = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """`denied`: the error when the caller may not; `check` runs before that question, as in WordPress."""

    method: str
    pattern: str
    answer: Answer
    denied: tuple[str, str] = ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
    check: Callable[[Call], None] | None = None
    public: bool = False


def missing(*names: str) -> RestError:
    text = f"Missing parameter(s): {', '.join(names)}"
    return RestError("rest_missing_callback_param", text, 400, params=list(names))


def paged(call: Call, found: list[Any], path: str, *, statuses: bool = False) -> list[Any]:
    part, total, pages = order_list.page_of(call.request, found)
    call.headers += [("X-WP-Total", str(total)), ("X-WP-TotalPages", str(pages))]
    call.link = order_list.links(call.request, f"{call.home}/wp-json/wc/v3/{path}", pages, statuses=statuses)
    return part


class Rest:
    def __init__(self, shop: "Shop", routes: list[Route]) -> None:
        self._shop = shop
        self._routes = [(re.compile(f"^{route.pattern}$"), route) for route in routes]

    def respond(self, request: Request) -> Response:
        """`request.path` begins with /wp-json; the HEAD of a route is its GET without the body."""
        home = self._shop.home(request)
        path = request.path.removeprefix("/wp-json").rstrip("/") or "/"
        api_link = f'<{home}/wp-json/>; rel="https://api.w.org/"'
        key = None
        allow: list[str] = []
        call: Call | None = None
        fault = self._shop.faults.take(path.removeprefix("/wc/v3"))
        if fault:
            self._shop.sleep(fault.slow)
            answer = fault.answer()
            if fault.drop:
                return Response(0)
            if answer:
                return answer
        try:
            # A key is looked at only where the address has /wp-json/wc: the ?rest_route= form reads as no key.
            key = self._shop.keys.identify(request) if path.startswith("/wc") else None
            if self._shop.cached_lists:  # after the signature, which is over the whole address
                request.query = [pair for pair in request.query if pair[0] != "page"]
            call, route, allow = self._match(request, path, home)
            if route is None:
                return self._finish(200, {"methods": allow}, api_link, key, call, allow)
            call.given = self._given(request)
            if route.check:
                route.check(call)
            if not route.public and (key is None or not key["capable"]):
                code, text = route.denied
                raise RestError(code, text, 403 if key else 401)
            payload, status = route.answer(call), call.status
        except RestError as error:
            payload, status = error.body(), error.status
            if status in (401, 403) and error.code != "rest_forbidden":
                allow = []
        response = self._finish(status, payload, api_link, key, call, allow)
        if fault and fault.after:
            return Response(0)
        if fault and fault.body == "truncated":
            response.body = response.body[: len(response.body) // 2]
        if request.method == "HEAD":
            response.body = b""
        return response

    def _match(self, request: Request, path: str, home: str) -> tuple[Call, Route | None, list[str]]:
        method = "GET" if request.method == "HEAD" else request.method
        allow: list[str] = []
        wanted: Route | None = None
        ids: list[int] = []
        for pattern, route in self._routes:
            match = pattern.match(path)
            if match is None:
                continue
            allow += [name for name in route.method.split() if name not in allow]
            if method in route.method.split():
                wanted, ids = route, [int(part) for part in match.groups() if part.isdigit()]
        allow.sort(key=["GET", "POST", "PUT", "PATCH", "DELETE"].index)
        if not allow or (wanted is None and method != "OPTIONS"):
            raise RestError("rest_no_route", "No route was found matching the URL and request method.", 404)
        return Call(self._shop, request, home, ids, {}), wanted, allow

    def _given(self, request: Request) -> dict[str, Any]:
        """The body's parameters; wrong JSON is a 400 before anything else is asked."""
        if request.method in ("GET", "HEAD", "OPTIONS") or not request.body:
            return {}
        if "json" not in request.header("Content-Type"):
            return dict(parse_qsl(request.body.decode("utf-8", "replace")))
        try:
            given = json.loads(request.body.decode())
        except UnicodeDecodeError:
            text = "Malformed UTF-8 characters, possibly incorrectly encoded"
            raise self._bad_json(5, text) from None
        except ValueError:
            raise self._bad_json(4, "Syntax error") from None
        return given if isinstance(given, dict) else {}

    @staticmethod
    def _bad_json(code: int, text: str) -> RestError:
        return RestError(
            "rest_invalid_json", "Invalid JSON body passed.", 400, json_error_code=code, json_error_message=text
        )

    def _finish(
        self, status: int, payload: Any, api_link: str, key: dict[str, Any] | None, call: Call | None, allow: list[str]
    ) -> Response:
        if call and status < 400:
            payload = pick(payload, call.request.param("_fields"))
        headers = list(_COMMON)
        link = call.link if call else ""
        if not link:
            headers.append(("Link", api_link))
        headers += _EXPOSED
        if call and status < 400:
            headers += call.headers
        if link:  # the pages' links replace the one to the API
            headers.append(("Link", link))
        if allow:
            headers.append(("Allow", ", ".join(allow)))
        headers += _NEVER_KEEP if key else [("Vary", "Origin")]
        return Response(status, json_encode(payload).encode(), headers)


def pick(payload: Any, fields: str) -> Any:
    """_fields: only these keys, also nested (billing.email). A single object keeps its _links all the same."""
    wanted = [part.strip() for part in fields.split(",") if part.strip()]
    if not wanted:
        return payload
    if isinstance(payload, list):
        return [_pick(item, wanted) for item in payload]
    if not isinstance(payload, dict):
        return payload
    return {**_pick(payload, wanted), **({"_links": payload["_links"]} if "_links" in payload else {})}


def _pick(item: Any, wanted: list[str]) -> Any:
    if not isinstance(item, dict):
        return item
    picked: dict[str, Any] = {}
    for key, value in item.items():
        nested = [name.partition(".")[2] for name in wanted if name.startswith(f"{key}.")]
        if key in wanted:
            picked[key] = value
        elif nested and isinstance(value, dict):
            picked[key] = _pick(value, nested)
    return picked
