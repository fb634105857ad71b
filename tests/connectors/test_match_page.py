"""Linking the shops' SKUs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Variant
from connectors.models import Match
from tests.connectors.arrivals import arrive, attribute, ready_shop
from tests.connectors.conftest import make_shop
from tests.orders import stage

pytestmark = pytest.mark.django_db
PAGE = "/shops/match/"


def accept(shop: Any) -> str:
    return reverse("connectors:accept", args=[shop.pk])


def test_a_link_frees_every_order_that_waits_and_holds_for_later_ones(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    orders = [arrive(shop, number, sku="ALIENO-1", quantity=2) for number in (1, 2)]
    other = arrive(shop, 3, sku="ALTRO")
    client = client_for(owner)
    assert attribute(client.get(PAGE), "unmatched") == "2"

    answer = client.post(accept(shop), {"subject": "sku:ALIENO-1", "sku": "mci-0001", "quantity": "3"})

    assert answer["Location"] == PAGE
    later = arrive(shop, 4, sku="alieno-1")
    for order, pieces in ((orders[0], 6), (orders[1], 6), (later, 3)):
        order.refresh_from_db()
        line = order.lines.get()
        assert (order.state, line.variant.sku, line.quantity) == ("ready", "MCI-0001", pieces)
    other.refresh_from_db()
    assert other.state == "received"


def test_not_ours_is_left_out_of_the_orders(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, sku="ALIENO")
    client_for(owner).post(accept(shop), {"subject": "sku:ALIENO", "sku": "", "quantity": "1", "not_ours": "1"})
    assert order.lines.get().ignored
    assert Match.objects.get().variant is None


@pytest.mark.parametrize(
    "typed",
    [
        {"sku": "NON-ESISTE", "quantity": "1"},
        {"sku": "", "quantity": "1"},
        {"sku": "MCI-0001", "quantity": "0"},
        {"sku": "MCI-0001", "quantity": "99999"},
        {"sku": "MCI-0001", "quantity": "x"},
    ],
)
def test_what_cannot_be_is_said_in_place(typed: dict[str, str], shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    arrive(shop, 1, sku="ALIENO")
    answer = client_for(owner).post(accept(shop), {"subject": "sku:ALIENO", **typed})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Match.objects.exists()


def test_the_likeliest_product_is_suggested(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    near = stage.variant("LAMP-ORO-XL")
    near.product.name = "Lampada Aurora oro XL"
    near.product.save()
    off = stage.variant("LAMP-ORO-S")
    Variant.objects.filter(pk=off.pk).update(active=False)
    arrive(shop, 1, sku="lamp oro xl")
    text = client_for(owner).get(PAGE).content.decode()
    assert 'name="sku" value="LAMP-ORO-XL"' in text
    assert "LAMP-ORO-S" not in text


def test_a_link_can_be_forgotten(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    arrive(shop, 1, sku="ALIENO")
    client = client_for(owner)
    client.post(accept(shop), {"subject": "sku:ALIENO", "sku": "MCI-0001", "quantity": "1"})
    client.post(reverse("connectors:forget", args=[Match.objects.get().pk]))
    assert not Match.objects.exists()
    assert arrive(shop, 2, sku="ALIENO").state == "received"


def test_a_stranger_links_and_forgets_nothing(shop: Any, stranger: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    arrive(shop, 1, sku="ALIENO")
    client = client_for(stranger)
    assert attribute(client.get(PAGE), "unmatched") == "0"
    typed = {"subject": "sku:ALIENO", "sku": "MCI-0001", "quantity": "1"}
    assert client.post(accept(shop), typed).status_code == 404
    client_for(owner).post(accept(shop), typed)
    assert client.post(reverse("connectors:forget", args=[Match.objects.get().pk])).status_code == 404
    assert Match.objects.count() == 1


def test_search_finds_what_is_on_sale_by_sku_and_name(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    gone = stage.variant("MCI-0009")
    Variant.objects.filter(pk=gone.pk).update(active=False)
    find = reverse("connectors:match_search")
    client = client_for(owner)
    assert b"MCI-0001" in client.get(find, {"sku": "mci-00"}).content
    assert b"MCI-0001" in client.get(find, {"sku": "articolo mci"}).content
    assert b"MCI-0009" not in client.get(find, {"sku": "mci-00"}).content
    for nonsense in ("", "m", "%" * 300):
        assert not client.get(find, {"sku": nonsense}).content.strip()
    assert client.get(find, {"sku": "\x00\x00"}).status_code == 400  # refused at the edge


def test_the_number_of_queries_does_not_grow_with_the_unknown_skus(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    make_shop(shop.dropshipper, address="https://altro.example.it")
    arrive(shop, 1, sku="ALIENO")
    client = client_for(owner)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for number in range(2, 40):
        arrive(shop, number, sku=f"ALIENO-{number}")
    with CaptureQueriesContext(connection) as many:
        page = client.get(PAGE)
    assert attribute(page, "unmatched") == "39"
    assert len(many) == len(few)
