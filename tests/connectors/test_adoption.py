"""Whose a product in the shop is: what MCI made is known by its reference, whatever it was taken for before."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from catalog import stock
from connectors.connect import acts
from connectors.listings import compare, publishing
from connectors.listings.prices import rules
from connectors.models import Listing, Match, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.goods import Published
from tests.connectors.conftest import KEY, SECRET, make_shop
from tests.connectors.test_publishing import in_shop, make_product, publish, results

pytestmark = pytest.mark.django_db


def again(shop: Any, fake: Any) -> Any:
    """Disconnected, and connected anew: another row."""
    acts.disconnect(shop, by=0)
    made = make_shop(shop.dropshipper, address=fake.url)
    made.credentials = json.dumps({"consumer_key": KEY, "consumer_secret": SECRET})
    made.save()
    return made


def test_after_a_new_connection_our_products_are_ours_and_kept_as_before(connected: Any, fake: Any) -> None:
    products = make_product(1), make_product(2, titles=("Nero", "Rosa"))
    publish(connected, *products)
    rule = rules.ensure_default(connected)
    rule.factor = Decimal("2")
    rules.save(rule, by=0)
    sweep.tell_due(budget_s=5)
    own = fake.products.add(sku="MCI-0001", name="Il suo", price="9.00", stock=1)

    shop = again(connected, fake)
    compare.compare(shop)

    ours = shop.listings.filter(ours=True)
    assert set(ours.values_list("sku", "price_on", "price_told")) == {
        (sku, True, Decimal("49.80")) for sku in ("L001", "L002-NEo", "L002-ROa")
    }
    assert shop.price_rules.get().factor == Decimal("2")
    assert not shop.listings.filter(external_id=str(own["id"]), ours=True).exists()
    assert shop.events.filter(code="products_found", params={"count": 3}).exists()

    assert sweep.tell_due(budget_s=5) == 0  # nothing changes by it
    stock.receive(products[0].variants.get().pk, 3, by=None)
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L001")["stock_quantity"] == 12
    assert results(publish(shop, products[0])) == [("updated", "")]


def test_a_price_that_was_changed_between_two_connections_is_asked_about(connected: Any, fake: Any) -> None:
    publish(connected, make_product(1))
    shop = again(connected, fake)
    fake.products.change(fake.products.by_sku("L001")["id"], {"regular_price": "19.00"})
    compare.compare(shop)
    listing = shop.listings.get(sku="L001")
    assert (listing.ours, listing.price_asked, listing.price_shown) == (True, True, Decimal("19.00"))
    assert sweep.tell_due(budget_s=5) == 0
    assert in_shop(fake, "L001")["price"] == "19.00"


def test_off_sale_it_is_found_as_off_sale(connected: Any, fake: Any) -> None:
    product = make_product(1)
    publish(connected, product)
    publish(connected, product, kind="unpublish")
    shop = again(connected, fake)
    compare.compare(shop)
    assert shop.listings.get(sku="L001").off_at is not None
    assert results(publish(shop, product)) == [("updated", "")]


def test_without_memory_of_it_the_price_stays_as_it_is(connected: Any, fake: Any) -> None:
    publish(connected, make_product(1))
    Listing.objects.all().delete()
    compare.compare(connected)
    listing = connected.listings.get(sku="L001")
    assert (listing.ours, listing.price_on) == (True, False)


def test_a_product_of_the_merchants_is_never_ours_by_its_sku(connected: Any, fake: Any) -> None:
    make_product(1)
    fake.products.add(sku="L001", name="La mia lampada", price="99.00", stock=1)
    compare.compare(connected)
    assert not connected.listings.get(sku="L001").ours


def test_a_copy_of_our_product_is_the_merchants(connected: Any, fake: Any) -> None:
    """WooCommerce copies what plugins keep with a product, and gives the copy another SKU."""
    product = make_product(1)
    publish(connected, product)
    reference = [{"key": "_mci_reference", "value": "lampada-001"}]
    copy = fake.products.create({"name": "Copia", "sku": "L001-1", "regular_price": "9.00", "meta_data": reference})
    Match.objects.create(shop=connected, subject="sku:L001-1", variant=product.variants.get())
    compare.compare(connected)
    assert not connected.listings.get(external_id=str(copy["id"])).ours
    assert connected.listings.get(sku="L001").ours


def test_the_shop_is_asked_once_whose_a_product_is(connected: Any, fake: Any, goods: Any, monkeypatch: Any) -> None:
    asked: list[list[str]] = []
    api = platform("woocommerce")
    plain = api.references
    monkeypatch.setattr(api, "references", lambda access, ids: asked.append(list(ids)) or plain(access, ids))
    for _time in range(2):
        compare.compare(connected)
    assert [len(ids) for ids in asked] == [2]  # SCN-00001 and SCN-00002


def test_one_that_was_taken_for_the_merchants_before_is_found_by_the_next_comparison(connected: Any, fake: Any) -> None:
    publish(connected, make_product(1))
    Listing.objects.update(ours=False, asked_whose=False)
    compare.compare(connected)
    assert connected.listings.get(sku="L001").ours


# ---- a publication that was refused


@pytest.mark.parametrize("titles", [("",), ("Nero", "Rosa")])
def test_a_publication_refused_at_its_last_step_leaves_a_product_of_ours(
    connected: Any, fake: Any, titles: tuple[str, ...], monkeypatch: Any
) -> None:
    from connectors.platforms.woocommerce import publish as steps

    product = make_product(1, titles=titles)
    plain = steps._open

    def refuse(_client: Any, works: Any) -> None:
        for work in works:
            work.fail("woocommerce_rest_cannot_edit", "No.")

    monkeypatch.setattr(steps, "_open", refuse)
    assert results(publish(connected, product)) == [("refused", "woocommerce_rest_cannot_edit")]
    mine = connected.listings.filter(variant__product=product)
    assert set(mine.values_list("ours", flat=True)) == {True}
    assert not mine.filter(off_at=None).exists()  # a draft
    compare.compare(connected)
    assert [row.kind for row in publishing.plan(connected, [product.pk]).going] == ["update"]

    monkeypatch.setattr(steps, "_open", plain)
    assert results(publish(connected, product)) == [("updated", "")]
    assert set(mine.values_list("ours", "off_at")) == {(True, None)}


def test_an_update_that_was_refused_leaves_the_listing_as_it_was(connected: Any, fake: Any, monkeypatch: Any) -> None:
    product = make_product(1)
    publish(connected, product)
    before = connected.listings.values().get()
    answer = Published("lampada-001", before["external_id"], {"L001": before["external_id"]}, error="no")
    monkeypatch.setattr(platform("woocommerce"), "publish", lambda _access, _drafts: [answer])
    assert results(publish(connected, product)) == [("refused", "no")]
    assert connected.listings.values().get() == before


# ---- what counts as told


def test_a_publication_again_counts_no_stock_as_told_that_was_not_set(connected: Any, fake: Any) -> None:
    """What is on sale is told its stock by itself: else a sale that we have not heard of would be undone."""
    product = make_product(1, pieces=9)
    publish(connected, product)
    fake.products.take(fake.products.by_sku("L001")["id"], 4)
    publish(connected, product)
    assert (connected.listings.get().told, in_shop(fake, "L001")["stock_quantity"]) == (9, 5)
    stock.receive(product.variants.get().pk, 1, by=None)
    sweep.tell_due(budget_s=5)
    assert in_shop(fake, "L001")["stock_quantity"] == 6


def test_a_variant_that_came_later_is_told_what_was_set(connected: Any, fake: Any) -> None:
    from tests.catalog import goods as shelf

    product = make_product(3, titles=("Nero", "Bianco"))
    publish(connected, product)
    shelf.variant(4, product=product, sku="L003-ROo", title="Rosso", retail_price=Decimal("24.90"))
    publish(connected, product)
    assert dict(connected.listings.values_list("sku", "told")) == {"L003-NEo": 9, "L003-BIo": 9, "L003-ROo": 4}
    assert fake.products.by_sku("L003-ROo")["stock"] == 4


# ---- names


def test_names_are_unescaped_once_and_never_escaped_twice(connected: Any, fake: Any, goods: Any) -> None:
    from catalog.models import Product

    product = make_product(1)
    Product.objects.filter(pk=product.pk).update(name="Casa & Giardino <3")
    publish(connected, product)
    assert fake.products.by_sku("L001")["name"] == "Casa &amp; Giardino <3"  # as WordPress keeps it
    fake.products.add(sku="SCN-00001", name="Pane &amp;amp; vino", price="9.00")
    compare.compare(connected)
    assert connected.listings.get(sku="L001").title == "Casa & Giardino <3"
    assert connected.listings.get(sku="SCN-00001").title == "Pane &amp; vino"
    publish(connected, product)
    assert fake.products.by_sku("L001")["name"] == "Casa &amp; Giardino <3"
    assert Shop.objects.get().remote_items.exclude(title__contains="&amp;").exists()
