"""What is refused is kept in rows by its code and shown as a sentence: each has its own."""

from __future__ import annotations

from orders import errors
from orders.failed import errors as failed
from tests import refusals


def test_every_refusal_has_a_code_and_a_sentence_of_its_own() -> None:
    said = refusals.said(errors)
    assert len({*said.values()}) == len(said) == 40
    assert [code for code, sentence in said.items() if not sentence.endswith(".")] == []
    assert str(errors.NotLowered(amount="1234.50", collect="9.07")) == (
        "L’importo alla consegna si può solo abbassare: 1.234,50 € non è meno di 9,07 €."
    )


def test_what_returns_refuse_has_codes_and_sentences_of_its_own_too() -> None:
    said = refusals.said(failed)
    assert len({*said.values()}) == len(said) == 19
    assert [code for code, sentence in said.items() if not sentence.endswith(".")] == []
