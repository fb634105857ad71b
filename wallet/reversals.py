"""Money that was moved by mistake goes back: one reversing entry for each, with the reason, which the reseller reads.

Above SECOND_PERSON_ABOVE one asks for it and another confirms, as for money that comes (wallet/second_person.py): the
proposal's reference is the key of the entry that is taken back, which is once. A wallet is never taken below its floor:
what was spent meanwhile is refused with the gap (AlreadySpent)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core import busy, strict
from core.errors import AlreadyDone, ReasonMissing
from core.money import ZERO
from wallet import second_person
from wallet.books.book import Book, book_of
from wallet.books.ledger import post
from wallet.errors import AlreadySpent, InsufficientFunds, NotReversible, TopUpClosed
from wallet.models import Entry, Proposal, TopUp

_K = Entry.Kind
CREDITED, REVERSED = TopUp.Status.CREDITED, TopUp.Status.REVERSED


def reason_of(text: str) -> str:
    """Raises ReasonMissing where nothing is said."""
    reason = strict.text(text, 200).strip()
    if not reason:
        raise ReasonMissing
    return reason


# ---- a top-up that was credited by mistake


@busy.repeatable
@transaction.atomic
def take_back_top_up(top_up_id: int, *, reason: str, by: int) -> TopUp:
    """Takes the whole credit back. Above SECOND_PERSON_ABOVE it stays credited and waits for a second person. Raises
    AlreadyDone; TopUpClosed for one that was not credited; OwnMatter; ReasonMissing; AlreadySpent; ProposalWaits."""
    reason, top_up = reason_of(reason), _locked(top_up_id)
    _must_be_credited(top_up)
    second_person.must_not_be_own(by, top_up.dropshipper_id, top_up.requested_by_id)
    entry = _credit_of(top_up)
    if second_person.needed(top_up.amount, dropshipper_id=top_up.dropshipper_id, by=by, reference=top_up.reference):
        second_person.propose(
            Proposal.Kind.TOP_UP_REVERSAL,
            reference=entry.key,
            dropshipper_id=top_up.dropshipper_id,
            amount=-top_up.amount,
            reason=reason,
            by=by,
        )
    else:
        _take_back(top_up, reason=reason, by=by)
    return top_up


@busy.repeatable
@transaction.atomic
def confirm_top_up(proposal_id: int, *, by: int) -> Proposal:
    """The second person agrees: the credit is taken back. See second_person.confirm and `take_back_top_up`."""
    key = Proposal.objects.values_list("reference", flat=True).get(pk=proposal_id)
    top_up = _locked(int(key.split(":")[1]))  # before the proposal, as everywhere

    def effect(proposal: Proposal) -> int:
        second_person.must_not_be_own(by, top_up.dropshipper_id, top_up.requested_by_id)
        _must_be_credited(top_up)
        return _take_back(top_up, reason=proposal.reason, by=by)

    return second_person.confirm(proposal_id, by=by, effect=effect)


def _locked(top_up_id: int) -> TopUp:
    # Not with who took it back: who waited here would read the person of before the wait, which is nobody.
    return TopUp.objects.select_for_update(no_key=True, of=("self",)).select_related("dropshipper").get(pk=top_up_id)


def _must_be_credited(top_up: TopUp) -> None:
    if top_up.status == REVERSED and top_up.reversed_at:
        raise AlreadyDone.told(top_up.reversed_by, top_up.reversed_at)
    if top_up.status != CREDITED:
        raise TopUpClosed(status=top_up.get_status_display())


def _credit_of(top_up: TopUp) -> Entry:
    entry = book_of(top_up.reference).live(_K.TOP_UP)
    if entry is None:
        raise NotReversible(reference=top_up.causale, state="none")
    return entry


def _take_back(top_up: TopUp, *, reason: str, by: int) -> int:
    top_up.status, top_up.reason, top_up.reversed_by_id, top_up.reversed_at = REVERSED, reason, by, timezone.now()
    top_up.save(update_fields=["status", "reason", "reversed_by", "reversed_at"])
    return _reverse(book_of(top_up.reference), [_K.TOP_UP], reason=reason, by=by)


# ---- COD cash that was marked paid over by mistake


def remittance_to_take_back(reference: str) -> Decimal:
    """What taking the remittance of a reference back would move from the wallet (EUR); 0.00 where none stands."""
    return _wallet_of(book_of(reference))


def take_back_remittance(reference: str, *, reason: str, by: int) -> Proposal | None:
    """Margin and guarantee leave the wallet again: the one is to come, the other is held. None when it is done, else
    the proposal that waits for a second person. The caller holds the transaction, has locked the order and checked
    whose matter it is. Raises NotReversible where no remittance stands; AlreadySpent; ReasonMissing; ProposalWaits."""
    reason, book = reason_of(reason), book_of(reference)
    entry = book.live(_K.REMITTANCE)
    if entry is None or entry.dropshipper_id is None:
        raise NotReversible(reference=reference, state=book.state)
    amount = _wallet_of(book)
    owner = entry.dropshipper_id
    if amount and second_person.needed(amount, dropshipper_id=owner, by=by, reference=reference):
        return second_person.propose(
            Proposal.Kind.REMITTANCE_REVERSAL,
            reference=entry.key,
            dropshipper_id=owner,
            amount=-amount,
            reason=reason,
            by=by,
        )
    _reverse(book, _REMITTED, reason=reason, by=by)
    return None


def confirm_remittance(proposal_id: int, *, reference: str, by: int, settle: Callable[[str], None]) -> Proposal:
    """The second person agrees. `settle` is given the reason and writes what the caller's room knows of it; the caller
    holds the transaction and the order's lock. See second_person.confirm and `take_back_remittance`."""

    def effect(proposal: Proposal) -> int:
        book = book_of(reference)
        entry = book.live(_K.REMITTANCE)
        if entry is None or entry.key != proposal.reference:
            raise NotReversible(reference=reference, state=book.state)
        settle(proposal.reason)
        return _reverse(book, _REMITTED, reason=proposal.reason, by=by)

    return second_person.confirm(proposal_id, by=by, effect=effect)


def refuse(proposal_id: int, *, by: int) -> Proposal:
    """See second_person.refuse."""
    return second_person.refuse(proposal_id, by=by)


_REMITTED = (_K.REMITTANCE, _K.GUARANTEE_RELEASE)


def _wallet_of(book: Book) -> Decimal:
    """What the standing entries of a remittance gave to the wallet (EUR)."""
    entries = [entry for kind in _REMITTED if (entry := book.live(kind))]
    return sum((book.lines[entry.pk].get("wallet", ZERO) for entry in entries), ZERO)


def _reverse(book: Book, kinds: list[str] | tuple[str, ...], *, reason: str, by: int) -> int:
    """One reversing entry for each that stands; returns the first one's id."""
    drafts = [book.reversal(entry, memo=reason) for kind in kinds if (entry := book.live(kind))]
    try:
        made = post(drafts, by=by)
    except InsufficientFunds as error:
        raise AlreadySpent(**error.params) from None
    return made[drafts[0].key]
