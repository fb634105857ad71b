"""Goods in a WordPress shop: sales not heard of, prices changed by hand, tax classes, whose product it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.listings import compare, publishing, selling
from connectors.listings.prices import rules
from connectors.models import Listing, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import Access
from connectors.platforms.goods import PriceLevel, StockLevel
from demo.shops.wordpress import FakeShop
from tests.connectors import sold_unheard
from tests.connectors.test_publishing import click, make_product
from tests.connectors.wordpress.conftest import pull_now
from tests.connectors.wordpress.test_outbound import draft

pytestmark = pytest.mark.django_db
WP = platform("wordpress")


@pytest.fixture
def shown(wp: FakeShop) -> Any:
    return lambda: wp.products.by_sku(sold_unheard.SKU)["stock"]  # type: ignore[index]


def test_what_the_shop_sold_before_we_heard_is_not_offered_again(
    wp: FakeShop, wp_shop: Shop, goods: Any, shown: Any
) -> None:
    sold_unheard.begin(wp_shop, goods, shown)
    wp.place_order([(sold_unheard.SKU, 2)])
    sold_unheard.to_another_reseller(goods)
    sold_unheard.tell()
    assert shown() == 2
    wp.place_order([(sold_unheard.SKU, 2)])
    pull_now(wp_shop)
    sold_unheard.tell()
    assert shown() == 0
    assert not wp_shop.events.filter(code="oversold").exists()


def test_an_older_plugin_is_told_as_before(wp: FakeShop, access: Access, monkeypatch: Any) -> None:
    monkeypatch.setattr(wp.calls, "_op_stock", lambda _given: {"errors": []})
    assert WP.tell_stock(access, [StockLevel("12", 3, told=5)]).shows == {}


def publish(wp_shop: Shop, *products: Any) -> list[tuple[str, str]]:
    run = publishing.advance(click(wp_shop, *products).pk)
    return list(run.items.order_by("position").values_list("result", "code"))


def test_a_publication_again_counts_no_stock_as_told_that_was_not_set(wp: FakeShop, wp_shop: Shop) -> None:
    product = make_product(1, pieces=9)
    publish(wp_shop, product)
    wp.products.change(wp.products.by_sku("L001")["id"], {"stock_quantity": 4})  # type: ignore[index]
    publish(wp_shop, product)
    listing = wp_shop.listings.get(sku="L001")
    assert (listing.told, wp.products.by_sku("L001")["stock"]) == (9, 4)  # type: ignore[index]


def test_goods_of_another_rate_get_its_tax_class_and_those_of_none_are_refused(wp: FakeShop, wp_shop: Shop) -> None:
    ten, four = make_product(1), make_product(2)
    ten.variants.update(vat_rate=Decimal(10))
    four.variants.update(vat_rate=Decimal(4))
    assert publish(wp_shop, ten, four) == [("created", ""), ("refused", "tax_class_missing")]
    assert wp.products.by_sku("L001")["tax_class"] == "reduced-rate"  # type: ignore[index]
    wp.taxes.add("ridotta-4", "4")
    assert publish(wp_shop, four) == [("created", "")]
    assert wp.products.by_sku("L002")["tax_class"] == "ridotta-4"  # type: ignore[index]


def test_a_plugin_that_does_not_tell_the_rates_is_to_be_updated_for_other_rates(wp: FakeShop, wp_shop: Shop) -> None:
    wp.plugin.version = "1.0.0"
    usual, ten = make_product(1), make_product(2)
    ten.variants.update(vat_rate=Decimal(10))
    assert publish(wp_shop, usual, ten) == [("created", ""), ("refused", "tax_class_unknown")]


def test_another_currency_gets_neither_products_nor_prices(wp: FakeShop, wp_shop: Shop) -> None:
    publish(wp_shop, make_product(1))
    wp.settings["general"]["woocommerce_currency"] = "HUF"
    rule = rules.ensure_default(wp_shop)
    rule.factor = Decimal(2)
    rules.save(rule, by=0)
    assert sweep.tell_due(budget_s=5) == 0
    assert wp.products.by_sku("L001")["price"] == "24.90"  # type: ignore[index]
    assert publish(wp_shop, make_product(2)) == [("refused", "other_currency")]
    wp_shop.refresh_from_db()
    assert str(selling.refusal(wp_shop.facts)).count("HUF") == 1


def test_a_shop_that_writes_prices_without_tax_shows_what_we_say(wp: FakeShop, wp_shop: Shop, access: Access) -> None:
    wp.settings["tax"]["woocommerce_prices_include_tax"] = "no"
    ten = make_product(1)
    ten.variants.update(vat_rate=Decimal(10))
    assert publish(wp_shop, ten) == [("created", "")]
    doc = wp.products.by_sku("L001")
    assert doc
    assert doc["price"] == "22.636364"
    compare.compare(wp_shop)
    assert not wp_shop.listings.get(sku="L001").is_price_drifted
    assert WP.tell_prices(access, [PriceLevel(str(doc["id"]), Decimal("15.99"))]) == {}
    wp.products.change(doc["id"], {"tax_class": "ridotta-4"})
    wp.taxes.add("ridotta-4", "4")
    assert WP.tell_prices(access, [PriceLevel(str(doc["id"]), Decimal("15.99"))]) == {str(doc["id"]): "price_not_exact"}


def test_a_price_changed_by_hand_is_seen(wp: FakeShop, wp_shop: Shop) -> None:
    publish(wp_shop, make_product(1))
    wp.products.change(wp.products.by_sku("L001")["id"], {"regular_price": "19.00"})  # type: ignore[index]
    assert compare.compare(wp_shop).prices == 1
    listing = wp_shop.listings.get(sku="L001")
    assert (listing.price_asked, listing.price_shown, listing.price_told) == (True, Decimal("19.00"), Decimal("24.90"))


def test_products_that_we_made_are_ours_again_after_a_new_pairing(wp: FakeShop, wp_shop: Shop) -> None:
    publish(wp_shop, make_product(1), make_product(2, titles=("Nero", "Rosa")))
    own = wp.products.add(sku="MCI-0001", name="Il suo", price="9.00", stock=1)
    Listing.objects.all().delete()  # as in a new connection
    compare.compare(wp_shop)
    assert set(wp_shop.listings.filter(ours=True).values_list("sku", flat=True)) == {"L001", "L002-NEo", "L002-ROa"}
    assert not wp_shop.listings.get(external_id=str(own["id"])).ours


def test_a_name_is_read_as_customers_read_it(wp: FakeShop, access: Access) -> None:
    WP.publish(access, [draft("lampada", title="Casa & Giardino")])
    titles = [one.title for one in WP.products(access, None).products if one.sku == "LAMPADA"]
    assert titles == ["Casa & Giardino"]
