"""/wc-auth/v1: how a shop hands its keys to an application, without copy and paste.

Unlike a real shop this one asks for no login: who can open the page may approve. Errors are HTML pages with 401.
"""

import hashlib
import hmac
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from demo.shops.outgoing import is_loopback
from demo.shops.web import Request, Response, redirect

from .pages import page

if TYPE_CHECKING:
    from .shop import Shop

_PARAMS = ("app_name", "user_id", "return_url", "callback_url", "scope")
_SCOPES = {
    "read": ("Lettura", ["Vedere i clienti", "Vedere gli ordini e i rapporti", "Vedere i prodotti"]),
    "write": ("Scrittura", ["Creare webhook", "Creare ordini", "Creare prodotti"]),
    "read_write": (
        "Lettura/Scrittura",
        ["Creare webhook", "Vedere e gestire i clienti", "Vedere e gestire gli ordini", "Vedere e gestire i prodotti"],
    ),
}


def _denied(shop: "Shop", request: Request, reason: str) -> Response:
    return page(shop, request, "wc_auth_denied", {"reason": reason}, status=401)


def _problem(shop: "Shop", request: Request) -> str:
    for name in _PARAMS:
        if not request.param(name):
            return f"Missing parameter {name}."
    if request.param("scope") not in _SCOPES:
        return f"Invalid scope {request.param('scope')}."
    for name in ("return_url", "callback_url"):
        parts = urlsplit(request.param(name))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return f"The {name} is not a valid URL."
    callback = urlsplit(request.param("callback_url"))
    if callback.scheme != "https" and not (shop.callback_http_ok and is_loopback(callback.hostname or "")):
        return "The callback_url needs to be over SSL."
    return ""


def _nonce(shop: "Shop", request: Request) -> str:
    text = "|".join(request.param(name) for name in _PARAMS).encode()
    return hmac.new(shop.salt, text, hashlib.sha256).hexdigest()[:10]


def _back(request: Request, success: int) -> str:
    """return_url keeps its own query string."""
    url = request.param("return_url")
    query = urlencode({"success": success, "user_id": request.param("user_id")})
    return f"{url}{'&' if '?' in url else '?'}{query}"


def respond(shop: "Shop", request: Request) -> Response:
    step = request.path.rstrip("/").rpartition("/")[2]
    problem = _problem(shop, request)
    if problem:
        return _denied(shop, request, problem)
    if step == "access_granted":
        if not hmac.compare_digest(request.param("wc_auth_nonce"), _nonce(shop, request)):
            return _denied(shop, request, "Invalid nonce verification.")
        return _grant(shop, request)
    if step != "authorize":
        return _denied(shop, request, "Invalid route.")
    kept = {name: request.param(name) for name in _PARAMS}
    granted = {**kept, "wc_auth_nonce": _nonce(shop, request)}
    word, rights = _SCOPES[request.param("scope")]
    return page(
        shop,
        request,
        "wc_auth_grant",
        {
            "app_name": request.param("app_name"),
            "scope": word,
            "rights": rights,
            "receiver": urlsplit(request.param("callback_url")).hostname,
            "granted_url": f"{shop.home(request)}/wc-auth/v1/access_granted/?{urlencode(granted)}",
            "denied_url": _back(request, 0),
        },
    )


def _grant(shop: "Shop", request: Request) -> Response:
    """The keys are posted during this click; any answer but exactly 200, and none within a minute, takes them back."""
    scope = request.param("scope")
    key = shop.keys.add(permissions=scope, description=request.param("app_name"))
    body = json.dumps(
        {
            "key_id": key["id"],
            "user_id": request.param("user_id"),
            "consumer_key": key["consumer_key"],
            "consumer_secret": key["consumer_secret"],
            "key_permissions": scope,
        },
        separators=(",", ":"),
    )
    headers = [
        ("User-Agent", f"WordPress/7.1; {shop.public_url}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "deflate, gzip, br, zstd"),
        ("Content-Type", "application/json;charset=UTF-8"),
        ("Connection", "close"),
    ]
    answer = shop.webhooks.transport(request.param("callback_url"), headers, body.encode(), shop.patience_s)
    if answer.status != 200:
        shop.keys.remove(key["consumer_key"])
        text = "An error occurred in the request and at the time were unable to send the consumer data."
        return _denied(shop, request, text)
    return redirect(_back(request, 1))
