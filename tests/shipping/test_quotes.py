"""shipping/tariffs/quotes.py: what it costs, where, and why not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from shipping.errors import CodNotAllowed, CodOverCap, CodOverLaw, MethodGone, NoRate, TooHeavy
from shipping.models import Rate
from shipping.tariffs.quotes import Quote, Tariff
from tests.shipping import prices

pytestmark = pytest.mark.django_db
ROME = {"country": "IT", "province": "RM", "postcode": "00144"}


def ask(method_id: int, *, weight_g: int = 800, collect: str | None = None, **place: Any) -> Quote:
    amount = None if collect is None else Decimal(collect)
    return Tariff.load().quote(method_id, weight_g=weight_g, collect=amount, **{**ROME, **place})


def test_the_tariff_is_read_in_one_query_and_then_asked_for_free() -> None:
    prices.italy()
    method = prices.method()
    with CaptureQueriesContext(connection) as queries:
        tariff = Tariff.load()
        for collect in (None, Decimal("39.90")) * 100:
            tariff.quote(method.pk, weight_g=800, collect=collect, **ROME)
            tariff.quotes(weight_g=800, collect=collect, **ROME)
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("weight_g", "net"), [(0, "5.00"), (1, "5.00"), (2000, "5.00"), (2001, "7.50"), (5000, "7.50"), (5001, "11.00")]
)
def test_the_first_rate_that_holds_the_parcel_applies(weight_g: int, net: str) -> None:
    prices.italy()
    method = prices.method(rates={"mainland": {10_000: "11.00", 2000: "5.00", 5000: "7.50"}})
    assert ask(method.pk, weight_g=weight_g).net == Decimal(net)


def test_beyond_the_last_rate_or_the_method_a_parcel_is_too_heavy() -> None:
    prices.italy()
    method = prices.method(rates={"mainland": {30_000: "5.00"}}, max_weight_g=20_000)
    refusal = ask(method.pk, weight_g=20_500).refusal
    assert isinstance(refusal, TooHeavy)
    assert refusal.params == {"weight": "20.5", "limit": "20"}


@pytest.mark.parametrize(
    ("place", "net"),
    [
        ({"province": "RM", "postcode": "00144"}, "5.00"),
        ({"province": "PA", "postcode": "90100"}, "7.00"),
        ({"province": "pa", "postcode": " 90100 "}, "7.00"),
        ({"province": "PA", "postcode": "90010"}, "15.00"),  # the postcode wins over the province
        ({"province": "TP", "postcode": "91010"}, "15.00"),
        ({"province": "AG", "postcode": "91010"}, "5.00"),  # an area of both wants both
        ({"province": "", "postcode": ""}, "5.00"),
        *(({"province": former, "postcode": cap}, "7.00") for former, cap in (("CI", "09123"), ("Palermo", "90133"))),
        ({"province": "MI", "postcode": "90133"}, "7.00"),  # an island is never priced as the mainland
        ({"province": "IT-PA", "postcode": ""}, "7.00"),
    ],
)
def test_the_most_precise_area_wins(place: dict[str, str], net: str) -> None:
    prices.italy()
    method = prices.method(rates={"mainland": {9999: "5.00"}, "islands": {9999: "7.00"}, "minor": {9999: "15.00"}})
    assert ask(method.pk, **place).net == Decimal(net)


def test_what_is_numbered_as_italy_but_is_not_is_not_priced_as_italy() -> None:
    prices.italy()
    method = prices.method()
    for postcode, country in (("47890", "SM"), ("47899", "SM"), ("00120", "VA")):
        assert ask(method.pk, province="RN", postcode=postcode).refusal is not None
        prices.zone("near", (country, "", ""))
    Rate.objects.create(method=method, zone=prices.zone("near"), max_weight_g=9999, net=Decimal("8.00"))
    assert ask(method.pk, province="RN", postcode="47890").net == Decimal("8.00")
    assert ask(method.pk, province="RN", postcode="47921").net == Decimal("5.00")


def test_where_there_is_no_rate_the_method_does_not_go() -> None:
    prices.italy()
    method = prices.method()
    assert isinstance(ask(method.pk, province="PA", postcode="90100").refusal, NoRate)
    abroad = ask(method.pk, country="DE", province="", postcode="10115").refusal
    assert (abroad.code, abroad.params) == ("country_not_served", {"country": "DE"})
    for language, country in (("it", "Germania"), ("en", "Germany")):
        with translation.override(language):
            assert str(abroad).endswith(f": {country}.")


@pytest.mark.parametrize(
    ("collect", "fee"),
    [
        ("39.90", "2.60"),  # 2.00 + 1.5 % = 2.5985, half up
        ("10.00", "2.50"),  # the minimum
        ("0.00", "2.50"),
        ("500.00", "9.50"),
    ],
)
def test_the_cod_fee_is_fixed_and_percent_with_a_minimum_rounded_half_up(collect: str, fee: str) -> None:
    prices.italy()
    method = prices.method(cod_fee_fixed="2.00", cod_fee_percent="1.50", cod_fee_min="2.50")
    quote = ask(method.pk, collect=collect)
    assert quote.cod_fee_net == Decimal(fee)
    assert quote.available
    assert ask(method.pk).cod_fee_net == 0


def test_cod_is_refused_by_method_by_place_by_the_couriers_cap_and_by_the_law() -> None:
    prices.italy()
    never = prices.method("never", cod_allowed=False)
    capped = prices.method("capped", cod_cap="999.00")
    wide = prices.method("wide", cod_cap="4999.99")
    assert isinstance(ask(never.pk, collect="10.00").refusal, CodNotAllowed)
    assert ask(never.pk).available
    assert ask(capped.pk, collect="999.00").available
    refusal = ask(capped.pk, collect="999.01").refusal
    assert isinstance(refusal, CodOverCap)
    assert refusal.params == {"cap": "999.00", "amount": "999.01"}
    assert ask(wide.pk, collect="4999.99").available
    assert isinstance(ask(wide.pk, collect="5000.00").refusal, CodOverLaw)
    Rate.objects.filter(method=capped).update(cod_allowed=False)
    assert isinstance(ask(capped.pk, collect="10.00").refusal, CodNotAllowed)
    assert ask(capped.pk, collect="10.00").net == Decimal("5.00")  # the price is known, and shown


def test_the_way_back_costs_as_much_as_the_way_out_unless_it_is_priced() -> None:
    prices.italy()
    assert ask(prices.method("same").pk).return_net == Decimal("5.00")
    assert ask(prices.method("free", return_net="0.00").pk).return_net == 0
    assert ask(prices.method("own", return_net="3.50").pk).return_net == Decimal("3.50")


def test_a_method_that_is_switched_off_is_refused_and_not_offered() -> None:
    prices.italy()
    off, of_gone_courier, on = prices.method("off", active=False), prices.method("gone"), prices.method("on")
    of_gone_courier.courier.active = False
    of_gone_courier.courier.save()
    assert isinstance(ask(off.pk).refusal, MethodGone)
    assert isinstance(ask(of_gone_courier.pk).refusal, MethodGone)
    assert isinstance(ask(0).refusal, MethodGone)
    gone = ask(of_gone_courier.pk)
    zeros = (gone.days_min, gone.days_max, gone.net, gone.vat_rate, gone.cod_fee_net, gone.return_net)
    assert (gone.method_id, gone.label, zeros) == (of_gone_courier.pk, "", (0,) * 6)
    priced = ask(on.pk)
    assert (priced.method_id, priced.days_min, priced.days_max) == (on.pk, on.days_min, on.days_max)
    assert on.days_min != on.days_max
    offered = Tariff.load().quotes(weight_g=800, collect=None, **ROME)
    assert [quote.method_id for quote in offered] == [on.pk]
