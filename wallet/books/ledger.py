"""The only writer of the books. PostgreSQL guards them (migrations/0002_guards.py); here its errors get polite."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from core.money import ZERO, cents
from wallet.errors import InsufficientFunds, KeyConflict, NotReversible

_POST = """
SELECT o_key, o_id, o_refused FROM wallet_post(
    %s, %s, %s, %s::bigint[], %s, %s::bigint[], %s, %s::bigint[], %s::timestamptz[],
    %s::text[], %s::text[], %s::numeric[])
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be. `lines`: account kind → signed amount (EUR), positive credits the account's owner; zero lines are
    dropped. `wallet`, `held` and `cod_due` are the dropshipper's own accounts, all other kinds the supplier's."""

    kind: str
    key: str
    reference: str
    dropshipper_id: int | None
    lines: dict[str, Decimal]
    memo: str = ""
    reverses_id: int | None = None
    at: dt.datetime | None = None

    def posted(self) -> dict[str, Decimal]:
        """The lines that move something, in the order of the account kinds."""
        return {kind: cents(amount) for kind, amount in sorted(self.lines.items()) if amount != 0}

    def content_hash(self) -> str:
        """What makes two drafts with one key the same: what is moved, whose, for what; not who, when, nor the memo."""
        lines = [[kind, f"{amount:.2f}"] for kind, amount in self.posted().items()]
        content = [self.kind, self.reference, self.dropshipper_id, self.reverses_id, lines]
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def post(drafts: Sequence[Draft], *, by: int | None) -> dict[str, int]:
    """Writes the drafts, all or none, in one statement whatever their number; returns key → entry id.

    A key that exists with the same content is that entry and moves nothing; with other content KeyConflict. Drafts
    without any line are not written. InsufficientFunds if an account would fall below its floor. The caller's
    transaction stays usable after a refusal."""
    wanted: dict[str, Draft] = {}
    for draft in drafts:
        if draft.posted():
            twin = wanted.setdefault(draft.key, draft)
            if twin.content_hash() != draft.content_hash():
                raise KeyConflict(key=draft.key)
    if not wanted:
        return {}
    entries = list(wanted.values())
    lines = [(draft.key, kind, amount) for draft in entries for kind, amount in draft.posted().items()]
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _POST,
            [
                [draft.key for draft in entries],
                [draft.kind for draft in entries],
                [draft.reference for draft in entries],
                [draft.dropshipper_id for draft in entries],
                [draft.content_hash() for draft in entries],
                [by] * len(entries),
                [draft.memo[:200] for draft in entries],
                [draft.reverses_id for draft in entries],
                [draft.at or now for draft in entries],
                [key for key, _kind, _amount in lines],
                [kind for _key, kind, _amount in lines],
                [amount for _key, _kind, amount in lines],
            ],
        )
        rows = cursor.fetchall()
    if rows[0][2]:
        _refuse(rows[0][2], rows[0][0], entries)
    return {key: entry_id for key, entry_id, _refused in rows}


def _refuse(constraint: str, key: str | None, drafts: Sequence[Draft]) -> None:
    if constraint in ("wallet_entry_one_sale", "wallet_entry_same_content"):
        raise KeyConflict(key=key or drafts[0].key)
    if constraint != "wallet_account_floor":
        raise NotReversible(reference=drafts[0].reference, state="undone")
    need: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for draft in drafts:
        if draft.dropshipper_id is not None:
            need[draft.dropshipper_id] -= draft.lines.get("wallet", ZERO)
    spendable = lock_spendable(list(need))
    owner, needed = max(need.items(), key=lambda item: item[1] - spendable.get(item[0], ZERO))
    available = spendable.get(owner, ZERO)
    raise InsufficientFunds(missing=f"{needed - available:.2f}", needed=f"{needed:.2f}", available=f"{available:.2f}")


def lock_reference(reference: str) -> None:
    """What is settled by its reference is settled by one at a time, until the transaction ends. Not by a lock of its
    rows: that would take the right to change them, which the application has not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"books:{reference}"])


def lock_spendable(dropshipper_ids: Sequence[int]) -> dict[int, Decimal]:
    """What each may spend now: balance − floor of its wallet (EUR). The wallets stay locked until the transaction ends,
    taken in id order. A dropshipper without a wallet yet has no key in the answer (and 0.00 to spend)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT dropshipper_id, balance - coalesce(floor, 0) FROM wallet_account"
            " WHERE kind = 'wallet' AND dropshipper_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [list(dropshipper_ids)],
        )
        return {owner: cents(amount) for owner, amount in cursor.fetchall()}
