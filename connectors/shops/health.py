"""Is a shop still there, are its webhooks still on? Asked regularly: a shop tells nobody when it switches one off.

What a platform's `check` finds is kept in `Shop.facts` and shown on the health card, whatever the platform: `version`,
`currency`, `time_zone`, `language`, `gateways` ([{id, title}]), `scopes` (granted) and `missing_scopes`; kept by us:
`webhooks` ([{topic, state}]), `troubles` ([{code, …}]) and `webhooks_anew` (they must be made anew)."""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Any

from django.db.models import F, Q

from connectors.intake import deliveries
from connectors.models import Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import Health
from connectors.shops import calls, state, stores, visits
from connectors.shops.access import access_of
from core import busy, http, leases
from core.errors import DomainError, NeedsHand
from core.leases import Lease

log = logging.getLogger(__name__)

EVERY = dt.timedelta(hours=6)
LEASE = dt.timedelta(minutes=2)
VISIT_S = 30.0  # of one check, all its calls together
_WORK = leases.Work(Shop, LEASE, "check")
_FAIR = visits.Visits(Shop, LEASE, "check", holds=LEASE)


def check_due(*, limit: int = 200, budget_s: float = 60.0) -> int:
    """Checks the active shops that were not checked for a while, and those that are to be checked at once, until the
    time is over (and one check more); how many."""
    stores.backfill()
    until, seen = time.monotonic() + budget_s, list[int]()
    live = Shop.objects.filter(state__in=[Shop.State.ACTIVE, Shop.State.BROKEN])
    due = live.filter(Q(last_check_at=None) | Q(state=Shop.State.ACTIVE, last_check_at__lt=leases.now() - EVERY))
    due = due.order_by(F("last_check_at").asc(nulls_first=True), "pk")
    while len(seen) < limit and time.monotonic() < until:
        lease = _FAIR.claim(due.exclude(pk__in=seen))
        if lease is None:
            break
        seen.append(lease.pk)
        try:
            _check(Shop.objects.get(pk=lease.pk), lease)
        except Exception as error:  # it must not keep the shops behind this one from being checked
            if not busy.is_passing(error):
                log.exception("Checking shop %s failed.", lease.pk)
    return len(seen)


def check(shop: Shop) -> bool:
    """Asks one shop, mends its webhooks, notes what was found; True when all is well. A shop that was to be reconnected
    and answers again (its key may do again what it could not) is active again. Raises Busy while another worker asks
    it."""
    lease = _WORK.claim(Shop.objects.filter(pk=shop.pk, state__in=state.LIVE))
    if lease is None:
        raise busy.Busy
    return _check(shop, lease)


def _check(shop: Shop, lease: Lease) -> bool:
    anew = bool(shop.facts.get("webhooks_anew"))
    with leases.held(lease):
        try:
            with calls.noted(shop), http.deadline(VISIT_S):
                if anew:
                    platform(shop.platform).unsubscribe(access_of(shop))
                health = platform(shop.platform).check(access_of(shop))
        except NeedsHand as error:
            _break(shop, lease, error)
            return False
        except DomainError as error:
            _note(shop, lease, error)
            return False
        except Exception as error:
            if busy.is_passing(error):
                raise
            log.exception("Checking shop %s failed.", shop.pk)
            lease.mine().update(last_check_at=leases.now())  # a fault of ours: not again at once
            return False
        _keep(shop, lease, health, anew=anew)
    return True


def _keep(shop: Shop, lease: Lease, health: Health, *, anew: bool) -> None:
    """What was found; nothing of a shop that was disconnected, or connected anew, while it was asked."""
    now = Shop.objects.values_list("facts", flat=True).get(pk=shop.pk)  # a webhook may have noted something meanwhile
    shop.store_keys = stores.keys_of(shop.address, health.store_keys, shop.store_keys)
    facts = {
        **now,
        **health.facts,
        "troubles": [*({"code": doubt.code, **doubt.params} for doubt in health.troubles), *_twin(shop)],
        "webhooks": [{"topic": hook.topic, "state": hook.state} for hook in health.webhooks],
        "webhooks_anew": bool(now.get("webhooks_anew")) and not anew,
    }
    if not lease.mine().update(facts=facts, store_keys=shop.store_keys, last_check_at=leases.now()):
        return
    _recover(shop, lease)
    for code in sorted(set(health.repaired)):
        ShopEvent.objects.create(shop=shop, code=code, params={"count": list(health.repaired).count(code)})
    if health.repaired:  # what its silence kept from us
        lease.mine().update(pull_after=leases.now())


def _twin(shop: Shop) -> list[dict[str, str]]:
    """The same store connected twice, from before that was refused."""
    other = stores.twin(shop)
    return [{"code": "store_twice", "name": other.name, "label": platform(other.platform).name}] if other else []


def _recover(shop: Shop, lease: Lease) -> None:
    """The shop answers: what was said against it is over, also where it was never cut off. Two words about one shop (it
    answers; it does not) would leave its owner to guess. What was said while it was asked is news, and stays."""
    params, mine = {"code": shop.trouble}, {_WORK.token: lease.token}
    fields: dict[str, Any] = {"trouble": "", "trouble_params": {}, "pull_after": leases.now(), "pull_failures": 0}
    same = {**mine, "trouble": shop.trouble}
    before = [Shop.State.BROKEN]
    if state.move(shop.pk, Shop.State.ACTIVE, before=before, event="recovered", params=params, where=same, **fields):
        deliveries.forget_silence([shop.pk])
    elif state.well(shop.pk, shop.trouble, where=mine):
        lease.mine().update(pull_after=leases.now())
        ShopEvent.objects.create(shop=shop, code="recovered", params=params)
        deliveries.forget_silence([shop.pk])


def _break(shop: Shop, lease: Lease, error: NeedsHand) -> None:
    """To reconnect; unless it was connected anew, or disconnected, while it was asked."""
    params = error.stored_params()
    live = [Shop.State.ACTIVE, Shop.State.BROKEN]
    fields = {"trouble": error.code, "trouble_params": params, "last_check_at": leases.now()}
    if shop.state == Shop.State.BROKEN and shop.trouble == error.code:
        lease.mine().filter(state=Shop.State.BROKEN).update(**fields)
    elif not state.move(
        shop.pk,
        Shop.State.BROKEN,
        before=live,
        event=error.code,
        params=params,
        where={_WORK.token: lease.token},
        **fields,
    ):
        return
    shop.trouble, shop.trouble_params = error.code, params


def _note(shop: Shop, lease: Lease, error: DomainError) -> None:
    """A passing trouble, of a shop that is to be reconnected no news; `shop` itself learns of it, for who asked."""
    params = error.stored_params()
    known, shop.trouble, shop.trouble_params = shop.trouble, error.code, params
    noted = state.troubled(shop.pk, error, where={_WORK.token: lease.token})
    lease.mine().filter(state=Shop.State.ACTIVE).update(last_check_at=leases.now())
    if noted and error.code != known:
        ShopEvent.objects.create(shop=shop, code=error.code, params=params)
