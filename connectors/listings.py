"""Which products of a shop are ours: found by comparing what the shop shows with the catalogue, by the reseller's
matches first, then SKU, then EAN. The comparison runs nightly and shows where shop and warehouse have drifted apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.queries import code_key, find_skus
from connectors import calls, price_levels, price_rules, remote, stock_levels, turns
from connectors.access import access_of
from connectors.models import Listing, Match, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.goods import RemoteProduct

EVERY = dt.timedelta(hours=24)
_OURS = Listing.objects.filter(shop=OuterRef("pk"), ours=True, off_at=None)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found: products seen, of them ours, those whose stock had drifted, listings that are gone."""

    seen: int = 0
    ours: int = 0
    drifted: int = 0
    gone: int = 0


def compare_due(*, budget_s: float) -> int:
    """Compares the shops whose turn it is; how many."""
    return turns.take(
        "compare_after", compare, budget_s=budget_s, only=Q(stock_on=True) | Q(compare_asked=True) | Q(Exists(_OURS))
    )


def compare(shop: Shop) -> Compared:
    """Walks the shop's products and brings its listings up to date: what the shop shows is what it counts as told, so
    that a wrong figure is told again. Where the shop shows something else than it was told, the listing keeps both
    figures until the next comparison finds them equal. Listings whose product is gone from the shop are dropped, but
    only after a walk that reached its end. Raises TryLater (SamePage too), NeedsHand."""
    started, cursor, access = timezone.now(), None, access_of(shop)
    seen = ours = drifted = 0
    onward = turns.Onward()
    while True:
        with calls.noted(shop):
            page = platform(shop.platform).products(access, cursor)
        onward.look([product.external_id for product in page.products])
        found, wrong = _take(shop, page.products)
        ours, drifted = ours + found, drifted + wrong
        seen, cursor = seen + len(page.products), page.cursor
        if cursor is None:
            break
    # What we took off sale may be hidden from the walk: it is ours all the same.
    gone, _per_model = shop.listings.filter(shown_at__lt=started, off_at=None).delete()
    remote.drop_unseen(shop, started)
    Shop.objects.filter(pk=shop.pk).update(
        compared_at=timezone.now(), compare_after=timezone.now() + EVERY, compare_asked=False
    )
    if drifted:
        ShopEvent.objects.create(shop=shop, code="stock_drifted", params={"count": drifted})
    return Compared(seen, ours, drifted, gone)


@transaction.atomic
def _take(shop: Shop, products: Sequence[RemoteProduct]) -> tuple[int, int]:
    """Upserts the listings of one page in a constant number of statements; how many are ours, how many had drifted."""
    now, variants = timezone.now(), _variants(shop, products)
    before = {
        row.external_id: row
        for row in shop.listings.filter(external_id__in=list(variants)).only("external_id", "told", "told_at")
    }
    true = stock_levels.wanted(shop, [row.pk for row in before.values()])
    rows = []
    for product in products:
        if product.external_id not in variants:
            continue
        variant_id, quantity = variants[product.external_id]
        row = Listing(
            shop=shop,
            variant_id=variant_id,
            external_id=product.external_id,
            sku=product.sku,
            title=product.title,
            stock_id=product.stock_id,
            quantity=quantity,
            shown=product.quantity,
            shown_at=now,
            told=product.quantity,
            try_after=now,
        )
        known = before.get(product.external_id)
        # A figure that we never told is not wrong by our doing; one that the shop's own sales moved is right by now.
        if known is not None and known.told_at is not None and known.pk in true:
            right = true[known.pk]
            if product.quantity != right and known.told == right:
                row.drift_shown, row.drift_true, row.drifted_at = product.quantity, right, now
        rows.append(row)
    Listing.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["shop", "external_id"],
        update_fields=[
            *("variant", "sku", "title", "stock_id", "quantity", "shown", "shown_at", "told", "try_after"),
            *("drift_shown", "drift_true", "drifted_at"),
        ],
    )
    remote.keep(shop, [one for one in products if one.external_id not in variants], list(variants), now)
    return len(rows), sum(row.drifted_at is not None for row in rows)


def _variants(shop: Shop, products: Sequence[RemoteProduct]) -> Mapping[str, tuple[int, int]]:
    """(variant id, pieces of ours in one of theirs) by external id; what is not ours is absent."""
    subjects = {remote.subject_of(product) for product in products}
    matches = {match.subject: match for match in Match.objects.filter(shop=shop, subject__in=subjects)}
    by_code = find_skus([code for p in products for code in (p.sku, p.ean) if code])
    found: dict[str, tuple[int, int]] = {}
    for product in products:
        match = matches.get(remote.subject_of(product))
        if match is not None:
            if match.variant_id is not None:
                found[product.external_id] = (match.variant_id, match.quantity)
            continue
        variant = by_code.get(code_key(product.sku)) if product.sku else None
        if variant is None and product.ean:
            variant = by_code.get(code_key(product.ean))
        if variant is not None:
            found[product.external_id] = (variant.pk, 1)
    # What we made stays ours under whatever SKU the merchant gives it; else it would be made a second time.
    unknown = [product.external_id for product in products if product.external_id not in found]
    for row in shop.listings.filter(external_id__in=unknown, ours=True):
        found[row.external_id] = (row.variant_id, row.quantity)
    return found


@transaction.atomic
def keep_stock(shop: Shop, *, on: bool, buffer: int, by: int) -> None:
    """The merchant's word that MCI may set the stock of his products that are ours; off: nothing is told any more, and
    the shop keeps the figures that it has. `buffer`: pieces that the shop never sees."""
    Shop.objects.filter(pk=shop.pk).update(stock_on=on, stock_buffer=buffer, compare_after=timezone.now())
    ShopEvent.objects.create(shop=shop, code="stock_on" if on else "stock_off", params={"buffer": buffer, "by": by})


def keep_prices(chosen: QuerySet[Listing], *, on: bool, rule_id: int | None, shop: Shop) -> int:
    """The merchant's word on the prices of these listings of his shop; off: they stay as they are. `rule_id` None: each
    by its category. How many."""
    rule = shop.price_rules.filter(pk=rule_id).first() if rule_id else None
    if on:
        price_rules.ensure_default(shop)
        price_levels.ask_now(shop.pk)
        return chosen.update(price_on=True, rule=rule, price_error="", price_try_after=timezone.now())
    return chosen.update(price_on=False, price_error="")


def try_again(chosen: QuerySet[Listing]) -> None:
    """A person mended something in the shop: what it refused is told at once, not in an hour."""
    now = timezone.now()
    chosen.update(try_after=now, price_try_after=now)
    Shop.objects.filter(pk__in=chosen.values("shop")).update(news_after=now, news_failures=0, prices_after=now)
