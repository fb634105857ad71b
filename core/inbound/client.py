"""Who a request comes from, by address."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    return address_of(request.META)


def network(request: HttpRequest) -> str:
    return network_of(request.META)


def address_of(meta: Mapping[str, Any]) -> str:
    """The client's IP address. Behind settings.TRUSTED_PROXIES proxies of ours each adds to X-Forwarded-For whom it
    heard: the last that many entries are true, what stands before them is what the client says of himself. "" when
    there is none (a socket)."""
    peer: str = meta.get("REMOTE_ADDR") or ""
    hops: int = settings.TRUSTED_PROXIES
    if not hops:
        return _ip(peer)
    told = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return (_ip(told[-hops]) if len(told) >= hops else "") or _ip(peer)


def network_of(meta: Mapping[str, Any]) -> str:
    """The address by which tries are counted: of IPv6 the /64, of which every household has one."""
    found = address_of(meta)
    if ":" not in found:
        return found
    return str(ipaddress.ip_network(f"{found}/64", strict=False).network_address)


def _ip(text: str) -> str:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)
