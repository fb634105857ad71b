"""The stock that the shops show: what each should show is reckoned, compared with what it was told, and the difference
is told in batches. No queue: ten sales of one article are one figure."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from connectors.access import access_of
from connectors.models import Listing, Shop
from connectors.platforms import platform
from connectors.platforms.goods import StockLevel

_RETRY_S = 3600  # for a product that the shop refused; the next comparison looks at it again anyway

# What a shop should show: pieces that can be sold, in bundles of theirs, less what its own open orders already sold
# (the shop took them off by itself; MCI reserves them at Sincronizza) and what the reseller keeps back.
_BEHIND = """
WITH sold AS (
    SELECT l.variant_id, sum(l.quantity) AS pieces
      FROM orders_orderline l
      JOIN orders_order o ON o.id = l.order_id AND o.state IN ('received', 'ready')
      JOIN connectors_inboxorder i ON i.order_id = o.id AND i.shop_id = %(shop)s
     WHERE l.variant_id IS NOT NULL AND NOT l.ignored
     GROUP BY l.variant_id
), wanted AS (
    SELECT g.id, g.shop_id, g.external_id, g.told, CASE WHEN v.active AND p.active THEN
           greatest(0, greatest(0, coalesce(s.on_hand - s.reserved - s.buffer, 0) - coalesce(sold.pieces, 0))
                       / g.quantity - h.stock_buffer) ELSE 0 END AS pieces
      FROM connectors_listing g
      JOIN connectors_shop h ON h.id = g.shop_id AND h.stock_on
      JOIN catalog_variant v ON v.id = g.variant_id
      JOIN catalog_product p ON p.id = v.product_id
      LEFT JOIN catalog_stock s ON s.variant_id = g.variant_id
      LEFT JOIN sold ON sold.variant_id = g.variant_id
     WHERE g.shop_id = %(shop)s AND g.try_after <= %(now)s
)
"""
_COUNT = _BEHIND + "SELECT count(*) FROM wanted WHERE told IS DISTINCT FROM pieces"  # noqa: S608 - constants
# Simple products first, then the variations of one product together: the fewest calls.
_ROWS = (
    _BEHIND  # noqa: S608 - constants
    + "SELECT id, external_id, pieces FROM wanted WHERE told IS DISTINCT FROM pieces"
    + " ORDER BY position('/' in external_id) > 0, external_id, id LIMIT %(limit)s"
)


@dataclass(frozen=True, slots=True)
class Behind:
    """A listing of which the shop shows another figure than `pieces`."""

    listing_id: int
    external_id: str
    pieces: int


def behind(shop: Shop, *, limit: int) -> list[Behind]:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"shop": shop.pk, "now": timezone.now(), "limit": limit})
        return [Behind(*row) for row in cursor.fetchall()]


def count_behind(shop: Shop) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"shop": shop.pk, "now": timezone.now()})
        return int(cursor.fetchone()[0])


def tell(shop: Shop, *, until: float) -> int:
    """Tells the shop its figures, batch by batch, until none is wrong or `until` (monotonic seconds) has passed; how
    many were told. Raises TryLater and NeedsHand; what was told before stays noted."""
    if not shop.stock_on:
        return 0
    api, access, told = platform(shop.platform), access_of(shop), 0
    while time.monotonic() < until:
        rows = behind(shop, limit=api.stock_batch)
        if not rows:
            break
        refused = api.tell_stock(access, [StockLevel(row.external_id, row.pieces) for row in rows])
        now = timezone.now()
        done = [row for row in rows if row.external_id not in refused]
        Listing.objects.bulk_update(
            [Listing(pk=row.listing_id, told=row.pieces, told_at=now, error="") for row in done],
            ["told", "told_at", "error"],
        )
        Listing.objects.bulk_update(
            [
                Listing(
                    pk=row.listing_id,
                    error=refused[row.external_id][:120],
                    try_after=now + dt.timedelta(seconds=_RETRY_S),
                )
                for row in rows
                if row.external_id in refused
            ],
            ["error", "try_after"],
        )
        told += len(done)
    return told
