"""Prices that somebody changed in the shop: seen by the comparison, and put back or asked about, as the reseller chose.
While he is asked nothing is told of that price, whatever the rules say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from connectors.listings import selling
from connectors.listings.prices import levels
from connectors.models import Listing, Shop, ShopEvent
from connectors.platforms.goods import RemoteProduct
from connectors.shops import shop_log
from core import leases

_FIELDS = [
    "price_shown", "compare_shown", "price_drifted_at", "price_asked", "price_told", "compare_told", "price_try_after",
]  # fmt: skip


def judge(shop: Shop, products: Sequence[RemoteProduct], asked_at: dt.datetime) -> int:
    """Holds the prices that a page of the shop's products shows against those that it was told; how many are another
    than at the last comparison. `asked_at`: when the page was asked for; what was told since is not judged by it."""
    if selling.refusal(shop.facts):
        return 0
    shown = {one.external_id: (one.price, one.compare_at) for one in products if one.price is not None}
    rows = list(shop.listings.filter(external_id__in=list(shown), price_on=True, off_at=None))
    changed, fresh = [], 0
    for row in rows:
        if row.price_told is None or (row.price_told_at is not None and row.price_told_at >= asked_at):
            continue
        now, told = shown[row.external_id], (row.price_told, row.compare_told)
        before = (row.price_shown, row.compare_shown) if row.is_price_drifted else told
        if now == told:
            if not row.is_price_drifted and not row.price_asked:
                continue
            _clear(row)
        elif now != before or not row.is_price_drifted:
            fresh += 1
            _drifted(row, shop, now)
        else:
            continue
        changed.append(row)
    if changed:
        Listing.objects.bulk_update(changed, _FIELDS)
    return fresh


def _clear(row: Listing) -> None:
    row.price_shown = row.compare_shown = row.price_drifted_at = None
    row.price_asked = False


def _drifted(row: Listing, shop: Shop, now: tuple[Decimal | None, Decimal | None]) -> None:
    row.price_shown, row.compare_shown = now
    row.price_drifted_at = timezone.now()
    row.price_asked = shop.price_drift == Shop.PriceDrift.ASK
    if not row.price_asked:  # what the shop shows is what it counts as told: the rule's price is told again
        row.price_told, row.compare_told = now
        row.price_try_after = leases.now()


def note(shop: Shop, count: int) -> None:
    if count:
        code = "price_drifted" if shop.price_drift == Shop.PriceDrift.HEAL else "price_asked"
        shop_log.note(shop.pk, code, {"count": count})


@transaction.atomic
def choose(shop: Shop, drift: str, *, by: int) -> None:
    """The reseller's word for prices that are changed in his shop; also for those that he is being asked about."""
    Shop.objects.filter(pk=shop.pk).update(price_drift=drift)
    ShopEvent.objects.create(shop=shop, code=f"price_drift_{drift}", params={"by": by})
    if drift == Shop.PriceDrift.HEAL:
        take_ours(shop.listings.filter(price_asked=True), shop)


def take_ours(chosen: QuerySet[Listing], shop: Shop) -> int:
    """MCI's price goes back into the shop; how many."""
    found = chosen.filter(price_asked=True).update(
        price_asked=False, price_told=F("price_shown"), compare_told=F("compare_shown"), price_try_after=leases.now()
    )
    levels.ask_now(shop.pk)
    return found


def keep_theirs(chosen: QuerySet[Listing]) -> int:
    """The shop's price stays, and is the merchant's from now on; how many."""
    return chosen.filter(price_asked=True).update(
        price_asked=False, price_on=False, price_shown=None, compare_shown=None, price_drifted_at=None, price_error=""
    )


def asked(shop: Shop) -> QuerySet[Listing]:
    """The prices that wait for the reseller's word."""
    return shop.listings.filter(price_asked=True, off_at=None)
