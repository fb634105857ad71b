"""Products of a shop that are ours, and the stock that it shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import stock
from connectors.errors import SamePage
from connectors.listings import compare
from connectors.listings import stock as listed_stock
from connectors.models import Listing, Match, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.goods import StockLevel, StockTold
from connectors.shops import asks
from connectors.shops.access import access_of
from tests.connectors.arrivals import arrive

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(connected: Any, fake: Any, goods: Any) -> Any:
    """The shop after its first comparison, MCI keeping its stock; 10 pieces of each of our two articles."""
    for sku in ("SCN-00001", "SCN-00002"):
        stock.receive(goods[sku].pk, 10, by=None)
    compare.keep_stock(connected, on=True, buffer=0, by=0)
    connected.refresh_from_db()
    compare.compare(connected)
    connected.refresh_from_db()
    return connected


def shown(fake: Any, sku: str) -> int | None:
    found: int | None = fake.products.by_sku(sku)["stock"]
    return found


def calls(fake: Any) -> list[str]:
    return [path for method, path, _status in fake.requests if method == "POST" and path.endswith("/batch")]


def test_products_are_found_by_sku_and_what_is_not_ours_is_left_alone(counted: Any, fake: Any) -> None:
    assert set(counted.listings.values_list("variant__sku", flat=True)) == {"SCN-00001", "SCN-00002"}
    own = fake.products.by_sku("OWN-77")["stock"]

    assert sweep.tell_due(budget_s=5) == 2

    assert (shown(fake, "SCN-00001"), shown(fake, "SCN-00002")) == (10, 10)
    assert shown(fake, "OWN-77") == own
    assert len(calls(fake)) == 1  # both in one batch
    assert sweep.tell_due(budget_s=5) == 0


def test_a_change_in_the_warehouse_reaches_the_shop_in_one_call(counted: Any, fake: Any, goods: Any) -> None:
    sweep.tell_due(budget_s=5)
    stock.receive(goods["SCN-00001"].pk, 5, by=None)
    stock.receive(goods["SCN-00001"].pk, 1, by=None)

    assert sweep.tell_due(budget_s=5) == 1

    assert shown(fake, "SCN-00001") == 16
    assert len(calls(fake)) == 2


def test_without_the_merchants_word_nothing_is_written(connected: Any, fake: Any, goods: Any) -> None:
    stock.receive(goods["SCN-00001"].pk, 3, by=None)
    before = shown(fake, "SCN-00001")
    compare.compare(connected)

    assert sweep.tell_due(budget_s=5) == 0

    assert shown(fake, "SCN-00001") == before
    assert calls(fake) == []


def test_what_the_shop_itself_has_sold_is_not_offered_again(counted: Any, fake: Any) -> None:
    """The shop took its sale off by itself; MCI reserves it only at Sincronizza."""
    sweep.tell_due(budget_s=5)
    arrive(counted, 1, sku="SCN-00001", quantity=2)

    sweep.tell_due(budget_s=5)

    assert shown(fake, "SCN-00001") == 8


def test_the_pieces_kept_back_and_bundles_are_taken_off(counted: Any, fake: Any, goods: Any) -> None:
    Match.objects.create(shop=counted, subject="sku:SCN-00002", variant=goods["SCN-00001"], quantity=3)
    compare.keep_stock(counted, on=True, buffer=1, by=0)
    counted.refresh_from_db()
    compare.compare(counted)

    sweep.tell_due(budget_s=5)

    assert shown(fake, "SCN-00001") == 9
    assert shown(fake, "SCN-00002") == 2  # three bundles of three in ten, one kept back


def test_a_match_that_says_not_ours_takes_the_product_out(counted: Any, fake: Any) -> None:
    Match.objects.create(shop=counted, subject="sku:SCN-00002", variant=None)
    compare.compare(counted)
    assert list(counted.listings.values_list("sku", flat=True)) == ["SCN-00001"]


def test_an_article_taken_off_sale_shows_none(counted: Any, fake: Any, goods: Any) -> None:
    sweep.tell_due(budget_s=5)
    assert shown(fake, "SCN-00001") > 0
    goods["SCN-00001"].active = False
    goods["SCN-00001"].save()

    sweep.tell_due(budget_s=5)

    assert shown(fake, "SCN-00001") == 0


def test_a_figure_that_somebody_changed_in_the_shop_is_seen_and_healed(counted: Any, fake: Any) -> None:
    sweep.tell_due(budget_s=5)
    fake.products.change(fake.products.by_sku("SCN-00001")["id"], {"stock_quantity": 99})

    assert compare.compare(Shop.objects.get(pk=counted.pk)).drifted == 1
    sweep.tell_due(budget_s=5)

    assert shown(fake, "SCN-00001") == 10
    assert counted.events.filter(code="stock_drifted", params={"count": 1}).exists()


def test_a_product_that_left_the_shop_leaves_the_list(counted: Any, fake: Any) -> None:
    fake.products.remove(fake.products.by_sku("SCN-00001")["id"])
    assert compare.compare(counted).gone == 1
    assert list(counted.listings.values_list("sku", flat=True)) == ["SCN-00002"]


def test_a_walk_that_broke_off_drops_nothing(counted: Any, fake: Any) -> None:
    from connectors.platforms.base import ShopUnreachable

    fake.faults.add("products", status=500)
    with pytest.raises(ShopUnreachable):
        compare.compare(counted)
    assert counted.listings.count() == 2


def test_a_refused_product_waits_and_is_seen_and_the_others_are_told(counted: Any, fake: Any) -> None:
    gone = counted.listings.get(sku="SCN-00002")
    Listing.objects.filter(pk=gone.pk).update(external_id="999999")

    assert sweep.tell_due(budget_s=5) == 1

    gone.refresh_from_db()
    assert gone.error == "woocommerce_rest_product_invalid_id"
    assert gone.try_after > timezone.now()
    assert shown(fake, "SCN-00001") == 10
    assert sweep.tell_due(budget_s=5) == 0


def test_a_shop_that_is_away_is_told_later_and_nothing_counts_as_told(counted: Any, fake: Any) -> None:
    fake.faults.add("products/batch", status=503, retry_after="120")

    assert sweep.tell_due(budget_s=5) == 0

    assert listed_stock.count_behind(counted) == 2
    counted.refresh_from_db()
    assert 100 < (counted.news_after - timezone.now()).total_seconds() <= 120
    Shop.objects.update(news_after=timezone.now())
    assert sweep.tell_due(budget_s=5) == 2


def test_a_thousand_changes_are_ten_calls(counted: Any, fake: Any) -> None:
    ids = [fake.products.add(sku=f"X-{n}", name=f"X {n}", price="1.00", stock=0)["id"] for n in range(1000)]
    variant = counted.listings.first().variant
    Listing.objects.bulk_create([Listing(shop=counted, variant=variant, external_id=str(id_), told=0) for id_ in ids])
    counted.listings.filter(sku__startswith="SCN").delete()

    assert sweep.tell_due(budget_s=30) == 1000

    assert len(calls(fake)) == 10
    assert {fake.products.get(id_)["stock"] for id_ in ids} == {10}


def test_the_comparison_runs_once_a_night_and_by_one_worker(counted: Any, fake: Any) -> None:
    assert compare.compare_due(budget_s=5) == 0
    Shop.objects.update(compare_after=timezone.now())
    assert compare.compare_due(budget_s=5) == 1
    assert compare.compare_due(budget_s=5) == 0


def test_a_level_told_twice_is_the_same(counted: Any, fake: Any) -> None:
    listing = counted.listings.get(sku="SCN-00001")
    for _time in range(2):
        told = platform("woocommerce").tell_stock(access_of(counted), [StockLevel(listing.external_id, 4)])
        assert told == StockTold()
    assert shown(fake, "SCN-00001") == 4


# ---- the page


def url(name: str, shop: Any) -> str:
    return reverse(f"connectors:{name}", args=[shop.pk])


def test_the_page_asks_for_the_merchants_word_and_keeps_it(
    connected: Any, fake: Any, goods: Any, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    assert client.post(url("compare", connected)).status_code == 302
    assert asks.do_due() == 1
    text = client.get(url("listings", connected)).content.decode()
    assert 'data-listings="2"' in text

    assert client.post(url("listings", connected), {"on": "on", "buffer": "-1"}).status_code == 422
    connected.refresh_from_db()
    assert not connected.stock_on
    assert client.post(url("listings", connected), {"on": "on", "buffer": "2"}).status_code == 302
    connected.refresh_from_db()
    assert (connected.stock_on, connected.stock_buffer) == (True, 2)
    assert 'data-behind="' in client.get(url("listings", connected)).content.decode()


def test_the_page_is_found_by_sku_and_takes_the_same_queries_however_many_there_are(
    counted: Any, owner: Any, client_for: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_for(owner)
    text = client.get(url("listings", counted), {"q": "00002"}).content.decode()
    assert text.count("data-listing=") == 1
    variant = counted.listings.first().variant
    Listing.objects.bulk_create(
        [Listing(shop=counted, variant=variant, external_id=str(n), sku=f"Z{n}") for n in range(1000, 1200)]
    )
    with django_assert_max_num_queries(16):  # one of them: what was asked of the shop, and what came of it
        assert client.get(url("listings", counted)).content.decode().count("data-listing=") == 50


def test_a_stranger_sees_no_products(counted: Any, stranger: Any, client_for: Any) -> None:
    client = client_for(stranger)
    assert client.get(url("listings", counted)).status_code == 404
    assert client.post(url("compare", counted)).status_code == 404
    assert client.post(url("listings", counted), {"buffer": "0"}).status_code == 404


def test_a_cache_that_repeats_a_page_makes_nothing_vanish(connected: Any, fake: Any, goods: Any) -> None:
    fake.products.load([{"sku": f"SUO-{n}", "name": f"Suo {n}", "price": "9.90"} for n in range(120)])
    compare.compare(connected)
    known = set(connected.listings.values_list("external_id", flat=True))
    assert known
    fake.cached_lists = True

    with pytest.raises(SamePage):
        compare.compare(connected)

    assert set(connected.listings.values_list("external_id", flat=True)) == known
    assert len(fake.requests) < 20
