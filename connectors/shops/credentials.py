"""Credentials that run out, renewed by one worker at a time and stored before anybody uses them.

The lease is a compare-and-set on the shop's row, so the call to the shop happens outside of any transaction. Whoever
comes second waits a moment and is given what the first one stored. An answer that was lost costs nothing: nothing was
stored, so the next one renews with what is stored, which a platform must honour until its successor is used."""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import replace

from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.base import Access, ReconnectNeeded, ShopBusy
from core import http, leases
from core.leases import Lease

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=45)
_CALL_S = 35.0  # of all that a renewal asks of the shop: it is over before the lease is
_PATIENCE_S = 20.0  # of those who wait for another worker's renewal
_LOOK_S = 0.2
_WORK = leases.Work(Shop, LEASE, "renew")


def renew(shop_id: int, access: Access, used: Mapping[str, str]) -> Mapping[str, str]:
    """New credentials for those that were `used` and ran out, or the ones that another worker has stored meanwhile.
    Raises what the platform raises: TryLater, ReconnectNeeded."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        stored = _stored(shop_id)
        if stored != dict(used):
            return stored
        lease = _WORK.claim(Shop.objects.filter(pk=shop_id))
        if lease is not None:
            break
        if time.monotonic() >= until or not http.left():
            raise ShopBusy
        time.sleep(_LOOK_S)
    with leases.held(lease), http.deadline(_CALL_S):
        stored = _stored(shop_id)  # another worker may have finished a moment before the lease was ours
        if stored != dict(used):
            return stored
        made = platform(_shop(shop_id).platform).renew(replace(access, credentials=stored, renew=None))
        return _store(shop_id, lease, stored, made)


def _shop(shop_id: int) -> Shop:
    found = Shop.objects.filter(pk=shop_id).exclude(state=Shop.State.GONE, sealed_credentials=b"").first()
    if found is None:  # disconnected, and its webhooks are out of the shop: its secrets are forgotten
        raise ReconnectNeeded(reason="-")
    return found


def _stored(shop_id: int) -> dict[str, str]:
    return dict(json.loads(_shop(shop_id).credentials or "{}"))


def _store(shop_id: int, lease: Lease, before: Mapping[str, str], made: Mapping[str, str]) -> Mapping[str, str]:
    """The whole set in one statement, if the lease is still ours; else what is there now (a connection made anew, or
    another worker's)."""
    shop = _shop(shop_id)
    known = bytes(shop.sealed_credentials)
    if dict(json.loads(shop.credentials or "{}")) != dict(before):
        return _stored(shop_id)
    shop.credentials = json.dumps(dict(made))
    mine = lease.mine().filter(sealed_credentials=known)
    if not mine.update(sealed_credentials=shop.sealed_credentials):
        log.warning("The renewed credentials of shop %s were not kept: others are stored.", shop_id)
        return _stored(shop_id)
    return dict(made)
