"""The catalogue's margins: before the shipping, and after the cheapest one, which is what Sincronizza would charge."""

from __future__ import annotations

import re
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Variant
from orders.dispatch.landed_cost import landed
from shipping.models import Method
from tests.catalog import goods
from tests.orders import stage

pytestmark = pytest.mark.django_db
PAGES = ("/catalog/", "/catalog/?view=table", "/catalog/lampada/")


def shown(answer: Any, name: str) -> set[D]:
    return {D(value) for value in re.findall(rf'data-{name}="([^"]+)"', answer.content.decode())}


@pytest.fixture
def lamp(db: None) -> Variant:
    return goods.variant(
        product=goods.product("Lampada", slug="lampada"),
        sku="LAM-1",
        net_price="10.00",
        retail_price="29.90",
        weight_g=500,
    )


def test_both_are_shown_and_the_second_is_of_the_cheapest_way(lamp: Any, owner: Any, client_for: Any) -> None:
    stage.method("dear", net="9.00")
    stage.method("cheap", net="4.00")
    ways = landed(lamp, 1, country="IT", province="", postcode="").methods
    best = max(way.prepaid.price.margin for way in ways if way.prepaid.price and way.prepaid.price.margin is not None)
    assert best == D("29.90") - D("12.20") - D("4.88")
    client = client_for(owner)
    for page in PAGES:
        answer = client.get(page)
        assert shown(answer, "margin") == {D("17.70")}, page
        assert shown(answer, "after-shipping") == {best}, page


def test_a_loss_after_shipping_is_a_loss(lamp: Any, owner: Any, client_for: Any) -> None:
    Variant.objects.update(retail_price="13.00")
    stage.method("only", net="4.00")
    for page in PAGES:
        answer = client_for(owner).get(page)
        assert shown(answer, "margin") == {D("0.80")}
        assert shown(answer, "after-shipping") == {D("-4.08")}


@pytest.mark.parametrize("why", ["no method", "too heavy", "no price"])
def test_what_is_not_known_is_not_said(lamp: Any, owner: Any, client_for: Any, why: str) -> None:
    if why != "no method":
        stage.method("only")
    if why == "too heavy":
        Method.objects.update(max_weight_g=100)
    if why == "no price":
        Variant.objects.update(retail_price=None)
    for page in PAGES:
        answer = client_for(owner).get(page)
        assert answer.status_code == 200
        assert shown(answer, "after-shipping") == set()


def test_it_costs_one_query_however_many(owner: Any, client_for: Any) -> None:
    stage.method()
    client = client_for(owner)

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            client.get("/catalog/")
        return len(queries), sum("shipping_method" in query["sql"] for query in queries)

    goods.variant(retail_price="29.90")
    client.get("/catalog/")
    one = cost()
    goods.many(20)
    assert cost() == one
    assert one[1] == 1
