"""Stock in calls of 250: compared before it is set, started where it is not counted, safe to repeat."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from connectors.platforms.base import Access, ShopUnreachable
from connectors.platforms.goods import StockLevel, StockTold
from connectors.platforms.shopify import stock
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.connect import location_of
from demo.shops.shopify import FakeShop
from tests.connectors.shopify.stage import names


def external_id(variant: Any) -> str:
    return f"{variant['product']}/{variant['id']}"


def tell(access: Access, levels: list[StockLevel]) -> Any:
    return stock.tell(access, Client(access, deadline_s=10), levels)


def shown(fake: FakeShop, access: Access, variant: Any) -> int:
    item = fake.stock.item_of({"variant": variant["id"]})
    assert item is not None
    level = fake.stock.level(item, int(location_of(access)))
    assert level is not None
    return int(level["available"])


def some(fake: FakeShop, number: int = 3) -> list[Any]:
    return fake.products.variants()[:number]


def test_many_figures_are_one_call(fake: FakeShop, access: Access) -> None:
    variants = fake.products.variants()
    assert tell(access, [StockLevel(external_id(one), 7) for one in variants]) == StockTold()
    assert [shown(fake, access, one) for one in variants] == [7] * len(variants)
    assert names(fake).count("MciStockSet") == 1


def test_what_is_right_already_is_not_written(fake: FakeShop, access: Access) -> None:
    levels = [StockLevel(external_id(one), 7) for one in some(fake)]
    tell(access, levels)
    fake.calls.clear()
    assert tell(access, levels) == StockTold()
    assert names(fake) == ["MciStock"]


def heard_of(fake: FakeShop, access: Access, variant: Any, quantity: int) -> StockLevel:
    return StockLevel(external_id(variant), quantity, shown(fake, access, variant), str(variant["item"]))


def test_figures_that_the_shop_still_shows_are_one_call_and_no_reading(fake: FakeShop, access: Access) -> None:
    levels = [heard_of(fake, access, one, 7) for one in some(fake)]
    fake.calls.clear()
    assert tell(access, levels) == StockTold()
    assert names(fake) == ["MciStockSet"]
    assert [shown(fake, access, one) for one in some(fake)] == [7, 7, 7]


def put(fake: FakeShop, access: Access, variant: Any, quantity: int) -> None:
    item = fake.stock.item_of({"variant": variant["id"]})
    assert item is not None
    fake.stock.set_available(item, int(location_of(access)), quantity)


def test_a_sale_since_we_heard_of_the_shop_is_taken_off_and_not_overwritten(fake: FakeShop, access: Access) -> None:
    (sold, many, *_others) = some(fake)
    for one in some(fake):
        put(fake, access, one, 10)
    levels = [heard_of(fake, access, one, 7) for one in some(fake)]
    put(fake, access, sold, 8)
    put(fake, access, many, 1)  # more than there is
    fake.calls.clear()
    assert tell(access, levels) == StockTold(shows={external_id(sold): 5, external_id(many): 0})
    assert names(fake) == ["MciStockSet", "MciStock", "MciStockSet"]
    assert [shown(fake, access, one) for one in some(fake)] == [5, 0, 7]


def test_a_sale_between_reading_and_writing_is_not_overwritten_blindly(
    fake: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    (variant,) = some(fake, 1)
    put(fake, access, variant, 8)
    read, sales = stock._read, [5]

    def read_then_sell(*args: Any) -> Any:
        found = read(*args)
        if sales:
            item = fake.stock.item_of({"variant": variant["id"]})
            assert item is not None
            fake.stock.set_available(item, int(location_of(access)), sales.pop())
        return found

    monkeypatch.setattr(stock, "_read", read_then_sell)
    assert tell(access, [StockLevel(external_id(variant), 9)]).shows == {external_id(variant): 6}
    assert shown(fake, access, variant) == 6
    assert names(fake).count("MciStockSet") == 2  # refused as stale, read again, set


def test_a_timeout_after_it_was_done_is_no_failure(fake: FakeShop, access: Access) -> None:
    (variant,) = some(fake, 1)
    levels = [StockLevel(external_id(variant), 4)]
    fake.faults.add("MciStockSet", "applied_then_timeout")
    with pytest.raises(ShopUnreachable):
        tell(access, levels)
    assert tell(access, levels) == StockTold()
    assert shown(fake, access, variant) == 4
    assert names(fake).count("MciStockSet") == 1


def test_one_that_is_gone_does_not_hold_up_the_others(fake: FakeShop, access: Access) -> None:
    variant, gone = some(fake, 2)
    fake.products.delete(gone["product"])
    refused = tell(access, [StockLevel(external_id(gone), 3), StockLevel(external_id(variant), 3), StockLevel("x", 1)])
    assert refused.refused == {external_id(gone): "not_found", "x": "not_found"}
    assert shown(fake, access, variant) == 3


def test_the_reseller_chooses_the_location(fake: FakeShop, access: Access) -> None:
    first, second = (str(place["id"]) for place in fake.stock.locations()[:2])
    assert location_of(access) == first
    there = dataclasses.replace(access, options={"location": second})
    assert location_of(there) == second
    (variant,) = some(fake, 1)
    assert tell(there, [StockLevel(external_id(variant), 6)]) == StockTold()
    assert shown(fake, there, variant) == 6


def test_a_location_that_was_closed_is_not_written_to(access: Access) -> None:
    assert location_of(dataclasses.replace(access, options={"location": "999"})) != "999"
    nowhere = dataclasses.replace(access, facts={})
    assert tell(nowhere, [StockLevel("1/2", 3)]) == StockTold({"1/2": "no_location"})
