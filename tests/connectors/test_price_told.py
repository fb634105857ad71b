"""What a shop was told of its prices is noted as it was told: the crossed-out price too, and what it refused not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connectors.listings.prices import levels, rules
from connectors.models import Listing, Shop
from connectors.news import sweep
from tests.connectors.test_publishing import in_shop, make_product, publish

pytestmark = pytest.mark.django_db
D = Decimal
HOUR = dt.timedelta(hours=1)


def cheaper(shop: Any) -> None:
    rule = rules.ensure_default(shop)
    rule.factor, rule.compare_at = D("0.9"), True  # 24.90 × 0.9 = 22.41
    rules.save(rule, by=0)


def test_a_price_and_the_one_that_is_crossed_out_are_told_once(connected: Any, fake: Any) -> None:
    publish(connected, make_product(1))
    cheaper(connected)
    before = timezone.now()
    assert sweep.tell_due(budget_s=5) == 1
    shown = in_shop(fake, "L001")
    assert (shown["regular_price"], shown["sale_price"], shown["price"]) == ("24.90", "22.41", "22.41")
    listing = connected.listings.get()
    assert (listing.price_told, listing.compare_told, listing.price_error) == (D("22.41"), D("24.90"), "")
    assert listing.price_told_at >= before
    assert levels.count_behind(connected) == 0
    Shop.objects.update(prices_after=before - HOUR, news_after=before - HOUR)
    fake.requests.clear()
    assert sweep.tell_due(budget_s=5) == 0
    assert list(fake.requests) == []


def test_a_price_that_the_shop_refused_is_no_told_price_and_waits_an_hour(connected: Any, fake: Any) -> None:
    publish(connected, make_product(1), make_product(2))
    gone, stays = connected.listings.order_by("sku")
    Listing.objects.filter(pk=gone.pk).update(external_id="999999")  # deleted in the shop
    cheaper(connected)
    now = timezone.now()
    assert sweep.tell_due(budget_s=5) == 1
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (stays.price_told, in_shop(fake, "L002")["price"]) == (D("22.41"), "22.41")
    assert (gone.price_told, gone.compare_told, gone.price_error != "") == (D("24.90"), None, True)
    assert now + 0.9 * HOUR < gone.price_try_after < now + 1.1 * HOUR
    assert levels.count_behind(connected) == 0  # for now
    rules.save(rules.ensure_default(connected), by=0)  # a person mends the rule: at once
    assert levels.ids_behind(connected) == [gone.pk]
