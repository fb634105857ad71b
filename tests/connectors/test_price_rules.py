"""What a reseller says of his prices: which rule is the usual one, which a product takes, what becomes of a price that
somebody changed. Every column of the rows that it reaches, and of none beside them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Category, Product, Variant
from connectors.errors import RuleInUse
from connectors.listings.prices import drift as price_drift
from connectors.listings.prices import levels
from connectors.listings.prices import rules as price_rules
from connectors.listings.prices.formula import Cost, Rule, price, rounded
from connectors.models import Listing, PriceRule, Shop, ShopEvent
from connectors.platforms.goods import RemoteProduct
from tests.connectors.conftest import make_shop

pytestmark = pytest.mark.django_db
D = Decimal
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
_numbers = count(1)


@pytest.fixture
def other(shop: Shop) -> Shop:
    return make_shop(shop.dropshipper, address="https://due.example.it")


@pytest.fixture
def house() -> Category:
    return Category.objects.create(name="Casa", slug="casa")


def category(parent: Category | None = None) -> Category:
    number = next(_numbers)
    return Category.objects.create(name=f"C{number}", slug=f"c{number}", parent=parent)


def rule(shop: Shop, name: str, **fields: Any) -> PriceRule:
    return PriceRule(shop=shop, name=name, **fields)


def stored(shop: Shop) -> list[tuple[Any, ...]]:
    return list(shop.price_rules.order_by("pk").values_list("name", "category", "is_default"))


def untouched(*rows: Any) -> list[dict[str, Any]]:
    return [type(row).objects.filter(pk=row.pk).values().get() for row in rows]


def asked_anew(shop: Shop) -> bool:
    shop.refresh_from_db()
    anew = shop.prices_after <= timezone.now()
    Shop.objects.filter(pk=shop.pk).update(prices_after=timezone.now() + DAY)
    return anew


# ---- rules


def test_the_first_rule_is_the_usual_one_and_a_new_usual_one_takes_its_place(
    shop: Shop, other: Shop, house: Category
) -> None:
    Shop.objects.update(prices_after=timezone.now() + DAY)
    of_other = price_rules.save(rule(other, "altrove", is_default=True), by=7)
    assert price_rules.rules_of(shop)[0].is_default
    assert [one.pk for one in price_rules.rules_of(shop)] == [None]
    assert (asked_anew(other), asked_anew(shop)) == (True, False)
    ShopEvent.objects.all().delete()
    before = untouched(of_other, other)
    of_house = price_rules.save(rule(shop, "casa", category=house), by=7)
    usual = price_rules.ensure_default(shop)
    assert stored(shop) == [("casa", house.pk, False), (usual.name, None, True)]
    assert usual.name == price_rules.rules_of(shop)[0].name != ""
    assert {one.name for one in price_rules.rules_of(shop)} == {"casa", usual.name}
    assert asked_anew(shop)
    mine = price_rules.save(rule(shop, "mia", is_default=True, factor=D("1.5")), by=8)
    assert stored(shop) == [("casa", house.pk, False), (usual.name, None, False), ("mia", None, True)]
    third = price_rules.save(rule(shop, "terza"), by=9)
    assert not third.is_default
    mine.is_default = False
    price_rules.save(mine, by=9)
    assert PriceRule.objects.get(pk=mine.pk).is_default  # there must be one
    events = ShopEvent.objects.order_by("pk").values_list("shop", "code", "params")
    assert list(events) == [
        (shop.pk, "price_rule", {"name": "casa", "by": 7}),
        (shop.pk, "price_rule", {"name": "mia", "by": 8}),
        (shop.pk, "price_rule", {"name": "terza", "by": 9}),
        (shop.pk, "price_rule", {"name": "mia", "by": 9}),
    ]
    ShopEvent.objects.all().delete()
    with pytest.raises(RuleInUse):
        price_rules.delete(mine, by=1)
    asked_anew(shop)
    price_rules.delete(third, by=5)
    assert asked_anew(shop)
    assert [one[0] for one in stored(shop)] == ["casa", usual.name, "mia"]
    gone = ShopEvent.objects.values_list("shop", "code", "params")
    assert list(gone) == [(shop.pk, "price_rule_gone", {"name": "terza", "by": 5})]
    assert untouched(of_other, other) == before
    assert PriceRule.objects.filter(pk=of_house.pk).exists()


def test_a_rule_that_is_saved_lets_what_was_refused_be_tried_again(shop: Shop, other: Shop) -> None:
    later = timezone.now() + DAY
    refused = listing(shop, price_error="x", price_try_after=later)
    rest = [
        listing(shop, price_try_after=later),
        listing(shop, price_error="x", price_on=False, price_try_after=later),
        listing(other, price_error="x", price_try_after=later),
    ]
    before = untouched(*rest)
    price_rules.save(rule(shop, "mia"), by=1)
    refused.refresh_from_db()
    assert refused.price_try_after <= timezone.now()
    assert untouched(*rest) == before


def test_which_rule_a_product_takes(shop: Shop, house: Category) -> None:
    below, beside = category(house), category()
    usual, of_house, of_below = (
        rule(shop, "u", pk=1, is_default=True),
        rule(shop, "h", pk=2, category=house),
        rule(shop, "b", pk=3, category=below),
    )

    def name(rules: list[PriceRule], place: Category) -> str | None:
        found = price_rules.pick(rules, Product(category=place))
        return found and found.name

    every = [of_house, usual, of_below, rule(shop, "x", pk=4)]
    assert [name(every, place) for place in (below, house, beside, category(house))] == ["b", "h", "u", "h"]
    assert name([usual, of_below], house) == "u"
    assert name([of_below], house) is None


def test_a_row_as_a_formula_and_what_pieces_cost(shop: Shop) -> None:
    row = rule(
        shop, "r", base="cost", factor=D("1.1"), amount=D("2.2"), add_vat=True, rounding="99", margin=D("3.3"),
        compare_at=True,
    )  # fmt: skip
    assert price_rules.as_rule(row) == Rule("cost", D("1.1"), D("2.2"), True, "99", D("3.3"), True)
    variant = Variant(net_price=D("4.40"), vat_rate=D("10"), retail_price=D("9.90"))
    assert price_rules.cost_of(variant) == Cost(D("4.40"), D("10"), D("9.90"))
    assert price_rules.cost_of(variant, 3) == Cost(D("13.20"), D("10"), D("29.70"))
    variant.retail_price = None
    assert price_rules.cost_of(variant, 3).retail is None
    for how, steps in {
        "90": {"1234.56": "1234.90", "1234.91": "1235.90", "1234.90": "1234.90"},
        "99": {"1234.56": "1234.99", "1234.995": "1235.99", "0.10": "0.99"},
        "50": {"1234.50": "1234.50", "1234.501": "1235.00", "0.01": "0.50"},
    }.items():
        assert {amount: str(rounded(D(amount), how)) for amount in steps} == steps
    assert str(rounded(D("12.345"), "none")) == "12.35"
    most = Rule(base="cost")
    assert price(most, Cost(D("819672.12"), D("22"), None)) is not None
    assert price(most, Cost(D("819672.13"), D("22"), None)) is None
    assert price(Rule(factor=D(0)), Cost(D(0), D("22"), D("9.90"))) is None


# ---- prices that somebody changed


def product_of_ours() -> Product:
    return Product.objects.get_or_create(slug="a", defaults={"name": "A", "category": category()})[0]


def listing(shop: Shop, **fields: Any) -> Listing:
    variant, _made = Variant.objects.get_or_create(
        sku="ART-1", defaults={"product": product_of_ours(), "net_price": D("4.40"), "weight_g": 7}
    )
    given = {"price_on": True, "variant": variant, **fields}
    return Listing.objects.create(shop=shop, external_id=str(900 + next(_numbers)), **given)


def drifted(shop: Shop, **fields: Any) -> Listing:
    given = {
        "price_told": D("24.90"),
        "compare_told": D("30.00"),
        "price_shown": D("19.00"),
        "compare_shown": D("21.00"),
    }
    return listing(
        shop, **{**given, "price_asked": True, "price_drifted_at": timezone.now(), "price_error": "e", **fields}
    )


def prices(row: Listing) -> tuple[Any, ...]:
    row.refresh_from_db()
    shown = (row.price_told, row.compare_told, row.price_shown, row.compare_shown, row.price_asked, row.price_on)
    return (*shown, row.price_drifted_at is not None)


def test_ours_goes_back_or_theirs_stays(shop: Shop, other: Shop) -> None:
    Shop.objects.update(prices_after=timezone.now() + DAY)
    later = timezone.now() + DAY
    mine, not_asked = drifted(shop, price_try_after=later), drifted(shop, price_asked=False)
    gone, of_other = drifted(shop, off_at=timezone.now()), drifted(other)
    assert set(price_drift.asked(shop)) == {mine}
    rest = untouched(not_asked, gone, of_other, other)
    assert price_drift.take_ours(Listing.objects.filter(pk__in=[mine.pk, not_asked.pk]), shop) == 1
    assert prices(mine) == (D("19.00"), D("21.00"), D("19.00"), D("21.00"), False, True, True)
    assert mine.price_try_after <= timezone.now()
    assert asked_anew(shop)
    assert untouched(not_asked, gone, of_other, other) == rest
    mine = drifted(shop)
    assert price_drift.keep_theirs(Listing.objects.filter(pk__in=[mine.pk, not_asked.pk])) == 1
    assert prices(mine) == (D("24.90"), D("30.00"), None, None, False, False, False)
    assert mine.price_error == ""
    assert untouched(not_asked, gone, of_other, other) == rest


@pytest.mark.parametrize("drift", ["heal", "ask"])
def test_the_word_for_all_of_them(shop: Shop, other: Shop, drift: str) -> None:
    Shop.objects.update(price_drift="ask" if drift == "heal" else "heal")
    mine, of_other = drifted(shop), drifted(other)
    rest = untouched(of_other, other)
    price_drift.choose(shop, drift, by=6)
    assert Shop.objects.get(pk=shop.pk).price_drift == drift
    events = ShopEvent.objects.values_list("shop", "code", "params")
    assert list(events) == [(shop.pk, f"price_drift_{drift}", {"by": 6})]
    assert prices(mine)[0] == (D("19.00") if drift == "heal" else D("24.90"))
    assert untouched(of_other, other) == rest


def product(row: Listing, shown: str | None, struck: str | None = None) -> RemoteProduct:
    return RemoteProduct(
        external_id=row.external_id,
        sku="",
        ean="",
        title="",
        quantity=None,
        price=None if shown is None else D(shown),
        compare_at=None if struck is None else D(struck),
    )


@pytest.mark.parametrize("drift", ["heal", "ask"])
def test_each_price_of_a_page_against_what_was_told(shop: Shop, other: Shop, drift: str) -> None:
    shop.price_drift = drift
    at = timezone.now()
    given: dict[str, Any] = {"price_told": D("24.90"), "compare_told": D("30.00"), "price_told_at": at - HOUR}
    right, wrong, struck = (listing(shop, **given) for _number in range(3))
    none_told = listing(shop, price_told_at=at - HOUR)
    just_told = listing(shop, **{**given, "price_told_at": at})
    undated = listing(shop, **{**given, "price_told_at": None})
    again = drifted(shop, **given)
    moved = drifted(shop, **given)
    mended = drifted(shop, **given)
    off, his, of_other = (
        listing(shop, **given, off_at=at),
        listing(shop, **given, price_on=False),
        listing(other, **given),
    )
    unread = listing(shop, **given)
    rest = untouched(right, none_told, just_told, again, off, his, of_other, unread)
    page = [
        *(product(row, "24.90", "30.00") for row in (right, mended)),
        *(product(row, "11.11") for row in (wrong, none_told, just_told, undated, off, his, of_other)),
        product(struck, "24.90"),
        product(again, "19.00", "21.00"),
        product(moved, "19.00", "22.00"),
        product(unread, None),
    ]
    assert price_drift.judge(shop, page, at) == 4
    assert untouched(right, none_told, just_told, again, off, his, of_other, unread) == rest
    asks, told = drift == "ask", (D("24.90"), D("30.00"))
    assert prices(wrong) == (*(told if asks else (D("11.11"), None)), D("11.11"), None, asks, True, True)
    assert prices(undated) == prices(wrong)
    assert prices(struck) == (*(told if asks else (D("24.90"), None)), D("24.90"), None, asks, True, True)
    now = (D("19.00"), D("22.00"))
    assert prices(moved) == (*(told if asks else now), *now, asks, True, True)
    assert prices(mended) == (*told, None, None, False, True, False)
    ShopEvent.objects.all().delete()
    price_drift.note(shop, 0)
    assert not ShopEvent.objects.exists()
    price_drift.note(shop, 4)
    events = ShopEvent.objects.values_list("shop", "code", "params")
    assert list(events) == [(shop.pk, "price_asked" if asks else "price_drifted", {"count": 4})]
    shop.facts = {"currency": "HUF"}
    assert price_drift.judge(shop, [product(right, "1.00")], at) == 0


def test_what_the_shop_took_and_refused_of_its_prices(shop: Shop) -> None:
    rows = [listing(shop, price_error="e") for _number in range(3)]
    given = [
        levels.Behind(row.pk, row.external_id, D(f"1{n}.90"), D(f"2{n}.90") if n else None)
        for n, row in enumerate(rows)
    ]
    at = timezone.now()
    assert levels._note(given, {rows[2].external_id: "w" * 200}) == 2
    for row in rows:
        row.refresh_from_db()
    assert [(row.price_told, row.compare_told, row.price_error) for row in rows] == [
        (D("10.90"), None, ""),
        (D("11.90"), D("21.90"), ""),
        (None, None, "w" * 120),
    ]
    assert [row.price_told_at is not None and row.price_told_at >= at - HOUR for row in rows] == [True, True, False]
    assert HOUR - DAY / 24 / 60 < rows[2].price_try_after - at < HOUR + DAY / 24 / 60
