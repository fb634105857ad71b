"""Goods in a Shopify store: sales not heard of, prices changed by hand, currency and tax, whose product it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.connect.acts import disconnect
from connectors.intake import pull
from connectors.listings import compare, publishing
from connectors.listings.prices import rules
from connectors.models import Listing, Shop
from connectors.news import sweep
from connectors.platforms.base import Access
from connectors.platforms.shopify import products
from connectors.platforms.shopify.client import Client
from demo.shops.shopify import FakeShop
from tests.connectors import sold_unheard
from tests.connectors.conftest import LONG_AGO
from tests.connectors.shopify.stage import make_shop, pair
from tests.connectors.test_publishing import click, make_product

pytestmark = pytest.mark.django_db


def available(fake: FakeShop, sku: str) -> int:
    variant = fake.products.by_sku(sku)
    assert variant
    item = fake.stock.item_of({"variant": variant["id"]})
    assert item
    return int(item["levels"][str(fake.stock.locations()[0]["id"])]["available"])


@pytest.fixture
def shown(fake: FakeShop) -> Any:
    return lambda: available(fake, sold_unheard.SKU)


def hear(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(pull_after=LONG_AGO, pull_lease_until=None)
    assert pull.pull_shop(shop.pk)
    shop.refresh_from_db()


def test_what_the_shop_sold_before_we_heard_is_not_offered_again(
    connected: Any, fake: FakeShop, goods: Any, shown: Any
) -> None:
    sold_unheard.begin(connected, goods, shown)
    fake.place_order([(sold_unheard.SKU, 2)])
    sold_unheard.to_another_reseller(goods)
    assert shown() == 3
    sold_unheard.tell()
    assert shown() == 2
    fake.place_order([(sold_unheard.SKU, 2)])
    hear(connected)
    sold_unheard.tell()
    assert shown() == 0
    assert not connected.events.filter(code="oversold").exists()


def test_its_index_of_orders_may_come_after_them(connected: Any, fake: FakeShop, goods: Any, shown: Any) -> None:
    """A reading right after the sale proves nothing: what was sold stays taken off for a while."""
    import datetime as dt

    sold_unheard.begin(connected, goods, shown)
    fake.search_lag = dt.timedelta(seconds=20)
    fake.place_order([(sold_unheard.SKU, 2)])
    sold_unheard.to_another_reseller(goods)
    sold_unheard.tell()
    hear(connected)  # finds nothing yet
    assert sold_unheard.tell() == 0
    assert shown() == 2


def publish(shop: Shop, *goods: Any) -> list[tuple[str, str]]:
    run = publishing.advance(click(shop, *goods).pk)
    return list(run.items.order_by("position").values_list("result", "code"))


def test_a_publication_again_counts_no_stock_as_told_that_was_not_set(connected: Any, fake: FakeShop) -> None:
    product = make_product(1, pieces=9)
    publish(connected, product)
    assert connected.listings.get(sku="L001").told == 9
    variant = fake.products.by_sku("L001")
    assert variant
    item = fake.stock.item_of({"variant": variant["id"]})
    assert item
    fake.stock.set_available(item, fake.stock.locations()[0]["id"], 0)
    Listing.objects.filter(sku="L001").update(told=0)
    publish(connected, product)
    assert (connected.listings.get(sku="L001").told, available(fake, "L001")) == (0, 0)
    assert sold_unheard.tell() == 1
    assert (connected.listings.get(sku="L001").told, available(fake, "L001")) == (9, 9)


def test_one_that_is_found_again_after_a_lost_answer_is_told_its_stock(connected: Any, fake: FakeShop) -> None:
    product = make_product(1, pieces=9)
    publish(connected, product)
    Listing.objects.all().delete()
    assert publish(connected, product) == [("created", "")]
    assert connected.listings.get(sku="L001").told is None
    assert sold_unheard.tell() == 1
    assert connected.listings.get(sku="L001").told == 9


@pytest.mark.parametrize(
    ("switch", "value", "code"),
    [("currency", "HUF", "other_currency"), ("taxes_included", False, "prices_without_tax")],
)
def test_where_our_prices_cannot_stand_nothing_goes(
    connected: Any, fake: FakeShop, switch: str, value: Any, code: str
) -> None:
    publish(connected, make_product(1))
    setattr(fake, switch, value)
    rule = rules.ensure_default(connected)
    rule.factor = Decimal(2)
    rules.save(rule, by=0)
    assert sweep.tell_due(budget_s=5) == 0
    variant = fake.products.by_sku("L001")
    assert variant
    assert variant["price"] == "24.90"
    assert publish(connected, make_product(2)) == [("refused", code)]
    assert connected.events.filter(code=code).exists()


def test_goods_of_another_rate_come_with_a_remark(connected: Any, fake: FakeShop) -> None:
    ten = make_product(1)
    ten.variants.update(vat_rate=Decimal(10))
    (row,) = publishing.plan(connected, [ten.pk]).going
    assert row.vat_by_hand == Decimal(10)
    run = publishing.advance(click(connected, ten).pk)
    item = run.items.get()
    assert (item.result, item.code, item.detail) == ("created", "vat_by_hand", "10")


def test_a_price_changed_by_hand_is_seen(connected: Any, fake: FakeShop) -> None:
    publish(connected, make_product(1))
    variant = fake.products.by_sku("L001")
    assert variant
    fake.products.put_variant({**variant, "price": "19.00", "compare_at": "30.00"})
    assert compare.compare(connected).prices == 1
    listing = connected.listings.get(sku="L001")
    assert (listing.price_asked, listing.price_shown, listing.compare_shown) == (True, Decimal(19), Decimal(30))


def test_products_that_we_made_are_ours_again_after_a_new_connection(connected: Any, fake: FakeShop) -> None:
    publish(connected, make_product(1), make_product(2, titles=("Nero", "Rosa")))
    his = fake.products.add(sku="SCN-00001", name="Suo", price="9.00", stock=1)
    tagged = fake.products.create(title="Suo anche", handle="suo-anche")
    fake.products.add_variant(tagged, sku="MCI-0001", price="9.00")
    fake.products.save({**tagged, "tags": ["MCI"]})
    disconnect(connected, by=0)
    shop = make_shop(connected.dropshipper, fake.url, pair(fake.install()), facts=connected.facts)
    compare.compare(shop)
    ours = shop.listings.filter(ours=True)
    assert set(ours.values_list("sku", flat=True)) == {"L001", "L002-NEo", "L002-ROa"}
    assert set(ours.values_list("price_on", flat=True)) == {True}
    assert not shop.listings.filter(external_id__startswith=f"{his['id']}/", ours=True).exists()


def test_refused_by_the_channel_it_is_ours_all_the_same(connected: Any, fake: FakeShop, monkeypatch: Any) -> None:
    product = make_product(1)
    monkeypatch.setattr(products, "_channels", lambda _client: ["gid://shopify/Publication/999"])
    assert publish(connected, product) == [("refused", "not_published")]
    listing = connected.listings.get(sku="L001")
    assert (listing.ours, listing.off_at is not None) == (True, True)


def test_a_draft_is_read_as_one(fake: FakeShop, access: Access) -> None:
    his = fake.products.create(title="Bozza", status="DRAFT")
    fake.products.add_variant(his, sku="BOZZA", price="12.5")
    fake.products.save(his)
    found = {one.sku: one for one in products.page(access, Client(access), None).products}
    assert (found["BOZZA"].live, found["BOZZA"].price) == (False, Decimal("12.50"))
