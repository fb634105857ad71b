"""What is refused is kept in rows by its code and shown as a sentence: each has its own."""

from __future__ import annotations

from core.errors import Refused
from orders import errors
from tests.orders.test_sentences import PARAMS


def test_every_refusal_has_a_code_and_a_sentence_of_its_own() -> None:
    """The codes are kept in rows and asked for by pages: none may change."""
    refusals = {name: one for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Refused)}
    del refusals["Refused"], refusals["TrackingTaken"], refusals["FiguresChanged"]  # another room's, and no code alone
    assert {name: one.code for name, one in refusals.items()} == {
        name: "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).strip("_") for name in refusals
    }
    params = {
        **PARAMS,
        "why": "Manca",
        "now": "1.00",
        "name": "Ada",
        "at": "ieri",
        "state": "via",
        "days": 31,
        "to": "a",
    }
    sentences = {name: str(one(**params)) for name, one in refusals.items()}
    assert len({*sentences.values()}) == len(refusals) == 38
    for name, sentence in sentences.items():
        assert sentence.endswith((".", "?")), name
        assert "%" not in sentence, name
