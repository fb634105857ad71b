"""What must always be true of the books alone."""

from __future__ import annotations

from collections.abc import Iterator

from mci.verify.invariant import Check, by_sql
from wallet.queries import broken_chain, sealed_dropshippers


def _chains() -> Iterator[str]:
    for owner in sealed_dropshippers():
        for finding in broken_chain(owner):
            yield f"dropshipper {owner}: {finding}"


BOOKS = [
    Check(
        "1",
        "every entry has at least two postings that sum to zero",
        by_sql(
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
        by_sql("the ledger sums to {0}", "SELECT sum(amount) FROM wallet_posting HAVING sum(amount) <> 0"),
    ),
    Check(
        "2",
        "a cached balance is the sum of its postings",
        by_sql(
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
        "what is open of a reference is the sum of its postings",
        by_sql(
            "account {0}, {1}: open {2}, postings {3}",
            """
            SELECT coalesce(o.account_id, b.account_id), coalesce(o.reference, b.reference), o.amount, b.amount
              FROM wallet_openitem o
              FULL JOIN (
                   SELECT p.account_id, e.reference, sum(p.amount) AS amount
                     FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id AND a.kind = 'cod_due'
                     JOIN wallet_entry e ON e.id = p.entry_id
                    GROUP BY p.account_id, e.reference HAVING sum(p.amount) <> 0
              ) b ON b.account_id = o.account_id AND b.reference = o.reference
             WHERE o.amount IS DISTINCT FROM b.amount ORDER BY 1, 2
            """,
        ),
    ),
    Check(
        "2",
        "no account is below its floor",
        by_sql(
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
        by_sql(
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
        "a reversal is the exact negation of what it reverses, and of the same reference",
        by_sql(
            "entry {0} does not negate entry {1}",
            """
            SELECT r.id, r.reverses_id FROM wallet_entry r
             WHERE r.reverses_id IS NOT NULL AND (EXISTS (
               SELECT 1 FROM (
                 SELECT account_id, amount FROM wallet_posting WHERE entry_id = r.id
                 UNION ALL SELECT account_id, amount FROM wallet_posting WHERE entry_id = r.reverses_id
               ) both_sides GROUP BY account_id HAVING sum(amount) <> 0)
               OR r.reference <> (SELECT o.reference FROM wallet_entry o WHERE o.id = r.reverses_id))
             ORDER BY r.id
            """,
        ),
    ),
    Check("3", "sealed entries are as they were sealed", _chains),
    Check(
        "3",
        "the database's guards of the books are in place and awake",
        by_sql(
            "trigger {1} of {0} is missing or switched off",
            """
            SELECT guard.* FROM (VALUES
                ('wallet_entry', 'append_only'), ('wallet_posting', 'append_only'), ('wallet_seal', 'append_only'),
                ('wallet_account', 'never_gone'), ('wallet_account', 'balance_by_postings'),
                ('wallet_account', 'same_account'), ('wallet_account', 'starts_empty'), ('wallet_entry', 'balanced'),
                ('wallet_posting', 'postings_added'), ('wallet_openitem', 'by_postings'),
                ('wallet_proposal', 'decided'), ('wallet_proposal', 'never_gone')) AS guard (tab, name)
             WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t
                                WHERE t.tgrelid = guard.tab::regclass AND t.tgname = guard.name AND t.tgenabled <> 'D')
            """,
        ),
    ),
    Check(
        "3",
        "what a second person confirmed was asked for by another, and its entry is what was asked for",
        by_sql(
            "proposal {0} ({1}) of {2}, confirmed by {3}: {4} of dropshipper {5}, entry {6} of {7} moved {8}",
            """
            SELECT p.id, p.reference, p.proposed_by_id, p.decided_by_id, p.amount, p.dropshipper_id, e.id,
                   e.dropshipper_id, m.amount
              FROM wallet_proposal p
              LEFT JOIN wallet_entry e ON e.id = p.entry_id
              LEFT JOIN wallet_entry r ON r.id = e.reverses_id
              LEFT JOIN LATERAL (
                   -- a remittance gives back margin and guarantee, and so takes back both: two entries at one moment
                   SELECT sum(w.amount) AS amount FROM wallet_entry o JOIN wallet_posting w ON w.entry_id = o.id
                     JOIN wallet_account a ON a.id = w.account_id AND a.kind = 'wallet'
                    WHERE o.id = e.id OR p.kind = 'remittance_reversal' AND o.reference = e.reference
                          AND o.kind = 'reversal' AND o.at = e.at) m ON true
             WHERE p.state = 'confirmed'
               AND (p.decided_by_id IS NULL OR p.decided_by_id = p.proposed_by_id
                    OR e.dropshipper_id IS DISTINCT FROM p.dropshipper_id OR m.amount IS DISTINCT FROM p.amount
                    OR p.reference IS DISTINCT FROM coalesce(r.key, e.reference))
             ORDER BY p.id
            """,
        ),
    ),
    Check(
        "4",
        "a credited top-up is in the books once, with its amount, one that was taken back as nothing, and no other is",
        by_sql(
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
             WHERE (t.status IN ('credited', 'reversed')) IS NOT TRUE AND b.entries IS NOT NULL
                OR t.status = 'credited' AND (b.entries, b.amount) IS DISTINCT FROM (1, t.amount)
                OR t.status = 'reversed' AND (b.entries, b.amount) IS DISTINCT FROM (2, 0)
             ORDER BY 1
            """,
        ),
    ),
]
