"""Telling many figures: the fewest calls, one statement for each step, nothing kept in memory."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.listings import stock
from connectors.listings.prices import levels
from connectors.listings.stock import Behind, cut
from connectors.models import Listing, Shop
from connectors.platforms import platform
from connectors.platforms.goods import StockTold


def rows(*ids: str) -> list[Behind]:
    return [Behind(number, id_, 1, None, "", 0, 0) for number, id_ in enumerate(ids)]


def shapes(found: Any) -> list[list[str]]:
    return [[row.external_id for row in batch] for batch in found]


@pytest.mark.parametrize(
    ("ids", "apart", "wanted"),
    [
        (["1", "2", "3", "4", "5"], True, [["1", "2", "3"], ["4", "5"]]),
        (["1", "2", "3/1", "3/2"], True, [["1", "2"], ["3/1", "3/2"]]),
        (["1", "2", "3/1", "3/2"], False, [["1", "2", "3/1"], ["3/2"]]),
        (["3/1", "3/2", "3/3", "3/4"], True, [["3/1", "3/2", "3/3"], ["3/4"]]),  # it fills a batch by itself
        (["3/1", "31/1", "31/2", "31/3"], True, [["3/1"], ["31/1", "31/2", "31/3"]]),
        ([], True, []),
    ],
)
def test_a_product_is_not_split_over_two_batches(ids: list[str], apart: bool, wanted: list[list[str]]) -> None:
    assert shapes(cut(rows(*ids), 3, apart=apart)) == wanted


@pytest.fixture
def many(shop: Any, goods: Any, monkeypatch: Any) -> Any:
    """A shop with 1,200 listings whose platform notes what it is told and takes it all."""
    Shop.objects.filter(pk=shop.pk).update(stock_on=True, facts={"currency": "EUR"})
    shop.refresh_from_db()
    variant = goods["SCN-00001"]
    Listing.objects.bulk_create(
        Listing(shop=shop, variant=variant, external_id=str(n), ours=True, price_on=True) for n in range(1200)
    )
    api = platform("woocommerce")
    full = {"x": "many"}
    monkeypatch.setattr(api, "tell_stock", lambda _access, levels: StockTold({} if len(levels) <= 100 else full))
    monkeypatch.setattr(api, "terms", lambda _access, *, whole: {"currency": "EUR"})
    monkeypatch.setattr(api, "tell_prices", lambda _access, levels: {} if len(levels) <= 100 else {"x": "many"})
    return shop


@pytest.mark.django_db
def test_stock_is_told_in_the_fewest_calls_and_a_statement_for_each(many: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(stock, "CHUNK", 500)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        told = stock.tell(many, until=float("inf"))
    assert (told.levels, told.batches) == (1200, 12 + 0)
    # three chunks of 500 (five batches each, the last of two) and an empty one
    assert len(queries) == 4 + 12
    assert stock.behind(many, limit=1) == []


@pytest.mark.django_db
def test_prices_are_told_in_the_fewest_calls_and_a_statement_for_each(many: Any, goods: Any, monkeypatch: Any) -> None:
    from connectors.listings.prices import rules

    goods["SCN-00001"].retail_price = "19.90"
    goods["SCN-00001"].save()
    rules.ensure_default(many)
    with CaptureQueriesContext(connection) as queries:
        assert levels.tell(many, until=float("inf")) == 1200
    assert len(queries) == 2 + 12
    assert levels.count_behind(many) == 0
