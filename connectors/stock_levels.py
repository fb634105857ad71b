"""The stock that the shops show: what each should show is reckoned, compared with what it was told, and the difference
is told in batches. No queue: ten sales of one article are one figure."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from connectors.access import access_of
from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.goods import StockLevel

CHUNK = 5000  # figures that one statement reckons and the memory holds; a shop of 100,000 takes twenty
_RETRY_S = 3600  # for a product that the shop refused; the next comparison looks at it again anyway

# What a shop should show: pieces that can be sold, in bundles of theirs, less what its own open orders already sold
# (the shop took them off by itself; MCI reserves them at Sincronizza) and what the reseller keeps back.
_WANTED = """
WITH sold AS (
    SELECT l.variant_id, sum(l.quantity) AS pieces
      FROM orders_orderline l
      JOIN orders_order o ON o.id = l.order_id AND o.state IN ('received', 'ready')
      JOIN connectors_inboxorder i ON i.order_id = o.id AND i.shop_id = %(shop)s
     WHERE l.variant_id IS NOT NULL AND NOT l.ignored
     GROUP BY l.variant_id
), wanted AS (
    SELECT g.id, g.external_id, g.told, g.stock_id, g.try_after, CASE WHEN v.active AND p.active THEN
           greatest(0, greatest(0, coalesce(s.on_hand - s.reserved - s.buffer, 0) - coalesce(sold.pieces, 0))
                       / g.quantity - h.stock_buffer) ELSE 0 END AS pieces
      FROM connectors_listing g
      JOIN connectors_shop h ON h.id = g.shop_id
      JOIN catalog_variant v ON v.id = g.variant_id
      JOIN catalog_product p ON p.id = v.product_id
      LEFT JOIN catalog_stock s ON s.variant_id = g.variant_id
      LEFT JOIN sold ON sold.variant_id = g.variant_id
     WHERE g.shop_id = %(shop)s AND g.off_at IS NULL AND (h.stock_on OR g.ours)
)
"""
_BEHIND = " FROM wanted WHERE told IS DISTINCT FROM pieces AND try_after <= %(now)s"
_COUNT = _WANTED + "SELECT count(*)" + _BEHIND
_IDS = _WANTED + "SELECT id" + _BEHIND
_SOME = _WANTED + "SELECT id, pieces FROM wanted WHERE id = ANY(%(ids)s)"  # noqa: S608 - constants
# Simple products first, then the variations of one product together: the fewest calls.
_ROWS = (
    _WANTED
    + "SELECT id, external_id, pieces, told, stock_id"
    + _BEHIND
    + " ORDER BY position('/' in external_id) > 0, external_id, id LIMIT %(limit)s"
)
_TOLD = """
UPDATE connectors_listing g SET told = x.pieces, told_at = %s, error = ''
  FROM unnest(%s::bigint[], %s::int[]) AS x(id, pieces) WHERE g.id = x.id
"""
_REFUSED = """
UPDATE connectors_listing g SET error = x.error, try_after = %s
  FROM unnest(%s::bigint[], %s::text[]) AS x(id, error) WHERE g.id = x.id
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """A listing of which the shop shows another figure than `pieces`: `told`, as far as we know."""

    listing_id: int
    external_id: str
    pieces: int
    told: int | None = None
    stock_id: str = ""

    @property
    def level(self) -> StockLevel:
        return StockLevel(self.external_id, self.pieces, self.told, self.stock_id)


@dataclass(frozen=True, slots=True)
class Told:
    """How many figures a shop took, and in how many batches they were sent."""

    levels: int = 0
    batches: int = 0


def behind(shop: Shop, *, limit: int) -> list[Behind]:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"shop": shop.pk, "now": timezone.now(), "limit": limit})
        return [Behind(*row) for row in cursor.fetchall()]


def count_behind(shop: Shop) -> int:
    """Walks all listings of the shop: for pages and comparisons, not for the sweep."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"shop": shop.pk, "now": timezone.now()})
        return int(cursor.fetchone()[0])


def ids_behind(shop: Shop) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_IDS, {"shop": shop.pk, "now": timezone.now()})
        return [row[0] for row in cursor.fetchall()]


def wanted(shop: Shop, listing_ids: Collection[int]) -> dict[int, int]:
    """What the shop should show, by listing; those whose stock MCI does not keep are absent. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SOME, {"shop": shop.pk, "ids": list(listing_ids)})
        return dict(cursor.fetchall())


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
            refused = api.tell_stock(access, [row.level for row in batch])
            levels, sent = levels + _note(batch, refused), sent + 1
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


def _note(rows: Sequence[Behind], refused: Mapping[str, str]) -> int:
    """Two statements at most; how many were told."""
    now = timezone.now()
    done = [row for row in rows if row.external_id not in refused]
    wrong = [row for row in rows if row.external_id in refused]
    with connection.cursor() as cursor:
        if done:
            cursor.execute(_TOLD, [now, [row.listing_id for row in done], [row.pieces for row in done]])
        if wrong:
            words = [refused[row.external_id][:120] for row in wrong]
            again = now + dt.timedelta(seconds=_RETRY_S)
            cursor.execute(_REFUSED, [again, [row.listing_id for row in wrong], words])
    return len(done)
