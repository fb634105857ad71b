"""What is refused is kept in rows by its code and shown as a sentence: each has its own."""

from __future__ import annotations

from tests import refusals
from wallet import errors


def test_every_refusal_has_a_code_and_a_sentence_of_its_own() -> None:
    said = refusals.said(errors)
    assert len({*said.values()}) == len(said) == 12
    assert [code for code, sentence in said.items() if not sentence.endswith(".")] == []
