"""What must always be true (docs/architecture.md lists it), as questions to the live database: `manage.py verify` asks
them all. Those of the books alone are in mci/verify/invariants_books.py, of returns in
invariants_returns.py."""

from __future__ import annotations

from collections.abc import Iterator

from mci import schema
from mci.verify.invariant import Check, by_sql
from mci.verify.invariants_books import BOOKS
from mci.verify.invariants_returns import RETURNS


def _schema() -> Iterator[str]:
    yield from schema.findings()


CHECKS = [
    Check("0", "the database's schema is the one that the code wants", _schema),
    *BOOKS,
    Check(
        "4",
        "an external order has at most one order",
        by_sql(
            "shop {0}, external order {1}: {2} rows; order {3}",
            """
            SELECT shop_id, external_id, count(*), max(order_id) FROM connectors_inboxorder
             GROUP BY shop_id, external_id HAVING count(*) > 1
            """,
        ),
    ),
    Check(
        "4",
        "a dispatched order has its shipment and exactly one sale in the books, of its cost",
        by_sql(
            "order {0} ({1}) of dropshipper {6}: shipment {2} of {7}, {3} sales in the books; cost {4}, booked {5}",
            """
            SELECT o.id, o.state, coalesce(s.reference, 'missing'),
                   count(DISTINCT e.id) FILTER (WHERE e.kind IN ('sale', 'cod_sale')), o.cost,
                   coalesce(sum(p.amount), 0), o.dropshipper_id, s.dropshipper_id
              FROM orders_order o
              LEFT JOIN shipping_shipment s ON s.id = o.shipment_id
              LEFT JOIN wallet_entry e ON e.reference = 'order:' || o.id AND e.dropshipper_id = o.dropshipper_id
                   AND (e.kind IN ('cod_amendment', 'shipping_change')
                        OR e.kind IN ('sale', 'cod_sale') AND ((e.kind = 'cod_sale')
                        = (o.payment = 'cod') OR EXISTS (SELECT 1 FROM wallet_entry amended  -- lowered to nothing
                            WHERE amended.reference = e.reference AND amended.kind = 'cod_amendment')))
              LEFT JOIN wallet_posting p ON p.entry_id = e.id AND p.account_id IN (
                   SELECT id FROM wallet_account WHERE kind IN ('sales', 'shipping_income', 'cod_fees', 'vat'))
             WHERE o.shipment_id IS NOT NULL
             GROUP BY o.id, s.id
            HAVING s.dropshipper_id IS DISTINCT FROM o.dropshipper_id
                OR s.reference IS DISTINCT FROM 'order:' || o.id OR coalesce(sum(p.amount), 0) <> o.cost
                OR count(DISTINCT e.id) FILTER (WHERE e.kind IN ('sale', 'cod_sale'))
                   <> CASE WHEN o.cost > 0 THEN 1 ELSE 0 END
             ORDER BY o.id
            """,
        ),
    ),
    Check(
        "4",
        "the frozen figures of a dispatched order add up, to its lines and to what was held",
        by_sql(
            "order {0}: goods {1}, lines {2}; parts {3}, cost {4}; guarantee {5}, held {6}",
            """
            SELECT o.id, o.goods_net, l.net, o.goods_net + o.shipping_net + o.cod_fee_net + o.vat, o.cost, o.guarantee,
                   coalesce(h.amount, 0)
              FROM orders_order o
              LEFT JOIN LATERAL (SELECT sum(unit_net * quantity) AS net FROM orders_orderline
                                  WHERE order_id = o.id AND NOT ignored AND variant_id IS NOT NULL) l ON true
              LEFT JOIN LATERAL (
                   SELECT sum(p.amount) AS amount FROM wallet_entry e JOIN wallet_posting p ON p.entry_id = e.id
                     JOIN wallet_account a ON a.id = p.account_id AND a.kind = 'held'
                    WHERE e.reference = 'order:' || o.id AND e.kind IN ('guarantee', 'shipping_change')) h ON true
             WHERE o.shipment_id IS NOT NULL
               AND (o.goods_net IS DISTINCT FROM l.net OR o.guarantee IS DISTINCT FROM coalesce(h.amount, 0)
                    OR o.cost IS DISTINCT FROM o.goods_net + o.shipping_net + o.cod_fee_net + o.vat)
             ORDER BY o.id
            """,
        ),
    ),
    Check(
        "4",
        "money and parcels exist only for dispatched orders",
        by_sql(
            "{0} of an order that is {1}: {2}",
            """
            SELECT 'entry ' || e.id, coalesce(o.state, 'gone'), e.reference
              FROM wallet_entry e LEFT JOIN orders_order o ON 'order:' || o.id = e.reference
             WHERE e.kind IN ('sale', 'cod_sale') AND o.shipment_id IS NULL
            UNION ALL
            SELECT 'shipment ' || s.id, coalesce(o.state, 'gone'), s.reference
              FROM shipping_shipment s LEFT JOIN orders_order o ON o.shipment_id = s.id WHERE o.id IS NULL
             ORDER BY 3
            """,
        ),
    ),
    Check(
        "4",
        "of an order that was cancelled nothing is left in any account",
        by_sql(
            "order {0}: {2} left in {1} although cancelled",
            """
            SELECT o.id, a.kind, sum(p.amount)
              FROM orders_order o JOIN wallet_entry e ON e.reference = 'order:' || o.id
              JOIN wallet_posting p ON p.entry_id = e.id JOIN wallet_account a ON a.id = p.account_id
             WHERE o.state = 'cancelled'
             GROUP BY o.id, a.id HAVING sum(p.amount) <> 0 ORDER BY o.id, a.id
            """,
        ),
    ),
    Check(
        "7",
        "0 ≤ reserved ≤ on hand",
        by_sql(
            "variant {0}: on hand {1}, reserved {2}",
            """
            SELECT variant_id, on_hand, reserved FROM catalog_stock
             WHERE reserved < 0 OR on_hand < reserved ORDER BY variant_id
            """,
        ),
    ),
    Check(
        "7",
        "stock is the sum of its moves: on hand, and what open reservations hold",
        by_sql(
            "variant {0}: on hand {1} but moves {2}; reserved {3} but open reservations {4}",
            """
            SELECT s.variant_id, s.on_hand, coalesce(sum(m.on_hand_change), 0), s.reserved,
                   coalesce(sum(m.reserved_change), 0)
              FROM catalog_stock s LEFT JOIN catalog_stockmove m ON m.variant_id = s.variant_id
             GROUP BY s.variant_id
            HAVING s.on_hand <> coalesce(sum(m.on_hand_change), 0) OR s.reserved <> coalesce(sum(m.reserved_change), 0)
             ORDER BY s.variant_id
            """,
        ),
    ),
    Check(
        "7",
        "each reservation holds what its order's lines say, until the parcel leaves or is cancelled",
        by_sql(
            "{0}, variant {1}: reserved {2}, lines {3} ({4})",
            """
            WITH held AS (
              SELECT reference, variant_id, sum(reserved_change) AS quantity FROM catalog_stockmove
               WHERE reference LIKE 'order:%' GROUP BY reference, variant_id
            ), due AS (
              SELECT 'order:' || o.id AS reference, l.variant_id, sum(l.quantity) AS quantity
                FROM orders_order o JOIN shipping_shipment s ON s.id = o.shipment_id
                JOIN orders_orderline l ON l.order_id = o.id
               WHERE s.state IN ('to_pick', 'packed') AND o.state = 'dispatched' AND NOT l.ignored
                 AND l.variant_id IS NOT NULL
               GROUP BY o.id, l.variant_id
            )
            SELECT coalesce(h.reference, d.reference), coalesce(h.variant_id, d.variant_id), coalesce(h.quantity, 0),
                   coalesce(d.quantity, 0), CASE WHEN d.reference IS NULL THEN 'not waiting' ELSE 'waiting' END
              FROM held h FULL JOIN due d ON d.reference = h.reference AND d.variant_id = h.variant_id
             WHERE coalesce(h.quantity, 0) <> coalesce(d.quantity, 0)
             ORDER BY 1, 2
            """,
        ),
    ),
    Check(
        "8",
        "COD booked is what the customer owes at the door, in EUR, below the law's limit (a courier's cap may change)",
        by_sql(
            "order {0}: to collect {1} {2}, parcel {3}, books {4}",
            """
            SELECT o.id, o.to_collect, o.currency, s.cod_amount, b.booked
              FROM orders_order o JOIN shipping_shipment s ON s.id = o.shipment_id
              CROSS JOIN LATERAL (
                   SELECT coalesce(-sum(p.amount), 0) AS booked
                     FROM wallet_entry e JOIN wallet_posting p ON p.entry_id = e.id
                    WHERE e.reference = 'order:' || o.id AND e.kind IN ('cod_sale', 'cod_amendment')
                      AND p.account_id = (SELECT id FROM wallet_account WHERE kind = 'cod_in_transit')) b
             WHERE (o.payment = 'cod' AND (o.currency <> 'EUR' OR o.to_collect IS NULL OR o.to_collect <= 0
                    OR o.to_collect >= 5000 OR s.cod_amount <> o.to_collect OR b.booked <> o.to_collect))
                OR (o.payment <> 'cod' AND (s.cod_amount <> 0 OR b.booked <> 0))
             ORDER BY o.id
            """,
        ),
    ),
    Check(
        "9",
        "COD booked = remitted + reversed, and what is open is a parcel whose cash is still out",
        by_sql(
            "{0} ({1}): {2} left in {3}, cash {4}",
            """
            SELECT e.reference, coalesce(s.state, 'no parcel'), sum(p.amount), a.kind,
                   coalesce(nullif(s.cash, ''), 'none')
              FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id
              JOIN wallet_entry e ON e.id = p.entry_id
              LEFT JOIN shipping_shipment s ON s.reference = e.reference
             WHERE a.kind IN ('cod_in_transit', 'cod_due', 'held')
             GROUP BY e.reference, s.state, s.cash, a.kind
            HAVING (sum(p.amount) <> 0) AND (s.cash IS NULL OR s.cash NOT IN ('booked', 'collected'))
                OR (sum(p.amount) > 0 AND a.kind = 'cod_in_transit')
                OR (sum(p.amount) < 0 AND a.kind <> 'cod_in_transit')
                OR (sum(p.amount) = 0 AND a.kind = 'cod_in_transit' AND s.cash IN ('booked', 'collected'))
             ORDER BY e.reference
            """,
        ),
    ),
    *RETURNS,
    Check(
        "10",
        "the transport documents of a year are numbered from 1 without gaps",
        by_sql(
            "{0}: {1} documents, numbers {2} to {3}",
            """
            SELECT year, count(*), min(number), max(number) FROM orders_transportdocument
             GROUP BY year HAVING min(number) <> 1 OR max(number) <> count(*) ORDER BY year
            """,
        ),
    ),
]
