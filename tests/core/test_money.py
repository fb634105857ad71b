"""Amounts as people type them: every way that can mean one thing, and no other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.money import BadAmount, exact_from_shop, from_person, from_shop


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
        ("€ 12,50", "12.50"),
        ("12 euro", "12.00"),
        ("EUR 1.234,50", "1234.50"),
        ("1\u00a0234,50 €", "1234.50"),
        ("1'234.50", "1234.50"),
        ("12,-", "12.00"),
        ("12,--", "12.00"),
        ("\u22125", "-5.00"),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.234", ("1234", "1.234")),
        ("12,505", ("12505",)),
        ("dodici", ("12,50", "1.234,50")),
        ("€ dodici", ("€ dodici",)),
    ],
)
def test_who_is_refused_is_told_how_to_write_it(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(BadAmount) as refused:
        from_person(text)
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize("text", ["euro", "€", "12 €€", "12 eurobond", "12,-5", "1 234", "12 34,50"])
def test_a_word_for_money_is_not_money(text: str) -> None:
    with pytest.raises(BadAmount):
        from_person(text)


def test_a_shops_amount_may_have_as_many_decimals_as_it_shows() -> None:
    assert from_shop("32.800000") == Decimal("32.80")
    assert from_shop("-0.005000") == Decimal("-0.01")
    assert exact_from_shop("20.409836") + exact_from_shop("4.490164") == Decimal("24.90")


@pytest.mark.parametrize(
    "text", ["1e3", "NaN", " 12", "12,50", 12.5, 12, True, None, "", "1." + "0" * 13, "1234567890"]
)
def test_what_is_no_amount_of_a_shop_is_refused(text: object) -> None:
    for reader in (from_shop, exact_from_shop):
        with pytest.raises(BadAmount):
            reader(text)
