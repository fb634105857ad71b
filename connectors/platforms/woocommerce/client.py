"""The REST API of one WooCommerce shop: keys, and what its answers mean for us."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.platforms.base import Access, NotAShop, ReconnectNeeded, ShopUnreachable
from connectors.platforms.woocommerce.answers import NotFound as NotFound
from connectors.platforms.woocommerce.answers import Reply as Reply
from connectors.platforms.woocommerce.answers import judge, skew
from connectors.platforms.woocommerce.errors import (
    BadCertificate,
    ClockOff,
    HttpsNeeded,
    KeyReadOnly,
    KeyRefused,
    KeyUnknown,
)
from core import http

API_ROOTS = ("/wp-json", "/index.php/wp-json")  # the second: permalinks without rewriting
AUTHS = ("basic", "oauth", "oauth:http", "oauth:https")
OAUTH_WINDOW = dt.timedelta(minutes=14)  # WooCommerce's is 15


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


class Client:
    """Calls one shop. Raises what woocommerce/errors.py and platforms/errors.py say.

    `auth`: how the keys are shown. "basic" needs https, and a shop that sees that it is https. Else requests are signed
    ("oauth"): over http; behind a proxy that hides the https from WordPress, which then signs as http ("oauth:http");
    and where the web server drops the Authorization header. `skew` is how far the shop's clock is ahead of ours."""

    def __init__(
        self,
        address: str,
        key: str,
        secret: str,
        *,
        root: str = API_ROOTS[0],
        auth: str = "",
        deadline_s: float = 30.0,
    ) -> None:
        self.address, self._key, self._secret, self._root = address, key, secret, root
        self.auth = auth or ("basic" if urlsplit(address).scheme == "https" else "oauth")
        self.deadline_s = deadline_s
        self.skew: dt.timedelta | None = None
        self.orders: int | None = None  # how many the shop has, as it said when its keys were tried

    @classmethod
    def of(cls, access: Access, *, deadline_s: float = 30.0) -> Client:
        return cls(
            access.address,
            access.credentials.get("consumer_key", ""),
            access.credentials.get("consumer_secret", ""),
            root=access.facts.get("api_root", API_ROOTS[0]),
            auth=access.facts.get("auth", ""),
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
        if method == "GET":  # an address of its own, to which no cache has an answer; WooCommerce passes over the name
            query["mci_now"] = secrets.token_hex(6)
            headers["Cache-Control"] = "no-cache"
        if self.auth == "basic":
            pair = base64.b64encode(f"{self._key}:{self._secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            _oauth, _colon, scheme = self.auth.partition(":")
            signed = url if not scheme else f"{scheme}{url[url.index(':') :]}"
            query = oauth_params(method, signed, query, self._key, self._secret)
        body = None
        if data is not None:
            body, headers["Content-Type"] = json.dumps(data).encode(), "application/json"
        whole = f"{url}?{urlencode(query, quote_via=quote)}"
        answer = fetch(method, whole, headers, body, deadline_s=self.deadline_s, label=f"{method} {path}")
        self.skew = skew(answer)
        try:
            return judge(answer)
        except KeyRefused:
            self._explain(method)
            raise

    def _explain(self, method: str) -> None:
        """Why a key that is known was refused. Raises ClockOff, KeyReadOnly; nothing: its secret is wrong."""
        if self.auth != "basic" and self.skew is not None and abs(self.skew) > OAUTH_WINDOW:
            raise ClockOff(minutes=round(abs(self.skew).total_seconds() / 60)) from None
        if method != "GET":
            self.get("orders", per_page="1", _fields="id")  # raises KeyRefused when it is the secret
            raise KeyReadOnly(reason="read_write") from None

    def find_auth(self) -> None:
        """Tries the keys, and the other ways to show them where this one is not seen; keeps the one that works. Raises
        as `send`."""
        try:
            self.orders = self.get("orders", per_page="1", _fields="id").total
        except KeyUnknown as unknown:
            tried = self.auth
            for way in AUTHS:
                if way in (tried, "basic"):
                    continue
                self.auth = way
                try:
                    self.orders = self.get("orders", per_page="1", _fields="id").total
                except ReconnectNeeded:
                    continue
                return
            self.auth = tried
            raise unknown from None


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
        reason = error.params["reason"]
        raise (BadCertificate if reason == "TLS" else ShopUnreachable)(reason=reason) from None
    except http.AddressRefused as error:
        reason = error.params["reason"]
        raise (HttpsNeeded if reason == "https" else NotAShop)(reason=reason) from None
