"""Ways to break what must always be true of the books alone: see tests/mci/damages.py."""

from __future__ import annotations

from tests.mci.damages import ACCOUNT, ENTRY, POSTING, Damage

SHIFT = (  # a reversal that still sums to zero and negates something else
    "UPDATE wallet_posting SET amount = amount + CASE account_id WHEN " + ACCOUNT.format("vat") + " THEN 1 ELSE -1 END"
    " WHERE entry_id = "
    + ENTRY.format("order:{cancelled}:sale:reversal")
    + " AND account_id IN ("
    + ACCOUNT.format("vat")
    + ", "
    + ACCOUNT.format("sales")
    + ")"
)
MOVED = (
    "UPDATE wallet_posting SET account_id = "
    + ACCOUNT.format("losses")
    + " WHERE entry_id = "
    + ENTRY.format("order:{cancelled}:sale:reversal")
    + " AND account_id = "
    + ACCOUNT.format("sales")
)

BOOKS: dict[str, Damage] = {
    "every entry has at least two postings that sum to zero": {
        "a posting that grew": (POSTING.format("0.01", "sales", "order:{prepaid}:sale"), "that sum to 0.01"),
        "one posting alone": (
            "DELETE FROM wallet_posting WHERE entry_id = " + ENTRY.format("order:{cod}:guarantee") + " AND amount < 0",
            "1 postings",
        ),
        "no posting": (
            "DELETE FROM wallet_posting WHERE entry_id = " + ENTRY.format("order:{cod}:guarantee"),
            "0 postings that sum to 0",
        ),
    },
    "all postings of the ledger sum to zero": {
        "a posting that shrank": (POSTING.format("-0.01", "vat", "order:{cod}:sale"), "sums to -0.01"),
    },
    "a cached balance is the sum of its postings": {
        "a cent more": (
            "UPDATE wallet_account SET balance = balance + 0.01 WHERE kind = 'wallet' AND dropshipper_id = {seller}",
            "(wallet of dropshipper {seller})",
        ),
        "guarantees that nobody holds": (
            "UPDATE wallet_account SET balance = balance + 0.01 WHERE kind = 'held' AND dropshipper_id = {other}",
            "balance 0.01, postings 0",
        ),
    },
    "what is open of a reference is the sum of its postings": {
        "more than was posted": ("UPDATE wallet_openitem SET amount = amount + 0.01", "order:{cod}: open"),
        "forgotten": ("DELETE FROM wallet_openitem", "order:{cod}: open None"),
        "of another reference": (
            "UPDATE wallet_openitem SET reference = 'order:{gone}' WHERE reference = 'order:{cod}'",
            "order:{gone}: open",
        ),
    },
    "no account is below its floor": {
        "a wallet": (
            (
                "ALTER TABLE wallet_account DROP CONSTRAINT wallet_account_floor;"
                "UPDATE wallet_account SET floor = balance + 0.01 WHERE kind = 'wallet' AND dropshipper_id = {other}"
            ),
            "(wallet of dropshipper {other})",
        ),
    },
    "an entry moves only its own dropshipper's accounts": {
        "the supplier's entry": (
            "UPDATE wallet_entry SET dropshipper_id = NULL WHERE key = 'order:{prepaid}:sale'",
            "of dropshipper None moves",
        ),
        "another's entry": (
            "UPDATE wallet_entry SET dropshipper_id = {other} WHERE key = 'order:{prepaid}:sale'",
            "of dropshipper {other} moves",
        ),
    },
    "a reversal is the exact negation of what it reverses, and of the same reference": {
        "another split of the same sum": (SHIFT, "does not negate entry {sale_cancelled}"),
        "another account": (MOVED, "does not negate entry {sale_cancelled}"),
        "of another order's entry with the same amounts": (
            "UPDATE wallet_entry SET reverses_id = "
            + ENTRY.format("order:{prepaid}:sale")
            + " WHERE key = 'order:{cancelled}:sale:reversal'",
            "does not negate entry {sale_prepaid}",
        ),
    },
    "sealed entries are as they were sealed": {
        "another memo": ("UPDATE wallet_entry SET memo = 'x' WHERE key = 'order:{prepaid}:sale'", "{sale_prepaid} was"),
        "another amount": (
            POSTING.format("0.01", "sales", "order:{prepaid}:sale")
            + ";"
            + POSTING.format("-0.01", "vat", "order:{prepaid}:sale"),
            "dropshipper {seller}: position",
        ),
        "a seal taken out": (
            "DELETE FROM wallet_seal WHERE entry_id = " + ENTRY.format("order:{prepaid}:sale"),
            "entries are missing",
        ),
    },
    "the database's guards of the books are in place and awake": {
        **{
            f"{guard} of {table} {how}": (
                {"asleep": f"ALTER TABLE {table} DISABLE TRIGGER {guard}", "gone": f"DROP TRIGGER {guard} ON {table}"}[
                    how
                ],
                f"trigger {guard} of {table} is missing",
            )
            for table, guard in (
                ("wallet_entry", "append_only"),
                ("wallet_posting", "append_only"),
                ("wallet_seal", "append_only"),
                ("wallet_account", "never_gone"),
                ("wallet_account", "balance_by_postings"),
                ("wallet_account", "same_account"),
                ("wallet_account", "starts_empty"),
                ("wallet_entry", "balanced"),
                ("wallet_posting", "postings_added"),
                ("wallet_openitem", "by_postings"),
                ("wallet_proposal", "decided"),
                ("wallet_proposal", "never_gone"),
            )
            for how in ("asleep", "gone")
        },
    },
    "what a second person confirmed was asked for by another, and its entry is what was asked for": {
        "by one person": (
            (
                "ALTER TABLE wallet_proposal DROP CONSTRAINT wallet_proposal_two_people;"
                "UPDATE wallet_proposal SET decided_by_id = proposed_by_id WHERE kind = 'adjustment'"
            ),
            "proposal {large_adjustment} (adjustment:",
        ),
        "by nobody": (
            (
                "ALTER TABLE wallet_proposal DROP CONSTRAINT wallet_proposal_two_people;"
                "UPDATE wallet_proposal SET decided_by_id = NULL WHERE kind = 'top_up'"
            ),
            "confirmed by None: 1113.07 of",
        ),
        "less than was moved": (
            "UPDATE wallet_proposal SET amount = amount - 0.01 WHERE kind = 'adjustment'",
            ": 1217.18 of dropshipper {seller}, entry",
        ),
        "less than the half of a remittance": (
            "UPDATE wallet_proposal SET amount = amount + 0.01 WHERE kind = 'remittance_reversal'",
            "(order:{paid_back}:remittance)",
        ),
        "another's": (
            "UPDATE wallet_proposal SET dropshipper_id = {other} WHERE kind = 'top_up_reversal'",
            "of dropshipper {other}, entry",
        ),
        "another entry": (
            "UPDATE wallet_proposal SET entry_id = {sale_prepaid} WHERE amount = 1113.07",
            "entry {sale_prepaid} of {seller} moved",
        ),
        "no entry": (
            (
                "ALTER TABLE wallet_proposal DROP CONSTRAINT wallet_proposal_two_people;"
                "UPDATE wallet_proposal SET entry_id = NULL WHERE kind = 'top_up_reversal'"
            ),
            "entry None of None moved None",
        ),
        "another matter of the same amount": (
            "UPDATE wallet_proposal SET reference = 'topup:0:credit' WHERE kind = 'top_up_reversal'",
            "(topup:0:credit)",
        ),
    },
    "a credited top-up is in the books once, with its amount, one that was taken back as nothing, and no other is": {
        "only called credited": (
            "UPDATE wallet_topup SET status = 'credited' WHERE id = {asked}",
            "topup:{asked} (credited) of 57.23: 0 ent",
        ),
        "another amount": (
            "UPDATE wallet_topup SET amount = amount + 0.01 WHERE id = {credited}",
            "(credited) of 61.42: 1 entries, 61.41",
        ),
        "credited and rejected": (
            "UPDATE wallet_topup SET status = 'rejected' WHERE id = {credited}",
            "topup:{credited} (rejected)",
        ),
        "another's": (
            "UPDATE wallet_topup SET dropshipper_id = {other} WHERE id = {credited}",
            "topup:{credited} (gone) of 0",
        ),
        "credited again after it was taken back": (
            "UPDATE wallet_topup SET status = 'credited', reversed_by_id = NULL, reversed_at = NULL WHERE id = {back}",
            "topup:{back} (credited) of 43.87: 2 entries, 0",
        ),
        "called taken back": (
            (
                "UPDATE wallet_topup SET status = 'reversed', reversed_by_id = decided_by_id, reversed_at = now(),"
                " reason = 'x' WHERE id = {credited}"
            ),
            "topup:{credited} (reversed) of 61.41: 1 entries",
        ),
    },
}
