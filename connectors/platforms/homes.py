"""The address of a store in a form that tells stores apart, and nothing else: neither the scheme nor “www”, the usual
port or a final slash make another store. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from core.lines import seen

HOME = "home:"
_USUAL_PORTS = (None, 80, 443)
_LANGUAGE = re.compile(r"/[a-z]{2}(?:[-_][A-Za-z]{2,4})?")  # what a translation plugin puts behind the address
_LONGEST = 200


# Slips of the pen in what stands before an address: https:/x, https//x, http:x, https://https://x.
_SCHEMES = re.compile(r"(?:(?P<scheme>https?)(?::/{0,4}|/{2,4}))+", re.IGNORECASE)
_AROUND = " \t\r\n\"'`“”„«»‘’‹›<>()[];,"


def typed_address(text: str) -> str:
    """An address as it is meant, of what somebody typed or pasted: without what stands around it, what nobody sees, and
    slips in its scheme. No judgement whether it is one."""
    bare = seen(text).strip(_AROUND)
    found = _SCHEMES.match(bare)
    return f"{found['scheme'].lower()}://{bare[found.end() :]}" if found else bare


def home_key(address: str) -> str:
    """`https://www.Shop.example.it/negozio/` is home:shop.example.it/negozio; "" for what is no address."""
    try:
        parts = urlsplit(address.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host.encode("idna").decode().removeprefix("www.")
    except ValueError:  # idna's error is one too
        return ""
    if parts.scheme not in ("http", "https") or not host or len(address) > _LONGEST or parts.username is not None:
        return ""
    return f"{HOME}{host}{'' if port in _USUAL_PORTS else f':{port}'}{parts.path.rstrip('/')}"


def is_within(key: str, above: str) -> bool:
    """Is one home the other, or a folder of it?"""
    return key == above or key.startswith(f"{above}/")


@lru_cache(maxsize=2048)  # asked for each webhook, whose shop sends the same again and again
def foreign(source: str, *, address: str, home: str = "") -> str:
    """The site that `source` (the home address that a message names) is, where it is not the store's; "" for the
    store's own and for a message that names none. `address`: what MCI calls; `home`: what the store calls itself."""
    if not source.strip() or source.rstrip("/") in (address, home.rstrip("/")):
        return ""
    key = home_key(source) if len(source) < _LONGEST else ""  # what is longer was cut where it was kept
    owns = [own for own in (home_key(home) if home else "", home_key(address)) if own]
    for own in owns:
        if key and key.startswith(own) and (key == own or _LANGUAGE.fullmatch(key[len(own) :])):
            return ""
    if key and not home and any(is_within(own, key) for own in owns):
        return ""  # a page of the store was connected, and it did not say yet what its home is
    return (key.removeprefix(HOME) or source.strip())[:100]
