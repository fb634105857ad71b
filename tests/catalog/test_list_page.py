"""The catalogue's list: who may see it, what its address says, its states, its queries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Dropshipper, Member
from catalog.models import Variant
from tests import cast
from tests.catalog import goods

pytestmark = pytest.mark.django_db
URL = "/catalog/"


def shown(answer: Any) -> list[str]:
    return re.findall(r'data-product="([^"]+)"', answer.content.decode())


def test_only_people_of_an_active_reseller_see_it(dropshipper: Any, owner: Any, client: Any, client_for: Any) -> None:
    goods.variant()

    assert reverse("catalog:list") == URL
    assert client.get(URL).headers["Location"].startswith(reverse("account_login"))
    assert client_for(owner).get(URL).status_code == 200
    assert client_for(cast.user()).get(URL).status_code == 403
    Dropshipper.objects.update(status=Dropshipper.Status.SUSPENDED)
    assert client_for(owner).get(URL).headers["Location"] == reverse("accounts:waiting")
    assert client_for(owner).post(URL).status_code == 405


@pytest.mark.parametrize("written", ["lam-0001", " LAM-0001 ", "8001234567890"])
def test_a_whole_sku_or_ean_opens_its_product(written: str, owner: Any, client_for: Any) -> None:
    goods.variant(sku="LAM-0001", ean="8001234567890", product=goods.product(slug="lampada"))

    answer = client_for(owner).get(URL, {"q": written})

    assert answer.headers["Location"] == "/catalog/lampada/?sku=LAM-0001"


def test_a_sku_that_is_off_sale_opens_nothing(owner: Any, client_for: Any) -> None:
    goods.variant(sku="OLD-1", active=False)

    answer = client_for(owner).get(URL, {"q": "OLD-1"})

    assert (answer.status_code, shown(answer)) == (200, [])


def test_the_address_holds_filters_sort_and_view(owner: Any, client_for: Any) -> None:
    goods.variant(product=goods.product("Uno", slug="uno"), net_price="10.00")
    goods.variant(product=goods.product("Due", slug="due"), net_price="20.00")
    goods.variant(product=goods.product("Tre", slug="tre"), net_price="30.00", pieces=0)
    client = client_for(owner)

    cards = client.get(URL, {"sort": "price_down", "price_from": "15,00", "available": "on"})
    table = client.get(URL, {"sort": "price", "view": "table"})

    assert shown(cards) == ["due"]
    assert "<table" not in cards.content.decode()
    assert shown(table) == ["uno", "due", "tre"]
    assert "<table" in table.content.decode()


def test_an_unreadable_filter_is_said_beside_it_and_the_rest_holds(owner: Any, client_for: Any) -> None:
    goods.variant(product=goods.product("Uno", slug="uno"), net_price="10.00")
    goods.variant(product=goods.product("Due", slug="due"), net_price="20.00")

    answer = client_for(owner).get(
        URL, {"price_from": "1.2.3", "price_to": "12", "sort": "nonsense", "view": "x", "available": "on"}
    )

    assert shown(answer) == ["uno"]
    assert 'id="find-from-error"' in answer.content.decode()
    assert 'value="1.2.3"' in answer.content.decode()
    for odd in ("-5", "NaN", "1e5", "9" * 12):
        assert client_for(owner).get(URL, {"price_to": odd}).status_code == 200
    assert client_for(owner).get(URL, {"price_to": "\0"}).status_code == 400  # refused at the edge


def test_its_states_empty_nothing_found_and_similar(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    empty = client.get(URL)
    goods.variant(product=goods.product("Aspirapolvere", slug="aspirapolvere"))

    nothing = client.get(URL, {"q": "xyzzy"})
    similar = client.get(URL, {"q": "aspirapolvre"})

    assert 'class="blank"' in empty.content.decode()
    assert f'href="{URL}"' not in empty.content.decode().split('class="blank"')[1].split("</div>\n")[0]
    assert 'class="blank"' in nothing.content.decode()
    assert "xyzzy" in nothing.content.decode()
    assert shown(similar) == ["aspirapolvere"]


def test_what_was_searched_is_shown_as_text(owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(URL, {"q": '"><script>alert(1)</script>', "category": '"><b>x'})

    assert answer.status_code == 200
    assert "&lt;script&gt;alert(1)" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert "<b>x" not in answer.content.decode()


def test_who_may_not_order_is_offered_no_order(dropshipper: Any, owner: Any, client_for: Any) -> None:
    goods.variant(sku="LAM-1")
    accounting = cast.member(dropshipper, role=Member.Role.ACCOUNTING)
    link = f"{reverse('orders:new')}?sku=LAM-1"

    assert link in client_for(owner).get(URL).content.decode()
    assert link not in client_for(accounting).get(URL).content.decode()


@pytest.mark.parametrize("view", ["cards", "table"])
def test_a_page_of_a_large_catalogue_costs_the_same_queries_as_a_small_one(
    view: str, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    goods.many(2)
    client.get(URL)

    def queries(**wish: str) -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(URL, {"view": view, **wish}).status_code == 200
        return [query["sql"] for query in caught]

    few = queries()
    Variant.objects.all().delete()
    goods.Product.objects.all().delete()
    goods.many(120, variants=3)
    assert Variant.objects.count() == 360

    assert len(queries()) == len(few)
    assert len(queries(sort="margin", available="on", price_from="5")) == len(few)
    # The catalogue's own: products, their number, variants with stock, pictures, categories. The rest is the shell's.
    assert sum('FROM "catalog_' in sql for sql in few) == 5
