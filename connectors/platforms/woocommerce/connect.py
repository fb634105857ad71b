"""The two ways to connect a WooCommerce shop: keys that the reseller copies, or wc-auth: he approves in his shop.

The keys of wc-auth come unsigned, in a request that names no shop: they are tried against the address he typed."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from connectors.platforms.base import Access, Begin, Connected, Doubt, Health, NotAShop, ReconnectNeeded
from connectors.platforms.homes import home_key
from connectors.platforms.woocommerce import settings, webhooks
from connectors.platforms.woocommerce.answers import NotFound, decode, judge, refuse_redirect
from connectors.platforms.woocommerce.client import API_ROOTS, Client, fetch
from connectors.platforms.woocommerce.errors import ApiClosed, ApiMissing, NoWooCommerce, PlainPermalinks
from core import http
from core.errors import DomainError
from core.strict import text

_KEY = re.compile(r"ck_[A-Za-z0-9]{20,64}", re.ASCII)
_SECRET = re.compile(r"cs_[A-Za-z0-9]{20,64}", re.ASCII)
_STORE_ID = re.compile(r"[a-z0-9-]{8,64}", re.ASCII)
_TEST_S, _PATIENT_S = 12.0, 30.0
ZERO = dt.timedelta()
_INDEX = "_fields=name,home,timezone_string,gmt_offset,namespaces"
_STATUS = "environment.version,environment.wp_version,environment.home_url,environment.store_id"
CLOCK_OFF_S = 120  # of the shop: its orders' dates are off by so much


def begin(form: Mapping[str, Any], *, token: str, receiver: str, return_url: str, callback_url: str) -> Begin:
    address = form["address"]
    if form["mode"] == "keys":
        return Begin(connected=_try(address, form["consumer_key"], form["consumer_secret"]))
    address, _root, _about = _find(address)  # is there a shop at all? before the reseller is sent there
    query = {
        "app_name": receiver,  # the page where the shop's owner approves shows it, and so does the key's description
        "scope": "read_write",
        "user_id": token,  # comes back with the keys
        "return_url": return_url,
        "callback_url": callback_url,
    }
    return Begin(redirect=f"{address}/wc-auth/v1/authorize?{urlencode(query)}")


def finish(address: str, payload: Mapping[str, Any]) -> Connected:
    """`payload`: consumer_key, consumer_secret, key_permissions. A worker's: it has patience with a slow shop."""
    key, secret = keys_in(payload)
    return _try(address, key, secret, deadline_s=_PATIENT_S)


def keys_in(payload: Mapping[str, Any]) -> tuple[str, str]:
    """Key and secret. Raises ReconnectNeeded for what is none."""
    key, secret = str(payload.get("consumer_key", "")), str(payload.get("consumer_secret", ""))
    if not _KEY.fullmatch(key) or not _SECRET.fullmatch(secret):
        raise ReconnectNeeded(reason="consumer_key")
    return key, secret


def check(access: Access) -> Health:
    try:
        root, index = _index(access.address)
    except (NoWooCommerce, PlainPermalinks) as error:  # it was there: it heals when it is switched on again
        raise ApiMissing(reason=str(error.params["reason"])) from None
    client = Client.of(access)
    client.find_auth()
    facts, keys = _facts(client, index)
    facts |= {"api_root": root, "auth": client.auth}
    repaired, states = webhooks.mend(access, client)
    troubles = list(_troubles(access, client))
    return Health(facts=facts, repaired=repaired, troubles=troubles, webhooks=states, store_keys=keys)


def _troubles(access: Access, client: Client) -> Iterator[Doubt]:
    # A shop on our own machine (the demo) delivers to it; a public one does not.
    if access.address.startswith("https:") and _is_private(access.webhook_address):
        yield Doubt("webhook_address_private")
    if client.skew is not None and abs(client.skew.total_seconds()) > CLOCK_OFF_S:
        minutes = round(abs(client.skew).total_seconds() / 60)
        yield Doubt("shop_clock_ahead" if client.skew > ZERO else "shop_clock_behind", "", {"minutes": str(minutes)})


def _is_private(url: str) -> bool:
    """WordPress delivers only to public https addresses on the usual ports."""
    return not re.match(r"https://[^/:]+(?::(?:443|8080))?/", url)


def _index(address: str) -> tuple[str, Mapping[str, Any]]:
    """Which REST root the shop has, and what it says of itself without a key (nothing, where a plugin closes that).
    Raises NotAShop, TryLater."""
    for root in API_ROOTS:
        answer = _ask(f"{address}{root}/?{_INDEX}")
        if root != API_ROOTS[0] and answer.headers.get("location", "").startswith(f"{address}{API_ROOTS[0]}/"):
            break  # with plain permalinks WordPress leads back to where nothing was
        refuse_redirect(answer)
        if answer.status == 200:
            index = decode(answer)
            if isinstance(index, dict) and "wc/v3" in (index.get("namespaces") or []):
                return root, index
            raise NoWooCommerce(reason="wc/v3")
        if answer.status not in (404, 410):
            try:
                judge(answer)
            except ApiClosed:  # to who shows no key; who shows one may be let in
                return root, {}
    plain = _ask(f"{address}/?rest_route=/&{_INDEX}")
    if plain.status == 200 and b'"wc/v3"' in plain.body.replace(b"\\/", b"/"):
        raise PlainPermalinks(reason=f"HTTP {answer.status}")
    raise NotAShop(reason=f"HTTP {answer.status}")


def _ask(url: str) -> http.Answer:
    headers = {"Accept": "application/json", "Cache-Control": "no-cache"}
    return fetch("GET", f"{url}&mci_now={secrets.token_hex(6)}", headers, deadline_s=_TEST_S, label="GET /wp-json/")


def _find(address: str) -> tuple[str, str, Mapping[str, Any]]:
    """Home address, REST root and index; “…/shop” may be WordPress itself or, more often, a page of it."""
    try:
        return (address, *_index(address))
    except NotAShop:
        parent, _slash, page = address.rpartition("/")
        if page.lower() not in ("shop", "negozio", "store"):
            raise
        return (parent, *_index(parent))


def _facts(client: Client, index: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the shop says of itself, and what the store is recognised by."""
    facts: dict[str, Any] = {}
    home, store_id = text(index.get("home"), 200), None
    if index:
        facts["time_zone"] = text(index.get("timezone_string") or index.get("gmt_offset"), 60)
    currency = client.get("data/currencies/current").data
    facts["currency"] = text(currency.get("code"), 3) if isinstance(currency, dict) else ""
    gateways = client.get("payment_gateways", _fields="id,title,enabled").data
    facts["gateways"] = [
        {"id": text(row.get("id"), 100), "title": text(row.get("title"), 120), "enabled": row.get("enabled") is True}
        for row in (gateways if isinstance(gateways, list) else [])[:60]
        if isinstance(row, dict)
    ]
    try:
        status = client.get("system_status", _fields=_STATUS).data
        environment = status.get("environment") if isinstance(status, dict) else None
        environment = environment if isinstance(environment, dict) else {}
        home, store_id = text(environment.get("home_url"), 200) or home, environment.get("store_id")
        facts["version"] = text(environment.get("version"), 20)
        facts["wordpress"] = text(environment.get("wp_version"), 20)
    except (DomainError, NotFound):
        facts.setdefault("version", "")  # the key's owner may not read it: no harm
    if home:
        facts["home"] = home
    return facts | settings.read(client), store_keys(home, store_id)


def store_keys(home: str, store_id: object) -> list[str]:
    """What a WooCommerce store is recognised by, as it says itself; also used for the plugin's."""
    found = str(store_id or "").lower()
    return [*filter(None, [home_key(home)]), *([f"woo:{found}"] if _STORE_ID.fullmatch(found) else [])]


def _try(address: str, key: str, secret: str, *, deadline_s: float = _TEST_S) -> Connected:
    """Reads the shop with the keys and asks whether they may write. Raises NotAShop, ReconnectNeeded, TryLater."""
    address, root, index = _find(address)
    client = Client(address, key, secret, root=root, deadline_s=deadline_s)
    client.find_auth()
    webhooks.check_may_write(client)
    facts, keys = _facts(client, index)
    return Connected(
        name=text(index.get("name"), 120) if index else "",
        address=address,
        credentials={"consumer_key": key, "consumer_secret": secret},
        facts={**facts, "api_root": root, "auth": client.auth, "scopes": ["read", "write"]},
        store_keys=keys,
        orders=client.orders,
    )
