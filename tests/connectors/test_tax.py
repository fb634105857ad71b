"""VAT as a WooCommerce shop reckons it: which class has which rate, and what must be written for the customer to pay a
price to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.tax import class_for, entered_for, gross_of, number, rates_of
from core.money import cents

D = Decimal


def row(name: str, rate: Any, country: str = "IT", **more: Any) -> dict[str, Any]:
    return {"class": name, "rate": rate, "country": country, "state": "", "priority": 1, **more}


def test_each_class_has_its_rate_in_italy() -> None:
    rows = [row("standard", "22.0000"), row("reduced-rate", "10.0000"), row("zero-rate", "0.0000"), row("x", "5.5")]
    assert rates_of(rows) == {"": "22", "reduced-rate": "10", "zero-rate": "0", "x": "5.5"}


@pytest.mark.parametrize(
    "rows",
    [
        [row("standard", "22", state="TO")],
        [row("standard", "22", postcodes=["10121"])],
        [row("standard", "22", cities=["TORINO"])],
        [row("standard", "22"), row("standard", "2", priority=2)],  # they add up
        [row("standard", "22"), row("standard", "20")],
        [row("standard", "much")],
        [row("standard", None)],
        [row("standard", "19", country="DE")],
        [],
    ],
)
def test_a_class_of_which_it_cannot_be_said_has_none(rows: Any) -> None:
    assert rates_of(rows) == {}


def test_a_rate_of_italy_goes_before_one_of_all_countries() -> None:
    assert rates_of([row("standard", "20", country=""), row("standard", "22")]) == {"": "22"}
    assert rates_of([row("standard", "20", country=""), row("x", "4")]) == {"": "20", "x": "4"}


@pytest.mark.parametrize(
    ("facts", "rate", "wanted"),
    [
        ({"taxed": True, "tax_rates": {"": "22", "a": "10", "b": "10"}}, "10", "a"),
        ({"taxed": True, "tax_rates": {"": "22", "a": "22"}}, "22.00", ""),
        ({"taxed": True, "tax_rates": {"": "20", "a": "22"}}, "22", "a"),
        ({"taxed": True, "tax_rates": {"": "22"}}, "4", None),
        ({"taxed": True, "tax_rates": {}}, "4", ""),  # no tax is reckoned in Italy
        ({"taxed": False, "tax_rates": {}}, "4", ""),
        ({"taxed": True, "tax_rates": None}, "22", ""),  # not shown to us
        ({"taxed": True, "tax_rates": None}, "10", None),
        ({}, "10", None),
    ],
)
def test_goods_take_the_class_that_has_their_rate(facts: Any, rate: str, wanted: str | None) -> None:
    assert class_for(facts, D(rate)) == wanted


NET = {"taxed": True, "prices_with_tax": False, "tax_rates": {"": "22", "ten": "10", "four": "4"}}


@pytest.mark.parametrize(("tax_class", "rate"), [("", 22), ("ten", 10), ("four", 4)])
def test_what_is_written_makes_the_price_to_the_cent_or_is_refused(tax_class: str, rate: int) -> None:
    """As WooCommerce sums it up: the tax of a line to the cent, then the line."""
    refused = 0
    for number_of_cents in range(1, 20_000):
        gross = D(number_of_cents) / 100
        net = entered_for(NET, gross, tax_class)
        if net is None:
            refused += 1
            continue
        assert cents(net + cents(net * rate / 100)) == gross == gross_of(NET, net, tax_class)
    assert refused == {22: 0, 10: 0, 4: 769}[rate]


def test_without_any_tax_on_top_a_price_is_written_as_it_is() -> None:
    for facts in ({"prices_with_tax": True}, {"prices_with_tax": False, "taxed": False}, {"tax_rates": {}}):
        assert entered_for(facts, D("29.90"), "") == gross_of(facts, D("29.90"), "") == D("29.90")


def test_where_the_rate_is_not_known_nothing_is_said() -> None:
    for facts in ({**NET, "tax_rates": None}, {**NET, "tax_rates": {"ten": "10"}}):
        assert entered_for(facts, D("29.90"), "") is None
        assert gross_of(facts, D("24.51"), "") is None


def test_amounts_in_strange_forms() -> None:
    assert [number(text) for text in ("29.9", "24.590164", 12, "1e3", "-1", "", None, True, "1,50", "NaN", [])] == [
        D("29.9"), D("24.590164"), D(12), *[None] * 8,
    ]  # fmt: skip
