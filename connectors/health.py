"""Is a shop still there, are its webhooks still on? Asked regularly: a shop tells nobody when it switches one off.

What a platform's `check` finds is kept in `Shop.facts` and shown on the health card, whatever the platform: `version`,
`currency`, `time_zone`, `language`, `gateways` ([{id, title}]), `scopes` (granted) and `missing_scopes`; kept by us:
`webhooks` ([{topic, state}]), `troubles` ([{code, …}]) and `webhooks_anew` (they must be made anew)."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models import F, Q
from django.utils import timezone

from connectors import calls, deliveries, shop_state, stores
from connectors.access import access_of
from connectors.models import Shop, ShopEvent
from connectors.platforms import platform
from core.errors import DomainError, NeedsHand

log = logging.getLogger(__name__)

EVERY = dt.timedelta(hours=6)


def check_due(*, limit: int = 200) -> int:
    """Checks the active shops that were not checked for a while, and those that are to be checked at once; how many."""
    stores.backfill()
    live = Shop.objects.filter(state__in=[Shop.State.ACTIVE, Shop.State.BROKEN])
    due = live.filter(Q(last_check_at=None) | Q(state=Shop.State.ACTIVE, last_check_at__lt=timezone.now() - EVERY))
    shops = list(due.order_by(F("last_check_at").asc(nulls_first=True), "id")[:limit])
    for shop in shops:
        check(shop)
    return len(shops)


def check(shop: Shop) -> bool:
    """Asks one shop, mends its webhooks, notes what was found; True when all is well. A shop that was to be reconnected
    and answers again (its key may do again what it could not) is active again."""
    anew = bool(shop.facts.get("webhooks_anew"))
    try:
        with calls.noted(shop):
            if anew:
                platform(shop.platform).unsubscribe(access_of(shop))
            health = platform(shop.platform).check(access_of(shop))
    except NeedsHand as error:
        _break(shop, error)
        return False
    except DomainError as error:
        _note(shop, error)
        return False
    except Exception:  # a fault of ours: it must not keep the shops behind this one from being checked
        log.exception("Checking shop %s failed.", shop.pk)
        Shop.objects.filter(pk=shop.pk).update(last_check_at=timezone.now())
        return False
    now = Shop.objects.values_list("facts", flat=True).get(pk=shop.pk)  # a webhook may have noted something meanwhile
    shop.store_keys = stores.keys_of(shop.address, health.store_keys, shop.store_keys)
    facts = {
        **now,
        **health.facts,
        "troubles": [*({"code": doubt.code, **doubt.params} for doubt in health.troubles), *_twin(shop)],
        "webhooks": [{"topic": hook.topic, "state": hook.state} for hook in health.webhooks],
        "webhooks_anew": bool(now.get("webhooks_anew")) and not anew,
    }
    same = Shop.objects.filter(pk=shop.pk, address=shop.address)  # not connected anew, elsewhere, meanwhile
    same.update(facts=facts, store_keys=shop.store_keys, last_check_at=timezone.now())
    _recover(shop)
    for code in sorted(set(health.repaired)):
        ShopEvent.objects.create(shop=shop, code=code, params={"count": list(health.repaired).count(code)})
    if health.repaired:  # what its silence kept from us
        Shop.objects.filter(pk=shop.pk).update(pull_after=timezone.now())
    return True


def _twin(shop: Shop) -> list[dict[str, str]]:
    """The same store connected twice, from before that was refused."""
    other = stores.twin(shop)
    return [{"code": "store_twice", "name": other.name, "label": platform(other.platform).name}] if other else []


def _recover(shop: Shop) -> None:
    """The shop answers: what was said against it is over, also where it was never cut off. Two words about one shop (it
    answers; it does not) would leave its owner to guess."""
    params = {"code": shop.trouble}
    if shop_state.move(
        shop.pk,
        Shop.State.ACTIVE,
        before=[Shop.State.BROKEN],
        event="recovered",
        params=params,
        trouble="",
        trouble_params={},
        pull_after=timezone.now(),
        pull_failures=0,
    ):
        deliveries.forget_silence([shop.pk])
        return
    troubled = Shop.objects.filter(pk=shop.pk, state=Shop.State.ACTIVE, trouble=shop.trouble).exclude(trouble="")
    if troubled.update(trouble="", trouble_params={}, pull_after=timezone.now()):
        ShopEvent.objects.create(shop=shop, code="recovered", params=params)
        deliveries.forget_silence([shop.pk])


def _break(shop: Shop, error: NeedsHand) -> None:
    """To reconnect; unless it was connected anew, or disconnected, while it was asked."""
    params = _plain(error)
    live = [Shop.State.ACTIVE, Shop.State.BROKEN]
    fields = {"trouble": error.code, "trouble_params": params, "last_check_at": timezone.now()}
    same = {"sealed_credentials": bytes(shop.sealed_credentials)}
    if shop.state == Shop.State.BROKEN and shop.trouble == error.code:
        Shop.objects.filter(pk=shop.pk, state=Shop.State.BROKEN, **same).update(**fields)
    elif not shop_state.move(
        shop.pk, Shop.State.BROKEN, before=live, event=error.code, params=params, where=same, **fields
    ):
        return
    shop.trouble, shop.trouble_params = error.code, params


def _note(shop: Shop, error: DomainError) -> None:
    """A passing trouble, of a shop that is to be reconnected no news; `shop` itself learns of it, for who asked."""
    params = _plain(error)
    known, shop.trouble, shop.trouble_params = shop.trouble, error.code, params
    noted = Shop.objects.filter(pk=shop.pk, state=Shop.State.ACTIVE).update(
        trouble=error.code, trouble_params=params, last_check_at=timezone.now()
    )
    if noted and error.code != known:
        ShopEvent.objects.create(shop=shop, code=error.code, params=params)


def _plain(error: DomainError) -> dict[str, str]:
    return {name: str(value)[:120] for name, value in error.params.items()}
