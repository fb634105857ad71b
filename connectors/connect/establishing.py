"""The shop of a connection that was tried and confirmed: a new one, or a known store that goes on where it was
(connectors/shops/stores.py). Calls to shops are made outside of any transaction."""

from __future__ import annotations

import datetime as dt
import json
import logging
import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.sign_in import security_log
from connectors.connect import inheritance
from connectors.errors import AttemptOver, ShopTaken, StoreCopied
from connectors.intake import deliveries, receive
from connectors.models import NO_SECRETS, ConnectAttempt, Shop, ShopAsk, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import Connected
from connectors.shops import calls, state, stores, visits
from connectors.shops.access import access_of
from core import leases
from core.errors import DomainError

log = logging.getLogger(__name__)

IMPORT_DAYS = 30
# Who is at work with a shop's old credentials finds his lease gone, whatever he comes back with.
NO_LEASES: dict[str, Any] = {
    f"{work}_lease_{what}": None for work in ("pull", "news", "renew", "turn", "check") for what in ("until", "token")
}


def assert_possible(attempt: ConnectAttempt, connected: Connected) -> None:
    """Before it is confirmed, and changing nothing. Raises ShopTaken, StoreConnected."""
    found = stores.others(stores.keys_of(connected.address, connected.store_keys))
    mine, slug = attempt.dropshipper_id, attempt.platform
    stores.place(found, dropshipper_id=mine, slug=slug, address=connected.address)


def establish(attempt: ConnectAttempt, connected: Connected) -> Shop:
    """The shop of an attempt that was confirmed; its webhooks are still to be made. Raises ShopTaken, StoreConnected,
    StoreCopied, AttemptOver."""
    _assert_moved(attempt, connected)
    try:
        shop = _keep(attempt, connected)
    except IntegrityError:  # another attempt for the same address was a moment faster
        raise ShopTaken(address=connected.address) from None
    receive.forget()
    deliveries.forget_silence([shop.pk])
    return shop


def subscribe(shop: Shop) -> None:
    """Makes the webhooks that are missing; a shop that can't be reached now is mended by its next check. Safe to
    repeat."""
    try:
        with calls.noted(shop):
            done = platform(shop.platform).subscribe(access_of(shop))
    except DomainError as error:
        params = error.stored_params()
        Shop.objects.filter(pk=shop.pk, state=Shop.State.ACTIVE).update(
            trouble=error.code, trouble_params=params, last_check_at=None
        )
        ShopEvent.objects.create(shop=shop, code="webhooks_missing", params=params)
        return
    Shop.objects.filter(pk=shop.pk).update(last_check_at=leases.now())
    for code in sorted(set(done)):
        ShopEvent.objects.create(shop=shop, code=code, params={"count": done.count(code)})


def _assert_moved(attempt: ConnectAttempt, connected: Connected) -> None:
    """A store with the id of one that is connected at another address has moved, or is a copy of it: the old address is
    asked. Raises StoreCopied when the store is there as before."""
    found = stores.others(stores.keys_of(connected.address, connected.store_keys))
    slug, mine = attempt.platform, attempt.dropshipper_id
    shop = stores.moves(found, dropshipper_id=mine, slug=slug, address=connected.address)
    if shop is None:
        return
    try:
        with calls.noted(shop):
            said = platform(slug).check(access_of(shop)).store_keys
    except DomainError as error:
        log.info("Shop %s is not at its old address any more: %s", shop.pk, error.code)
        return
    if stores.is_at_home(shop, said):
        raise StoreCopied(name=shop.name, address=shop.address)


def _keep(attempt: ConnectAttempt, connected: Connected) -> Shop:
    keys = stores.keys_of(connected.address, connected.store_keys)
    with transaction.atomic():
        stores.lock(keys)
        mine = ConnectAttempt.objects.get(pk=attempt.pk)  # whoever else is at it waits for the same keys
        if mine.phase != ConnectAttempt.Phase.CONFIRMED or mine.try_after != attempt.try_after:
            raise AttemptOver
        place = stores.place(
            stores.others(keys, rows=Shop.objects.select_for_update(no_key=True, of=("self",))),
            dropshipper_id=mine.dropshipper_id,
            slug=mine.platform,
            address=connected.address,
        )
        shop = place.shop
        if shop is not None and _was_ended_since(shop, mine):
            raise AttemptOver
        if shop is None:
            shop = _new(mine, place)
        known_as = shop.address
        _write(shop, connected, keys)
        if place.shop is None:
            shop.save()
            visits.make(shop.dropshipper_id)
            ShopEvent.objects.create(shop=shop, code="connected")
        else:
            moved = {} if known_as == connected.address else {"address": connected.address}
            _go_on(shop, moved)
        orders = inheritance.hand_over(shop, place.heirs_of)
        if orders:
            names = ", ".join(old.name for old in place.heirs_of)[:120]
            ShopEvent.objects.create(shop=shop, code="orders_adopted", params={"count": orders, "name": names})
        ConnectAttempt.objects.filter(pk=mine.pk).update(
            shop=shop, used_at=timezone.now(), phase=ConnectAttempt.Phase.KEPT, trouble="", **NO_SECRETS
        )
        code = "shop_connected" if place.shop is None else "shop_reconnected"
        said = {"by": mine.by, "shop": shop.name}
        security_log.note(mine.by, code, said, dropshipper=mine.dropshipper)
    attempt.shop, attempt.phase = shop, ConnectAttempt.Phase.KEPT
    return shop


def _was_ended_since(shop: Shop, attempt: ConnectAttempt) -> bool:
    """Whoever disconnects a shop ends what was begun before with it, however late it comes to its end."""
    return shop.state == Shop.State.GONE and shop.events.filter(code="disconnected", at__gt=attempt.created_at).exists()


def _new(attempt: ConnectAttempt, place: stores.Place) -> Shop:
    fresh = {"import_since": timezone.now() - dt.timedelta(days=IMPORT_DAYS)}
    chosen = inheritance.settings_of(place.heirs_of[0]) if place.heirs_of else fresh
    return Shop(dropshipper_id=attempt.dropshipper_id, platform=attempt.platform, **chosen)


def _write(shop: Shop, connected: Connected, keys: list[str]) -> None:
    shop.address, shop.store_keys = connected.address, keys
    shop.name = connected.name or shop.name or connected.address.split("//", 1)[-1]
    shop.facts, shop.credentials = dict(connected.facts), json.dumps(dict(connected.credentials))
    if connected.webhook_secret:
        shop.webhook_secret = connected.webhook_secret
    elif not shop.webhook_secret_sealed:
        shop.webhook_secret = secrets.token_hex(24)  # letters and digits: WordPress decodes entities in it


def _go_on(shop: Shop, params: dict[str, Any]) -> None:
    """A connection that was broken, or ended, takes up where it was: its cursor and its choices stay. What the shop had
    sent before this moment is history, as at a first connection."""
    now = timezone.now()
    ended: dict[str, Any] = {"connected_at": now} if shop.state == Shop.State.GONE else {}
    fields = ("address", "store_keys", "name", "facts", "sealed_credentials", "webhook_secret_sealed")
    due: dict[str, Any] = {f"{work}_after": leases.now() for work in ("pull", "news", "prove", "look_back", "compare")}
    state.move(
        shop.pk,
        Shop.State.ACTIVE,
        before=[shop.state],
        event="reconnected",
        params=params,
        trouble="",
        trouble_params={},
        pull_failures=0,
        news_failures=0,
        pull_walk="",
        compare_walk="",
        slow_visits=0,
        last_check_at=None,
        **{name: getattr(shop, name) for name in fields},
        **due,
        **ended,
        **NO_LEASES,
    )
    # Its webhooks are wanted again: whoever still takes the old ones out finds that it is no longer asked to.
    ShopAsk.objects.filter(shop=shop, what=ShopAsk.What.LEAVE, try_after__isnull=False).update(
        try_after=None, done_at=now
    )
    shop.refresh_from_db()
