"""What is noted of the figures that a shop took or refused: every column of its rows, and of no other's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Category, Product, Variant
from connectors.listings import stock
from connectors.listings.stock import Behind
from connectors.models import Listing, Shop, ShopEvent
from connectors.platforms.goods import StockTold
from tests.connectors.conftest import make_shop

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def other(shop: Shop) -> Shop:
    return make_shop(shop.dropshipper, address="https://due.example.it")


def untouched(*rows: Any) -> list[dict[str, Any]]:
    return [type(one).objects.filter(pk=one.pk).values().get() for one in rows]


def events() -> list[tuple[Any, ...]]:
    return list(ShopEvent.objects.order_by("pk").values_list("shop", "code", "params"))


def listings(shop: Shop, how_many: int) -> list[Listing]:
    number = Listing.objects.count()
    category, _made = Category.objects.get_or_create(slug="c", defaults={"name": "C"})
    product, _made = Product.objects.get_or_create(slug="p", defaults={"name": "P", "category": category})
    variant, _made = Variant.objects.get_or_create(
        sku="ART-1", defaults={"product": product, "net_price": Decimal("4.40"), "weight_g": 7}
    )
    return [
        Listing.objects.create(shop=shop, external_id=f"{800 + number + n}", variant=variant, error="e")
        for n in range(how_many)
    ]


def test_what_the_shop_took_of_its_figures(shop: Shop, other: Shop) -> None:
    rows, of_other = listings(shop, 4), listings(other, 1)
    pull_after = timezone.now() + DAY
    Shop.objects.update(pull_after=pull_after)
    rest = untouched(*of_other, other)
    given = [
        Behind(rows[0].pk, rows[0].external_id, 9, 11, "", 2, 3),
        Behind(rows[1].pk, rows[1].external_id, 8, None, "", 0, 0),
        Behind(rows[2].pk, rows[2].external_id, 7, 5, "", 0, 4),
        Behind(rows[3].pk, rows[3].external_id, 6, 5, "", 1, 5),
    ]
    refused = {rows[3].external_id: "r" * 200}
    assert stock._note(shop, given, StockTold(refused=refused)) == 3
    shown = Listing.objects.filter(shop=shop).order_by("pk").values_list("told", "unheard", "error")
    assert list(shown) == [(9, 2, ""), (8, 0, ""), (7, 0, ""), (None, 0, "r" * 120)]
    assert Shop.objects.get(pk=shop.pk).pull_after == pull_after
    assert events() == [(shop.pk, "oversold", {"count": 7, "products": 2})]
    # It shows less than it was told to: that was sold, and its orders are asked for at once.
    shows = {rows[0].external_id: 5, rows[1].external_id: 9}
    assert stock._note(shop, given[:2], StockTold(shows=shows)) == 2
    shown = Listing.objects.filter(shop=shop).order_by("pk").values_list("told", "unheard")
    assert list(shown)[:2] == [(5, 6), (9, 0)]
    assert Shop.objects.get(pk=shop.pk).pull_after == shop.connected_at
    assert untouched(*of_other, other) == rest
    at = timezone.now()
    late = Listing.objects.get(pk=rows[3].pk).try_after
    assert HOUR - 60 * SECOND < late - at < HOUR + 60 * SECOND
