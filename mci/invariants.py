"""What must always be true (docs/architecture.md lists them), as questions to the live database.

A check yields a sentence for each row that breaks it. `manage.py verify` asks them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from wallet.queries import broken_chain, sealed_dropshippers


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true. `find` yields a sentence for each row that breaks it."""

    number: str
    title: str
    find: Callable[[], Iterator[str]]


def _sql(sentence: str, query: str) -> Callable[[], Iterator[str]]:
    """Rows of `query` are findings, told by `sentence` with {0}, {1}… for its columns."""

    def find() -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence.format(*row)

    return find


def _chains() -> Iterator[str]:
    for owner in sealed_dropshippers():
        for finding in broken_chain(owner):
            yield f"dropshipper {owner}: {finding}"


CHECKS = [
    Check(
        "1",
        "every entry has at least two postings that sum to zero",
        _sql(
            "entry {0} ({1}): {2} postings that sum to {3}",
            """
            SELECT e.id, e.key, count(p.id), coalesce(sum(p.amount), 0)
              FROM wallet_entry e LEFT JOIN wallet_posting p ON p.entry_id = e.id
             GROUP BY e.id HAVING count(p.id) < 2 OR sum(p.amount) <> 0 ORDER BY e.id
            """,
        ),
    ),
    Check(
        "1",
        "all postings of the ledger sum to zero",
        _sql("the ledger sums to {0}", "SELECT sum(amount) FROM wallet_posting HAVING sum(amount) <> 0"),
    ),
    Check(
        "2",
        "a cached balance is the sum of its postings",
        _sql(
            "account {0} ({1} of dropshipper {2}): balance {3}, postings {4}",
            """
            SELECT a.id, a.kind, a.dropshipper_id, a.balance, coalesce(sum(p.amount), 0)
              FROM wallet_account a LEFT JOIN wallet_posting p ON p.account_id = a.id
             WHERE a.balance IS NOT NULL
             GROUP BY a.id HAVING a.balance <> coalesce(sum(p.amount), 0) ORDER BY a.id
            """,
        ),
    ),
    Check(
        "2",
        "no account is below its floor",
        _sql(
            "account {0} ({1} of dropshipper {2}): balance {3}, floor {4}",
            """
            SELECT id, kind, dropshipper_id, balance, floor FROM wallet_account
             WHERE floor IS NOT NULL AND balance < floor ORDER BY id
            """,
        ),
    ),
    Check(
        "2",
        "an entry moves only its own dropshipper's accounts",
        _sql(
            "entry {0} of dropshipper {1} moves account {2} of dropshipper {3}",
            """
            SELECT e.id, e.dropshipper_id, a.id, a.dropshipper_id
              FROM wallet_posting p JOIN wallet_entry e ON e.id = p.entry_id
              JOIN wallet_account a ON a.id = p.account_id
             WHERE a.dropshipper_id IS NOT NULL AND a.dropshipper_id IS DISTINCT FROM e.dropshipper_id ORDER BY e.id
            """,
        ),
    ),
    Check(
        "3",
        "a reversal is the exact negation of what it reverses",
        _sql(
            "entry {0} does not negate entry {1}",
            """
            SELECT r.id, r.reverses_id FROM wallet_entry r
             WHERE r.reverses_id IS NOT NULL AND EXISTS (
               SELECT 1 FROM (
                 SELECT account_id, amount FROM wallet_posting WHERE entry_id = r.id
                 UNION ALL SELECT account_id, amount FROM wallet_posting WHERE entry_id = r.reverses_id
               ) both_sides GROUP BY account_id HAVING sum(amount) <> 0)
             ORDER BY r.id
            """,
        ),
    ),
    Check("3", "sealed entries are as they were sealed", _chains),
    Check(
        "3",
        "the database's guards of the books are in place and awake",
        _sql(
            "trigger {1} of {0} is missing or switched off",
            """
            SELECT guard.* FROM (VALUES
                ('wallet_entry', 'append_only'), ('wallet_posting', 'append_only'), ('wallet_seal', 'append_only'),
                ('wallet_account', 'never_gone'), ('wallet_account', 'balance_by_postings'),
                ('wallet_account', 'same_account'), ('wallet_account', 'starts_empty'), ('wallet_entry', 'balanced'),
                ('wallet_posting', 'postings_added')) AS guard (tab, name)
             WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t
                                WHERE t.tgrelid = guard.tab::regclass AND t.tgname = guard.name AND t.tgenabled <> 'D')
            """,
        ),
    ),
    Check(
        "4",
        "an external order has at most one order",
        _sql(
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
        _sql(
            "order {0} ({1}) of dropshipper {6}: shipment {2} of {7}, {3} sales in the books; cost {4}, booked {5}",
            """
            SELECT o.id, o.state, coalesce(s.reference, 'missing'), count(DISTINCT e.id), o.cost,
                   coalesce(sum(p.amount), 0), o.dropshipper_id, s.dropshipper_id
              FROM orders_order o
              LEFT JOIN shipping_shipment s ON s.id = o.shipment_id
              LEFT JOIN wallet_entry e ON e.reference = 'order:' || o.id AND e.kind IN ('sale', 'cod_sale')
                   AND e.dropshipper_id = o.dropshipper_id AND (e.kind = 'cod_sale') = (o.payment = 'cod')
              LEFT JOIN wallet_posting p ON p.entry_id = e.id AND p.account_id IN (
                   SELECT id FROM wallet_account WHERE kind IN ('sales', 'shipping_income', 'cod_fees', 'vat'))
             WHERE o.shipment_id IS NOT NULL
             GROUP BY o.id, s.id
            HAVING s.dropshipper_id IS DISTINCT FROM o.dropshipper_id
                OR s.reference IS DISTINCT FROM 'order:' || o.id OR coalesce(sum(p.amount), 0) <> o.cost
                OR count(DISTINCT e.id) <> CASE WHEN o.cost > 0 THEN 1 ELSE 0 END
             ORDER BY o.id
            """,
        ),
    ),
    Check(
        "4",
        "the frozen figures of a dispatched order add up, to its lines and to what was held",
        _sql(
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
                    WHERE e.reference = 'order:' || o.id AND e.kind = 'guarantee') h ON true
             WHERE o.shipment_id IS NOT NULL
               AND (o.goods_net IS DISTINCT FROM l.net OR o.guarantee IS DISTINCT FROM coalesce(h.amount, 0)
                    OR o.cost IS DISTINCT FROM o.goods_net + o.shipping_net + o.cod_fee_net + o.vat)
             ORDER BY o.id
            """,
        ),
    ),
    Check(
        "4",
        "a credited top-up is in the books once, with its amount, and no other one is",
        _sql(
            "top-up {0} ({1}) of {2}: {3} entries, {4} in the wallet",
            """
            SELECT coalesce('topup:' || t.id, b.reference), coalesce(t.status, 'gone'), coalesce(t.amount, 0),
                   coalesce(b.entries, 0), coalesce(b.amount, 0)
              FROM wallet_topup t
              FULL JOIN (
                   SELECT e.reference, e.dropshipper_id, count(DISTINCT e.id) AS entries, sum(p.amount) AS amount
                     FROM wallet_entry e JOIN wallet_posting p ON p.entry_id = e.id
                     JOIN wallet_account a ON a.id = p.account_id AND a.kind = 'wallet'
                    WHERE e.reference ~ '^topup:[0-9]+$' GROUP BY e.reference, e.dropshipper_id
              ) b ON b.reference = 'topup:' || t.id AND b.dropshipper_id = t.dropshipper_id
             WHERE (t.status = 'credited') IS NOT TRUE AND b.entries IS NOT NULL
                OR t.status = 'credited' AND (b.entries, b.amount) IS DISTINCT FROM (1, t.amount)
             ORDER BY 1
            """,
        ),
    ),
    Check(
        "4",
        "money and parcels exist only for dispatched orders",
        _sql(
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
        _sql(
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
        _sql(
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
        _sql(
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
        _sql(
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
        _sql(
            "order {0}: to collect {1} {2}, parcel {3}, books {4}",
            """
            SELECT o.id, o.to_collect, o.currency, s.cod_amount, coalesce(-p.amount, 0)
              FROM orders_order o JOIN shipping_shipment s ON s.id = o.shipment_id
              LEFT JOIN wallet_entry e ON e.reference = 'order:' || o.id AND e.kind = 'cod_sale'
              LEFT JOIN wallet_posting p ON p.entry_id = e.id
                   AND p.account_id = (SELECT id FROM wallet_account WHERE kind = 'cod_in_transit')
             WHERE (o.payment = 'cod' AND (o.currency <> 'EUR' OR o.to_collect IS NULL OR o.to_collect <= 0
                    OR o.to_collect >= 5000 OR s.cod_amount <> o.to_collect OR coalesce(-p.amount, 0) <> o.to_collect))
                OR (o.payment <> 'cod' AND (s.cod_amount <> 0 OR e.id IS NOT NULL))
             ORDER BY o.id
            """,
        ),
    ),
    Check(
        "9",
        "COD booked = remitted + reversed, and what is open is a parcel whose cash is still out",
        _sql(
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
]
