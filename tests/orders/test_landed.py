"""The landed cost is what Sincronizza charges: same tariff, same price, before there is an order."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from catalog.models import Variant
from core.models import Place
from orders.dispatch.landed_cost import landed
from orders.models import DispatchItem
from shipping.models import Rate, Zone, ZoneArea
from tests import cast
from tests.orders import stage
from tests.orders.test_dispatch import sync

pytestmark = pytest.mark.django_db
URL = "/orders/landed-cost/"
D = Decimal


def island(method: Any, *, net: str, cod: bool = True) -> None:
    """Sicily is a zone of its own, by its provinces."""
    zone, _made = Zone.objects.get_or_create(code="isole", defaults={"name": "Isole"})
    ZoneArea.objects.get_or_create(zone=zone, country="IT", province="PA", postcode_prefix="")
    Rate.objects.create(method=method, zone=zone, max_weight_g=30_000, net=D(net), cod_allowed=cod)


def place(postcode: str, city: str, province: str) -> None:
    Place.objects.create(postcode=postcode, city=city, city_key=city.lower(), province=province)


def said(answer: Any, name: str) -> list[str]:
    return re.findall(rf'data-{name}="([^"]*)"', answer.content.decode())


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
@pytest.mark.parametrize(("postcode", "province"), [("10122", "TO"), ("90133", "PA")])
def test_it_is_to_the_cent_what_sincronizza_charges(
    payment: str, postcode: str, province: str, dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method(net="5.37", cod_fee_percent=D("1.30"))
    island(method, net="7.19")
    place("10122", "Torino", "TO")
    place("90133", "Palermo", "PA")
    stage.variant("FOOD-1", net="3.33", vat="10.00")
    stage.money(dropshipper, "500.00")
    address = replace(stage.ADDRESS, postcode=postcode, province=province)

    answer = client_for(owner).get(URL, {"sku": "FOOD-1", "quantity": "3", "postcode": postcode, "price": "39,90"})
    order = stage.order(dropshipper, ("FOOD-1", 3), method=method, payment=payment, total="39.90", address=address)
    assert sync(order).result == DispatchItem.Result.DISPATCHED

    order.refresh_from_db()
    assert said(answer, payment) == [str(order.cost)]
    assert said(answer, "shipping") == [str(order.shipping_net)]
    cost = landed(Variant.objects.get(), 3, country="IT", province=province, postcode=postcode, sale_total=D("39.90"))
    way = cost.methods[0].cod if payment == "cod" else cost.methods[0].prepaid
    assert way is not None
    assert way.price is not None
    amounts = way.price
    assert (amounts.goods_net, amounts.shipping_net, amounts.vat, amounts.cost, amounts.margin) == (
        order.goods_net,
        order.shipping_net,
        order.vat,
        order.cost,
        order.margin,
    )
    if payment == "cod":
        assert (amounts.cod_fee_net, amounts.collect) == (order.cod_fee_net, order.to_collect)
        assert said(answer, "refused") == [str(order.guarantee)]


def test_without_a_price_the_suggested_retail_price_is_collected(owner: Any, client_for: Any) -> None:
    stage.method(cod_fee_percent=D("1.00"), cod_fee_fixed=D("0.00"))
    stage.variant("LAM-1")
    client = client_for(owner)

    nothing = client.get(URL, {"sku": "LAM-1", "quantity": "2"})
    Variant.objects.update(retail_price=D("29.90"))
    suggested = client.get(URL, {"sku": "LAM-1", "quantity": "2"})

    assert (said(nothing, "cod"), said(nothing, "prepaid")) == ([""], ["35.38"])
    assert said(suggested, "sale") == ["59.80"]
    assert said(suggested, "cod-fee") == ["0.60"]
    assert said(client.get(URL, {"sku": "LAM-1", "price": "0"}), "cod") == [""]


def test_each_method_says_why_it_can_not(owner: Any, client_for: Any) -> None:
    stage.method("fine")
    stage.method("light", max_weight_g=1_000)
    stage.method("poor", cod_cap="50.00")
    stage.method("nocod", cod_allowed=False)
    Zone.objects.create(code="estero", name="Estero")
    stage.variant("LAM-1", weight_g=800)
    client = client_for(owner)

    answer = client.get(URL, {"sku": "LAM-1", "quantity": "2", "price": "60"})

    assert said(answer, "refusal") == ["too_heavy"]
    assert said(answer, "cod-refusal") == ["cod_over_cap", "cod_not_allowed"]
    assert len(said(answer, "prepaid")) == 3
    assert [bool(cost) for cost in said(answer, "cod")] == [True, False, False]
    assert set(said(client.get(URL, {"sku": "LAM-1", "country": "DE"}), "refusal")) == {"country_not_served"}
    assert set(said(client.get(URL, {"sku": "LAM-1", "price": "5000"}), "cod-refusal")) == {
        "cod_over_law",
        "cod_not_allowed",
    }


def test_a_generic_postcode_still_tells_the_province_and_so_the_zone(owner: Any, client_for: Any) -> None:
    method = stage.method(net="5.00")
    island(method, net="8.00", cod=False)
    place("90133", "Palermo", "PA")
    place("90144", "Palermo", "PA")
    stage.variant("LAM-1")

    answer = client_for(owner).get(URL, {"sku": "LAM-1", "postcode": "90100", "price": "30"})

    assert said(answer, "shipping") == ["8.00"]
    assert said(answer, "doubt") == ["postcode_unknown"]
    assert said(answer, "cod-refusal") == ["cod_not_allowed"]


def test_a_postcode_of_two_provinces_asks_which(owner: Any, client_for: Any) -> None:
    method = stage.method(net="5.00")
    island(method, net="8.00")
    place("90010", "Uno", "AG")
    place("90010", "Due", "PA")
    stage.variant("LAM-1")
    client = client_for(owner)

    first = client.get(URL, {"sku": "LAM-1", "postcode": "90010"})
    other = client.get(URL, {"sku": "LAM-1", "postcode": "90010", "province": "pa"})

    assert 'name="province"' in first.content.decode()
    assert (said(first, "shipping"), said(other, "shipping")) == (["5.00"], ["8.00"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"postcode": "abc"},
        {"postcode": "1012"},
        {"postcode": "101222"},
        {"postcode": "\u0661\u0660\u0661\u0662\u0662"},
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1000000000"},
        {"quantity": "1.5"},
        {"quantity": ""},
        {"quantity": "x" * 5000},
        {"country": "XX"},
        {"country": "DE", "postcode": "<script>"},
        {"price": "-3"},
        {"price": "NaN"},
        {"price": "1.234"},
        {"province": "TOO"},
    ],
)
def test_bad_input_is_said_in_place_with_what_was_typed(wrong: dict[str, str], owner: Any, client_for: Any) -> None:
    stage.method()
    stage.variant("LAM-1")
    client = client_for(owner)

    page = client.get(URL, {"sku": "LAM-1", **wrong})
    part = client.get(URL, {"sku": "LAM-1", **wrong}, headers={"HX-Request": "true", "HX-Target": "landed-figures"})

    for answer in (page, part):
        assert answer.status_code == 422
        assert "data-errors" in answer.content.decode()
        assert "<script>" not in answer.content.decode()
        assert said(answer, "prepaid") == []


def test_more_pieces_than_the_shelf_has_is_a_warning_not_an_error(owner: Any, client_for: Any) -> None:
    stage.method()
    stage.variant("LAM-1", pieces=3)
    client = client_for(owner)

    assert "data-lacking" in client.get(URL, {"sku": "LAM-1", "quantity": "4"}).content.decode()
    assert "data-lacking" not in client.get(URL, {"sku": "LAM-1", "quantity": "3"}).content.decode()


def test_the_page_the_panel_and_the_figures(owner: Any, client_for: Any) -> None:
    stage.method()
    stage.variant("LAM-1")
    client = client_for(owner)

    page = client.get(URL, {"sku": "lam-1"}).content.decode()
    panel = client.get(URL, {"sku": "LAM-1"}, headers={"HX-Request": "true", "HX-Target": "landed"}).content.decode()
    figures = client.get(
        URL, {"sku": "LAM-1"}, headers={"HX-Request": "true", "HX-Target": "landed-figures"}
    ).content.decode()

    assert page.count("<html") == 1
    assert page.count('id="landed-form"') == 1
    assert "<html" not in panel
    assert 'id="landed-form"' in panel
    assert "<form" not in figures
    assert "data-method" in figures


def test_who_may_see_it_and_of_what(dropshipper: Any, owner: Any, client: Any, client_for: Any) -> None:
    variant = stage.variant("LAM-1")
    stage.method()
    accounting = client_for(cast.member(dropshipper, role=Member.Role.ACCOUNTING))

    assert client.get(URL, {"sku": "LAM-1"}).status_code == 302
    assert accounting.get(URL, {"sku": "LAM-1"}).status_code == 200
    assert accounting.post(URL, {"sku": "LAM-1"}).status_code == 405
    assert accounting.get(URL).headers["Location"] == "/catalog/"
    for strange in ("NO-SUCH", "x" * 3000):
        assert accounting.get(URL, {"sku": strange}).status_code == 404
    assert accounting.get(URL, {"sku": "\0"}).status_code == 400  # refused at the edge
    assert accounting.get(URL, {"sku": "LAM-1", "price": "1\0"}).status_code == 400
    Variant.objects.filter(pk=variant.pk).update(active=False)
    assert accounting.get(URL, {"sku": "LAM-1"}).status_code == 404


def test_the_number_of_methods_does_not_change_the_queries(owner: Any, client_for: Any) -> None:
    stage.method("one")
    stage.variant("LAM-1")
    place("10122", "Torino", "TO")
    client = client_for(owner)
    query = {"sku": "LAM-1", "postcode": "10122", "price": "30"}
    client.get(URL, query)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(URL, query)
        return len(caught)

    few = queries()
    for number in range(12):
        stage.method(f"more-{number}")
    assert queries() == few
    with CaptureQueriesContext(connection) as caught:
        landed(Variant.objects.get(), 1, country="IT", province="TO", postcode="10122", sale_total=D(30))
    assert len(caught) == 3  # the variant, the tariff, the stock
