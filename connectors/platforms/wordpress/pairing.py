"""Pairing a WordPress shop: a one-time code that the reseller takes into his wp-admin, where our plugin exchanges it
for its secret.

The plugin shows the person before it who will be given the orders, hands the code in, and asks how it stands until the
one who began has confirmed. Whoever brings the code is not believed: MCI calls the plugin at the address that the
reseller typed, and only a plugin that holds the code can answer. The secret is derived from the code and from the
installation that brings it, so that an installation whose answer was lost is given the same one again, and nothing has
to be remembered for it."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from django.utils.crypto import salted_hmac

from connectors.platforms.base import Access, Begin, Connected
from connectors.platforms.errors import NotAShop, ShopBusy
from connectors.platforms.tax import rates_of
from connectors.platforms.woocommerce.client import fetch
from connectors.platforms.woocommerce.connect import store_keys
from connectors.platforms.woocommerce.forms import clean_address
from connectors.platforms.wordpress import package, signing
from connectors.platforms.wordpress.client import decode, encode, fallback, post, same_host
from connectors.platforms.wordpress.errors import BadPairing, NotProven, PluginTooOld, WrongHome
from core.errors import TryLater
from core.strict import BadJson, load_json, text

_CODE = re.compile(r"[A-Za-z0-9_-]{20,64}", re.ASCII)
_INSTALL = re.compile(r"[0-9a-fA-F-]{32,36}", re.ASCII)
TERMS = ("currency", "taxed", "prices_with_tax", "tax_rates")
PAIRING = 2  # how the plugin pairs: it shows who will get the orders, hands the code in, and asks until it is answered
_LOOK_S = 10.0
_PROVE_S = 30.0  # of both routes


def begin(address: str, *, code: str) -> Begin:
    """The code, and the page of his wp-admin where it goes. Raises NotAShop, TryLater: nobody is sent to an address
    where nothing answers. The plugin need not be there yet."""
    home = _look(address)
    page = f"{home}/wp-admin/admin.php?page=mci-connector&mci_code={quote(code, safe='')}"
    return Begin(redirect=page, code=code)


def _look(address: str) -> str:
    """The home of the WordPress at an address, which may be a page of it. Its index may be shut or hidden by a security
    plugin: only a clear no is believed."""
    for url in (f"{address}/wp-json/", f"{address}/?rest_route=/"):
        answer = fetch("GET", url, {"Accept": "application/json"}, deadline_s=_LOOK_S)
        if answer.status in (301, 302, 307, 308):
            target = answer.headers.get("location", "")
            if urlsplit(target).hostname and not same_host(address, target):
                raise NotAShop(reason=f"HTTP {answer.status} → {urlsplit(target).netloc}"[:120])
            return address
        if answer.status == 200 and answer.body.lstrip()[:1] == b"{":
            return _said_home(address, answer.body)
        if answer.status not in (200, 404):
            return address
    raise NotAShop(reason="WordPress")


def _said_home(address: str, index: bytes) -> str:
    try:
        data = load_json(index)
        return _home(address, data if isinstance(data, dict) else {})
    except (BadJson, WrongHome):
        return address  # the plugin itself will say what is wrong


def check(address: str, payload: Mapping[str, Any]) -> None:
    """What is to be said of the plugin's message before anybody is called. Raises WrongHome, BadPairing, NotAShop,
    PluginTooOld."""
    _home(address, payload)
    _install(payload)
    if not _CODE.fullmatch(str(payload.get("code", ""))):
        raise BadPairing(reason="code")
    if payload.get("pairing") != PAIRING:  # it shows nobody who will get the orders, and waits for an answer at once
        raise PluginTooOld(installed=text(payload.get("plugin"), 20) or "?", newest=package.version())
    if not text(payload.get("woocommerce"), 20):
        raise NotAShop(reason="WooCommerce")


def finish(address: str, payload: Mapping[str, Any]) -> Connected:
    """The plugin's message with the code, tried against the address that the reseller typed: the plugin there is
    called. A worker's."""
    check(address, payload)
    code, home = str(payload["code"]), _home(address, payload)
    rest = prove(home, str(payload.get("rest", "")), code)
    orders = payload.get("orders")
    install = _install(payload)
    return Connected(
        name=text(payload.get("name"), 120) or home.split("//", 1)[-1],
        address=home,
        credentials={"install": install, "rest": rest},
        webhook_secret=secret_of(code, install),
        facts=facts(payload),
        store_keys=keys(payload),
        orders=orders if type(orders) is int and 0 <= orders < 10**9 else None,
    )


def keys(said: Mapping[str, Any]) -> list[str]:
    """What the store is recognised by, as its plugin says; also an older plugin, which knows no id of the store's."""
    install = said.get("install")
    found = store_keys(text(said.get("home"), 200), said.get("store_id"))
    if isinstance(install, str) and _INSTALL.fullmatch(install):
        found.append(f"install:{install.lower()}")
    return found


def answer(access: Access, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The secret, for the installation that brought the code: as often as it asks, for an answer may be lost. Its id is
    told to nobody but MCI."""
    secret = secret_of(str(payload.get("code", "")), _install(payload))
    if not hmac.compare_digest(secret.encode(), access.webhook_secret.encode()):
        return None
    return {"secret": secret, "shop": text(payload.get("name"), 120), "time": int(time.time())}


def secret_of(code: str, install: str) -> str:
    """64 hex letters."""
    return salted_hmac("connectors.wordpress.pairing", f"{code}.{install}", algorithm="sha256").hexdigest()


def _install(payload: Mapping[str, Any]) -> str:
    install = payload.get("install")
    if not isinstance(install, str) or not _INSTALL.fullmatch(install):
        raise BadPairing(reason="install")
    return install.lower()


def _home(address: str, payload: Mapping[str, Any]) -> str:
    """The shop's own address for itself. It must be what the reseller typed, or what he typed lies within it."""
    given = text(payload.get("home"), 200)
    try:
        home = clean_address(given)
    except ValueError:
        raise WrongHome(typed=address, home=given or "?") from None
    asked, own = urlsplit(address).path.rstrip("/") + "/", urlsplit(home).path.rstrip("/") + "/"
    if not same_host(address, home) or not asked.startswith(own):
        raise WrongHome(typed=address, home=home)
    # clean_address makes public addresses https: one that the shop itself calls http cannot be called.
    if given.lower().startswith("http:") and not home.startswith("http:"):
        raise WrongHome(typed=home, home=given)
    return home


def prove(home: str, rest: str, code: str) -> str:
    """Calls the plugin at its address, and only one that holds the code can answer; the route that it answered on.
    Raises NotProven, NotAShop."""
    challenge = secrets.token_hex(16)
    body = encode({"op": "prove", "challenge": challenge})
    reason, until = "", time.monotonic() + _PROVE_S
    for route in dict.fromkeys([rest if _belongs(rest, home) else fallback(home), fallback(home)]):
        try:
            answer = post(route, body, {}, deadline_s=max(until - time.monotonic(), 1.0), label="mci prove")
            data = decode(answer)
        except ShopBusy:
            raise
        except TryLater as error:
            reason = str(error.params["reason"])
            continue
        given = data.get("proof")
        if isinstance(given, str) and hmac.compare_digest(given.encode(), signing.proof(code, challenge).encode()):
            return route
        reason = f"HTTP {answer.status} {text(data.get('error') or data.get('code'), 40)}".strip()
    raise NotProven(home=home, reason=reason)


def _belongs(rest: str, home: str) -> bool:
    """Does the route that the plugin gives lie within its home? Nothing else is called."""
    parts, own = urlsplit(rest), urlsplit(home)
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc) or not parts.path.startswith(own.path):
        return False
    return parts.path.endswith("/mci/v1/call") or parse_qs(parts.query).get("rest_route") == ["/mci/v1/call"]


def facts(said: Mapping[str, Any]) -> dict[str, Any]:
    """What the plugin says of itself and of its shop, at the pairing and at each check."""
    gateways = said.get("gateways")
    return {
        "version": text(said.get("wordpress"), 20),
        "woocommerce": text(said.get("woocommerce"), 20),
        "plugin": text(said.get("plugin"), 20),
        "php": text(said.get("php"), 20),
        "currency": text(said.get("currency"), 3),
        **_tax(said),
        "time_zone": text(said.get("time_zone"), 60),
        "hpos": said.get("hpos") is True,
        "gateways": [
            {
                "id": text(row.get("id"), 100),
                "title": text(row.get("title"), 120),
                "enabled": row.get("enabled") is True,
            }
            for row in (gateways if isinstance(gateways, list) else [])[:60]
            if isinstance(row, dict)
        ],
    }


def _tax(said: Mapping[str, Any]) -> dict[str, Any]:
    """See connectors/platforms/tax.py. The plugin itself takes the tax off where the shop writes its prices without, so
    for us they are always with it; one before 1.1 does not tell the rates."""
    rates = said.get("tax_rates")
    known = [row for row in rates if isinstance(row, dict)] if isinstance(rates, list) else None
    return {
        "taxed": said.get("taxed") is not False,
        "prices_with_tax": True,
        "tax_rates": None if known is None else rates_of(known),
    }
