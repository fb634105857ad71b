"""What a price rule makes of a product; exact, and the same in Python and in the database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.listings.prices.formula import Cost, Rule, floor_of, price, rounded

D = Decimal
COST = Cost(D("10.00"), D("22.00"), D("24.90"))


def money(low: str, high: str) -> Any:
    return st.decimals(D(low), D(high), places=2)


RULES = st.builds(
    Rule,
    base=st.sampled_from(["retail", "cost"]),
    factor=st.decimals(D("0.010"), D("20"), places=3),
    amount=money("-50", "50"),
    add_vat=st.booleans(),
    rounding=st.sampled_from(["none", "90", "99", "50"]),
    margin=st.decimals(D("0"), D("500"), places=2),
    compare_at=st.booleans(),
)
COSTS = st.builds(
    Cost,
    net=money("0.01", "5000"),
    vat_rate=st.sampled_from([D("4.00"), D("5.00"), D("10.00"), D("22.00")]),
    retail=st.none() | money("0.01", "20000"),
)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (Rule(), "24.90"),
        (Rule(factor=D("1.1")), "27.39"),
        (Rule(amount=D("-2")), "22.90"),
        (Rule(base="cost", factor=D("2")), "20.00"),
        (Rule(base="cost", factor=D("2"), add_vat=True), "24.40"),
        (Rule(base="cost", factor=D("2"), amount=D("5"), add_vat=True), "30.50"),
        (Rule(base="cost", factor=D("2"), add_vat=True, rounding="90"), "24.90"),
        (Rule(base="cost", factor=D("2.05"), add_vat=True, rounding="90"), "25.90"),
        (Rule(base="cost", factor=D("2"), add_vat=True, rounding="99"), "24.99"),
        (Rule(base="cost", factor=D("2"), add_vat=True, rounding="50"), "24.50"),
        (Rule(base="cost", factor=D("2.05"), add_vat=True, rounding="50"), "25.50"),
        (Rule(base="cost", factor=D("1.005"), amount=D("2.455")), "12.51"),  # half a cent goes up
    ],
)
def test_a_rule_gives_its_price(rule: Rule, wanted: str) -> None:
    found = price(rule, COST)
    assert found is not None
    assert str(found.price) == wanted
    assert not found.on_floor


def test_the_floor_wins_and_says_so() -> None:
    found = price(Rule(base="cost", factor=D("1"), margin=D("25"), rounding="90"), COST)
    assert found is not None
    assert (found.floor, found.price, found.on_floor) == (D("15.25"), D("15.90"), True)


def test_without_a_suggested_price_a_rule_that_starts_from_it_says_nothing() -> None:
    assert price(Rule(), Cost(D("10"), D("22"), None)) is None
    assert price(Rule(base="cost"), Cost(D("10"), D("22"), None)) is not None


def test_a_price_is_struck_through_only_when_asked_and_higher() -> None:
    cheap = Rule(base="cost", factor=D("1.5"), add_vat=True)
    assert price(cheap, COST).compare_at is None  # type: ignore[union-attr]
    asked = Rule(base="cost", factor=D("1.5"), add_vat=True, compare_at=True)
    assert price(asked, COST).compare_at == D("24.90")  # type: ignore[union-attr]
    dear = Rule(base="cost", factor=D("5"), compare_at=True)
    assert price(dear, COST).compare_at is None  # type: ignore[union-attr]


@given(RULES, COSTS)
def test_never_below_the_floor_and_in_the_form_that_was_chosen(rule: Rule, cost: Cost) -> None:
    found = price(rule, cost)
    if found is None:
        return
    assert found.price >= floor_of(cost, rule.margin)
    assert found.price >= cost.net
    assert found.price == found.price.quantize(D("0.01"))
    ending = found.price % 1
    if rule.rounding == "90":
        assert ending == D("0.90")
    elif rule.rounding == "99":
        assert ending == D("0.99")
    elif rule.rounding == "50":
        assert ending in (0, D("0.50"))


@given(RULES, COSTS, money("0", "100"))
def test_what_costs_more_is_not_sold_for_less(rule: Rule, cost: Cost, more: Decimal) -> None:
    dearer = Cost(cost.net + more, cost.vat_rate, None if cost.retail is None else cost.retail + more)
    before, after = price(rule, cost), price(rule, dearer)
    if before is not None and after is not None:
        assert after.price >= before.price


@given(money("0", "10000"), st.sampled_from(["90", "99", "50"]))
def test_rounding_goes_up_and_less_than_one_step(amount: Decimal, how: str) -> None:
    step = D("0.50") if how == "50" else D("1")
    assert amount <= rounded(amount, how) < amount + step


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(RULES, COSTS, st.integers(1, 4)), min_size=8, max_size=8))
def test_the_database_reckons_the_same(shop: Any, goods: Any, cases: Any) -> None:
    from catalog.models import Variant
    from connectors.listings.prices import levels
    from connectors.models import Listing, PriceRule
    from tests.connectors.conftest import rolled_back

    with rolled_back():
        expected = {}
        for number, (rule, cost, pieces) in enumerate(cases):
            variant = Variant.objects.create(
                product=goods["SCN-00001"].product,
                sku=f"P-{number}",
                net_price=cost.net,
                vat_rate=cost.vat_rate,
                retail_price=cost.retail,
                weight_g=1,
            )
            row = PriceRule.objects.create(
                shop=shop, name=str(number), **{name: getattr(rule, name) for name in Rule.__slots__}
            )
            listing = Listing.objects.create(
                shop=shop, variant=variant, external_id=str(number), price_on=True, rule=row, quantity=pieces
            )
            whole = Cost(cost.net * pieces, cost.vat_rate, None if cost.retail is None else cost.retail * pieces)
            found = price(rule, whole)
            if found is not None:
                expected[listing.pk] = levels.Wanted(found.price, found.floor, found.on_floor, found.compare_at)
        assert levels.wanted(shop, list(expected)) == expected
        assert len(levels.behind(shop, limit=100)) == len(expected)
