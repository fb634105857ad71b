"""A quote, whole: three methods of which no two figures are alike, at every place, weight and amount at the door."""

from __future__ import annotations

import itertools
from decimal import Decimal as D
from typing import Any

import pytest

from shipping.models import Method, Rate
from shipping.tariffs.quotes import Quote, Tariff
from tests import differing
from tests.shipping import prices

pytestmark = pytest.mark.django_db
PLACES = {zone: (place.country, place.province, place.postcode) for zone, place in differing.ADDRESSES.items()}
CENT = D("0.01")
ZERO = D("0.00")


def told(quote: Quote) -> tuple[Any, ...]:
    """All of it; a refusal as its code and what it says."""
    refusal = quote.refusal
    assert quote.available == (refusal is None)
    return (
        quote.method_id, quote.label, quote.days_min, quote.days_max, quote.net, quote.vat_rate, quote.cod_fee_net,
        quote.return_net, refusal and (refusal.code, refusal.params),
    )  # fmt: skip


def foreseen(code: str, pk: int, zone: str, weight_g: int, collect: D | None) -> tuple[Any, ...]:
    """By the table of the world, in plain steps."""
    way, position = differing.METHODS[code], list(differing.METHODS).index(code)
    head = (pk, f"Corriere {code} {code.title()}", position + 1, 2 * position + 4)
    vat = D(way.vat)
    if zone not in way.rates:
        country, province, postcode = PLACES[zone]
        refusal: Any = ("no_rate", {"place": f"{postcode} {province}"})
        if country != "IT":
            refusal = ("country_not_served", {"country": country})
        return (*head, ZERO, vat, ZERO, ZERO, refusal)
    net = next((D(price) for limit, price in way.rates[zone] if weight_g <= limit), None)
    if net is None or weight_g > way.most_g:
        most = min(way.most_g, way.rates[zone][-1][0])
        said = {"weight": f"{D(weight_g) / 1000:f}", "limit": f"{D(most) / 1000:f}"}
        return (*head, ZERO, vat, ZERO, ZERO, ("too_heavy", said))
    if collect is None:
        return (*head, net, vat, ZERO, D(way.back), None)
    fixed, percent, least = map(D, way.fee)
    fee = max(least, (fixed + collect * percent / 100).quantize(CENT, "ROUND_HALF_UP"))
    refusal = None
    if collect > D("4999.99"):
        refusal = ("cod_over_law", {"amount": f"{collect}"})
    elif collect > D(way.cap):
        refusal = ("cod_over_cap", {"cap": way.cap, "amount": f"{collect}"})
    return (*head, net, vat, fee, D(way.back), refusal)


def test_every_quote_is_what_the_table_says() -> None:
    world = differing.world(money="0", other_money="0")
    Method.objects.filter(pk=world.methods["uno"].pk).update(position=7)  # now the last one
    ids = {code: world.methods[code].pk for code in ("due", "tre", "uno")}
    tariff = Tariff.load()
    weights = sorted({0, 1} | {
        grams + more for way in differing.METHODS.values() for rates in way.rates.values()
        for grams in [*(limit for limit, _net in rates), way.most_g] for more in (0, 1)
    })  # fmt: skip
    amounts = [None, *map(D, ("0.00", "31.17", "777.77", "777.78", "1234.56", "1234.57", "4999.99", "5000.00"))]
    for (zone, place), weight_g in itertools.product(PLACES.items(), weights):
        country, province, postcode = place
        for collect in amounts:
            found = tariff.quotes(
                country=country, province=province, postcode=postcode, weight_g=weight_g, collect=collect
            )
            wanted = [foreseen(code, pk, zone, weight_g, collect) for code, pk in ids.items()]
            assert [told(quote) for quote in found] == wanted, (zone, weight_g, collect)
    last: dict[str, Any] = {"country": country, "province": province, "postcode": postcode, "weight_g": weight_g}
    assert list(map(told, found)) == [told(tariff.quote(pk, collect=collect, **last)) for pk in ids.values()]


@pytest.mark.parametrize(
    ("place", "code", "params"),
    [
        (("", "CA", "09124"), "no_rate", {"place": "09124 CA"}),
        (("IT", "", "09124"), "no_rate", {"place": "09124"}),
        (("IT", "CA", ""), "no_rate", {"place": "CA"}),
        (("ES", "B", "08001"), "country_not_served", {"country": "ES"}),
        (("SM", "", "47890"), "country_not_served", {"country": "SM"}),
    ],
)
def test_where_a_method_does_not_go_is_told_by_place_or_by_country(
    place: tuple[str, str, str], code: str, params: dict[str, str]
) -> None:
    prices.zone("mainland", ("IT", "TO", ""))
    method = prices.method()
    country, province, postcode = place
    quote = Tariff.load().quote(
        method.pk, country=country, province=province, postcode=postcode, weight_g=800, collect=None
    )
    assert (quote.refusal.code, quote.refusal.params) == (code, params)  # type: ignore[union-attr]


def test_where_there_is_no_zone_at_all_a_country_is_told() -> None:
    method = prices.method()
    quote = Tariff.load().quote(method.pk, country="", province="", postcode="", weight_g=800, collect=None)
    assert (quote.refusal.code, quote.refusal.params) == ("country_not_served", {"country": "IT"})  # type: ignore[union-attr]


def test_the_zone_of_an_address_by_its_most_precise_area() -> None:
    """Each area a zone of its own."""
    areas = [
        ("IT", "", ""), ("IT", "TO", ""), ("IT", "TO", "101"), ("IT", "", "101"), ("IT", "", "1014"),
        ("IT", "CN", "1014"), ("FR", "", ""), ("FR", "20", ""), ("FR", "", "20"), ("SM", "", ""), ("GB", "", "BT1"),
        ("ES", "PM", ""),
    ]  # fmt: skip
    zones = {prices.zone(f"{country}-{province}-{prefix}", (country, province, prefix)).pk: (country, province, prefix)
             for country, province, prefix in areas}  # fmt: skip
    tariff = Tariff.load()
    for country, province, postcode, area in [
        ("IT", "MI", "20121", ("IT", "", "")),
        ("IT", "TO", "10010", ("IT", "TO", "")),
        ("IT", "TO", "10122", ("IT", "TO", "101")),
        ("IT", "MI", "10122", ("IT", "", "101")),
        ("IT", "", "10122", ("IT", "", "101")),
        ("IT", "TO", "10141", ("IT", "", "1014")),
        ("IT", "CN", "10141", ("IT", "CN", "1014")),
        ("IT", "CN", "1014", ("IT", "CN", "1014")),
        ("IT", "TO", "101", ("IT", "TO", "101")),
        ("IT", "TO", "10", ("IT", "TO", "")),
        ("", " to ", " 101 22", ("IT", "TO", "101")),
        (" fr", "20", "75001", ("FR", "20", "")),
        ("FR", "", "20 000", ("FR", "", "20")),
        ("FR", "13", "13001", ("FR", "", "")),
        ("IT", "RN", "47890", ("SM", "", "")),
        ("FR", "", "47890", ("FR", "", "")),
        ("GB", "", "bt1 5gs", ("GB", "", "BT1")),
        ("GB", "", "N1", None),
        ("es", " pm ", "07001", ("ES", "PM", "")),
        ("DE", "BE", "10115", None),
    ]:
        for _again in range(2):  # the second time it is remembered
            found = tariff.zone_id(country=country, province=province, postcode=postcode)
            assert zones.get(found or 0) == area, (country, province, postcode)


def test_cash_is_taken_where_the_method_and_the_rate_take_it() -> None:
    prices.italy()
    method = prices.method(
        cod_cap="4999.99", cod_fee_fixed=D("1.07"), cod_fee_min=D("2.13"), cod_fee_percent=D("1.90"),
        rates={"mainland": {1_000: "5.03", 2_000: "6.07"}, "islands": {1_000: "7.11"}}, return_net=D("3.17"),
    )  # fmt: skip
    Rate.objects.filter(method=method, max_weight_g=2_000).update(cod_allowed=False)

    def ask(weight_g: int, province: str = "RM", collect: str | None = "100.00") -> tuple[Any, ...]:
        amount = None if collect is None else D(collect)
        place = {"country": "IT", "province": province, "postcode": ""}
        return told(Tariff.load().quote(method.pk, weight_g=weight_g, collect=amount, **place))[4:]

    vat, back = method.vat_rate, D("3.17")
    assert ask(900) == (D("5.03"), vat, D("2.97"), back, None)
    assert ask(1_001) == (D("6.07"), vat, D("2.97"), back, ("cod_not_allowed", {}))
    assert ask(1_001, collect=None) == (D("6.07"), vat, ZERO, back, None)
    assert ask(900, "PA") == (D("7.11"), vat, D("2.97"), back, None)
    Method.objects.update(cod_allowed=False)
    assert ask(900) == (D("5.03"), vat, D("2.97"), back, ("cod_not_allowed", {}))
    assert ask(900, collect=None) == (D("5.03"), vat, ZERO, back, None)
    Method.objects.update(return_net=None)
    assert ask(900, collect=None) == (D("5.03"), vat, ZERO, D("5.03"), None)


def test_a_quote_of_which_no_refusal_is_said_is_available() -> None:
    assert Quote(1, "", 1, 2, ZERO, ZERO, ZERO, ZERO).available


def test_a_method_that_is_gone_has_no_price() -> None:
    prices.italy()
    place = {"country": "IT", "province": "RM", "postcode": "00144"}
    quote = Tariff.load().quote(77, weight_g=800, collect=D("10.00"), **place)
    assert told(quote) == (77, "", 0, 0, ZERO, ZERO, ZERO, ZERO, ("method_gone", {}))
    assert Tariff.load().quotes(weight_g=800, collect=None, **place) == []
