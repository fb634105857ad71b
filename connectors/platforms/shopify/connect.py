"""Connecting a Shopify shop: the portal's own app, an app that the reseller made for his shop alone, or the token of an
old custom app. Whatever the way, the token is tried, and what was granted is held against what we need."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from connectors.platforms.base import (
    Access,
    Begin,
    Connected,
    Doubt,
    Health,
    NotAShop,
    ReconnectNeeded,
    ShopUnreachable,
    WebhookState,
)
from connectors.platforms.shopify import oauth, webhooks
from connectors.platforms.shopify.answers import Reply, fetch, number_of
from connectors.platforms.shopify.client import VERSION, Client
from connectors.platforms.shopify.refusals import Declined, Forged, NoAppConfigured, NotAllGranted, ProtectedData
from core.strict import text

# write_x is also read_x.
SCOPES = (
    "write_orders",
    "write_products",
    "write_inventory",
    "read_locations",
    "write_merchant_managed_fulfillment_orders",
    "write_fulfillments",
    "write_publications",
)
_TEST_S = 12.0


def begin(form: Mapping[str, Any], *, token: str, callback_url: str) -> Begin:
    """See Platform.begin_connect. `mode`: app | own_app | token."""
    address = form["address"]
    if form["mode"] == "token":
        return Begin(connected=_token(address, form["access_token"], form["client_secret"]))
    kept = {name: form[name] for name in ("client_id", "client_secret")} if form["mode"] == "own_app" else {}
    client_id, secret = oauth.app_of(kept)
    if not client_id or not secret:
        raise NoAppConfigured
    _look(address)
    query = {"client_id": client_id, "scope": ",".join(SCOPES), "redirect_uri": callback_url, "state": token}
    return Begin(redirect=f"{address}/admin/oauth/authorize?{urlencode(query)}", kept=kept)


def check_answer(address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> None:
    """`payload`: the query that the browser brought (code, hmac, shop, state, timestamp). Raises Forged, Declined."""
    params = {name: value for name, value in payload.items() if isinstance(value, str)}
    _id, secret = oauth.app_of(kept)
    oauth.verify(params, [secret] if kept.get("client_id") else [secret, settings.SHOPIFY_CLIENT_SECRET_OLD])
    if webhooks.shop_address(params.get("shop", "")) != address:
        raise Forged
    if params.get("error") or not params.get("code"):
        raise Declined


def redeem(address: str, payload: Mapping[str, Any], kept: Mapping[str, str]) -> Mapping[str, Any]:
    """The code of an answer for a token: it works once. Raises ReconnectNeeded, NotAShop, TryLater."""
    if isinstance(payload.get("credentials"), dict):  # exchanged already; a query has no such value
        return payload
    return {"credentials": oauth.exchange(address, str(payload.get("code", "")), kept)}


def finish(address: str, payload: Mapping[str, Any]) -> Connected:
    """`payload`: what `redeem` gave."""
    return _try(address, payload["credentials"])


def install_address(params: Mapping[str, str]) -> str:
    """The shop that opened the portal's App URL. Raises Forged."""
    oauth.verify(params, [settings.SHOPIFY_CLIENT_SECRET, settings.SHOPIFY_CLIENT_SECRET_OLD])
    address = webhooks.shop_address(params.get("shop", ""))
    if not address:
        raise Forged
    return address


def check(access: Access) -> Health:
    client = Client(access)
    reply = client.query("shop")
    troubles = []
    missing = _missing(_granted(reply))
    if missing:
        troubles.append(Doubt("missing_scope", params={"scope": ", ".join(missing)}))
    if not _sees_customers(client):
        troubles.append(Doubt(ProtectedData.code))
    if client.other_version:
        troubles.append(Doubt("api_version", params={"used": client.other_version, "ours": VERSION}))
    made: list[str] = []
    if access.address.startswith("https:") and not access.webhook_address.startswith("https:"):
        troubles.append(Doubt("webhook_address_not_https"))
        states = [WebhookState(topic, "missing") for topic in webhooks.TOPICS]
    else:
        made, states = webhooks.subscribe(access, client)
    return Health(
        facts=_facts(reply),
        repaired=made,
        troubles=troubles,
        webhooks=states,
        store_keys=_store_keys(reply),
    )


def terms(client: Client) -> Mapping[str, Any]:
    """See Platform.terms."""
    return _facts(client.query("shop"))


def missing_scopes(granted: Iterable[str]) -> list[str]:
    """What of SCOPES was not granted."""
    return _missing(set(granted))


def _missing(granted: set[str]) -> list[str]:
    implied = granted | {f"read_{scope.removeprefix('write_')}" for scope in granted if scope.startswith("write_")}
    return [scope for scope in SCOPES if scope not in implied]


def _look(address: str) -> None:
    """Is there a shop at all, before the reseller is sent to it? Its front page says 404 where there is none."""
    answer = fetch("GET", f"{address}/", {"Accept": "text/html"}, deadline_s=_TEST_S)
    if answer.status in (404, 410):
        raise NotAShop(reason=f"HTTP {answer.status}")


def _token(address: str, access_token: str, secret: str) -> Connected:
    """A token that was made in the shop (an old custom app): it does not end."""
    found = {
        "auth_mode": "legacy_token",
        "access_token": access_token,
        # Its webhooks are signed with that app's own secret: the portal's must not open them.
        "client_id": f"custom-{secrets.token_hex(4)}",
        "client_secret": secret,
    }
    return _try(address, found)


def _try(address: str, credentials: Mapping[str, str]) -> Connected:
    """Asks the shop who it is. Raises ReconnectNeeded, NotAllGranted, NotAShop, TryLater."""
    client = Client(Access(address, "", credentials, ""), deadline_s=_TEST_S, interactive=True)
    reply = client.query("shop")
    domain = str(_shop(reply).get("myshopifyDomain", "")).lower()
    if domain != address.partition("://")[2]:
        raise ReconnectNeeded(reason=domain or "shop")
    missing = _missing(_granted(reply))
    if missing:
        raise NotAllGranted(scope=", ".join(missing))
    return Connected(
        name=text(_shop(reply).get("name"), 120) or domain,
        address=address,
        credentials=credentials,
        facts=_facts(reply),
        webhook_secret=credentials.get("client_secret", ""),
        store_keys=_store_keys(reply),
    )


def _store_keys(reply: Reply) -> list[str]:
    """Its number: the name before .myshopify.com may change."""
    found = number_of(_shop(reply).get("id"))
    return [f"shopify:{found}"] if found else []


def _shop(reply: Reply) -> Mapping[str, Any]:
    shop = reply.data.get("shop")
    if not isinstance(shop, dict):
        raise ShopUnreachable(reason="JSON: shop")
    return shop


def _granted(reply: Reply) -> set[str]:
    app = reply.data.get("currentAppInstallation")
    scopes = app.get("accessScopes") if isinstance(app, dict) else None
    return {str(scope.get("handle")) for scope in scopes or [] if isinstance(scope, dict)}


def _sees_customers(client: Client) -> bool:
    """A null address says nothing by itself; the error beside it does."""
    try:
        return not any(denied.protected for denied in client.query("customer_seen").denied)
    except ProtectedData:
        return False


def _facts(reply: Reply) -> dict[str, Any]:
    shop = _shop(reply)
    plan = shop.get("plan")
    found = reply.data.get("locations")
    nodes = found.get("nodes") if isinstance(found, dict) else None
    locations = [
        {
            "id": number_of(node.get("id")),
            "name": text(node.get("name"), 100),
            "online": node.get("fulfillsOnlineOrders") is True,
        }
        for node in nodes or []
        if isinstance(node, dict) and node.get("isActive") is not False and not node.get("isFulfillmentService")
    ]
    granted = _granted(reply)
    return {
        "version": VERSION,
        "currency": text(shop.get("currencyCode"), 3),
        "prices_with_tax": shop.get("taxesIncluded") is not False,
        "time_zone": text(shop.get("ianaTimezone"), 60),
        "plan": text(plan.get("publicDisplayName"), 60) if isinstance(plan, dict) else "",
        "locations": [location for location in locations if location["id"]],
        "scopes": sorted(granted)[:100],
        "missing_scopes": _missing(granted),
    }


def location_of(access: Access) -> str:
    """The number of the location whose stock we keep: the one that he chose, else the first that serves online orders.
    "" where there is none."""
    known = access.facts.get("locations") or []
    chosen = str(access.options.get("location") or "")
    if chosen in [location["id"] for location in known]:
        return chosen
    ordered = sorted(known, key=lambda location: not location.get("online"))
    return str(ordered[0]["id"]) if ordered else ""
