"""Connecting a shop and ending it. Credentials are tried against the address that the reseller typed before they are
kept; calls to the shop are made outside of any transaction."""

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

from connectors import calls, deliveries, intake
from connectors.access import access_of, webhook_address
from connectors.errors import AttemptOver, ShopGone, ShopTaken
from connectors.models import ConnectAttempt, Delivery, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import Connected
from connectors.platforms.paired import Paired
from core.errors import DomainError

log = logging.getLogger(__name__)

ATTEMPT_LIVES = dt.timedelta(hours=1)
IMPORT_DAYS = 30
_LIVE = (Shop.State.ACTIVE, Shop.State.PAUSED, Shop.State.BROKEN)


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
    """`form`: cleaned data of the platform's connect form. Raises NotAShop, ReconnectNeeded, TryLater, ShopTaken."""
    _assert_free(slug, form["address"], dropshipper_id)
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
    except DomainError as error:
        _note_trouble(attempt, error)
        raise
    if begun.connected is None:
        if begun.kept:
            attempt.kept = json.dumps(dict(begun.kept))
            attempt.save(update_fields=["kept_sealed"])
        return Started(attempt, redirect=begun.redirect, code=begun.code)
    return Started(attempt, shop=_establish(attempt, begun.connected))


def finish(slug: str, *, token: str, payload: Mapping[str, Any], by: int | None = None) -> Finished:
    """The shop's answer to an attempt; `by`: who brought it, where it comes by a browser: then only the one who began
    may end it. Raises AttemptOver for a token that is unknown, used or too old, and what the test of the keys raises:
    then the attempt may be answered again."""
    live = ConnectAttempt.objects.filter(token=token, platform=slug, expires_at__gt=timezone.now())
    attempt = (live if by is None else live.filter(by_id=by)).select_related("shop").first()
    if attempt is None:
        raise AttemptOver
    if attempt.used_at is not None:
        return _finish_again(attempt, payload)
    try:
        kept = json.loads(attempt.kept or "{}")
        connected = platform(slug).finish_connect(attempt.address, payload, kept)
        shop = _establish(attempt, connected)
    except DomainError as error:
        _note_trouble(attempt, error)
        raise
    return Finished(shop, _reply(shop, connected.reply))


def _finish_again(attempt: ConnectAttempt, payload: Mapping[str, Any]) -> Finished:
    """A plugin that did not get its answer asks for it again, while the token lives; for all others it was used."""
    api, shop = platform(attempt.platform), attempt.shop
    if not isinstance(api, Paired) or shop is None or shop.state not in _LIVE:
        raise AttemptOver
    reply = api.answer_again(access_of(shop), payload)
    if not reply:
        raise AttemptOver
    return Finished(shop, _reply(shop, reply))


def _reply(shop: Shop, reply: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**reply, "webhook_address": webhook_address(shop)} if reply else {}


def pause(shop: Shop, *, by: int) -> None:
    """Webhooks are taken in and wait; nothing is asked of the shop."""
    _move(shop, Shop.State.PAUSED, "paused", by)


def resume(shop: Shop, *, by: int) -> None:
    _move(shop, Shop.State.ACTIVE, "resumed", by, pull_after=timezone.now(), pull_failures=0)


def disconnect(shop: Shop, *, by: int) -> None:
    """Takes our webhooks out of the shop if it answers, then forgets its secrets. Orders stay."""
    if shop.state == Shop.State.GONE:
        return
    try:
        with calls.noted(shop):
            platform(shop.platform).unsubscribe(access_of(shop))
    except DomainError as error:
        log.info("The webhooks of shop %s could not be removed: %s", shop.pk, error.code)
    _move(shop, Shop.State.GONE, "disconnected", by, sealed_credentials=b"", webhook_secret_sealed=b"")
    shop.deliveries.filter(state=Delivery.State.NEW).update(state=Delivery.State.IGNORED, done_at=timezone.now())
    intake.forget()


def subscribe(shop: Shop) -> None:
    """Makes the webhooks that are missing; a shop that can't be reached now is mended by its next check."""
    try:
        with calls.noted(shop):
            done = platform(shop.platform).subscribe(access_of(shop))
    except DomainError as error:
        params = {name: str(value)[:120] for name, value in error.params.items()}
        Shop.objects.filter(pk=shop.pk).update(trouble=error.code, trouble_params=params, last_check_at=None)
        ShopEvent.objects.create(shop=shop, code="webhooks_missing", params=params)
        return
    Shop.objects.filter(pk=shop.pk).update(last_check_at=timezone.now())
    for code in sorted(set(done)):
        ShopEvent.objects.create(shop=shop, code=code, params={"count": done.count(code)})


def _establish(attempt: ConnectAttempt, connected: Connected) -> Shop:
    """The shop of an attempt whose credentials work: a new one, or the reseller's own, connected again."""
    try:
        shop = _keep(attempt, connected)
    except IntegrityError:  # another attempt for the same address was a moment faster
        raise ShopTaken(address=connected.address) from None
    intake.forget()
    deliveries.forget_silence([shop.pk])
    subscribe(shop)
    return shop


def _keep(attempt: ConnectAttempt, connected: Connected) -> Shop:
    with transaction.atomic():
        attempt = ConnectAttempt.objects.select_for_update().get(pk=attempt.pk)
        if attempt.used_at is not None:
            raise AttemptOver
        _assert_free(attempt.platform, connected.address, attempt.dropshipper_id)
        shop = (
            Shop.objects.select_for_update(no_key=True, of=("self",))
            .filter(platform=attempt.platform, address=connected.address, state__in=_LIVE)
            .first()
        )
        code = "reconnected" if shop else "connected"
        if shop is None:
            shop = Shop(
                dropshipper_id=attempt.dropshipper_id,
                platform=attempt.platform,
                address=connected.address,
                import_since=timezone.now() - dt.timedelta(days=IMPORT_DAYS),
            )
            shop.webhook_secret = secrets.token_hex(24)  # letters and digits: WordPress decodes entities in it
        shop.name = connected.name or shop.name or connected.address.split("//", 1)[-1]
        shop.facts = dict(connected.facts)
        shop.credentials = json.dumps(dict(connected.credentials))
        if connected.webhook_secret:
            shop.webhook_secret = connected.webhook_secret
        shop.state, shop.trouble, shop.trouble_params = Shop.State.ACTIVE, "", {}
        shop.pull_after, shop.pull_failures = timezone.now(), 0
        shop.save()
        ShopEvent.objects.create(shop=shop, code=code)
        attempt.shop, attempt.used_at, attempt.trouble, attempt.kept = shop, timezone.now(), "", ""
        attempt.save(update_fields=["shop", "used_at", "trouble", "kept_sealed"])
    return shop


def _assert_free(slug: str, address: str, dropshipper_id: int) -> None:
    taken = Shop.objects.filter(platform=slug, address=address, state__in=_LIVE)
    if taken.exclude(dropshipper_id=dropshipper_id).exists():
        raise ShopTaken(address=address)


def _note_trouble(attempt: ConnectAttempt, error: DomainError) -> None:
    params = {name: str(value)[:120] for name, value in error.params.items()}
    ConnectAttempt.objects.filter(pk=attempt.pk).update(trouble=error.code, trouble_params=params)


def _move(shop: Shop, state: str, code: str, by: int, **fields: Any) -> None:
    """One step of a shop that is not gone. Raises ShopGone."""
    with transaction.atomic():
        moved = Shop.objects.filter(pk=shop.pk, state__in=_LIVE).update(state=state, **fields)
        if not moved:
            raise ShopGone
        ShopEvent.objects.create(shop=shop, code=code, params={"by": by})
    shop.refresh_from_db()
