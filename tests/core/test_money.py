"""Amounts as people type them: every way that can mean one thing, and no other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.money import BadAmount, from_person


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12.00"),
        ("12,5", "12.50"),
        ("12.50 €", "12.50"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("12.345.678,9", "12345678.90"),
        ("-1.234,50", "-1234.50"),
    ],
)
def test_an_amount_is_read_as_it_is_meant(text: str, amount: str) -> None:
    assert from_person(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["1.234", "1,234", "1.234.567", "1.23,45", "1.2345,6", "1,234,56", "1.234,567", "1 234,5", ""]
)
def test_what_may_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        from_person(text)
