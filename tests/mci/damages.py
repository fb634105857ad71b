"""A way to break each thing that must always be true, behind the guards: by the title of the check that must see it,
what was broken → (how, what the finding says). Names in braces are ids of the world of test_each_check.py."""

from __future__ import annotations

ENTRY = "(SELECT id FROM wallet_entry WHERE key = '{}')"
ACCOUNT = "(SELECT id FROM wallet_account WHERE kind = '{}' AND dropshipper_id IS NULL)"
POSTING = (
    "UPDATE wallet_posting p SET amount = p.amount + {} FROM wallet_account a"
    " WHERE a.id = p.account_id AND a.kind = '{}' AND p.entry_id = " + ENTRY
)
Damage = dict[str, tuple[str, str]]
