"""The REST API of one WooCommerce shop: keys, and what its answers mean for us."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.platforms.base import Access, NotAShop, ReconnectNeeded, ShopBusy, ShopUnreachable
from core import http
from core.strict import BadJson, load_json

API_ROOTS = ("/wp-json", "/index.php/wp-json")  # the second: permalinks without rewriting
_CODE = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class Reply:
    """A decoded answer of the shop."""

    status: int
    data: Any
    body: bytes = field(repr=False)
    total: int | None = None  # X-WP-Total


class NotFound(Exception):
    """404 for a thing (not for the whole API)."""


def _percent(text: str) -> str:
    return quote(text, safe="-._~")


def oauth_params(method: str, url: str, params: Mapping[str, str], key: str, secret: str) -> dict[str, str]:
    """The query of a one-legged OAuth 1.0a request (HMAC-SHA256), which plain http needs; a JSON body is not signed."""
    signed = {
        **params,
        "oauth_consumer_key": key,
        "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA256",
    }
    # WooCommerce percent-encodes keys and values before it encodes the whole string: twice in all.
    pairs = sorted((_percent(name), _percent(value)) for name, value in signed.items())
    base = "&".join([method, _percent(url), _percent("&".join(f"{name}={value}" for name, value in pairs))])
    digest = hmac.new(f"{secret}&".encode(), base.encode(), hashlib.sha256).digest()
    return {**signed, "oauth_signature": base64.b64encode(digest).decode()}


def _wait(text: str | None) -> dt.timedelta | None:
    """Retry-After in seconds, between a second and an hour; None for a date or nonsense."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return dt.timedelta(seconds=min(max(int(text), 1), 3600))


class Client:
    """Calls one shop. Raises ShopUnreachable, ShopBusy (try later), ReconnectNeeded, NotAShop (a person must act)."""

    def __init__(
        self, address: str, key: str, secret: str, *, root: str = API_ROOTS[0], deadline_s: float = 30.0
    ) -> None:
        self.address, self._key, self._secret, self._root = address, key, secret, root
        self.deadline_s = deadline_s

    @classmethod
    def of(cls, access: Access, *, deadline_s: float = 30.0) -> Client:
        return cls(
            access.address,
            access.credentials.get("consumer_key", ""),
            access.credentials.get("consumer_secret", ""),
            root=access.facts.get("api_root", API_ROOTS[0]),
            deadline_s=deadline_s,
        )

    def get(self, path: str, **params: str) -> Reply:
        return self.send("GET", path, params=params)

    def send(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, data: Mapping[str, Any] | None = None
    ) -> Reply:
        """`path` under wc/v3 ("orders/12"); NotFound when the thing is not there."""
        url = f"{self.address}{self._root}/wc/v3/{path}"
        query = dict(params or {})
        headers = {"Accept": "application/json"}
        if urlsplit(url).scheme == "https":
            pair = base64.b64encode(f"{self._key}:{self._secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            query = oauth_params(method, url, query, self._key, self._secret)
        body = None
        if data is not None:
            body, headers["Content-Type"] = json.dumps(data).encode(), "application/json"
        whole = f"{url}?{urlencode(query, quote_via=quote)}"
        answer = fetch(method, whole, headers, body, deadline_s=self.deadline_s, label=f"{method} {path}")
        return _judge(answer)


def fetch(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    deadline_s: float = 30.0,
    label: str = "",
) -> http.Answer:
    """core.http in the words of a platform."""
    try:
        return http.call(method, url, headers=headers, body=body, deadline_s=deadline_s, label=label)
    except http.NoAnswer as error:
        raise ShopUnreachable(reason=error.params["reason"]) from None
    except http.AddressRefused as error:
        raise NotAShop(reason=error.params["reason"]) from None


def decode(answer: http.Answer) -> Any:
    """The JSON of an answer; a page instead of JSON (maintenance, login) is a passing trouble."""
    try:
        return load_json(answer.body, max_bytes=http.MAX_BYTES)
    except BadJson as error:
        raise ShopUnreachable(reason="HTML" if answer.body.lstrip()[:1] == b"<" else f"JSON: {error}") from None


def refuse_redirect(answer: http.Answer) -> None:
    if 300 <= answer.status < 400:
        target = urlsplit(answer.headers.get("location", ""))
        raise NotAShop(reason=f"HTTP {answer.status} → {target.scheme}://{target.netloc}"[:120])


def _error_code(answer: http.Answer) -> str:
    try:
        data = load_json(answer.body)
    except BadJson:
        return ""
    code = data.get("code") if isinstance(data, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _judge(answer: http.Answer) -> Reply:
    status = answer.status
    refuse_redirect(answer)
    if status in (200, 201):
        total = answer.headers.get("x-wp-total", "")
        return Reply(status, decode(answer), answer.body, int(total) if total.isdigit() and len(total) < 10 else None)
    code = _error_code(answer)
    if status in (401, 403):
        raise ReconnectNeeded(reason=code or f"HTTP {status}")
    if status == 404 and code.endswith("invalid_id"):
        raise NotFound
    if status in (404, 410):  # rest_no_route, or no REST API at all: WooCommerce was switched off
        raise NotAShop(reason=code or f"HTTP {status}")
    wait = _wait(answer.headers.get("retry-after"))
    if status == 429 or (status == 503 and wait):
        raise ShopBusy(after=wait)
    raise ShopUnreachable(reason=f"HTTP {status} {code}".strip())
