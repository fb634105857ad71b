"""Money above SECOND_PERSON_ABOVE moves when two people want it: one proposes, another confirms or refuses.

Every act takes the proposal's row lock, so that it is decided once; PostgreSQL refuses one who agrees with himself and
any change of what was decided (migrations). The room's acts (wallet/topups.py, wallet/adjustments.py) say what a kind
of proposal does: they call `confirm` with the effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, Sum
from django.db.models.functions import Abs
from django.utils import timezone

from accounts.errors import OwnMatter
from accounts.queries import works_for
from core import busy
from core.errors import AlreadyDone
from core.money import ZERO
from wallet.errors import KeyConflict, ProposalClosed, ProposalWaits, SamePerson
from wallet.models import Account, Entry, Posting, Proposal

_S = Proposal.State
DAY = dt.timedelta(days=1)


def needed(amount: Decimal, *, dropshipper_id: int, by: int, reference: str) -> bool:
    """Whether so much (EUR, either way) needs a second person. With SECOND_PERSON_ABOVE=0 everything does. What `by`
    moved alone on this wallet within a day counts together: ten times the limit is no matter of one person. The caller
    holds the transaction: of two clicks at once the second sees the first. `reference` is what is being moved: what it
    moved before is this same click."""
    limit = settings.SECOND_PERSON_ABOVE
    if abs(amount) > limit:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"alone:{by}:{dropshipper_id}"])
    back = [Entry.Kind.TOP_UP, Entry.Kind.REMITTANCE, Entry.Kind.GUARANTEE_RELEASE]  # a remittance gives back both
    taken_back = Q(entry__reverses__kind__in=back)
    alone = Posting.objects.filter(
        Q(entry__kind__in=[Entry.Kind.TOP_UP, Entry.Kind.ADJUSTMENT]) | taken_back,
        account__dropshipper_id=dropshipper_id,
        account__kind=Account.Kind.WALLET,
        entry__dropshipper_id=dropshipper_id,
        entry__by_id=by,
        entry__at__gte=timezone.now() - DAY,
        entry__proposal=None,
    ).exclude(entry__reference=reference)
    return abs(amount) + (alone.aggregate(sum=Sum(Abs("amount")))["sum"] or ZERO) > limit


def must_not_be_own(by: int, dropshipper_id: int, *askers: int) -> None:
    """OwnMatter for those who asked for the money, or work for the company that gets it."""
    if by in askers or works_for(by, dropshipper_id):
        raise OwnMatter


@transaction.atomic
def propose(kind: str, *, reference: str, dropshipper_id: int, amount: Decimal, reason: str, by: int) -> Proposal:
    """Asks for a second person. Twice is once; ProposalWaits when somebody else asked before, KeyConflict when the
    reference stands for another amount. The caller has checked that it is nobody's own matter."""
    content = {"kind": kind, "dropshipper_id": dropshipper_id, "amount": amount}
    found = _standing(reference)
    if found is None:
        try:
            with transaction.atomic():
                made = {**content, "reference": reference, "reason": reason[:200], "proposed_by_id": by}
                return Proposal.objects.create(**made)
        except IntegrityError:  # the other click was faster
            found = Proposal.objects.select_related("proposed_by").get(
                reference=reference, state__in=[_S.WAITING, _S.CONFIRMED]
            )
    if any(getattr(found, name) != value for name, value in content.items()):
        raise KeyConflict(key=reference)
    if found.state == _S.WAITING and found.proposed_by_id != by:
        raise ProposalWaits(name=str(found.proposed_by))
    return found


def _standing(reference: str) -> Proposal | None:
    rows = Proposal.objects.select_related("proposed_by")
    return rows.filter(reference=reference, state__in=[_S.WAITING, _S.CONFIRMED]).first()


def locked(pk: int) -> Proposal:
    return Proposal.objects.select_for_update(no_key=True, of=("self",)).select_related("dropshipper").get(pk=pk)


@transaction.atomic
def confirm(pk: int, *, by: int, effect: Callable[[Proposal], int]) -> Proposal:
    """The second person agrees: `effect` posts the money and returns its entry. AlreadyDone when somebody did before,
    SamePerson for who proposed it, OwnMatter for the company's own people, ProposalClosed when it was refused; what the
    books refuse leaves it waiting."""
    proposal = locked(pk)
    _must_be_new(proposal, _S.CONFIRMED)
    _must_wait(proposal)
    if by == proposal.proposed_by_id:
        raise SamePerson
    must_not_be_own(by, proposal.dropshipper_id)
    proposal.entry_id = effect(proposal)
    return _decided(proposal, _S.CONFIRMED, by=by)


@busy.repeatable
@transaction.atomic
def refuse(pk: int, *, by: int) -> Proposal:
    """The second person does not agree, or the first takes it back: nothing moves. AlreadyDone when somebody did
    before, ProposalClosed when it was confirmed."""
    proposal = locked(pk)
    _must_be_new(proposal, _S.REFUSED)
    _must_wait(proposal)
    return _decided(proposal, _S.REFUSED, by=by)


def drop(reference: str, *, by: int) -> None:
    """What it was for ended otherwise (the top-up was rejected or withdrawn): nobody can confirm it any more. The
    caller holds the transaction and the lock of what it was for."""
    for pk in Proposal.objects.filter(reference=reference, state=_S.WAITING).values_list("pk", flat=True):
        refuse(pk, by=by)


def _must_be_new(proposal: Proposal, state: str) -> None:
    if proposal.state == state and proposal.decided_at:
        raise AlreadyDone.told(proposal.decided_by, proposal.decided_at)


def _must_wait(proposal: Proposal) -> None:
    if proposal.state != _S.WAITING:
        raise ProposalClosed(status=proposal.get_state_display())


def _decided(proposal: Proposal, state: str, *, by: int) -> Proposal:
    proposal.state, proposal.decided_by_id, proposal.decided_at = state, by, timezone.now()
    proposal.save(update_fields=["state", "decided_by", "decided_at", "entry"])
    return proposal
