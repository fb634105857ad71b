"""How long the oldest due row of each kind of work waits: a worker that is heard may still do nothing.

By the database's clock. Each is read by an index of what is due, never of what was done."""

from __future__ import annotations

from django.db import connection

# Seconds after which the waiting is news.
BOUNDS = {"deliveries": 120.0, "runs": 60.0, "news": 600.0, "pulls": 600.0}

_OLDEST = """
    SELECT 'deliveries', extract(epoch FROM clock_timestamp() - min(delivery.try_after))
    FROM connectors_delivery AS delivery JOIN connectors_shop AS shop ON shop.id = delivery.shop_id
    WHERE delivery.state = 'new' AND delivery.try_after <= clock_timestamp() AND shop.state IN ('active', 'broken')
        AND (delivery.lease_until IS NULL OR delivery.lease_until < clock_timestamp())
    UNION ALL
    SELECT 'runs', extract(epoch FROM clock_timestamp() - min(coalesce(lease_until, created_at)))
    FROM orders_dispatchrun
    WHERE state = 'queued' OR (state = 'running' AND lease_until < clock_timestamp())
    UNION ALL
    SELECT 'news', extract(epoch FROM clock_timestamp() - min(greatest(row.news_after, shop.news_after,
        shipment.shipped_at)))
    FROM connectors_inboxorder AS row
    JOIN connectors_shop AS shop ON shop.id = row.shop_id
    JOIN orders_order AS ours ON ours.id = row.order_id
    JOIN shipping_shipment AS shipment ON shipment.id = ours.shipment_id
    WHERE NOT row.told_last AND NOT row.elsewhere AND row.told = '' AND shop.state = 'active'
        AND shipment.state IN ('shipped', 'out_for_delivery', 'held', 'delivered')
        AND row.news_after <= clock_timestamp() AND shop.news_after <= clock_timestamp()
        AND (shop.news_lease_until IS NULL OR shop.news_lease_until < clock_timestamp())
    UNION ALL
    SELECT 'pulls', extract(epoch FROM clock_timestamp() - min(pull_after))
    FROM connectors_shop
    WHERE state = 'active' AND pull_after <= clock_timestamp()
        AND (pull_lease_until IS NULL OR pull_lease_until < clock_timestamp())
"""


def oldest() -> dict[str, float]:
    """Seconds that the oldest due row of each kind waits; 0 where nothing is due (1 query)."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        return {kind: max(0.0, float(age or 0)) for kind, age in cursor.fetchall()}


def late() -> dict[str, float]:
    """What waits longer than it should, in seconds."""
    return {kind: age for kind, age in oldest().items() if age > BOUNDS[kind]}
