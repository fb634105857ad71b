"""Money, weights and dates in the form of each courier."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import BadAmount
from shipping.couriers.calls import exact_json
from shipping.couriers.figures import comma, cubic_metres, dot, from_comma, from_dot, in_cents, kilos, padded
from shipping.couriers.moments import day, moment

AMOUNTS = st.integers(0, 499_999).map(lambda cents: Decimal(cents).scaleb(-2))


@given(AMOUNTS)
def test_an_amount_is_the_same_in_every_courier_s_form(amount: Decimal) -> None:
    assert from_dot(dot(amount)) == amount
    assert from_comma(comma(amount)) == amount
    assert Decimal(padded(amount, 13)).scaleb(-2) == amount
    assert len(padded(amount, 13)) == 13


@pytest.mark.parametrize("amount", ["39.905", "NaN", "Infinity", "0.001"])
def test_a_part_of_a_cent_is_told_to_nobody(amount: str) -> None:
    with pytest.raises(BadAmount):
        in_cents(Decimal(amount))


@pytest.mark.parametrize(
    ("read", "text"),
    [*((from_dot, text) for text in ("1,50", "1.234,50", "", "1.505", "٣")), (from_comma, "1.50")],
)
def test_another_form_is_refused_and_never_read_as_something_else(read, text: str) -> None:
    with pytest.raises(BadAmount):
        read(text)


def test_thousands_have_no_sign_between() -> None:
    assert dot(Decimal("1234.5")) == "1234.50"
    assert comma(Decimal("1234.50")) == "1234,50"
    assert padded(Decimal("1234.50"), 13) == "0000000123450"
    with pytest.raises(BadAmount):
        padded(Decimal("1234.50"), 5)


@given(st.integers(1, 2_000_000))
def test_rounding_never_makes_a_parcel_lighter(grams: int) -> None:
    told = Decimal(kilos(grams)) * 1000
    assert 0 <= told - grams < 100
    assert kilos(grams, sign=",") == kilos(grams).replace(".", ",")


def test_volumes() -> None:
    assert [cubic_metres(cm3) for cm3 in (0, 1, 6000, 1_234_567)] == ["0.000", "0.001", "0.006", "1.235"]


def test_a_number_in_json_is_the_number_and_text_that_looks_like_one_stays_text() -> None:
    assert exact_json({"a": Decimal("49.90"), "b": ["49.90", {"c": Decimal("0.10")}], "d": 'x"49.90'}) == (
        b'{"a": 49.90, "b": ["49.90", {"c": 0.10}], "d": "x\\"49.90"}'
    )


@pytest.mark.parametrize("text", ["24.11.2026", "24/11/26", "2026-11-24", "20261124", "24/11/2026 08:15", "46350"])
def test_a_day_however_it_is_written(text: str) -> None:
    assert day(text) == dt.date(2026, 11, 24)


@pytest.mark.parametrize("text", ["", "31.02.2026", "11", "ieri", "2026-13-01"])
def test_what_is_no_day(text: str) -> None:
    assert day(text) is None


def test_moments_are_rome_s_and_told_in_utc() -> None:
    assert moment("24.07.2026", "10.30") == dt.datetime(2026, 7, 24, 8, 30, tzinfo=dt.UTC)
    assert moment("2026-11-24 10:30:15") == dt.datetime(2026, 11, 24, 9, 30, 15, tzinfo=dt.UTC)
    assert moment("24/11/26", "99:99") == dt.datetime(2026, 11, 23, 23, 0, tzinfo=dt.UTC)
    assert moment("") is None
