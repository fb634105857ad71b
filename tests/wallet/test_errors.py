"""The codes of what the books refuse, which stand in rows and in the answers of the API and never change; and that each
has a sentence of its own that says all it was told."""

from __future__ import annotations

from core.errors import Refused
from wallet import errors

MONEY = {"missing": "3.07", "needed": "11.13", "available": "8.06"}
TOLD: dict[str, tuple[str, dict[str, str]]] = {
    "AlreadySpent": ("already_spent", MONEY),
    "AmountOutOfRange": ("amount_out_of_range", {"low": "1.01", "high": "507.03"}),
    "InsufficientFunds": ("insufficient_funds", MONEY),
    "KeyConflict": ("key_conflict", {"key": "order:71:sale"}),
    "NotReversible": ("not_reversible", {"reference": "order:71", "state": "lost"}),
    "OtherAmount": ("other_amount", {"amount": "61.07", "causale": "MCI 7F3K 2Q9T"}),
    "ProposalClosed": ("proposal_closed", {"status": "Decisa"}),
    "ProposalWaits": ("proposal_waits", {"name": "Elena Rota"}),
    "SamePerson": ("same_person", {}),
    "TooManyTopUps": ("too_many_top_ups", {"count": "5"}),
    "TopUpClosed": ("top_up_closed", {"status": "Rifiutata"}),
}


def test_each_refusal_has_its_code_and_says_what_it_knows() -> None:
    found = {name: one for name, one in vars(errors).items() if isinstance(one, type) and one is not Refused}
    assert {name: one.code for name, one in found.items()} == {name: code for name, (code, _params) in TOLD.items()}
    sentences = {str(found[name](**params)) for name, (_code, params) in TOLD.items()}
    assert len(sentences) == len(TOLD)
    for name, (_code, params) in TOLD.items():
        said = str(found[name](**params))
        assert [value for value in params.values() if value.replace(".", ",") not in said] == [], said
        assert len(said) > 12
