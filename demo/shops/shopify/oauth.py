"""/admin/oauth/: the page on which the merchant agrees, and the exchange of codes and refresh tokens.

Unlike a real store this one asks for no login: who can open the page may agree."""

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from demo.shops.web import Request, Response, html, redirect

from .pages import page
from .tokens import App, OAuthError

if TYPE_CHECKING:
    from .shop import Shop

_ASKED = ("client_id", "scope", "redirect_uri", "state")
_WORDS = {
    "orders": "Ordini",
    "all_orders": "Ordini più vecchi di 60 giorni",
    "products": "Prodotti",
    "inventory": "Giacenze",
    "locations": "Sedi",
    "fulfillments": "Spedizioni",
    "merchant_managed_fulfillment_orders": "Ordini da evadere",
    "publications": "Canali di vendita",
    "customers": "Clienti",
    "payment_terms": "Termini di pagamento",
}


def respond(shop: "Shop", request: Request) -> Response:
    if request.path.rstrip("/") == "/admin/oauth/access_token" and request.method == "POST":
        return _access_token(shop, request)
    if request.path.rstrip("/") == "/admin/oauth/authorize":
        return _decide(shop, request) if request.method == "POST" else _ask(shop, request)
    return html("<h1>404 Not Found</h1>", 404)


def _error(error: str, text: str, status: int = 400) -> Response:
    return html(
        f"<!DOCTYPE html><html><head><title>Oauth error</title></head><body>Oauth error {error}: {text}</body></html>",
        status,
    )


def _asked(shop: "Shop", given: dict[str, str]) -> App | Response:
    app = shop.tokens.apps.get(given["client_id"])
    if app is None:
        return _error("invalid_request", "Could not find Shopify API application with api_key")
    if app.redirect_uris and given["redirect_uri"] not in app.redirect_uris:
        return _error("invalid_request", "The redirect_uri is not whitelisted")
    if not re.match(r"https?://", given["redirect_uri"]):
        return _error("invalid_request", "The redirect_uri is missing or not valid")
    if not given["scope"].strip():
        return _error("invalid_scope", "The access scope is invalid")
    return app


def _ask(shop: "Shop", request: Request) -> Response:
    given = {name: request.param(name) for name in _ASKED}
    app = _asked(shop, given)
    if isinstance(app, Response):
        return app
    scopes = sorted({scope.strip() for scope in given["scope"].split(",") if scope.strip()})
    rows = [{"scope": scope, "words": _spelled(scope)} for scope in scopes]
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(given["redirect_uri"]))
    return page(shop, request, "authorize", {"app": app.title, "given": given, "scopes": rows}, forms=origin)


def _spelled(scope: str) -> str:
    verb, _, noun = scope.partition("_")
    word = _WORDS.get(noun, noun.replace("_", " "))
    return f"{word}: {'leggere e modificare' if verb == 'write' else 'leggere'}"


def _decide(shop: "Shop", request: Request) -> Response:
    form = request.form()
    given = {name: form.get(name, "") for name in _ASKED}
    app = _asked(shop, given)
    if isinstance(app, Response):
        return app
    if form.get("decision") != "install":
        params = {"error": "access_denied", "shop": shop.domain, "state": given["state"]}
        params["timestamp"] = str(int(shop.clock().timestamp()))
        return redirect(shop.tokens.callback(app, given["redirect_uri"], params))
    asked = {scope.strip() for scope in given["scope"].split(",") if scope.strip()}
    granted = asked
    if form.get("listed"):  # the page's boxes; a form without them grants everything
        granted = asked & {name.removeprefix("grant_") for name in form if name.startswith("grant_")}
    return redirect(shop.tokens.grant_code(app, given["redirect_uri"], granted, given["state"]))


def _access_token(shop: "Shop", request: Request) -> Response:
    fault = shop.faults.take(["access_token"])
    if fault:
        shop.sleep(fault.slow)
        if fault.before_acting:
            return fault.answer() or _error("server_error", "", 500)
    try:
        given: Any = json.loads(request.body) if request.body[:1] == b"{" else request.form()
        answer = shop.tokens.exchange(given)
    except OAuthError as error:
        if error.html:
            return _error(error.error, "This shop does not have the app installed.", error.status)
        return _json({"error": error.error, "error_description": error.description}, error.status)
    except ValueError:
        return _json({"error": "invalid_request"}, 400)
    if fault and fault.kind == "no_expires_in":
        answer.pop("expires_in", None)
    response = _json(answer)
    if fault and fault.after:
        return fault.answer() or response
    if fault and fault.kind == "truncated":
        response.body = response.body[: len(response.body) // 2]
    return response


def _json(payload: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(payload).encode(), [("Content-Type", "application/json; charset=utf-8")])
