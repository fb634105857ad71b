"""What pages and other rooms read of the books."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.money import ZERO
from wallet.books.hashchain import broken_links
from wallet.books.seal import chain
from wallet.models import Account, Entry, Posting, Proposal, Seal, TopUp

# Why a parcel or a piece came back, as its entries keep it: "reason:refused". Words of all rooms that post one.
REASON = "reason:"
_REASONS: dict[str, str | Promise] = {
    "refused": _("refused at the door"),
    "unknown_address": _("unknown address"),
    "not_home": _("nobody at home"),
    "wrong_goods": _("wrong goods"),
    "damaged": _("damaged"),
    "lost": _("lost by the courier"),
    "change_of_mind": _("changed their mind"),
    "warranty": _("warranty"),
}


def note_of(memo: str, name: str = "") -> str:
    """What is said beside a movement, in the reader's language; nothing where it only repeats `name`."""
    if memo.startswith(REASON):
        code = memo.removeprefix(REASON)
        return str(_REASONS.get(code, code))
    return memo if memo != name else ""


_OPEN = [TopUp.Status.REQUESTED, TopUp.Status.SENT]


@dataclass(frozen=True, slots=True)
class Balances:
    """EUR. `available` may be spent down to the floor: `spendable` is what is left to spend."""

    available: Decimal = ZERO
    held: Decimal = ZERO
    cod_due: Decimal = ZERO
    spendable: Decimal = ZERO


def balances(dropshipper_id: int) -> Balances:
    """The three balances of a dropshipper (1 query); all zero when no money ever moved."""
    return balances_from(Account.objects.filter(dropshipper_id=dropshipper_id))


def balances_from(accounts: Iterable[Account]) -> Balances:
    """The balances of a dropshipper whose accounts are at hand."""
    by_kind = {account.kind: account for account in accounts}
    amounts = {kind: account.balance or ZERO for kind, account in by_kind.items()}
    wallet = by_kind.get(Account.Kind.WALLET)
    available = amounts.get(Account.Kind.WALLET, ZERO)
    return Balances(
        available=available,
        held=amounts.get(Account.Kind.HELD, ZERO),
        cod_due=amounts.get(Account.Kind.COD_DUE, ZERO),
        spendable=available - ((wallet.floor if wallet else None) or ZERO),
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
    def note(self) -> str:
        """Why, in the reader's language, of a return or a loss."""
        return note_of(self.memo) if self.memo.startswith(REASON) else ""

    @property
    def moves(self) -> bool:
        """Whether it changed anything of the reseller's: a loss that others bear did not."""
        return bool(self.wallet or self.held or self.cod_due)

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


def top_ups_of(dropshipper_id: int) -> QuerySet[TopUp]:
    return TopUp.objects.filter(dropshipper_id=dropshipper_id)


def access_top_up(dropshipper_id: int, pk: int) -> TopUp:
    """His top-up and who asked for it; a stranger's is a 404."""
    return get_object_or_404(top_ups_of(dropshipper_id).select_related("requested_by"), pk=pk)


def asked_with(dropshipper_id: int, key: uuid.UUID) -> bool:
    """Whether his form with this key was sent before."""
    return top_ups_of(dropshipper_id).filter(key=key).exists()


def open_top_ups(dropshipper_id: int) -> list[TopUp]:
    """What he announced and staff has not decided, oldest first (there are few: topups.OPEN_AT_MOST)."""
    return list(top_ups_of(dropshipper_id).filter(status__in=_OPEN).order_by("id"))


def desk_top_ups() -> QuerySet[TopUp]:
    """For staff: all open ones, each with its reseller and `balance`, what he has available now (EUR)."""
    wallet = Account.objects.filter(dropshipper=OuterRef("dropshipper"), kind=Account.Kind.WALLET)
    balance = Coalesce(Subquery(wallet.values("balance")), Value(ZERO))
    return (
        TopUp.objects.filter(status__in=_OPEN)
        .select_related("dropshipper", "requested_by")
        .annotate(balance=balance, balance_after=balance + F("amount"))
    )


def decided_top_ups() -> QuerySet[TopUp]:
    """For staff: what was decided, and by whom."""
    return (
        TopUp.objects.exclude(status__in=_OPEN)
        .filter(decided_at__isnull=False)
        .select_related("dropshipper", "decided_by", "reversed_by")
    )


def any_top_ups(causale: str) -> QuerySet[TopUp]:
    """For staff: everybody's whose causale begins so, the latest first."""
    return TopUp.objects.filter(causale__startswith=causale).select_related("dropshipper").order_by("-pk")


def with_proposals(top_ups: Iterable[TopUp]) -> list[tuple[TopUp, Proposal | None, Proposal | None]]:
    """Each with the proposals of its credit and of its being taken back, that wait for a second person or that one
    confirmed (1 query)."""
    found = Proposal.objects.exclude(state=Proposal.State.REFUSED).select_related("proposed_by", "decided_by")
    rows = list(top_ups)
    wanted = [name for row in rows for name in (row.reference, f"{row.reference}:credit")]
    by_reference = {one.reference: one for one in found.filter(reference__in=wanted)}
    return [(row, by_reference.get(row.reference), by_reference.get(f"{row.reference}:credit")) for row in rows]


def waiting_adjustments() -> list[Proposal]:
    """For staff: adjustments, and what is to be taken back, that a second person has to confirm, the oldest first. A
    large credit waits on the desk of the top-ups."""
    rows = Proposal.objects.filter(state=Proposal.State.WAITING).exclude(kind=Proposal.Kind.TOP_UP)
    return list(rows.select_related("dropshipper", "proposed_by").order_by("id")[:100])


def adjustments_to_confirm() -> int:
    """For staff: how many wait for a second person."""
    return Proposal.objects.filter(state=Proposal.State.WAITING).exclude(kind=Proposal.Kind.TOP_UP).count()


def waiting_of(reference: str) -> Proposal | None:
    """For staff: what waits for a second person about an order's money (its reference is the key of an entry), if
    anything does."""
    keys = Entry.objects.filter(reference=reference).values("key")
    rows = Proposal.objects.filter(state=Proposal.State.WAITING, reference__in=keys)
    return rows.select_related("proposed_by", "dropshipper").first()


def adjusted() -> QuerySet[Entry]:
    """For staff: the adjustments of all wallets, each with `amount`, what it did to the wallet (EUR)."""
    wallet = Posting.objects.filter(entry=OuterRef("pk"), account__kind=Account.Kind.WALLET)
    return (
        Entry.objects.filter(kind=Entry.Kind.ADJUSTMENT)
        .annotate(amount=Subquery(wallet.values("amount")))
        .select_related("dropshipper", "by", "proposal__proposed_by")
    )
