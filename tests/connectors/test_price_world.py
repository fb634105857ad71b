"""The prices of a shop where no two figures are alike: which rule each product takes, what is told, what a change of
rule would do. Every figure is worked out by hand beside it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Category, Product, Variant
from connectors.listings.prices import levels
from connectors.listings.prices.formula import MAX_PRICE, Cost, Priced, Rule, price
from connectors.listings.prices.levels import Change, Wanted
from connectors.models import Listing, PriceRule, Shop
from tests.connectors.conftest import make_shop

pytestmark = pytest.mark.django_db
D = Decimal
FAR = dt.timedelta(hours=1)


class World:
    """A shop with rules for a category (Casa), for one below it (Luci) and for the rest; Vasi, below Casa too, has
    none. The reseller's other shop has rules for all of them."""

    def __init__(self, dropshipper: Any) -> None:
        self.shop = make_shop(dropshipper)
        self.other = make_shop(dropshipper, address="https://due.example.it")
        self.garden = Category.objects.create(name="Giardino", slug="giardino")
        self.house = Category.objects.create(name="Casa", slug="casa")
        self.lights = Category.objects.create(name="Luci", slug="luci", parent=self.house)
        self.vases = Category.objects.create(name="Vasi", slug="vasi", parent=self.house)
        self.default = self.rule("di solito", is_default=True, factor="1.1")
        self.of_house = self.rule(
            "casa", category=self.house, base="cost", factor="2.3", amount="0.70", add_vat=True, rounding="90",
            compare_at=True,
        )  # fmt: skip
        self.of_lights = self.rule(
            "luci", category=self.lights, factor="0.87", amount="-1.15", rounding="50", margin="7.5", compare_at=True
        )
        self.special = self.rule("speciale", base="cost", factor="1.5", rounding="99")
        for n, category in enumerate((None, self.house, self.lights, self.vases, self.garden), start=6):
            self.rule(f"altro {n}", shop=self.other, category=category, is_default=category is None, factor=n)
        self.listings: dict[str, Listing] = {}

    def rule(self, name: str, *, shop: Shop | None = None, **fields: Any) -> PriceRule:
        made = PriceRule.objects.create(shop=shop or self.shop, name=name, **fields)
        made.refresh_from_db()
        return made

    def sell(
        self, sku: str, category: Category, net: str, vat: str, retail: str, *, active: str = "both", **fields: Any
    ) -> Listing:
        product = Product.objects.create(name=f"Art. {sku}", slug=sku, category=category, active=active != "variant")
        variant = Variant.objects.create(
            product=product, sku=sku, net_price=net, vat_rate=vat, retail_price=retail, weight_g=11,
            active=active != "product",
        )  # fmt: skip
        fields = {"shop": self.shop, "external_id": f"9{len(self.listings)}", "price_on": True, **fields}
        self.listings[sku] = Listing.objects.create(variant=variant, **fields)
        return self.listings[sku]

    def by_sku(self, found: dict[int, Any]) -> dict[str, Any]:
        skus = {row.pk: sku for sku, row in self.listings.items()}
        return {skus[pk]: one for pk, one in found.items()}


@pytest.fixture
def world(dropshipper: Any) -> World:
    made, past = World(dropshipper), timezone.now()
    # 19.35 × 1.1 = 21.285
    made.sell("V1", made.garden, "7.31", "10", "19.35", price_told="21.29")
    # (4.17 × 2.3 + 0.70) × 1.22 = 12.55502, up to 12.90; it is told, the crossed-out price is not
    made.sell("V2", made.vases, "4.17", "22", "31.20", price_told="12.90")
    # 16.05 × 0.87 − 1.15 = 12.8135; never below 11.89 × 1.075 = 12.78175
    made.sell("V3", made.lights, "11.43", "4", "16.05")
    # 15.10 × 0.87 − 1.15 = 11.987, but 13.93 × 1.075 = 14.97475
    made.sell("V4", made.lights, "13.27", "5", "15.10", price_told="17.00", price_asked=True)
    # three of 2.23: 6.69 × 1.5 = 10.035
    made.sell(
        "V5", made.garden, "2.23", "22", "5.55", quantity=3, rule=made.special, price_told="8.99",
        price_try_after=past + FAR,
    )  # fmt: skip
    # 9.87 × 1.5 = 14.805: its own rule before its category's
    made.sell("V6", made.vases, "9.87", "10", "44.44", rule=made.special, price_told="14.00")
    made.sell("off", made.vases, "3.01", "22", "9.01", off_at=past)
    made.sell("his own", made.vases, "3.02", "22", "9.02", price_on=False)
    made.sell("no variant", made.vases, "3.03", "22", "9.03", active="product")
    made.sell("no product", made.vases, "3.04", "22", "9.04", active="variant")
    made.sell("elsewhere", made.vases, "3.05", "22", "9.05", shop=made.other)
    return made


def test_each_product_takes_its_own_rule_to_the_cent(world: World) -> None:
    found = world.by_sku(levels.wanted(world.shop, [row.pk for row in world.listings.values()]))
    assert found == {
        "V1": Wanted(D("21.29"), D("8.04"), False, None),
        "V2": Wanted(D("12.90"), D("5.09"), False, D("31.20")),
        "V3": Wanted(D("13.00"), D("12.79"), False, D("16.05")),
        "V4": Wanted(D("15.00"), D("14.98"), True, D("15.10")),
        "V5": Wanted(D("10.99"), D("8.16"), False, None),
        "V6": Wanted(D("14.99"), D("10.86"), False, None),
    }
    late = levels.behind(world.shop, limit=20)
    assert world.by_sku({row.listing_id: (row.price, row.struck) for row in late}) == {
        "V2": (D("12.90"), D("31.20")),
        "V3": (D("13.00"), D("16.05")),
        "V6": (D("14.99"), None),
    }
    assert sorted(levels.ids_behind(world.shop)) == sorted(row.listing_id for row in late)
    assert levels.count_behind(world.shop) == 3
    assert len(levels.behind(world.shop, limit=2)) == 2


def test_what_an_edit_of_a_rule_would_do_is_shown_before(world: World) -> None:
    world.of_house.factor = D("3.1")  # (4.17 × 3.1 + 0.70) × 1.22 = 16.62494
    effect = levels.effect(world.shop, world.of_house)
    assert (effect.listings, effect.up, effect.down, effect.new, effect.on_floor) == (6, 3, 1, 1, 1)
    assert (effect.most_up, effect.most_down) == (D("4.00"), D("-2.00"))
    names = {sku: f"Art. {sku} " for sku in world.listings}
    assert [(row.sku, row.name, row.before, row.after, row.floor, row.on_floor) for row in effect.changes] == [
        ("V2", names["V2"], D("12.90"), D("16.90"), D("5.09"), False),
        ("V4", names["V4"], D("17.00"), D("15.00"), D("14.98"), True),
        ("V5", names["V5"], D("8.99"), D("10.99"), D("8.16"), False),
        ("V6", names["V6"], D("14.00"), D("14.99"), D("10.86"), False),
    ]
    assert isinstance(effect.changes[0], Change)


def test_a_rule_that_is_not_stored_yet_stands_where_it_would(world: World) -> None:
    def after(**fields: Any) -> dict[str, Decimal]:
        return {row.sku: row.after for row in levels.effect(world.shop, PriceRule(**fields)).changes}

    of_vases = {"shop": world.shop, "name": "n", "category": world.vases, "factor": D("1.7")}
    # 31.20 × 1.7; V4, V5, V6 as they are
    assert after(**of_vases) == {"V2": D("53.04"), "V4": D("15.00"), "V5": D("10.99"), "V6": D("14.99")}
    default = {"shop": world.shop, "name": "n", "is_default": True, "factor": D("2.9")}
    # 19.35 × 2.9 = 56.115
    assert after(**default) == {"V1": D("56.12"), "V4": D("15.00"), "V5": D("10.99"), "V6": D("14.99")}


def test_a_shop_whose_prices_are_right_is_left_alone_for_a_minute_and_no_longer(world: World) -> None:
    now, shop = timezone.now(), Shop.objects.get(pk=world.shop.pk)
    assert Shop.objects.filter(levels.DUE).count() == 2
    assert levels.is_due(shop)
    assert Shop.objects.get(pk=shop.pk).prices_after == shop.prices_after  # until it is told
    for row in levels.behind(shop, limit=20):
        Listing.objects.filter(pk=row.listing_id).update(price_told=row.price, compare_told=row.struck)

    assert not levels.is_due(shop)
    wait = Shop.objects.get(pk=shop.pk).prices_after - now
    assert dt.timedelta(seconds=50) < wait < dt.timedelta(seconds=75)
    assert list(Shop.objects.filter(levels.DUE)) == [world.other]

    # Somebody changed a rule while it was reckoned: that word is not lost.
    levels.ask_now(shop.pk)
    asked = Shop.objects.get(pk=shop.pk).prices_after
    assert not levels.is_due(shop)
    assert Shop.objects.get(pk=shop.pk).prices_after == asked
    assert Shop.objects.filter(levels.DUE, pk=shop.pk).exists()


def test_a_costs_change_is_news_and_only_for_what_costs(world: World) -> None:
    Variant.objects.filter(sku="V1").update(retail_price="20.05")  # × 1.1 = 22.055
    late = world.by_sku({row.listing_id: row.price for row in levels.behind(world.shop, limit=20)})
    assert late["V1"] == D("22.06")


PAR = Rule()  # the suggested price as it is


@pytest.mark.parametrize(
    ("rule", "cost", "wanted"),
    [
        (PAR, ("3.00", "22", "999999.99"), Priced(MAX_PRICE, D("3.66"))),
        (Rule(factor=D("1.001")), ("3.00", "22", "999999.99"), None),
        (Rule(base="cost", factor=D("0.5")), ("0.00", "22", None), None),  # what is free has no price
        # exactly the lowest allowed is not below it
        (Rule(base="cost", add_vat=True), ("50.00", "22", None), Priced(D("61.00"), D("61.00"))),
        (Rule("cost", D("0.9"), add_vat=True), ("50.00", "22", None), Priced(*[D("61.00")] * 2, None, True)),
        # the suggested price itself is not crossed out
        (Rule(compare_at=True), ("3.00", "22", "9.90"), Priced(D("9.90"), D("3.66"))),
        (Rule(compare_at=True, amount=D("-0.01")), ("3.00", "22", "9.90"), Priced(D("9.89"), D("3.66"), D("9.90"))),
        # already at the ending that was chosen
        (Rule(rounding="90"), ("3.00", "22", "7.90"), Priced(D("7.90"), D("3.66"))),
        (Rule(rounding="90"), ("3.00", "22", "7.91"), Priced(D("8.90"), D("3.66"))),
        (Rule(rounding="99"), ("3.00", "22", "7.99"), Priced(D("7.99"), D("3.66"))),
        (Rule(rounding="50"), ("3.00", "22", "7.50"), Priced(D("7.50"), D("3.66"))),
        (Rule(rounding="50"), ("3.00", "22", "7.51"), Priced(D("8.00"), D("3.66"))),
        # the floor goes up to the next cent: 3.05 × 1.007 = 3.07135
        (Rule("cost", D("0.1"), margin=D("0.7")), ("2.50", "22", None), Priced(*[D("3.08")] * 2, None, True)),
    ],
)  # fmt: skip
def test_the_edges_of_the_formula_here_and_in_the_database(
    dropshipper: Any, rule: Rule, cost: tuple[str, str, str | None], wanted: Priced | None
) -> None:
    net, vat, retail = cost
    assert price(rule, Cost(D(net), D(vat), D(retail) if retail else None)) == wanted
    world = World(dropshipper)
    row = world.rule("orlo", **{name: getattr(rule, name) for name in Rule.__slots__})
    listing = world.sell("V", world.garden, net, vat, retail, rule=row)  # type: ignore[arg-type]
    found = levels.wanted(world.shop, [listing.pk]).get(listing.pk)
    assert found == (wanted and Wanted(wanted.price, wanted.floor, wanted.on_floor, wanted.compare_at))
