"""Which products of a shop are ours: found by comparing what the shop shows with the catalogue, by the reseller's
matches first, then SKU, then EAN. The comparison runs nightly and shows where shop and warehouse have drifted apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.queries import code_key, find_skus
from connectors.errors import NoEnd, ShopGone
from connectors.intake import pull
from connectors.listings import adoption, selling, stock
from connectors.listings.prices import drift, levels, rules
from connectors.matching import remote_items
from connectors.models import Listing, Match, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.goods import RemoteProduct
from connectors.shops import calls, schedule, state
from core import http, leases
from core.errors import TryLater

EVERY = dt.timedelta(hours=24)
VISIT_S = 60.0  # of one turn, all calls together; the next goes on where it ended
_MAY_LAST = dt.timedelta(hours=12)  # over all its turns
_FEW, _SLOW_WAITS = 8, 4  # a turn of fewer pages was a slow one; so many times as long it waits then
_A_READING_S = 10.0  # of the turn, that reading the shop's orders needs
_KEPT = Listing.objects.filter(shop=OuterRef("pk"), off_at=None).filter(Q(ours=True) | Q(price_on=True))


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found: products seen, of them ours, those whose stock had drifted, listings that are gone, and
    prices that were changed in the shop."""

    seen: int = 0
    ours: int = 0
    drifted: int = 0
    gone: int = 0
    prices: int = 0


def compare_due(*, budget_s: float) -> int:
    """Compares the shops whose turn it is; how many."""
    return schedule.take(
        "compare_after",
        compare,
        budget_s=budget_s,
        visit_s=VISIT_S,
        only=Q(stock_on=True) | Q(compare_asked=True) | Q(Exists(_KEPT)),
    )


def compare(shop: Shop) -> Compared:
    """Walks the shop's products and brings its listings up to date: what the shop shows is what it counts as told, so
    that a wrong figure is told again. Where the shop shows something else than it was told, the listing keeps both
    figures until the next comparison finds them equal. A figure that is lower than it should be may be a sale that we
    have not heard of: the shop's orders are read before it is called wrong. Listings whose product is gone from the
    shop are dropped, but only after a walk that reached its end. Raises TryLater (SamePage too), NeedsHand."""
    clock = leases.clock()
    on = bool(shop.compare_walk and shop.compare_began)  # a comparison that was not finished goes on
    started: dt.datetime = shop.compare_began if on and shop.compare_began else clock()
    cursor: str | None = shop.compare_walk if on else None
    if on:  # a place that the shop does not know any more must not hold it up for ever: unless it comes to its end
        state.same(shop).update(compare_walk="")
        if clock() - started > _MAY_LAST:  # a list that goes round in a ring has another page at each turn
            raise NoEnd(pages="…")
    with calls.noted(shop):
        access = selling.look(shop, whole=False)  # what its prices mean
    seen = ours = drifted = prices = 0
    low, pages = list[int](), 0
    onward = schedule.Onward(resumes=True)
    while True:
        asked_at = clock()
        try:
            with calls.noted(shop):
                page = platform(shop.platform).products(access, cursor)
                onward.look([product.external_id for product in page.products])
                variants = _variants(shop, page.products)
                whose = adoption.whose(shop, access, page.products, list(variants))
        except TryLater:
            if not pages or http.left():
                raise
            break  # in the middle of a page: the next turn goes on there
        if not state.same(shop).exists():  # meanwhile: what is read is of no connection of ours
            raise ShopGone
        found, wrong, lower = _take(shop, page.products, variants, whose, asked_at, clock())
        ours, drifted, low = ours + found, drifted + wrong, [*low, *lower]
        prices += drift.judge(shop, page.products, asked_at)
        seen, cursor, pages = seen + len(page.products), page.cursor, pages + 1
        if cursor is None or not http.left():
            break
    gone = _end(shop, started) if cursor is None else _pause(shop, started, cursor, pages)
    drifted += _lowered(shop, low, clock()) if low else 0
    if drifted:
        ShopEvent.objects.create(shop=shop, code="stock_drifted", params={"count": drifted})
    drift.note(shop, prices)
    return Compared(seen, ours, drifted, gone, prices)


def _end(shop: Shop, started: dt.datetime) -> int:
    """The walk reached its end: what it did not see is gone. What we took off sale may be hidden from it, and is ours
    all the same."""
    gone, _per_model = shop.listings.filter(shown_at__lt=started, off_at=None).delete()
    remote_items.drop_unseen(shop, started)
    state.same(shop).update(
        compared_at=leases.now(), compare_after=leases.now() + EVERY, compare_asked=False, compare_walk=""
    )
    return int(gone)


def _pause(shop: Shop, started: dt.datetime, cursor: str, pages: int) -> int:
    """The time was over: it goes on there when the other shops had their turn, and later where it gave little."""
    wait = dt.timedelta(seconds=_SLOW_WAITS * VISIT_S if pages < _FEW else 0)
    state.same(shop).update(compare_walk=cursor, compare_began=started, compare_after=leases.now() + wait)
    return 0


@transaction.atomic
def _take(
    shop: Shop,
    products: Sequence[RemoteProduct],
    variants: Mapping[str, tuple[int, int]],
    whose: Mapping[str, str],
    asked_at: dt.datetime,
    now: dt.datetime,
) -> tuple[int, int, list[int]]:
    """Upserts the listings of one page in a constant number of statements; how many are ours, how many had drifted, and
    which show less than they should."""
    before = {
        row.external_id: row
        for row in shop.listings.filter(external_id__in=list(variants)).only(
            "external_id", "told", "told_at", "heard_at", "unheard"
        )
    }
    true = stock.should(shop, [row.pk for row in before.values()])
    rows, low = [], []
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
            try_after=leases.now(),
            heard_at=now,
            asked_whose=True,
        )
        known = before.get(product.external_id)
        should = true.get(known.pk) if known is not None else None
        if known is not None and known.heard_at is not None and known.heard_at >= asked_at:  # told since it was asked
            row.told, row.heard_at, row.unheard = known.told, known.heard_at, known.unheard
        elif known is not None and should is not None and known.told_at is not None:
            less = (should.expected or 0) - product.quantity if product.quantity is not None else 0
            if less > 0:
                row.unheard = should.unseen + less
                low.append(known.pk)
            else:
                row.unheard = should.unseen
                # A figure that we never told is not wrong by our doing; one that its own sales moved is right by now.
                if product.quantity != should.pieces and should.expected == should.pieces:
                    row.drift_shown, row.drift_true, row.drifted_at = product.quantity, should.pieces, now
        rows.append(row)
    Listing.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["shop", "external_id"],
        update_fields=[
            *("variant", "sku", "title", "stock_id", "quantity", "shown", "shown_at", "told", "try_after"),
            *("heard_at", "unheard", "asked_whose", "drift_shown", "drift_true", "drifted_at"),
        ],
    )
    adoption.adopt(shop, products, whose)
    remote_items.keep(shop, [one for one in products if one.external_id not in variants], list(variants), now)
    return len(rows), sum(row.drifted_at is not None for row in rows), low


def _lowered(shop: Shop, low: Sequence[int], now: dt.datetime) -> int:
    """Which of the figures that are lower than they should be no order explains: somebody lowered them, and they are
    told again. The shop's orders are read first; how many."""
    Shop.objects.filter(pk=shop.pk).update(pull_after=F("connected_at"))
    if http.left() < _A_READING_S:  # the orders are read by who has the time; the next comparison judges
        return 0
    pull.pull_shop(shop.pk)
    true = stock.should(shop, low)
    found = []
    for row in shop.listings.filter(pk__in=list(true)):
        should = true[row.pk]
        if not should.unseen and should.pieces > (row.shown or 0):
            row.drift_shown, row.drift_true, row.drifted_at = row.shown, should.pieces, now
            found.append(row)
    if found:
        Listing.objects.bulk_update(found, ["drift_shown", "drift_true", "drifted_at"])
    return len(found)


def _variants(shop: Shop, products: Sequence[RemoteProduct]) -> Mapping[str, tuple[int, int]]:
    """(variant id, pieces of ours in one of theirs) by external id; what is not ours is absent."""
    subjects = {remote_items.subject_of(product) for product in products}
    matches = {match.subject: match for match in Match.objects.filter(shop=shop, subject__in=subjects)}
    by_code = find_skus([code for p in products for code in (p.sku, p.ean) if code])
    found: dict[str, tuple[int, int]] = {}
    for product in products:
        match = matches.get(remote_items.subject_of(product))
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
    Shop.objects.filter(pk=shop.pk).update(stock_on=on, stock_buffer=buffer, compare_after=leases.now())
    ShopEvent.objects.create(shop=shop, code="stock_on" if on else "stock_off", params={"buffer": buffer, "by": by})


def keep_prices(chosen: QuerySet[Listing], *, on: bool, rule_id: int | None, shop: Shop) -> int:
    """The merchant's word on the prices of these listings of his shop; off: they stay as they are. `rule_id` None: each
    by its category. How many. Raises Refused, where the shop takes no price of ours."""
    refused = selling.refusal(shop.facts)
    if on and refused:
        raise refused
    rule = shop.price_rules.filter(pk=rule_id).first() if rule_id else None
    if on:
        rules.ensure_default(shop)
        levels.ask_now(shop.pk)
        drift.take_ours(chosen, shop)
        return chosen.update(price_on=True, rule=rule, price_error="", price_try_after=leases.now())
    drift.keep_theirs(chosen)
    return chosen.update(price_on=False, price_error="")


def try_again(chosen: QuerySet[Listing]) -> None:
    """A person mended something in the shop: what it refused is told at once, not in an hour."""
    now = leases.now()
    chosen.update(try_after=now, price_try_after=now)
    Shop.objects.filter(pk__in=chosen.values("shop")).update(news_after=now, news_failures=0, prices_after=now)
