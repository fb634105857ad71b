"""The stock that the shops show: what each should show is reckoned, compared with what it was told, and the difference
is told in batches. No queue: ten sales of one article are one figure.

A shop sells before we hear of it. Each figure is told with the one that the shop should show by now; where it shows
less, the difference was sold (`Listing.unheard`) and is taken off until the order is here, or until all orders that the
shop had then are."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from connectors.listings import stock_sql
from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.goods import StockLevel, StockTold
from connectors.shops import shop_log
from connectors.shops.access import access_of

CHUNK = 5000  # figures that one statement reckons and the memory holds; a shop of 100,000 takes twenty
_RETRY_S = 3600  # for a product that the shop refused; the next comparison looks at it again anyway


@dataclass(frozen=True, slots=True)
class Behind:
    """A listing of which the shop shows another figure than `pieces`: `told`, as far as we know. `unseen`: pieces that
    it sold and that were taken off already; `short`: pieces of ours that its orders want and that are not there."""

    listing_id: int
    external_id: str
    pieces: int
    told: int | None
    stock_id: str
    unseen: int
    short: int

    @property
    def level(self) -> StockLevel:
        return StockLevel(self.external_id, self.pieces, self.told, self.stock_id)


@dataclass(frozen=True, slots=True)
class Should:
    """What a listing should show, and what the shop should show of it by now (None: it was never told, nor read)."""

    pieces: int
    expected: int | None
    unseen: int


@dataclass(frozen=True, slots=True)
class Told:
    """How many figures a shop took, and in how many batches they were sent."""

    levels: int
    batches: int


def _params(shop: Shop, **more: Any) -> dict[str, Any]:
    lag = dt.timedelta(seconds=platform(shop.platform).search_lag_s)
    return {"shop": shop.pk, "now": timezone.now(), "lag": lag, **more}


def behind(shop: Shop, *, limit: int) -> list[Behind]:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(stock_sql.ROWS, _params(shop, limit=limit))
        return [Behind(*row) for row in cursor.fetchall()]


def count_behind(shop: Shop) -> int:
    """Walks all listings of the shop: for pages and comparisons, not for the sweep."""
    with connection.cursor() as cursor:
        cursor.execute(stock_sql.COUNT, _params(shop))
        return int(cursor.fetchone()[0])


def ids_behind(shop: Shop) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(stock_sql.IDS, _params(shop))
        return [row[0] for row in cursor.fetchall()]


def wanted(shop: Shop, listing_ids: Collection[int]) -> dict[int, int]:
    """What the shop should show, by listing; those whose stock MCI does not keep are absent. One query."""
    return {id_: pieces for id_, (pieces, _short) in wanted_and_short(shop, listing_ids).items()}


def wanted_and_short(shop: Shop, listing_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """As `wanted`, with how many pieces of ours the shop's orders want that are not there: it sold too many."""
    with connection.cursor() as cursor:
        cursor.execute(stock_sql.SOME, _params(shop, ids=list(listing_ids)))
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def should(shop: Shop, listing_ids: Collection[int]) -> dict[int, Should]:
    """As `wanted`, for the comparison. One query."""
    with connection.cursor() as cursor:
        cursor.execute(stock_sql.SHOULD, _params(shop, ids=list(listing_ids)))
        return {row[0]: Should(*row[1:]) for row in cursor.fetchall()}


def tell(shop: Shop, *, until: float) -> Told:
    """Tells the shop its figures, batch by batch, until none is wrong or `until` (monotonic seconds) has passed. Raises
    TryLater and NeedsHand; what was told before stays noted."""
    api, levels, sent = platform(shop.platform), 0, 0
    access = None
    while time.monotonic() < until:
        rows = behind(shop, limit=CHUNK)
        if not rows:
            break
        access = access or access_of(shop)
        for batch in cut(rows, api.stock_batch, apart=api.variations_apart):
            if time.monotonic() >= until:
                break
            told = api.tell_stock(access, [row.level for row in batch])
            levels, sent = levels + _note(shop, batch, told), sent + 1
    return Told(levels, sent)


def cut(rows: Sequence[Behind], size: int, *, apart: bool) -> Iterator[Sequence[Behind]]:
    """Batches of at most `size`. `apart`: the shop's API takes the variations of one product in a call of their own, so
    that a product is not split over two batches unless it fills one."""
    start = 0
    while start < len(rows):
        end = min(start + size, len(rows))
        parent = rows[end - 1].external_id.partition("/")
        if apart and end < len(rows) and parent[1] and rows[end].external_id.startswith(f"{parent[0]}/"):
            first = next(i for i in range(start, end) if rows[i].external_id.startswith(f"{parent[0]}/"))
            end = first if first > start else end
        yield rows[start:end]
        start = end


def _note(shop: Shop, rows: Sequence[Behind], told: StockTold) -> int:
    """Two statements at most where the shop had sold nothing unheard; how many were told."""
    done = [row for row in rows if row.external_id not in told.refused]
    wrong = [row for row in rows if row.external_id in told.refused]
    shown = [told.shows.get(row.external_id, row.pieces) for row in done]
    fresh = [max(0, row.pieces - figure) for row, figure in zip(done, shown, strict=True)]
    with connection.cursor() as cursor:
        if done:
            unheard = [row.unseen + more for row, more in zip(done, fresh, strict=True)]
            cursor.execute(stock_sql.TOLD, [[row.listing_id for row in done], shown, unheard])
        if wrong:
            words = [told.refused[row.external_id][:120] for row in wrong]
            cursor.execute(stock_sql.REFUSED, [_RETRY_S, [row.listing_id for row in wrong], words])
    if any(fresh):  # the orders behind them are asked for at once, before other shops'
        Shop.objects.filter(pk=shop.pk).update(pull_after=F("connected_at"))
    short = [row for row in done if row.short]
    if short:
        shop_log.note(shop.pk, "oversold", {"count": sum(row.short for row in short), "products": len(short)})
    return len(done)
