"""What is refused is kept in rows and in the answers of the API by its code, which never changes, and shown as a
sentence: each has its own."""

from __future__ import annotations

from core.errors import Refused
from tests import refusals
from wallet import errors

CODES = {
    "AlreadySpent": "already_spent",
    "AmountOutOfRange": "amount_out_of_range",
    "InsufficientFunds": "insufficient_funds",
    "KeyConflict": "key_conflict",
    "NotReversible": "not_reversible",
    "OtherAmount": "other_amount",
    "ProposalClosed": "proposal_closed",
    "ProposalWaits": "proposal_waits",
    "ReasonMissing": "reason_missing",
    "SamePerson": "same_person",
    "TooManyTopUps": "too_many_top_ups",
    "TopUpClosed": "top_up_closed",
}


def test_the_codes_are_what_they_were() -> None:
    found = {name: one.code for name, one in vars(errors).items() if isinstance(one, type) and one is not Refused}
    assert found == CODES


def test_every_refusal_has_a_code_and_a_sentence_of_its_own() -> None:
    said = refusals.said(errors)
    assert len({*said.values()}) == len(said) == 12
    assert [code for code, sentence in said.items() if not sentence.endswith(".")] == []
