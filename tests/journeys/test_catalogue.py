"""The catalogue in a browser: found, read, priced for a place, put into an order; by keyboard and without scripts."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def shelf(transactional_db: None) -> Any:
    """A reseller, a courier, and goods: one simple, one with variants, one sold out."""
    from tests import cast
    from tests.catalog import goods
    from tests.orders import stage

    seller = cast.dropshipper()
    stage.method("espresso")
    stage.method("nocod", cod_allowed=False)
    goods.many(30)
    lamp = goods.product("Lampada da tavolo", slug="lampada", description_html="<p>Bella</p><ul><li>a led</li></ul>")
    goods.variant(product=lamp, sku="LAM-1", retail_price=Decimal("29.90"))
    shirt = goods.product("Maglia", slug="maglia")
    for size in "SML":
        goods.variant(product=shirt, sku=f"MAG-{size}", title=f"Taglia {size}", retail_price=Decimal("25.00"))
    goods.variant(product=goods.product("Tostapane", slug="tostapane"), sku="TOS-1", pieces=0)
    return cast.member(seller)


def test_from_a_search_to_the_cost_at_a_place_to_an_order_by_keyboard(
    shelf: Any, browser_page: Any, sign_in: Any
) -> None:
    page = browser_page
    sign_in(page, shelf)
    page.goto("/catalog/")
    page.locator("#find-q").focus()
    page.keyboard.type("lampada")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q=lampada"))
    page.locator("[data-product=lampada] h3 a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalog/lampada/")

    way = page.locator("#landed-figures [data-method]")
    way.first.wait_for()
    assert way.count() == 2
    assert page.locator("[data-prepaid]").first.get_attribute("data-prepaid") == "20.74"
    with page.expect_response(re.compile("landed-cost")):
        page.locator("#landed-form [name=quantity]").fill("2")
    page.locator("[data-prepaid='35.38']").first.wait_for()
    assert page.locator("#landed-form [name=quantity]").evaluate("node => node === document.activeElement")
    assert page.url.endswith("/catalog/lampada/")

    page.locator(".acts a[href*='/orders/new/']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/new/?sku=LAM-1")
    assert page.locator("[name$='-sku']").first.input_value() == "LAM-1"


def test_what_can_not_be_read_is_said_while_one_types(
    shelf: Any, browser_page: Any, sign_in: Any, console: Any
) -> None:
    page = browser_page
    sign_in(page, shelf)
    page.goto("/catalog/lampada/")
    page.locator("#landed-figures [data-method]").first.wait_for()

    page.locator("#landed-form [name=postcode]").fill("abc")
    page.locator("#landed-figures [data-errors]").wait_for()
    page.locator("#landed-form [name=postcode]").fill("10122")
    page.locator("#landed-figures [data-method]").first.wait_for()

    console.expect("422")  # the browser notes every answer that is not a success


def test_without_scripts_filters_pages_and_costs_work(shelf: Any, new_page: Any, sign_in: Any) -> None:
    page = new_page(width=390, java_script_enabled=False)
    sign_in(page, shelf)
    page.goto("/catalog/?sort=name")
    page.locator(".mci-open-facets").click()
    page.locator("#find-available").check()
    page.locator("#find-to").fill("12,00")
    page.locator("#facets form button:not([type=button])").click()
    page.wait_for_url(re.compile(r"available=on.*price_to=12"))
    assert page.locator("[data-product=tostapane]").count() == 0
    page.goto("/catalog/")
    page.locator("[rel=next]").click()
    page.wait_for_url(re.compile("cursor="))
    assert page.locator("[data-product]").count() == 9
    page.goto("/catalog/maglia/")
    page.locator("#landed a").click()
    page.locator("[name=sku]").select_option("MAG-L")
    page.locator("[name=quantity]").fill("3")
    page.locator("#landed-form button").click()
    page.wait_for_url(re.compile("quantity=3"))
    assert page.locator("[data-method]").count() == 2


def test_the_administration_runs_under_the_strict_policy(
    shelf: Any, browser_page: Any, sign_in: Any, tmp_path: Path
) -> None:
    from catalog import images
    from catalog.models import Product, Stock
    from tests import cast
    from tests.catalog import goods

    page = browser_page
    sign_in(page, cast.staff())
    lamp = Product.objects.get(slug="lampada")
    file = tmp_path / "lampada.png"
    file.write_bytes(goods.picture().getvalue())
    page.goto(f"/admin/catalog/product/{lamp.pk}/change/")
    page.locator("[name=images-0-upload]").set_input_files(file)
    page.locator("[name=_continue]").click()
    kept = page.locator("#images-group img[src*=products]")
    kept.wait_for()
    assert lamp.images.count() == 1
    assert kept.evaluate("image => image.decode().then(() => image.naturalWidth)") == 96

    variant = lamp.variants.get()
    page.goto(f"/admin/catalog/variant/{variant.pk}/stock/")
    page.locator("[name=count-on_hand]").fill("42")
    page.locator("button:near([name=count-on_hand])").first.click()
    page.locator("[data-on-hand='42']").wait_for()
    assert Stock.objects.get(pk=variant.pk).on_hand == 42
    images.remove(lamp.images.get())
