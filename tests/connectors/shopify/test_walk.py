"""Walking through the orders that changed: none is missed, whatever happens between two pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connectors.platforms.base import Access, Invisible, RawOrder, ShopUnreachable, Withdrawn
from connectors.platforms.shopify import walk, whole
from connectors.platforms.shopify.client import Client
from demo.shops.shopify import FakeShop
from demo.shops.shopify.tokens import ALL_SCOPES
from tests.connectors.conftest import LONG_AGO
from tests.connectors.shopify.stage import names


@pytest.fixture
def shop(access: Access) -> Client:
    return Client(access, deadline_s=10)


def walked(shop: Client, since: dt.datetime = LONG_AGO, between: Any = None) -> list[RawOrder]:
    found: list[RawOrder] = []
    cursor: str | None = None
    while True:
        page = walk.orders_since(shop, since, cursor)
        found += page.orders
        cursor = page.cursor
        if cursor is None:
            return found
        if between:
            between, act = None, between
            act()


def test_every_order_comes_once_page_by_page(shop: Client, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 3)
    placed = [place() for _n in range(8)]
    found = walked(shop)
    assert [raw.external_id for raw in found] == placed
    assert all(raw.reading is not None and not raw.error for raw in found)


def test_an_order_that_changes_between_two_pages_is_met_again_and_none_is_missed(
    fake: FakeShop, shop: Client, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 3)
    placed = [place() for _n in range(7)]
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    found = walked(shop, between=lambda: fake.orders.touch(int(placed[0]), at=later))
    ids = [raw.external_id for raw in found]
    assert set(ids) == set(placed)
    assert ids[-1] == placed[0]


def test_many_orders_of_one_moment_are_all_read(fake: FakeShop, shop: Client, place: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 3)
    placed = [place() for _n in range(7)]
    moment = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
    for number in placed:
        fake.orders.touch(int(number), silent=True, at=moment)
    assert {raw.external_id for raw in walked(shop, moment)} == set(placed)


def test_a_walk_begins_a_new_query_before_shopify_stops(
    fake: FakeShop, shop: Client, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 2)
    monkeypatch.setattr(walk, "MOST", 4)
    start = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
    placed = [place() for _n in range(9)]
    for n, number in enumerate(placed):
        fake.orders.touch(int(number), silent=True, at=start + dt.timedelta(minutes=n))
    assert {raw.external_id for raw in walked(shop)} == set(placed)
    assert len({variables["query"] for _name, variables in fake.calls}) > 1


def test_an_order_of_many_lines_is_read_whole(fake: FakeShop, shop: Client, place: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(walk, "LINES", 2)
    skus = [product["sku"] for product in fake.products.variants()][:5]
    number = place([(sku, 1) for sku in skus])
    raw = walk.order(shop, number)
    assert isinstance(raw, RawOrder)
    assert raw.reading is not None
    assert [line.sku for line in raw.reading.lines] == skus


def test_a_page_that_is_too_costly_becomes_smaller(fake: FakeShop, shop: Client, place: Any) -> None:
    placed = [place() for _n in range(3)]
    fake.faults.add("MciOrders", "max_cost", times=2)
    assert {raw.external_id for raw in walked(shop)} == set(placed)
    assert [variables["first"] for name, variables in fake.calls if name == "MciOrders"] == [50, 25, 12]


def test_an_order_that_is_gone_is_withdrawn(fake: FakeShop, shop: Client, place: Any) -> None:
    number = place()
    fake.orders.delete(int(number))
    assert walk.order(shop, number) == Withdrawn(number)
    assert walk.order(shop, "no-number") == Withdrawn("no-number")


def test_a_customer_that_shopify_hides_is_a_doubt_of_the_order_and_not_an_empty_address(
    fake: FakeShop, shop: Client, place: Any
) -> None:
    fake.protected_data = 1
    number = place()
    for raw in (walk.order(shop, number), walked(shop)[0]):
        assert isinstance(raw, RawOrder)
        assert raw.reading is not None
        assert [doubt.code for doubt in raw.reading.doubts] == ["customer_hidden"]


def test_the_daily_list_has_each_order_with_its_version(shop: Client, place: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(walk, "SEEN_PER_PAGE", 2)
    placed = [place() for _n in range(5)]
    seen, cursor = [], None
    while True:
        page = walk.orders_seen(shop, LONG_AGO, cursor)
        seen += page.orders
        cursor = page.cursor
        if cursor is None:
            break
    assert [one.external_id for one in seen] == placed
    assert all(one.version_at.tzinfo is not None for one in seen)


def test_a_walk_asks_for_nothing_else(fake: FakeShop, shop: Client, place: Any) -> None:
    place()
    fake.calls.clear()
    walked(shop)
    assert names(fake) == ["MciOrders"]


# ---- an order that Shopify cannot show


@pytest.mark.parametrize("field", ["risk", "shippingAddress"])  # one that may not be null takes the whole page with it
@pytest.mark.parametrize("place_in_page", [0, 2, 5])
def test_an_order_that_breaks_its_page_holds_up_nobody(
    fake: FakeShop, shop: Client, place: Any, monkeypatch: pytest.MonkeyPatch, field: str, place_in_page: int
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 6)
    placed = [place() for _n in range(9)]
    broken = placed[place_in_page]
    fake.stumbles[int(broken)] = (field,)
    found = walked(shop)
    assert [raw.external_id for raw in found] == placed
    assert [(raw.external_id, raw.error) for raw in found if raw.error] == [(broken, "INTERNAL_SERVER_ERROR")]
    assert [raw.external_id for raw in found if raw.reading is None] == [broken]
    fake.stumbles.clear()
    assert all(raw.reading for raw in walked(shop))


def test_several_such_orders_and_nothing_else_are_left_out(
    fake: FakeShop, shop: Client, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 4)
    placed = [place() for _n in range(8)]
    for number in (placed[1], placed[2], placed[7]):
        fake.stumbles[int(number)] = ("risk",)
    found = walked(shop)
    assert [raw.external_id for raw in found] == placed
    assert [raw.external_id for raw in found if raw.error] == [placed[1], placed[2], placed[7]]


def test_an_order_that_only_breaks_a_page_is_read_by_itself(
    fake: FakeShop, shop: Client, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = [place() for _n in range(3)]
    fake.faults.add("MciOrders", "internal", times=4)  # without a word of where
    found = walked(shop)
    assert [raw.external_id for raw in found] == placed
    assert all(raw.reading for raw in found)


def test_a_shop_that_stumbles_over_everything_is_asked_later(fake: FakeShop, shop: Client, place: Any) -> None:
    place()
    fake.faults.add("*", "internal", times=99)
    with pytest.raises(ShopUnreachable):
        walk.orders_since(shop, LONG_AGO, None)


# ---- what the first page of an order leaves out


def test_fulfilment_orders_and_their_lines_are_read_to_the_end(
    fake: FakeShop, shop: Client, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "LINES", 2)
    monkeypatch.setattr(whole, "PARTS", 1)
    monkeypatch.setattr(whole, "ENTRIES", 1)
    monkeypatch.setattr(whole, "MORE", {"lines": 2, "parts": 1, "entries": 2})
    skus = [product["sku"] for product in fake.products.variants()][:5]
    number = place([(sku, 3) for sku in skus])
    fake.fulfilment.spread(int(number), ["2027-01-10T00:00:00Z", "2027-02-10T00:00:00Z"])
    raw = walk.order(shop, number)
    assert isinstance(raw, RawOrder)
    assert raw.reading is not None
    assert [(line.sku, line.quantity, line.elsewhere) for line in raw.reading.lines] == [
        (sku, 1, False) for sku in skus
    ]
    assert [doubt.code for doubt in raw.reading.doubts] == ["scheduled"]


def test_a_basket_of_more_than_a_hundred_lines_is_read_whole(fake: FakeShop, shop: Client, place: Any) -> None:
    number = place([{"title": f"Riga {n}", "sku": f"R-{n}", "quantity": 1, "price": "1.00"} for n in range(130)])
    raw = walk.order(shop, number)
    assert isinstance(raw, RawOrder)
    assert raw.reading is not None
    assert [line.sku for line in raw.reading.lines] == [f"R-{n}" for n in range(130)]
    assert not any(line.elsewhere for line in raw.reading.lines)
    assert raw.reading.doubts == []


# ---- gone, or only too old


def test_what_is_too_old_for_us_to_see_is_not_gone(fake: FakeShop, access: Access, place: Any) -> None:
    fake.grant(set(ALL_SCOPES) - {"read_all_orders"})
    shop = Client(access, deadline_s=10)
    old = place(at=dt.datetime.now(dt.UTC) - dt.timedelta(days=61))
    assert walk.order(shop, old) == Invisible(old)
    first, second, third = place(), place(), place()
    assert walk.order(shop, old) == Invisible(old)
    fake.orders.delete(int(second))
    assert walk.order(shop, second) == Withdrawn(second)
    fake.orders.delete(int(first))  # older than all that is shown: it may be one or the other
    assert walk.order(shop, first) == Invisible(first)
    assert isinstance(walk.order(shop, third), RawOrder)


def test_an_order_is_found_by_its_fulfilment_order(fake: FakeShop, shop: Client, place: Any) -> None:
    number = place()
    part = fake.fulfilment.of_order(int(number))[0]["id"]
    raw = walk.order(shop, f"FulfillmentOrder/{part}")
    assert isinstance(raw, RawOrder)
    assert raw.external_id == number
    assert walk.order(shop, "FulfillmentOrder/7") == Invisible("FulfillmentOrder/7")
