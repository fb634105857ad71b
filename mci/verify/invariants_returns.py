"""What must always be true of returns, losses and claims."""

from __future__ import annotations

from mci.verify.invariant import Check, by_sql

RETURNS = [
    Check(
        "23",
        "no piece is in two cases, nor in a case of another order",
        by_sql(
            "line {0} of order {1}: {2} pieces sent, {3} in cases",
            """
            SELECT l.id, l.order_id, l.quantity, sum(p.pieces)
              FROM orders_caseline p JOIN orders_case c ON c.id = p.case_id JOIN orders_orderline l ON l.id = p.line_id
             WHERE c.state NOT IN ('refused', 'found')
             GROUP BY l.id HAVING sum(p.pieces) > l.quantity OR bool_or(c.order_id <> l.order_id) ORDER BY l.id
            """,
        ),
    ),
    Check(
        "23",
        "a settled case is in the books once, with its total",
        by_sql(
            "case {0} of order {1}: total {2}, booked {3}",
            """
            SELECT c.id, c.order_id, c.total, b.amount
              FROM orders_case c JOIN orders_order o ON o.id = c.order_id
              CROSS JOIN LATERAL (
                   -- of a loss everything was reversed: what had been charged came back with it
                   SELECT coalesce(sum(p.amount), 0)
                          + CASE WHEN c.kind = 'lost' AND o.payment <> 'cod' THEN o.cost ELSE 0 END AS amount
                     FROM wallet_entry e JOIN wallet_posting p ON p.entry_id = e.id
                     JOIN wallet_account a ON a.id = p.account_id AND a.kind IN ('wallet', 'held')
                    WHERE e.reference = 'order:' || o.id
                      AND (c.kind = 'lost' AND e.kind = 'loss' OR c.kind = 'back' AND e.kind = 'guarantee_capture'
                           OR e.key IN ('order:' || o.id || ':return:' || c.id || ':credit',
                                        'order:' || o.id || ':return:' || c.id || ':charge'))) b
             WHERE c.state = 'settled' AND c.total IS DISTINCT FROM b.amount ORDER BY c.id
            """,
        ),
    ),
    Check(
        "23",
        "what a case brought back into stock is what it says",
        by_sql(
            "case {0}: {1} pieces as new, {2} into stock",
            """
            SELECT c.id, coalesce(p.pieces, 0), coalesce(m.pieces, 0)
              FROM orders_case c
              LEFT JOIN LATERAL (SELECT sum(restock) AS pieces FROM orders_caseline WHERE case_id = c.id) p ON true
              LEFT JOIN LATERAL (SELECT sum(on_hand_change) AS pieces FROM catalog_stockmove
                                  WHERE reference = 'return:' || c.id) m ON true
             WHERE coalesce(m.pieces, 0)
                   <> CASE WHEN c.state IN ('settled', 'found') THEN coalesce(p.pieces, 0) ELSE 0 END
             ORDER BY c.id
            """,
        ),
    ),
    Check(
        "23",
        "what a courier paid for a claim is in the books once",
        by_sql(
            "claim {0} ({1}) of case {2}: paid {3}, booked {4}",
            """
            SELECT k.id, k.state, k.case_id, coalesce(k.paid, 0), coalesce(b.amount, 0)
              FROM orders_claim k JOIN orders_case c ON c.id = k.case_id
              LEFT JOIN LATERAL (
                   SELECT sum(p.amount) AS amount FROM wallet_entry e JOIN wallet_posting p ON p.entry_id = e.id
                     JOIN wallet_account a ON a.id = p.account_id AND a.kind = 'losses'
                    WHERE e.key = 'order:' || c.order_id || ':return:' || c.id || ':paid') b ON true
             WHERE coalesce(k.paid, 0) <> coalesce(b.amount, 0) ORDER BY k.id
            """,
        ),
    ),
]
