"""A top-up by bank transfer: asked for, sent, and credited or rejected by staff when the bank has spoken.

Every act takes the request's row lock first, so that two people decide it once; the wallet comes last.
"""

from __future__ import annotations

import secrets
import uuid
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core import busy
from core.errors import AlreadyDone, ReasonMissing
from wallet import second_person
from wallet.errors import AmountOutOfRange, OtherAmount, TooManyTopUps, TopUpClosed
from wallet.models import Proposal, TopUp
from wallet.moves import credit_top_up

LOWEST, HIGHEST = Decimal("1.00"), Decimal("50000.00")
OPEN_AT_MOST = 5
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: it is typed into a bank's form
_S = TopUp.Status


@busy.repeatable
def request(dropshipper_id: int, amount: Decimal, *, key: uuid.UUID, by: int) -> TopUp:
    """Announces a transfer of `amount` (EUR) and gives it its causale. The same `key` again is the same request.

    OtherAmount when the key asked for another amount; AmountOutOfRange; TooManyTopUps when too many are open."""
    if found := _asked(dropshipper_id, key, amount):
        return found
    if not LOWEST <= amount <= HIGHEST:
        raise AmountOutOfRange(low=f"{LOWEST:.2f}", high=f"{HIGHEST:.2f}")
    for _try in range(5):
        try:
            with transaction.atomic():
                _one_asker(dropshipper_id)
                _must_have_room(dropshipper_id)
                return TopUp.objects.create(
                    key=key, dropshipper_id=dropshipper_id, amount=amount, causale=_causale(), requested_by_id=by
                )
        except IntegrityError:  # the causale is taken, or the other click was faster
            if found := _asked(dropshipper_id, key, amount):
                return found
    raise TooManyTopUps(count=OPEN_AT_MOST)  # the key is another's: nothing is told about it


def _one_asker(dropshipper_id: int) -> None:
    """Until the transaction ends nobody else of this company asks: requests in parallel would all see room."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('wallet.topup'), %s)", [dropshipper_id % 2**31])


def _must_have_room(dropshipper_id: int) -> None:
    waiting = TopUp.objects.filter(dropshipper_id=dropshipper_id, status__in=[_S.REQUESTED, _S.SENT]).count()
    if waiting >= OPEN_AT_MOST:
        raise TooManyTopUps(count=waiting)


def _asked(dropshipper_id: int, key: uuid.UUID, amount: Decimal) -> TopUp | None:
    found = TopUp.objects.filter(key=key, dropshipper_id=dropshipper_id).first()
    if found and found.amount != amount:
        raise OtherAmount(amount=f"{found.amount:.2f}", causale=found.causale)
    return found


def _causale() -> str:
    parts = ["".join(secrets.choice(_LETTERS) for _letter in range(4)) for _part in range(2)]
    return f"MCI {parts[0]} {parts[1]}"


def _locked(top_up_id: int) -> TopUp:
    return TopUp.objects.select_for_update(no_key=True, of=("self",)).select_related("dropshipper").get(pk=top_up_id)


def _must_be_new(top_up: TopUp, status: str) -> None:
    """Who decides what was decided so before hears by whom and when: nothing moves twice."""
    if top_up.status == status and top_up.decided_at:
        raise AlreadyDone.told(top_up.decided_by, top_up.decided_at)


def _must_be_open(top_up: TopUp) -> None:
    if not top_up.is_open:
        raise TopUpClosed(status=top_up.get_status_display())


@busy.repeatable
@transaction.atomic
def mark_sent(top_up_id: int) -> TopUp:
    """The reseller says the transfer is on its way. Twice is once; TopUpClosed when it was decided."""
    top_up = _locked(top_up_id)
    _must_be_open(top_up)
    if top_up.status != _S.SENT:
        top_up.status, top_up.sent_at = _S.SENT, timezone.now()
        top_up.save(update_fields=["status", "sent_at"])
    return top_up


@busy.repeatable
@transaction.atomic
def mark_unsent(top_up_id: int) -> TopUp:
    """The reseller had said so too soon: the transfer is still to be sent. Twice is once; TopUpClosed if decided."""
    top_up = _locked(top_up_id)
    _must_be_open(top_up)
    if top_up.status != _S.REQUESTED:
        top_up.status, top_up.sent_at = _S.REQUESTED, None
        top_up.save(update_fields=["status", "sent_at"])
    return top_up


@busy.repeatable
@transaction.atomic
def reopen(top_up_id: int) -> TopUp:
    """It was withdrawn by mistake: asked for again, with the same causale. Twice is once; TopUpClosed when staff
    decided, TooManyTopUps when too many are open."""
    dropshipper_id = TopUp.objects.values_list("dropshipper_id", flat=True).get(pk=top_up_id)
    _one_asker(dropshipper_id)
    top_up = _locked(top_up_id)
    if top_up.status == _S.WITHDRAWN:
        _must_have_room(dropshipper_id)
        top_up.status = _S.SENT if top_up.sent_at else _S.REQUESTED
        top_up.decided_by = top_up.decided_at = None
        top_up.save(update_fields=["status", "decided_by", "decided_at"])
    _must_be_open(top_up)
    return top_up


@busy.repeatable
@transaction.atomic
def withdraw(top_up_id: int, *, by: int) -> TopUp:
    """The reseller will not send it. Twice is once; TopUpClosed when staff decided before."""
    top_up = _locked(top_up_id)
    if top_up.status != _S.WITHDRAWN:
        _must_be_open(top_up)
        _decide(top_up, _S.WITHDRAWN, by=by)
    return top_up


@busy.repeatable
@transaction.atomic
def credit(top_up_id: int, *, by: int) -> TopUp:
    """The money is on the supplier's account: it is available. Above SECOND_PERSON_ABOVE it stays open and waits for a
    second person (`confirm_credit`). AlreadyDone when somebody credited it before; TopUpClosed if it ended otherwise;
    OwnMatter for who asked for it and for the company's own people; ProposalWaits when somebody else proposed it."""
    top_up = _locked(top_up_id)
    _must_be_new(top_up, _S.CREDITED)
    _must_be_open(top_up)
    second_person.must_not_be_own(by, top_up.dropshipper_id, top_up.requested_by_id)
    owner, reference = top_up.dropshipper_id, top_up.reference
    if second_person.needed(top_up.amount, dropshipper_id=owner, by=by, reference=reference):
        second_person.propose(
            Proposal.Kind.TOP_UP,
            reference=reference,
            dropshipper_id=owner,
            amount=top_up.amount,
            reason=top_up.causale,
            by=by,
        )
    else:
        _credit(top_up, by=by)
    return top_up


@busy.repeatable
@transaction.atomic
def confirm_credit(proposal_id: int, *, by: int) -> Proposal:
    """The second person saw the money too: it is available. See second_person.confirm; OwnMatter also for who asked
    for the top-up, TopUpClosed if it ended otherwise."""
    reference = Proposal.objects.values_list("reference", flat=True).get(pk=proposal_id)
    top_up = _locked(int(reference.removeprefix("topup:")))  # before the proposal: as in `credit` and `reject`

    def post(_proposal: Proposal) -> int:
        second_person.must_not_be_own(by, top_up.dropshipper_id, top_up.requested_by_id)
        _must_be_open(top_up)
        return _credit(top_up, by=by)

    return second_person.confirm(proposal_id, by=by, effect=post)


def _credit(top_up: TopUp, *, by: int) -> int:
    _decide(top_up, _S.CREDITED, by=by)
    return credit_top_up(
        reference=top_up.reference,
        dropshipper_id=top_up.dropshipper_id,
        amount=top_up.amount,
        memo=top_up.causale,
        by=by,
    )


@busy.repeatable
@transaction.atomic
def reject(top_up_id: int, *, reason: str, by: int) -> TopUp:
    """It will not be credited, and `reason` tells why. AlreadyDone when somebody rejected it before; TopUpClosed if it
    ended otherwise."""
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    top_up = _locked(top_up_id)
    _must_be_new(top_up, _S.REJECTED)
    _must_be_open(top_up)
    _decide(top_up, _S.REJECTED, by=by, reason=reason[:200])
    return top_up


def _decide(top_up: TopUp, status: str, *, by: int, reason: str = "") -> None:
    if status != _S.CREDITED:
        second_person.drop(top_up.reference, by=by)
    top_up.status, top_up.reason, top_up.decided_by_id, top_up.decided_at = status, reason, by, timezone.now()
    top_up.save(update_fields=["status", "reason", "decided_by", "decided_at"])
