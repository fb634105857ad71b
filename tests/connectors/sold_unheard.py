"""A shop that sold before we heard: the same story for each platform. It had 5 and showed them; a buyer takes 2, and
his order waits; one piece goes to another reseller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog import stock
from connectors.listings import compare
from connectors.models import Shop
from connectors.news import sweep

SKU = "SCN-00001"


def begin(shop: Any, goods: Any, shown: Callable[[], int | None]) -> None:
    """5 pieces here, MCI keeps the shop's stock, the shop shows them."""
    stock.receive(goods[SKU].pk, 5, by=None)
    compare.keep_stock(shop, on=True, buffer=0, by=0)
    shop.refresh_from_db()
    compare.compare(shop)
    tell()
    assert shown() == 5


def tell() -> int:
    """The sweep, due at once."""
    from tests.connectors.conftest import LONG_AGO

    Shop.objects.update(news_after=LONG_AGO)
    return sweep.tell_due(budget_s=10)


def to_another_reseller(goods: Any, pieces: int = 1) -> None:
    stock.reserve({f"other:{pieces}": {goods[SKU].pk: pieces}}, by=None)


def heard_long_ago(shop: Any) -> None:
    """As if the last reading of the shop's orders had been a while after what it was told."""
    import datetime as dt

    from django.utils import timezone

    Shop.objects.filter(pk=shop.pk).update(heard_until=timezone.now() + dt.timedelta(minutes=5))
