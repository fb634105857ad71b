"""A sale in the shop that we have not heard of is never offered again, and what was sold twice has a name."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from catalog import stock
from connectors.intake import deliveries
from connectors.listings import compare
from connectors.listings import stock as listed_stock
from connectors.models import Shop
from tests.connectors.sold_unheard import SKU, begin, tell, to_another_reseller
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(fake: Any) -> Any:
    return lambda: fake.products.by_sku(SKU)["stock"]


@pytest.fixture
def story(connected: Any, fake: Any, goods: Any, shown: Any) -> Any:
    """2 were sold in the shop and not heard of, 1 went elsewhere: 2 are left to be sold."""
    begin(connected, goods, shown)
    fake.place_order([(SKU, 2)])
    to_another_reseller(goods)
    assert shown() == 3
    return connected


def test_what_the_shop_sold_before_we_heard_is_not_offered_again(story: Any, fake: Any, goods: Any, shown: Any) -> None:
    tell()
    assert shown() == 2  # not the 4 that are here
    listing = story.listings.get(sku=SKU)
    assert (listing.told, listing.unheard) == (2, 2)
    assert tell() == 0

    fake.place_order([(SKU, 2)])  # all that it offers
    fake.flush()
    deliveries.drain()
    visit(story)
    tell()

    assert shown() == 0
    assert listed_stock.wanted_and_short(story, [listing.pk]) == {listing.pk: (0, 0)}
    assert not story.events.filter(code="oversold").exists()


def test_without_the_figure_that_it_showed_the_sale_would_be_overwritten(
    story: Any, shown: Any, monkeypatch: Any
) -> None:
    """The guard off: what the test above would have caught."""
    from connectors.platforms.goods import StockLevel

    monkeypatch.setattr(listed_stock.Behind, "level", property(lambda row: StockLevel(row.external_id, row.pieces)))
    tell()
    assert shown() == 4


def test_the_order_takes_the_place_of_what_was_missing(story: Any, fake: Any, goods: Any, shown: Any) -> None:
    """By its webhook already: not taken off twice until the shop's orders are read."""
    tell()
    fake.flush()
    deliveries.drain()
    listing = story.listings.get(sku=SKU)
    assert listed_stock.wanted(story, [listing.pk]) == {listing.pk: 2}
    assert tell() == 0
    stock.receive(goods[SKU].pk, 10, by=None)
    tell()
    assert shown() == 12


def test_the_shops_orders_are_asked_for_at_once(story: Any) -> None:
    from django.utils import timezone

    Shop.objects.update(pull_after=timezone.now() + timezone.timedelta(hours=1))
    tell()
    story.refresh_from_db()
    assert story.pull_after <= timezone.now()


def test_what_was_sold_twice_is_named_and_never_shown_below_none(
    story: Any, fake: Any, shown: Any, owner: Any, client_for: Any
) -> None:
    tell()
    fake.place_order([(SKU, 3)])  # more than it offered: on backorder
    assert shown() == -1
    fake.flush()
    deliveries.drain()
    visit(story)
    tell()

    assert shown() == 0
    event = story.events.get(code="oversold")
    assert event.params["count"] == 1
    page = client_for(owner).get(reverse("connectors:listings", args=[story.pk])).content.decode()
    assert 'data-short="1"' in page


def test_a_sale_while_the_products_are_compared_is_not_offered_again(story: Any, fake: Any, shown: Any) -> None:
    """The comparison finds 3 where 5 were told: its orders are read before that is called wrong."""
    assert compare.compare(story).drifted == 0
    tell()
    assert shown() == 2


def test_a_figure_that_somebody_lowered_is_told_again_and_listed(
    connected: Any, fake: Any, goods: Any, shown: Any
) -> None:
    begin(connected, goods, shown)
    fake.products.change(fake.products.by_sku(SKU)["id"], {"stock_quantity": 1})
    assert compare.compare(connected).drifted == 1
    tell()
    assert shown() == 5
    listing = connected.listings.get(sku=SKU)
    assert (listing.drift_shown, listing.drift_true) == (1, 5)


def test_an_answer_that_was_lost_is_never_sold_twice(connected: Any, fake: Any, goods: Any, shown: Any) -> None:
    begin(connected, goods, shown)
    for pieces, offered in ((7, 12), (-4, 8)):
        on_hand = goods[SKU].stock.__class__.objects.get(variant=goods[SKU]).on_hand + pieces
        stock.count(goods[SKU].pk, on_hand, by=None)
        fake.faults.add("products/batch", after=True)
        tell()
        assert shown() == offered
        tell()
        assert shown() <= offered
        visit(connected)
        tell()
        assert shown() == offered
