"""What pages and other rooms read of the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from wallet.models import Account, Entry, Seal
from wallet.seal import broken_links, chain

OWN = (Account.Kind.WALLET, Account.Kind.HELD, Account.Kind.COD_DUE)


@dataclass(frozen=True, slots=True)
class Balances:
    """EUR. `available` may be spent down to the floor: `spendable` is what is left to spend."""

    available: Decimal = ZERO
    held: Decimal = ZERO
    cod_due: Decimal = ZERO
    spendable: Decimal = ZERO


def balances(dropshipper_id: int) -> Balances:
    """The three balances of a dropshipper (1 query); all zero when no money ever moved."""
    rows = Account.objects.filter(dropshipper_id=dropshipper_id).values_list("kind", "balance", "floor")
    amounts = {kind: balance or ZERO for kind, balance, _floor in rows}
    floors = {kind: floor or ZERO for kind, _balance, floor in rows}
    available = amounts.get(Account.Kind.WALLET, ZERO)
    return Balances(
        available=available,
        held=amounts.get(Account.Kind.HELD, ZERO),
        cod_due=amounts.get(Account.Kind.COD_DUE, ZERO),
        spendable=available - floors.get(Account.Kind.WALLET, ZERO),
    )


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One entry of a reference. `lines`: account kind → signed EUR; `label` is the kind in the reader's language."""

    id: int
    kind: str
    label: str
    at: dt.datetime
    by: str
    memo: str
    lines: Mapping[str, Decimal]
    reverses_id: int | None

    @property
    def wallet(self) -> Decimal:
        """What it did to the available balance."""
        return self.lines.get(Account.Kind.WALLET, ZERO)

    @property
    def held(self) -> Decimal:
        return self.lines.get(Account.Kind.HELD, ZERO)

    @property
    def cod_due(self) -> Decimal:
        return self.lines.get(Account.Kind.COD_DUE, ZERO)


def entries_of(reference: str) -> list[BookEntry]:
    """The money of an order, oldest first, for its money box (3 queries). The caller has checked whose order it is."""
    entries = Entry.objects.filter(reference=reference).select_related("by").prefetch_related("postings__account")
    return [
        BookEntry(
            id=entry.pk,
            kind=entry.kind,
            label=entry.get_kind_display(),
            at=entry.at,
            by=str(entry.by or ""),
            memo=entry.memo,
            lines={posting.account.kind: posting.amount for posting in entry.postings.all()},
            reverses_id=entry.reverses_id,
        )
        for entry in entries.order_by("id")
    ]


def sealed_dropshippers() -> list[int]:
    """Whose entries have a hash chain."""
    return list(Seal.objects.order_by("dropshipper_id").values_list("dropshipper_id", flat=True).distinct())


def broken_chain(dropshipper_id: int) -> Iterator[str]:
    """What is wrong with the hash chain of a dropshipper's entries as they stand now; nothing when all is as sealed."""
    return broken_links(chain(dropshipper_id))
