"""Connecting a shop and ending it. Credentials are tried against the address that the reseller typed before they are
kept, and those that worked before stay until then; calls to the shop are made outside of any transaction. A store that
is known already goes on where it was: connectors/stores.py."""

from __future__ import annotations

import datetime as dt
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import security_log
from connectors import calls, deliveries, inheritance, intake, shop_state, stores
from connectors.access import access_of, webhook_address
from connectors.errors import AttemptOver, ShopGone, ShopTaken, StoreCopied
from connectors.models import ConnectAttempt, Delivery, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import Connected
from connectors.platforms.paired import Paired
from core import leases
from core.errors import DomainError

log = logging.getLogger(__name__)

ATTEMPT_LIVES = dt.timedelta(hours=1)
IMPORT_DAYS = 30
# Who is at work with a shop's old credentials finds his lease gone, whatever he comes back with.
_NO_LEASES: dict[str, Any] = {
    f"{work}_lease_{what}": None for work in ("pull", "news", "renew", "turn", "check") for what in ("until", "token")
}


@dataclass(frozen=True, slots=True)
class Started:
    """Where a connection stands: `shop` when it is done, else `redirect` sends the browser to the shop. `code`: to be
    shown, the reseller may type it there."""

    attempt: ConnectAttempt
    redirect: str | None = None
    shop: Shop | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """`reply`: what the shop that called is answered, if its platform answers at all."""

    shop: Shop
    reply: Mapping[str, Any]


def begin(slug: str, form: Mapping[str, Any], *, dropshipper_id: int, by: int) -> Started:
    """`form`: cleaned data of the platform's connect form. Raises NotAShop, ReconnectNeeded, TryLater, ShopTaken,
    StoreConnected."""
    stores.assert_free(slug, form["address"], dropshipper_id=dropshipper_id)
    attempt = ConnectAttempt.objects.create(
        token=secrets.token_urlsafe(32),
        dropshipper_id=dropshipper_id,
        by_id=by,
        platform=slug,
        address=form["address"],
        expires_at=timezone.now() + ATTEMPT_LIVES,
    )
    try:
        begun = platform(slug).begin_connect(
            form,
            token=attempt.token,
            return_url=f"{settings.SITE_URL}/connect/{slug}/return/?attempt={attempt.pk}",
            callback_url=f"{settings.SITE_URL}/connect/{slug}/callback/",
        )
        if begun.connected is not None:
            return Started(attempt, shop=establish(attempt, begun.connected))
    except DomainError as error:
        note_trouble(attempt, error)
        raise
    if begun.kept:
        attempt.kept = json.dumps(dict(begun.kept))
        attempt.save(update_fields=["kept_sealed"])
    return Started(attempt, redirect=begun.redirect, code=begun.code)


def receive(slug: str, *, token: str, payload: Mapping[str, Any], by: int | None = None) -> ConnectAttempt:
    """Keeps the shop's answer to an attempt, and calls nobody: a shop gives up while a slow one is tried, and takes the
    keys back. A worker goes on with it (connectors/attempts.py). `by`: who brought it, where it comes by a browser:
    then only the one who began may. Raises AttemptOver for a token that is unknown, used or too old; Refused for what
    is forged, as far as that can be seen without a call."""
    attempt = _attempt_of(slug, token, by)
    if attempt.used_at is not None:
        raise AttemptOver
    try:
        platform(slug).check_answer(attempt.address, payload, json.loads(attempt.kept or "{}"))
    except DomainError as error:
        note_trouble(attempt, error)
        raise
    now = timezone.now()
    attempt.answer = json.dumps(dict(payload))
    mine = ConnectAttempt.objects.filter(pk=attempt.pk, used_at=None)
    if not mine.update(
        answer_sealed=attempt.answer_sealed, answered_at=now, try_after=now, tries=0, trouble="", trouble_params={}
    ):
        raise AttemptOver
    return attempt


def finish(slug: str, *, token: str, payload: Mapping[str, Any]) -> Finished:
    """The answer of a plugin that waits for ours: it gets its secret in it. Raises AttemptOver for a token that is
    unknown, used or too old, and what the test of the connection raises: then the attempt may be answered again."""
    attempt = _attempt_of(slug, token, None)
    if attempt.used_at is not None:
        return _finish_again(attempt, payload)
    try:
        kept = json.loads(attempt.kept or "{}")
        connected = platform(slug).finish_connect(attempt.address, payload, kept)
        shop = establish(attempt, connected)
    except DomainError as error:
        note_trouble(attempt, error)
        raise
    return Finished(shop, _reply(shop, connected.reply))


def _attempt_of(slug: str, token: str, by: int | None) -> ConnectAttempt:
    live = ConnectAttempt.objects.filter(token=token, platform=slug, expires_at__gt=timezone.now())
    attempt = (live if by is None else live.filter(by_id=by)).select_related("shop").first()
    if attempt is None:
        raise AttemptOver
    return attempt


def _finish_again(attempt: ConnectAttempt, payload: Mapping[str, Any]) -> Finished:
    """A plugin that did not get its answer asks for it again, while the token lives; for all others it was used."""
    api, shop = platform(attempt.platform), attempt.shop
    if not isinstance(api, Paired) or shop is None or shop.state not in shop_state.LIVE:
        raise AttemptOver
    reply = api.answer_again(access_of(shop), payload)
    if not reply:
        raise AttemptOver
    return Finished(shop, _reply(shop, reply))


def _reply(shop: Shop, reply: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**reply, "webhook_address": webhook_address(shop)} if reply else {}


def pause(shop: Shop, *, by: int) -> None:
    """Webhooks are taken in and wait; nothing is asked of the shop. Raises ShopGone."""
    _move(shop, Shop.State.PAUSED, (Shop.State.ACTIVE, Shop.State.BROKEN), "paused", by)


def resume(shop: Shop, *, by: int) -> None:
    """Raises ShopGone."""
    _move(shop, Shop.State.ACTIVE, (Shop.State.PAUSED,), "resumed", by, pull_after=leases.now(), pull_failures=0)


def disconnect(shop: Shop, *, by: int) -> None:
    """Takes our webhooks out of the shop if it answers, then forgets its secrets. Orders stay."""
    if shop.state == Shop.State.GONE:
        return
    try:
        with calls.noted(shop):
            platform(shop.platform).unsubscribe(access_of(shop))
    except DomainError as error:
        log.info("The webhooks of shop %s could not be removed: %s", shop.pk, error.code)
    nothing = {"sealed_credentials": b"", "webhook_secret_sealed": b""}
    _move(shop, Shop.State.GONE, shop_state.LIVE, "disconnected", by, **nothing, **_NO_LEASES)
    shop.deliveries.filter(state=Delivery.State.NEW).update(state=Delivery.State.IGNORED, done_at=timezone.now())
    intake.forget()


def subscribe(shop: Shop) -> None:
    """Makes the webhooks that are missing; a shop that can't be reached now is mended by its next check."""
    try:
        with calls.noted(shop):
            done = platform(shop.platform).subscribe(access_of(shop))
    except DomainError as error:
        params = plain(error)
        Shop.objects.filter(pk=shop.pk, state=Shop.State.ACTIVE).update(
            trouble=error.code, trouble_params=params, last_check_at=None
        )
        ShopEvent.objects.create(shop=shop, code="webhooks_missing", params=params)
        return
    Shop.objects.filter(pk=shop.pk).update(last_check_at=leases.now())
    for code in sorted(set(done)):
        ShopEvent.objects.create(shop=shop, code=code, params={"count": done.count(code)})


def establish(attempt: ConnectAttempt, connected: Connected) -> Shop:
    """The shop of an attempt whose credentials work: a new one, or a known store that goes on. Raises ShopTaken,
    StoreConnected, StoreCopied, AttemptOver."""
    _assert_moved(attempt, connected)
    try:
        shop = _keep(attempt, connected)
    except IntegrityError:  # another attempt for the same address was a moment faster
        raise ShopTaken(address=connected.address) from None
    intake.forget()
    deliveries.forget_silence([shop.pk])
    subscribe(shop)
    return shop


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
        attempt = ConnectAttempt.objects.select_for_update().get(pk=attempt.pk)
        if attempt.used_at is not None:
            raise AttemptOver
        place = stores.place(
            stores.others(keys, rows=Shop.objects.select_for_update(no_key=True, of=("self",))),
            dropshipper_id=attempt.dropshipper_id,
            slug=attempt.platform,
            address=connected.address,
        )
        shop = place.shop
        if shop is not None and _was_ended_since(shop, attempt):
            raise AttemptOver
        if shop is None:
            shop = _new(attempt, place)
        known_as = shop.address
        _write(shop, connected, keys)
        if place.shop is None:
            shop.save()
            ShopEvent.objects.create(shop=shop, code="connected")
        else:
            moved = {} if known_as == connected.address else {"address": connected.address}
            _go_on(shop, moved)
        orders = inheritance.hand_over(shop, place.heirs_of)
        if orders:
            names = ", ".join(old.name for old in place.heirs_of)[:120]
            ShopEvent.objects.create(shop=shop, code="orders_adopted", params={"count": orders, "name": names})
        attempt.shop, attempt.used_at, attempt.trouble = shop, timezone.now(), ""
        attempt.kept = attempt.answer = ""
        attempt.try_after = None
        attempt.save(update_fields=["shop", "used_at", "trouble", "kept_sealed", "answer_sealed", "try_after"])
        code = "shop_connected" if place.shop is None else "shop_reconnected"
        said = {"by": attempt.by, "shop": shop.name}
        security_log.note(attempt.by, code, said, dropshipper=attempt.dropshipper)
    return shop


def _was_ended_since(shop: Shop, attempt: ConnectAttempt) -> bool:
    """Whoever disconnects a shop ends what was begun before with it, however late it comes to its end."""
    begun = attempt.expires_at - ATTEMPT_LIVES
    return shop.state == Shop.State.GONE and shop.events.filter(code="disconnected", at__gt=begun).exists()


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
    shop_state.move(
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
        **_NO_LEASES,
    )
    shop.refresh_from_db()


def note_trouble(attempt: ConnectAttempt, error: DomainError, **fields: Any) -> None:
    """For the page that waits; what worked before is not touched."""
    ConnectAttempt.objects.filter(pk=attempt.pk, used_at=None).update(
        trouble=error.code, trouble_params=plain(error), **fields
    )


def plain(error: DomainError) -> dict[str, str]:
    """The params of its sentence, to be stored."""
    return {name: str(value)[:120] for name, value in error.params.items()}


def _move(shop: Shop, state: str, before: Any, code: str, by: int, **fields: Any) -> None:
    """One step of a shop that is not gone; nothing where it is there already. Raises ShopGone."""
    moved = shop_state.move(shop.pk, state, before=before, event=code, params={"by": by}, **fields)
    shop.refresh_from_db()
    if not moved and shop.state == Shop.State.GONE:
        raise ShopGone
