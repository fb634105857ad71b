"""Tokens of Shopify: what a browser brings back is verified, exchanged for a token, and a token is renewed in time.

A token that ends comes as a pair: it lives an hour, its refresh token 90 days, and every renewal gives a new pair. The
refresh token used last goes on working until its successor is used, so an answer that was lost costs nothing."""

from __future__ import annotations

import hmac
import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from connectors.platforms.base import Access, NotAShop, ReconnectNeeded, ShopBusy, ShopUnreachable
from connectors.platforms.shopify.answers import fetch, seconds
from connectors.platforms.shopify.refusals import AppMisconfigured, Forged
from core import http
from core.strict import BadJson, load_json, text

log = logging.getLogger(__name__)

AGE_S = 600  # of what a browser brings: it may have passed by a sign-in page
_HOUR_S = 3600
_CODE = re.compile(r"[a-z_]{3,40}")
_IN_HTML = re.compile(rb"Oauth error ([a-z_]{3,40})")


def signature(params: Mapping[str, str], secret: str) -> str:
    """Hex HMAC-SHA256 over the sorted, percent-encoded query without `hmac` and `signature`."""
    signed = sorted((name, value) for name, value in params.items() if name not in ("hmac", "signature"))
    message = urlencode(signed, quote_via=quote, safe="*").replace("~", "%7E")
    return hmac.digest(secret.encode(), message.encode(), "sha256").hex()


def verify(params: Mapping[str, str], secrets: list[str], *, age_s: float = AGE_S) -> None:
    """Raises Forged for a query that Shopify did not sign, or signed long ago."""
    given = params.get("hmac", "").encode("utf-8", "surrogateescape")
    found = [hmac.compare_digest(signature(params, secret).encode(), given) for secret in secrets if secret]
    stamp = params.get("timestamp", "")
    recent = bool(re.fullmatch(r"\d{1,12}", stamp, re.ASCII)) and abs(time.time() - int(stamp)) <= age_s
    if not any(found) or not recent:
        raise Forged


def app_of(kept: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret: of the reseller's own app, or the portal's."""
    if kept.get("client_id"):
        return kept["client_id"], kept.get("client_secret", "")
    return settings.SHOPIFY_CLIENT_ID, settings.SHOPIFY_CLIENT_SECRET


def exchange(address: str, code: str, kept: Mapping[str, str], *, deadline_s: float = 15.0) -> dict[str, str]:
    """The credentials for a code; it works once. `expiring`: without it a token would silently live for ever."""
    client_id, secret = app_of(kept)
    asked = {"client_id": client_id, "client_secret": secret, "code": code, "expiring": "1"}
    return _credentials(_ask(address, asked, own=bool(kept.get("client_id")), deadline_s=deadline_s), kept)


def renew(access: Access) -> dict[str, str]:
    """A new pair for one that ends. Raises ReconnectNeeded when it cannot be renewed any more, AppMisconfigured when it
    is our own secret that is wrong, TryLater."""
    kept = access.credentials
    if not kept.get("refresh_token"):
        raise ReconnectNeeded(reason="refresh_token")
    client_id, secret = app_of(kept)
    asked = {
        "client_id": client_id,
        "client_secret": secret,
        "grant_type": "refresh_token",
        "refresh_token": kept["refresh_token"],
    }
    answer = _ask(access.address, asked, own=bool(kept.get("client_id")), deadline_s=15.0)
    # Once a token ends, its successors do: an answer that says nothing of it is not one that lives for ever.
    return _credentials({"expires_in": _HOUR_S, **answer}, kept)


def _credentials(answer: Mapping[str, Any], kept: Mapping[str, str]) -> dict[str, str]:
    token = answer.get("access_token")
    if not isinstance(token, str) or not 8 <= len(token) <= 512:
        raise ShopUnreachable(reason="access_token")
    found = {name: kept[name] for name in ("client_id", "client_secret") if kept.get(name)}
    found |= {"access_token": token, "scope": text(answer.get("scope"), 2000) or kept.get("scope", "")}
    refresh = answer.get("refresh_token") or kept.get("refresh_token", "")
    lives = answer.get("expires_in")
    if not refresh and lives is None:
        return {**found, "auth_mode": "oauth_offline"}
    ends = time.time() + (lives if isinstance(lives, int | float) and 0 < lives < 10**8 else _HOUR_S)
    return {**found, "auth_mode": "oauth_expiring", "refresh_token": str(refresh), "expires_at": str(int(ends))}


def _ask(address: str, asked: Mapping[str, str], *, own: bool, deadline_s: float) -> Mapping[str, Any]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    url = f"{address}/admin/oauth/access_token"
    answer = fetch("POST", url, headers, json.dumps(asked).encode(), deadline_s=deadline_s)
    if answer.status == 200:
        return _object(answer)
    if answer.status == 429:
        raise ShopBusy(after=seconds(answer.headers.get("retry-after")))
    if answer.status >= 500:
        raise ShopUnreachable(reason=f"HTTP {answer.status}")
    if answer.status in (404, 410) or 300 <= answer.status < 400:
        raise NotAShop(reason=f"HTTP {answer.status}")
    code = _error(answer)
    if code == "invalid_client" and not own:
        log.error("Shopify does not accept SHOPIFY_CLIENT_ID with SHOPIFY_CLIENT_SECRET.")
        raise AppMisconfigured
    raise ReconnectNeeded(reason=code or f"HTTP {answer.status}")


def _object(answer: http.Answer) -> Mapping[str, Any]:
    try:
        data = load_json(answer.body)
    except BadJson as error:
        raise ShopUnreachable(reason="HTML" if answer.body.lstrip()[:1] == b"<" else f"JSON: {error}") from None
    if not isinstance(data, dict):
        raise ShopUnreachable(reason="JSON: not an object")
    return data


def _error(answer: http.Answer) -> str:
    """The code of a refusal, which may be JSON or a page."""
    page = _IN_HTML.search(answer.body[:20_000])
    if page:
        return page[1].decode()
    try:
        data = load_json(answer.body)
    except BadJson:
        return ""
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
