"""A shop's figures from the comparison to the telling: in the fewest calls, and never by what is known of elsewhere."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from catalog import stock
from connectors.connect import import_settings
from connectors.listings import compare
from connectors.listings import stock as listed_stock
from demo.shops.shopify import FakeShop
from tests.connectors.shopify.stage import names

pytestmark = pytest.mark.django_db


@pytest.fixture
def compared(connected: Any, fake: FakeShop, goods: Any) -> Any:
    """A shop whose stock MCI keeps; its listings were read and told once."""
    for sku in ("SCN-00001", "SCN-00002"):
        stock.receive(goods[sku].pk, 9, by=None)
    connected.stock_on = True
    connected.save()
    assert compare.compare(connected).ours == 2
    listed_stock.tell(connected, until=math.inf)
    fake.calls.clear()
    return connected


def test_a_change_of_ours_is_told_without_reading_the_shop(compared: Any, fake: FakeShop, goods: Any) -> None:
    for sku in ("SCN-00001", "SCN-00002"):
        stock.receive(goods[sku].pk, 1, by=None)
    told = listed_stock.tell(compared, until=math.inf)
    assert (told.levels, told.batches, names(fake)) == (2, 1, ["MciStockSet"])
    assert set(compared.listings.values_list("told", flat=True)) == {10}


def test_another_location_is_read_before_it_is_written(compared: Any, fake: FakeShop, goods: Any) -> None:
    other = [str(place["id"]) for place in compared.facts["locations"]][-1]
    import_settings.set_rules(
        compared,
        method_id=None,
        since=dt.date(2026, 1, 1),
        by=0,
        options={"location": other},
    )
    compared.refresh_from_db()
    assert set(compared.listings.values_list("stock_id", flat=True)) == {""}
    stock.receive(goods["SCN-00001"].pk, 1, by=None)
    listed_stock.tell(compared, until=math.inf)
    assert names(fake)[0] == "MciStock"
