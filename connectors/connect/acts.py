"""Connecting a shop and ending it, as far as a person or the shop itself says so: each is a row, or a step of one, and
calls nobody. A worker goes on (connectors/connect/attempts.py, connectors/shops/asks.py).

Whoever began a connection confirms the store that was found, and the page in the shop names the company that will get
its orders: neither a link that an owner was talked into approving, nor a code that went astray connects anything."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Dropshipper
from connectors.connect.establishing import NO_LEASES
from connectors.errors import AttemptOver, NotMine, ShopGone, TooManyBegun
from connectors.intake import receive as receiving
from connectors.models import NO_SECRETS, ConnectAttempt, Delivery, Shop, ShopAsk
from connectors.platforms import platform
from connectors.shops import asks, stores
from connectors.shops import state as shop_state
from core import leases
from core.errors import DomainError
from core.outbound import breaker

log = logging.getLogger(__name__)

ATTEMPT_LIVES = dt.timedelta(hours=1)
MOST_BEGUN = 5  # connections of one company that are being tried
_P = ConnectAttempt.Phase
# The shop may answer (again): nothing that it brought is shown to be confirmed yet.
OPEN = (_P.WAITING, _P.ANSWERED, _P.FAILED)
_BROUGHT = "brought"  # in what is kept: which answer his browser brought last
_LONGEST_NAME = 100  # WooCommerce cuts the name of an application at 170 letters


def receiver_of(dropshipper: Dropshipper) -> str:
    """Who will be given the orders of a shop, as the page in the shop names him."""
    words = _("MCI by %(supplier)s – %(company)s, VAT no. %(vat)s")
    return words % {
        "supplier": settings.SUPPLIER_NAME,
        "company": dropshipper.name[:_LONGEST_NAME],
        "vat": dropshipper.vat_number,
    }


def begin(
    slug: str, form: Mapping[str, Any], *, dropshipper_id: int, by: int, renews: Shop | None = None
) -> ConnectAttempt:
    """`form`: cleaned data of the platform's connect form, kept sealed until a worker has looked at the address. The
    same form sent twice is one attempt. Raises ShopTaken, StoreConnected, TooManyBegun."""
    stores.assert_free(slug, form["address"], dropshipper_id=dropshipper_id)
    now = leases.clock()()
    mine = ConnectAttempt.objects.filter(dropshipper_id=dropshipper_id, by_id=by, platform=slug, phase=_P.ASKED)
    for known in mine.filter(address=form["address"], expires_at__gt=now):
        if known.read("form") == dict(form):
            return known
    attempt = ConnectAttempt(
        token=secrets.token_urlsafe(32),
        dropshipper_id=dropshipper_id,
        by_id=by,
        platform=slug,
        address=form["address"],
        renews=renews,
        phase=_P.ASKED,
        created_at=now,
        try_after=now,
        expires_at=now + ATTEMPT_LIVES,
    )
    attempt.sealed("form", form)
    with transaction.atomic():
        _assert_few(dropshipper_id, now)
        attempt.save()
    breaker.forget(form["address"])
    return attempt


def _assert_few(dropshipper_id: int, now: dt.datetime) -> None:
    """Of those that a worker has to do with; what waits for a shop or a person holds nobody. Within the transaction in
    which one more is begun. Raises TooManyBegun."""
    stores.lock([f"begun:{dropshipper_id}"])
    busy = [_P.ASKED, _P.ANSWERED, _P.CONFIRMED, _P.KEPT]
    begun = ConnectAttempt.objects.filter(dropshipper_id=dropshipper_id, phase__in=busy, expires_at__gt=now).count()
    if begun >= MOST_BEGUN:
        raise TooManyBegun(count=begun)


def receive(slug: str, *, token: str, payload: Mapping[str, Any], by: int | None = None) -> ConnectAttempt:
    """Keeps the shop's answer to an attempt, and calls nobody: a shop gives up while a slow one is tried, and takes the
    keys back. A worker goes on with it. `by`: who brought it, where it comes by a browser: then only the one who began
    may. Raises AttemptOver for a token that is unknown, used or too old; Refused for what is forged, as far as that can
    be seen without a call."""
    attempt = attempt_of(slug, token, by)
    kept, brought = attempt.read("kept"), _digest(payload)
    if by is not None and kept.get(_BROUGHT) == brought:
        return attempt  # its address was loaded again: what is in it works once, and a worker has it
    if attempt.phase not in OPEN:
        raise AttemptOver
    try:
        platform(slug).check_answer(attempt.address, payload, kept)
    except DomainError as error:
        # Who brings nonsense to a connection that waits for its shop does not end it.
        ended = {} if by is None else {"phase": _P.FAILED}
        mine = ConnectAttempt.objects.filter(pk=attempt.pk, phase__in=[_P.WAITING, _P.FAILED])
        mine.update(trouble=error.code, trouble_params=error.stored_params(), **ended)
        raise
    now = leases.clock()()
    mine = ConnectAttempt.objects.filter(pk=attempt.pk, phase__in=OPEN)
    fields: dict[str, Any] = {**attempt.sealed("answer", payload), "answered_at": now, "try_after": now, "tries": 0}
    if by is not None:  # of two loadings at once one is first
        mine = mine.filter(answered_at=attempt.answered_at)
        fields |= attempt.sealed("kept", {**kept, _BROUGHT: brought})
    if not mine.update(phase=_P.ANSWERED, trouble="", trouble_params={}, **fields):
        raise AttemptOver
    return attempt


def _digest(payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(payload), sort_keys=True).encode()).hexdigest()


def attempt_of(slug: str, token: str, by: int | None = None) -> ConnectAttempt:
    """Raises AttemptOver for a token that is unknown, of somebody else, or too old."""
    live = ConnectAttempt.objects.filter(token=token, platform=slug, expires_at__gt=timezone.now())
    attempt = (live if by is None else live.filter(by_id=by)).select_related("shop", "dropshipper").first()
    if attempt is None:
        raise AttemptOver
    return attempt


def confirm(attempt: ConnectAttempt, *, by: int) -> None:
    """The one who began says that the store is his which `attempt`, as it was read, shows. Twice is once. Raises
    AttemptOver."""
    now = leases.clock()()
    mine = ConnectAttempt.objects.filter(pk=attempt.pk, by_id=by, phase=_P.PENDING, expires_at__gt=now)
    mine = mine.filter(answered_at=attempt.answered_at)
    if mine.update(phase=_P.CONFIRMED, try_after=now, tries=0):
        return
    attempt.refresh_from_db(fields=["phase", "by"])
    if attempt.by_id != by or attempt.phase not in (_P.CONFIRMED, _P.KEPT, _P.DONE):
        raise AttemptOver


def drop(attempt: ConnectAttempt, *, by: int) -> None:
    """He says that it is not his: what it brought is forgotten. Nothing where it is connected already."""
    mine = ConnectAttempt.objects.filter(pk=attempt.pk, by_id=by, phase=_P.PENDING)
    error = NotMine()
    mine.update(phase=_P.FAILED, try_after=None, trouble=error.code, trouble_params={}, **NO_SECRETS)


def try_again(attempt: ConnectAttempt, *, by: int) -> None:
    """The same form once more: the shop was away, or its firewall was in the way. Nothing where it is under way. Raises
    TooManyBegun."""
    now = leases.clock()()
    mine = ConnectAttempt.objects.filter(pk=attempt.pk, by_id=by, phase=_P.FAILED, expires_at__gt=now)
    with transaction.atomic():
        _assert_few(attempt.dropshipper_id, now)
        mine.exclude(form_sealed=b"").update(phase=_P.ASKED, try_after=now, tries=0, trouble="", trouble_params={})
    breaker.forget(attempt.address)


def pause(shop: Shop, *, by: int) -> None:
    """Webhooks are taken in and wait; nothing is asked of the shop. Raises ShopGone."""
    _move(shop, Shop.State.PAUSED, (Shop.State.ACTIVE, Shop.State.BROKEN), "paused", by)


def resume(shop: Shop, *, by: int) -> None:
    """Raises ShopGone."""
    _move(shop, Shop.State.ACTIVE, (Shop.State.PAUSED,), "resumed", by, pull_after=leases.now(), pull_failures=0)


def disconnect(shop: Shop, *, by: int) -> None:
    """Nothing of it counts from this moment. A worker takes our webhooks out of the shop, then its secrets are
    forgotten. Orders stay."""
    if shop.state == Shop.State.GONE:
        return
    with transaction.atomic():
        _move(shop, Shop.State.GONE, shop_state.LIVE, "disconnected", by, **NO_LEASES)
        asks.ask(shop, ShopAsk.What.LEAVE)
    shop.deliveries.filter(state=Delivery.State.NEW).update(state=Delivery.State.IGNORED, done_at=timezone.now())
    receiving.forget()


def _move(shop: Shop, state: str, before: Any, code: str, by: int, **fields: Any) -> None:
    """One step of a shop that is not gone; nothing where it is there already. Raises ShopGone."""
    moved = shop_state.move(shop.pk, state, before=before, event=code, params={"by": by}, **fields)
    shop.refresh_from_db()
    if not moved and shop.state == Shop.State.GONE:
        raise ShopGone
