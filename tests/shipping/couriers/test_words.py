"""The letter to a courier that takes no instruction by call, and the words for codes of ours."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from shipping.couriers.base import Act, CodMode, Flag, Instruction
from shipping.couriers.words import ACTS, COD_MODES, FLAGS, letter
from tests.shipping.couriers.contracts import MARIA, known


def test_every_code_has_its_words() -> None:
    assert ACTS.keys() == set(Act)
    assert COD_MODES.keys() == set(CodMode)
    assert FLAGS.keys() == set(Flag)


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_letter_names_the_parcel_the_instruction_and_the_amount_to_the_cent(language: str) -> None:
    instruction = Instruction(
        Act.OTHER_ADDRESS, address=MARIA, on=dt.date(2026, 12, 9), cod=Decimal("1234.50"), note="Dopo\nle 18"
    )
    with translation.override(language):
        written = letter(known("020011000001"), instruction, sender="Scontimania", customer_code="1020999")
    assert "020011000001" in written.subject
    for part in ("MCI-000012", "Via Giuseppe Garibaldi 12/B", "20121 Milano MI", "09/12/2026", "1234,50", "Dopo le 18"):
        assert part in written.body
    assert written.body.endswith("Scontimania 1020999")


def test_a_letter_that_cancels_the_cod_names_no_amount() -> None:
    written = letter(known("020011000001"), Instruction(Act.COD_CANCEL), sender="Scontimania")
    assert "EUR" not in written.body
