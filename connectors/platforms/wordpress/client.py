"""Calls to our plugin in one WordPress shop: one address, JSON both ways, signed both ways."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.platforms.base import Access
from connectors.platforms.errors import (
    PageInstead,
    ReconnectNeeded,
    ShopBlocked,
    ShopBusy,
    ShopUnreachable,
    Unreadable,
)
from connectors.platforms.woocommerce.answers import refuse_redirect, retry_after
from connectors.platforms.woocommerce.client import fetch
from connectors.platforms.wordpress import signing
from connectors.platforms.wordpress.errors import PluginSilent, StillPairing, WooCommerceOff
from core import http
from core.strict import BadJson, load_json, text

PATH = "/wp-json/mci/"  # what a firewall or a cache must let through
_CUT_OFF = ("not_paired", "bad_signature")
_SOON = dt.timedelta(seconds=5)
_BOM = b"\xef\xbb\xbf"


class Client:
    """Raises ShopUnreachable, ShopBusy, ShopBlocked, PageInstead, PluginSilent, StillPairing, WooCommerceOff (try
    later), ReconnectNeeded, Moved (a person must act), Unreadable (the plugin refuses what it was sent)."""

    def __init__(self, home: str, rest: str, secret: str, *, deadline_s: float = 30.0) -> None:
        self._routes = dict.fromkeys([rest or fallback(home), fallback(home)])
        self._secret, self._deadline_s = secret, deadline_s

    @classmethod
    def of(cls, access: Access, *, deadline_s: float = 30.0) -> Client:
        return cls(access.address, access.credentials.get("rest", ""), access.webhook_secret, deadline_s=deadline_s)

    def call(self, op: str, **fields: Any) -> Mapping[str, Any]:
        """One call and its answer. A plugin whose clock differs from ours says its time, and is called again by it."""
        now = int(time.time())
        for _attempt in range(2):
            answer, data, sent = self._send(op, fields, now)
            error = text(data.get("error"), 60) if answer.status != 200 else ""
            if error != "stale" or sent is None:
                break
            now = sent
        if error in _CUT_OFF:  # whoever says so: a plugin that forgot its secret cannot sign
            raise ReconnectNeeded(reason=error)
        if answer.status == 503 and error == "pairing":
            raise StillPairing(after=_SOON)
        if sent is None:
            raise ShopUnreachable(reason=f"HTTP {answer.status} {error or text(data.get('code'), 60) or 'signature'}")
        if error:
            _raise(error, data)
        if answer.status != 200:
            raise ShopUnreachable(reason=f"HTTP {answer.status}")
        return data

    def _send(self, op: str, fields: Mapping[str, Any], now: int) -> tuple[http.Answer, Mapping[str, Any], int | None]:
        """The answer and, when it is the genuine one to this call, the plugin's time."""
        for route in self._routes:
            id = str(uuid.uuid4())
            body = encode({"op": op, "call": id, **fields})
            headers = signing.headers(self._secret, now, body, id)
            answer = post(route, body, headers, deadline_s=self._deadline_s, label=f"mci {op}")
            data = decode(answer)
            sent = signing.time_of(self._secret, answer.headers, answer.body)
            if sent is not None and data.get("call") == id:
                return answer, data, sent
            if answer.status not in (404, 405):  # else perhaps the shop changed its permalinks
                return answer, data, None
        raise PluginSilent(reason=f"HTTP {answer.status}")


def _raise(error: str, data: Mapping[str, Any]) -> None:
    """What a signed error means for us."""
    if error == "woocommerce_missing":
        raise WooCommerceOff
    if error in ("bad_request", "unknown_op", "too_many"):
        raise Unreadable(reason=f"{error}: {text(data.get('message'), 120)}")
    raise ShopUnreachable(reason=error)


def fallback(home: str) -> str:
    """The address that works with every kind of permalinks."""
    return f"{home}/?rest_route=/mci/v1/call"


def encode(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def post(url: str, body: bytes, headers: Mapping[str, str], *, deadline_s: float, label: str) -> http.Answer:
    """Raises ShopUnreachable, ShopBusy, PageInstead, Moved, NotAShop (an address that may not be called)."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    answer = fetch("POST", url, headers, body, deadline_s=deadline_s, label=label)
    refuse_redirect(answer)
    wait = retry_after(answer)
    if answer.status == 429 or (answer.status == 503 and wait):
        raise ShopBusy(after=wait)
    return answer


def decode(answer: http.Answer) -> Mapping[str, Any]:
    """The JSON object of an answer; none of a page that is not there. Raises ShopBlocked, PageInstead for what was
    written by something before the shop, ShopUnreachable."""
    try:
        data = load_json(answer.body.removeprefix(_BOM), max_bytes=http.MAX_BYTES)
    except BadJson as error:
        if answer.status in (404, 405):
            return {}
        if answer.status in (401, 403, 406, 418, 444, 451):
            raise ShopBlocked(reason=f"HTTP {answer.status}", path=PATH) from None
        if answer.body.lstrip()[:1] == b"<":
            raise PageInstead(reason=f"HTTP {answer.status}, HTML", path=PATH) from None
        raise ShopUnreachable(reason=f"HTTP {answer.status}, JSON: {error}") from None
    if not isinstance(data, dict):
        raise ShopUnreachable(reason="JSON: not an object")
    return data


def same_host(one: str, other: str) -> bool:
    """Do two addresses name one host, with or without www?"""
    hosts = [(urlsplit(url).hostname or "").removeprefix("www.") for url in (one, other)]
    return bool(hosts[0]) and hosts[0] == hosts[1] and urlsplit(one).port == urlsplit(other).port
