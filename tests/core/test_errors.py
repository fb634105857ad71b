"""Sentences of errors and problems in the reader's own writing of numbers."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.utils import translation

from catalog.errors import OutOfStock
from core import http
from core.errors import STORED, DomainError
from orders import problems
from orders.models import Problem
from shipping.errors import CodOverCap, TooHeavy


@pytest.mark.parametrize(
    ("error", "italian", "english"),
    [
        (CodOverCap(cap="999.00", amount="1234.50"), ["999,00 €", "1.234,50 €"], ["999.00 €", "1,234.50 €"]),
        (TooHeavy(weight="30.5", limit="30"), ["30,5 kg", "30 kg"], ["30.5 kg", "30 kg"]),
        (TooHeavy(weight="12.345", limit="12.25"), ["12,345 kg", "12,25 kg"], ["12.345 kg", "12.25 kg"]),
        (OutOfStock(sku="1234.50", wanted=3, available=1), ["1234.50:"], ["1234.50:"]),
    ],
)
def test_numbers_are_written_as_the_reader_does_and_names_as_they_are(
    error: DomainError, italian: list[str], english: list[str]
) -> None:
    for language, wanted in (("it", italian), ("en", english)):
        with translation.override(language):
            assert [part for part in wanted if part not in str(error)] == []
            # As stored, and told again later.
            assert DomainError.sentence(error.code, error.params) == str(error)


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "http://shop.example/", "https://shop.example:81/", "https:///x"])
def test_why_an_address_is_not_called_is_said_in_words(url: str) -> None:
    """“… cannot be called: IP” tells a reseller nothing."""
    with pytest.raises(http.AddressRefused) as caught:
        http.call("GET", url)
    for language in ("it", "en"):
        with translation.override(language):
            told = DomainError.sentence("not_a_shop", caught.value.params).partition(": ")[2]
            assert len(told.split()) > 4
            assert told != str(caught.value.params["reason"])


def test_the_amount_of_a_problem_too() -> None:
    with translation.override("it"):
        told = problems.sentence(Problem(code="partly_refunded", params={"amount": "1234.50"}))
        assert "1.234,50" in told
        told = problems.sentence(Problem(code="unknown_sku", params={"sku": "1234.50"}))
        assert "1234.50" in told


def test_a_code_names_one_error_and_rows_keep_what_its_sentence_needs() -> None:
    kinds, named = DomainError.__subclasses__(), {}
    for kind in kinds:
        kinds += kind.__subclasses__()
        if "code" in vars(kind) and not kind.__module__.startswith(("tests.", "test_")):
            assert named.setdefault(kind.code, kind) is kind
            assert DomainError.of(kind.code) is kind
    error = CodOverCap(cap=Decimal("999.00"), amount=Decimal("1234.50"), times=2, text="x" * 5000)
    stored = error.stored_params()
    assert json.loads(json.dumps(stored)) == stored
    assert (stored["cap"], stored["times"], len(str(stored["text"]))) == ("999.00", 2, STORED)
    assert DomainError.sentence(error.code, stored) == str(CodOverCap(cap="999.00", amount="1234.50"))
