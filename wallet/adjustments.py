"""The supplier's corrections of a wallet: up or down, with a reason that the reseller reads in his statement."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import transaction

from core import busy, strict
from core.errors import AlreadyDone, ReasonMissing
from core.money import ZERO, cents
from wallet import moves, second_person
from wallet.errors import AmountOutOfRange
from wallet.models import Entry, Proposal
from wallet.topups import HIGHEST


@busy.repeatable
@transaction.atomic
def adjust(dropshipper_id: int, amount: Decimal, *, reason: str, key: uuid.UUID, by: int) -> Proposal | None:
    """Moves `amount` (EUR, signed) on the wallet; above SECOND_PERSON_ABOVE the proposal that now waits. The same `key`
    is the same adjustment.

    AlreadyDone when it was done before; ReasonMissing; AmountOutOfRange; OwnMatter for the company's own people;
    InsufficientFunds; KeyConflict when the key stands for another amount."""
    reason = strict.text(reason, 200)
    if not reason:
        raise ReasonMissing
    if amount == ZERO or amount != cents(amount) or abs(amount) > HIGHEST:
        raise AmountOutOfRange(low="0.01", high=f"{HIGHEST:.2f}")
    second_person.must_not_be_own(by, dropshipper_id)
    reference = f"adjustment:{key}"
    alone = not second_person.needed(amount, dropshipper_id=dropshipper_id, by=by, reference=reference)
    before = Entry.objects.filter(key=reference).select_related("by").first()
    if not alone and before is None:
        return second_person.propose(
            Proposal.Kind.ADJUSTMENT,
            reference=reference,
            dropshipper_id=dropshipper_id,
            amount=amount,
            reason=reason,
            by=by,
        )
    moves.adjust(dropshipper_id, amount, reason, by, key=key)  # KeyConflict where it was another amount
    if before is not None:
        raise AlreadyDone.told(before.by, before.at)
    return None


@busy.repeatable
def confirm(proposal_id: int, *, by: int) -> Proposal:
    """The second person agrees: the adjustment is posted in his name. See second_person.confirm."""

    def post(proposal: Proposal) -> int:
        key = uuid.UUID(proposal.reference.removeprefix("adjustment:"))
        return moves.adjust(proposal.dropshipper_id, proposal.amount, proposal.reason, by, key=key)

    return second_person.confirm(proposal_id, by=by, effect=post)
