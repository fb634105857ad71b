"""The entries of one order or top-up, read under their lock: what became of the money, and the drafts that end it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from wallet.books.ledger import Draft, lock_reference
from wallet.errors import NotReversible
from wallet.models import Entry

_K = Entry.Kind
COD = (_K.COD_SALE, _K.COD_AMENDMENT, _K.SHIPPING_CHANGE)  # what a COD order's booking is made of
HELD = (_K.GUARANTEE, _K.SHIPPING_CHANGE)  # what holds a guarantee


@dataclass(frozen=True, slots=True)
class Book:
    """The entries of a reference, read under their lock; lines by account kind."""

    reference: str
    entries: list[Entry]
    lines: dict[int, dict[str, Decimal]]

    def of(self, *kinds: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.kind in kinds), None)

    def total(self, account: str, *kinds: str) -> Decimal:
        """What the entries of these kinds (all when none is named) did to one kind of account."""
        chosen = [entry for entry in self.entries if not kinds or entry.kind in kinds]
        amounts = [self.lines[entry.pk].get(account, ZERO) for entry in chosen]
        return sum(amounts, ZERO)

    def live(self, kind: str) -> Entry | None:
        """The one of this kind that stands: it was not taken back."""
        return next((e for e in self.entries if e.kind == kind and e.pk not in self.reversed_ids), None)

    def key(self, name: str, kind: str) -> str:
        """Of the next entry of a kind that may be taken back and posted anew: "order:12:release", then "…:release:2". A
        key stands for one entry for ever; the one that stands keeps its own."""
        gone = sum(entry.kind == kind and entry.pk in self.reversed_ids for entry in self.entries)
        return f"{self.reference}:{name}" + (f":{gone + 1}" if gone else "")

    @property
    def reversed_ids(self) -> set[int | None]:
        return {entry.reverses_id for entry in self.entries}

    @property
    def state(self) -> str:
        """What has become of it: open, undone, remitted, refused, lost, found (it was lost before), or none if nothing
        was ever posted."""
        sale = self.of(_K.SALE, _K.COD_SALE)
        if sale is None:
            return "none" if not self.entries else "open"
        if self.live(_K.REMITTANCE):
            return "remitted"
        if self.of(_K.GUARANTEE_CAPTURE):
            return "refused"
        if self.of(_K.LOSS):
            return "found" if self.of(_K.FOUND) else "lost"
        return "undone" if sale.pk in self.reversed_ids else "open"

    def must_be(self, *states: str) -> None:
        if self.state not in states:
            raise NotReversible(reference=self.reference, state=self.state)

    def release(self, *, at: dt.datetime | None = None) -> list[Draft]:
        """The guarantee becomes available again; where nothing is held the draft has no lines, and is not written."""
        held = self.total("held", *HELD)
        lines = {"held": -held, "wallet": held}
        key, owner = self.key("release", _K.GUARANTEE_RELEASE), self.entries[0].dropshipper_id
        return [Draft(_K.GUARANTEE_RELEASE, key, self.reference, owner, lines, at=at)]

    def reversal(self, entry: Entry, *, memo: str = "", at: dt.datetime | None = None) -> Draft:
        """The draft that negates an entry."""
        return Draft(
            kind=_K.REVERSAL,
            key=f"{entry.key}:reversal",
            reference=self.reference,
            dropshipper_id=entry.dropshipper_id,
            lines={kind: -amount for kind, amount in self.lines[entry.pk].items()},
            memo=memo,
            reverses_id=entry.pk,
            at=at,
        )

    def reversals(self, *kinds: str, memo: str = "", at: dt.datetime | None = None) -> list[Draft]:
        """Drafts that negate the entries of these kinds (all kinds when none is named)."""
        chosen = [e for e in self.entries if e.kind != _K.REVERSAL and (not kinds or e.kind in kinds)]
        return [self.reversal(entry, memo=memo, at=at) for entry in chosen]


def book_of(reference: str) -> Book:
    # Lock first, read after: who waited here must see what the other wrote.
    lock_reference(reference)
    entries = list(Entry.objects.filter(reference=reference).prefetch_related("postings__account"))
    lines = {entry.pk: {p.account.kind: p.amount for p in entry.postings.all()} for entry in entries}
    return Book(reference, entries, lines)
