"""What an article costs at a door, by every method and both ways, in a world where nothing is alike by chance: the
whole answer against the model of tests/reckoning.py."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from catalog.models import Variant
from core.models import Place
from orders.dispatch.landed_cost import Landed, Way, cheapest, landed, provinces_near
from shipping.tariffs.quotes import Tariff
from tests import differing
from tests.reckoning import euro, owed

pytestmark = pytest.mark.django_db
PLACES = {
    "terraferma": {"country": "IT", "province": "TO", "postcode": "10122"},
    "sardegna": {"country": "IT", "province": "CA", "postcode": "09124"},
    "francia": {"country": "FR", "province": "", "postcode": "69001"},
}


def figures(way: Way | None) -> tuple[Any, ...] | None:
    if way is None:
        return None
    refusal = way.quote.refusal
    assert (way.price is None) == (refusal is not None)
    if way.price is None:
        return (refusal.code if refusal else "",)
    one = way.price
    return one.goods_net, one.shipping_net, one.cod_fee_net, one.vat, one.cost, one.collect, one.margin, one.guarantee


def expected(sku: str, pieces: int, method: str, zone: str, sale: str | None, *, cod: bool) -> tuple[Any, ...] | None:
    if cod and not sale:
        return None
    one = owed([(sku, pieces)], method, zone, sale if cod else None)
    if one is None:
        return ("",)
    margin = None if sale is None else D(sale) - euro(one.cost)
    cents = (one.goods, one.shipping, one.fee, one.vat, one.cost, one.collect)
    return *(euro(n) for n in cents), margin, euro(one.guarantee)


@pytest.mark.parametrize("sale", [None, "97.31", "4.37"])
@pytest.mark.parametrize(("sku", "pieces"), [("DIV-B", 3), ("DIV-D", 9), ("DIV-C", 2)])
@pytest.mark.parametrize("zone", PLACES)
def test_every_method_both_ways(zone: str, sku: str, pieces: int, sale: str | None) -> None:
    world = differing.world()
    found = landed(world.articles[sku], pieces, **PLACES[zone], sale_total=None if sale is None else D(sale))
    net, _vat, weight, on_hand, kept = differing.ARTICLES[sku]
    ways: dict[str, list[Any]] = {"prepaid": [], "cod": []}
    for method in world.methods:
        ways["prepaid"].append(expected(sku, pieces, method, zone, sale, cod=False))
        ways["cod"].append(expected(sku, pieces, method, zone, sale, cod=True))
    costs = [row[4] for row in ways["prepaid"] if len(row) > 1]
    shown = [(one.quote.method_id, one.quote.label) for one in (row.prepaid for row in found.methods)]
    assert shown == [(method.pk, f"Corriere {code} {code.title()}") for code, method in world.methods.items()]
    assert [_plain(figures(row.prepaid)) for row in found.methods] == ways["prepaid"]
    assert [_plain(figures(row.cod)) for row in found.methods] == ways["cod"]
    assert [row.cheapest for row in found.methods] == [
        len(row) > 1 and row[4] == min(costs, default=None) for row in ways["prepaid"]
    ]
    assert (found.goods_net, found.weight_g) == (D(net) * pieces, weight * pieces)
    assert found.sale_total == (None if sale is None else D(sale))
    assert found.lacking is None
    more = landed(world.articles[sku], on_hand - kept + 1, **PLACES[zone])
    assert more.lacking is not None
    assert more.lacking.params == {"sku": sku, "wanted": on_hand - kept + 1, "available": on_hand - kept}


def _plain(row: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """Of what a method refuses only that it does."""
    return ("",) if row is not None and len(row) == 1 else row


def test_without_a_price_it_is_the_suggested_one_of_all_pieces_and_of_none_nothing_is_collected() -> None:
    world = differing.world()
    Variant.objects.filter(sku="DIV-B").update(retail_price=D("21.43"))
    variant = Variant.objects.get(sku="DIV-B")

    def of(**more: Any) -> Landed:
        return landed(variant, 3, **PLACES["terraferma"], **more)

    assert of() == of(sale_total=D("64.29"))
    assert of(sale_total=D("50.17")).sale_total == D("50.17")
    free = of(sale_total=D(0))
    assert [row.cod for row in free.methods] == [None] * 3
    assert free.methods[0].prepaid.price is not None
    assert free.methods[0].prepaid.price.margin == -free.methods[0].prepaid.price.cost
    assert landed(world.articles["DIV-C"], 3, **PLACES["terraferma"]).sale_total is None


def test_the_cheapest_way_of_one_piece_at_home() -> None:
    world, tariff = differing.world(), Tariff.load()
    for sku in differing.ARTICLES:
        Variant.objects.filter(sku=sku).update(retail_price=D("31.07"))
        costs = {}
        for method in world.methods:
            one = owed([(sku, 1)], method, "terraferma", None)
            assert one is not None
            costs[method] = one
        code = min(costs, key=lambda name: costs[name].cost)
        found = cheapest(Variant.objects.get(sku=sku), tariff)
        assert found is not None
        assert found.quote.method_id == world.methods[code].pk
        assert found.label == f"Corriere {code} {code.title()}"
        assert (found.price.cost, found.margin) == (euro(costs[code].cost), D("31.07") - euro(costs[code].cost))
        way = differing.METHODS[code]
        net = euro(costs[code].shipping)
        assert found.shipping_gross == net + (net * D(way.vat) / 100).quantize(D("0.01"), "ROUND_HALF_UP")
        assert (found.price.collect, found.price.guarantee) == (D(0), D(0))
    heavy = world.articles["DIV-D"]
    heavy.weight_g = 60_001
    assert cheapest(heavy, tariff) is None
    heavy.weight_g = 26_501  # method uno and tre take less
    found = cheapest(heavy, tariff)
    assert found is not None
    assert (found.quote.method_id, found.margin) == (world.methods["due"].pk, None)


def test_the_provinces_near_a_postcode() -> None:
    for postcode, province in (("90133", "PA"), ("90144", "PA"), ("90200", "AG"), ("90010", "TP"), ("90011", "")):
        Place.objects.create(postcode=postcode, city=f"C{postcode}", city_key=f"c{postcode}", province=province)
    Place.objects.create(postcode="90012", city="Due", city_key="due", province="EN")
    assert provinces_near("90015") == ["EN", "TP"]
    assert provinces_near("90100") == ["PA"]
    assert provinces_near("20100") == []
