"""A product's page: prices, the variant that was looked for, pictures, what must not be seen."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import Member
from catalog import images, stock
from tests import cast
from tests.catalog import goods

pytestmark = pytest.mark.django_db


def said(answer: Any, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


def test_prices_are_net_with_vat_and_the_margin_at_the_suggested_price(owner: Any, client_for: Any) -> None:
    goods.variant(product=goods.product(slug="lampada"), net_price="12.34", vat_rate="22.00", retail_price="29.90")

    answer = client_for(owner).get("/catalog/lampada/")

    # 12.34 + 2.71 (22 % of 12.34 is 2.7148) = 15.05; 29.90 − 15.05 = 14.85
    assert (said(answer, "net"), said(answer, "gross"), said(answer, "margin")) == ("12.34", "15.05", "14.85")


def test_the_variant_of_the_address_is_chosen_and_a_strange_one_is_the_cheapest(owner: Any, client_for: Any) -> None:
    product = goods.product(slug="maglia")
    goods.variant(product=product, sku="MAG-S", net_price="9.00")
    goods.variant(product=product, sku="MAG-L", net_price="11.00")
    client = client_for(owner)

    assert said(client.get("/catalog/maglia/", {"sku": "mag-l"}), "sku") == "MAG-L"
    assert said(client.get("/catalog/maglia/", {"sku": "x-y"}), "sku") == "MAG-S"
    assert said(client.get("/catalog/maglia/"), "sku") == "MAG-S"


def test_what_is_off_sale_or_unknown_is_not_found(owner: Any, client_for: Any, client: Any) -> None:
    goods.variant(product=goods.product(slug="ritirato", active=False))
    goods.variant(product=goods.product(slug="senza"), active=False)
    seller = client_for(owner)

    for slug in ("ritirato", "senza", "mai-visto"):
        assert seller.get(f"/catalog/{slug}/").status_code == 404
        assert seller.get(f"/catalog/{slug}/images.zip").status_code == 404
        assert client.get(f"/catalog/{slug}/").status_code == 302


def test_a_description_can_not_bring_a_script_a_link_or_a_style(owner: Any, client_for: Any) -> None:
    html = '<p onclick="x()">Bella <b>lampada</b></p><script>alert(1)</script><a href="https://evil.example">x</a>'
    goods.variant(product=goods.product(slug="lampada", description_html=html + '<p style="color:red">y</p>'))

    page = client_for(owner).get("/catalog/lampada/").content.decode()

    assert "<p>Bella <b>lampada</b></p>" in page
    assert "alert(1)" not in page
    assert "evil.example" not in page
    assert "color:red" not in page


def test_a_description_can_not_leave_the_attribute_that_is_copied_from(owner: Any, client_for: Any) -> None:
    html = '<p>Schermo da 15" onmouseover="alert(1)</p>'
    goods.variant(product=goods.product(slug="lampada", description_html=html))

    page = client_for(owner).get("/catalog/lampada/").content.decode()

    copied = re.search(r'data-mci-copy="(&lt;[^"]*)"', page)
    assert copied is not None
    assert unescape(copied[1]) == html


def test_what_is_sold_out_is_not_offered_for_an_order(owner: Any, client_for: Any) -> None:
    goods.variant(product=goods.product(slug="lampada"), sku="MCI-VUOTO", pieces=0)

    page = client_for(owner).get("/catalog/lampada/").content.decode()
    shelves = client_for(owner).get("/catalog/").content.decode()
    assert "MCI-VUOTO" in page
    assert "/catalog/lampada/" in shelves
    assert "/orders/new/?sku=" not in page + shelves


def test_an_order_is_offered_to_those_who_may_order(dropshipper: Any, owner: Any, client_for: Any) -> None:
    goods.variant(product=goods.product(slug="lampada"), sku="A B&C")
    accounting = cast.member(dropshipper, role=Member.Role.ACCOUNTING)

    assert "/orders/new/?sku=A%20B%26C" in client_for(owner).get("/catalog/lampada/").content.decode()
    assert "/orders/new/?sku=" not in client_for(accounting).get("/catalog/lampada/").content.decode()


def test_the_pictures_come_in_one_zip(owner: Any, client_for: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    product = goods.product(slug="lampada")
    goods.variant(product=product)
    images.add(product, goods.picture())
    images.add(product, goods.picture("#ff0000"))

    answer = client_for(owner).get("/catalog/lampada/images.zip")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        assert pack.namelist() == ["lampada-01.jpg", "lampada-02.jpg"]
        with Image.open(pack.open("lampada-01.jpg")) as image:
            assert (image.format, image.size) == ("JPEG", (1024, 768))
    assert 'filename="lampada.zip"' in answer.headers["Content-Disposition"]


def test_a_page_costs_the_same_queries_whatever_its_variants(owner: Any, client_for: Any) -> None:
    goods.many(1, variants=1)
    client = client_for(owner)
    client.get("/catalog/many-0/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/catalog/many-0/").status_code == 200
        return len(caught)

    few = queries()
    product = goods.Product.objects.get()
    for _number in range(30):
        goods.variant(product=product)
    assert queries() == few


def words(pieces: int, restock_on: Any = None) -> str:
    template = Template("{% load catalog_words %}{% stock_badge pieces day %}")
    return template.render(Context({"pieces": pieces, "day": restock_on}))


def test_stock_is_told_in_words_and_a_number() -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    assert "b-ok" in words(237)
    assert "230+" in words(237)
    assert "b-ok" in words(6)
    assert "b-warn" in words(5)
    assert ">" in words(1)
    assert "b-bad" in words(0)
    assert "b-bad" in words(0, timezone.localdate() - dt.timedelta(days=1))
    assert "b-neu" in words(0, tomorrow)
    assert "b-ok" in words(9, tomorrow)


def test_a_variant_without_stock_row_is_sold_out(owner: Any, client_for: Any) -> None:
    goods.variant(product=goods.product(slug="mai"), pieces=0)
    back = goods.variant(product=goods.product(slug="torna"), pieces=0)
    stock.arrange(back.pk, buffer=0, restock_on=timezone.localdate() + dt.timedelta(days=3))
    client = client_for(owner)

    assert "b-bad" in client.get("/catalog/mai/").content.decode()
    assert "b-bad" not in client.get("/catalog/torna/").content.decode()
    assert client.get("/catalog/").status_code == 200
