"""A shop that gives a byte a second has its time and no more: what it gave is kept, the next visit goes on there, and
each visit that it used up makes the next one wait longer."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import deliveries, pull, reconcile, rereading
from connectors.listings import compare
from connectors.models import Listing, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import Page
from connectors.platforms.errors import ShopUnreachable
from connectors.platforms.goods import ProductPage, RemoteProduct
from connectors.shops import health
from core import http
from tests.connectors.conftest import LONG_AGO, Deliver, Ticking, make_shop, order_body

pytestmark = pytest.mark.django_db


def due(**more: Any) -> None:
    fields = ("pull_after", "news_after", "prove_after", "compare_after", "look_back_after")
    Shop.objects.update(last_check_at=None, **dict.fromkeys(fields, LONG_AGO), **more)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits of half a second."""
    for module, name in ((pull, "VISIT_S"), (health, "VISIT_S"), (reconcile, "VISIT_S"), (compare, "VISIT_S")):
        monkeypatch.setattr(module, name, 0.5)
    monkeypatch.setattr(sweep, "_PATIENCE", dt.timedelta(seconds=0.5))
    monkeypatch.setattr(rereading, "ASK_S", 0.5)


WORKS = {
    "pull": lambda: pull.pull_due(budget_s=0.1),
    "check": lambda: health.check_due(budget_s=0.1),
    "proof": lambda: reconcile.prove_due(budget_s=0.1),
    "comparison": lambda: compare.compare_due(budget_s=0.1),
    "news": lambda: sweep.tell_due(budget_s=0.1),
    "delivery": lambda: deliveries.drain(budget_s=0.1),
}


def stage(shop: Any, fake: Ticking, goods: Any, deliver: Deliver, *, slow: int = 50, seconds: float = 4.0) -> None:
    due(stock_on=True)
    Listing.objects.create(shop=shop, variant=goods["MCI-0001"], external_id="11", told=3, try_after=LONG_AGO)
    assert deliver(shop, "order.created", order_body()).status_code == 200
    fake.faults.add("*", times=slow, slow=seconds)


@pytest.mark.parametrize("name", WORKS)
def test_a_visit_ends_with_its_time(
    name: str, connected: Any, fake: Ticking, goods: Any, deliver: Deliver, short: None
) -> None:
    stage(connected, fake, goods, deliver)
    began = time.monotonic()
    WORKS[name]()
    assert time.monotonic() - began < 2.5
    shop = Shop.objects.get(pk=connected.pk)
    works = ("pull", "news", "turn", "check", "renew")
    assert [getattr(shop, f"{work}_lease_token") for work in works] == [None] * 5
    assert shop.state == "active"


@pytest.mark.parametrize("name", ["pull", "check"])
def test_without_a_deadline_it_does_not(
    name: str, connected: Any, fake: Ticking, goods: Any, deliver: Deliver, short: None, monkeypatch: Any
) -> None:
    """The control."""
    monkeypatch.setattr(http, "left", lambda: float("inf"))
    stage(connected, fake, goods, deliver, slow=1, seconds=3.0)
    began = time.monotonic()
    WORKS[name]()
    assert time.monotonic() - began > 2.7


def test_a_visit_that_is_cut_in_a_page_keeps_the_pages_before(
    connected: Any, fake: Ticking, short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def slow(_self: Any, _access: Any, _since: Any, cursor: str | None) -> Page:
        asked.append(cursor)
        if len(asked) % 2 == 0:  # the second page of each visit never comes
            time.sleep(http.left() if http.left() < 5 else 0)
            raise ShopUnreachable(reason="timeout")
        return Page([], str(len(asked)), None)

    monkeypatch.setattr(type(platform("woocommerce")), "orders_since", slow)
    waits = []
    for _visit in range(3):
        due()
        assert pull.pull_due(budget_s=0.1) == 1
        shop = Shop.objects.get(pk=connected.pk)
        waits.append((shop.pull_after - timezone.now()).total_seconds())
        assert (shop.trouble, shop.pull_failures) == ("", 0)
    assert asked == [None, "1", "1", "3", "3", "5"]  # each visit goes on where the one before was cut
    assert waits == sorted(waits)
    assert Shop.objects.get(pk=connected.pk).slow_visits == 3


def test_a_shop_with_much_to_read_is_not_slow(connected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = iter(range(1, 1000))
    monkeypatch.setattr(type(platform("woocommerce")), "orders_since", lambda *_args: Page([], str(next(pages)), None))
    due()
    assert pull.pull_shop(connected.pk)
    shop = Shop.objects.get(pk=connected.pk)
    assert (shop.pull_walk, shop.slow_visits) == (str(pull.MAX_PAGES), 0)
    assert shop.pull_after <= timezone.now()


def test_a_comparison_goes_on_where_its_time_ended_and_drops_only_what_it_never_saw(
    connected: Any, goods: Any, short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four pages, two of which fit into one turn: the third is not gone because the first turn did not see it."""
    skus = ["MCI-0001", "MCI-0002", "MCI-0003", "MCI-TSH-M-B"]
    asked: list[str | None] = []

    def products(_self: Any, _access: Any, cursor: str | None) -> ProductPage:
        asked.append(cursor)
        number = int(cursor or 0)
        time.sleep(0.3)
        product = RemoteProduct(str(100 + number), skus[number], "", "Articolo", 5)
        return ProductPage([product], str(number + 1) if number < 3 else None)

    monkeypatch.setattr(type(platform("woocommerce")), "products", products)
    monkeypatch.setattr(type(platform("woocommerce")), "terms", lambda *_args, **_more: {"currency": "EUR"})
    gone = Listing.objects.create(
        shop=connected, variant=goods["MCI-TSH-L-X"], external_id="900", told=3, shown_at=LONG_AGO
    )
    due(stock_on=True)
    turns = 0
    while Shop.objects.get(pk=connected.pk).compared_at is None and turns < 6:
        Shop.objects.update(compare_after=LONG_AGO)
        assert compare.compare_due(budget_s=0.1) == 1
        turns += 1
    numbers = [int(cursor or 0) for cursor in asked]
    assert (set(numbers), numbers) == ({0, 1, 2, 3}, sorted(numbers))  # never from the beginning again
    assert 2 <= turns < 6
    assert set(connected.listings.values_list("external_id", flat=True)) == {"100", "101", "102", "103"}
    assert not Listing.objects.filter(pk=gone.pk).exists()
    shop = Shop.objects.get(pk=connected.pk)
    assert (shop.compare_walk, shop.compare_asked) == ("", False)
    assert shop.compare_after > timezone.now() + dt.timedelta(hours=20)


def test_a_list_in_a_ring_ends_over_its_turns_too(connected: Any, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    due(stock_on=True, compare_walk="7", compare_began=timezone.now() - dt.timedelta(days=1))
    assert compare.compare_due(budget_s=0.1) == 0
    shop = Shop.objects.get(pk=connected.pk)
    assert (shop.compare_walk, shop.compare_after > timezone.now() + dt.timedelta(hours=5)) == ("", True)
    assert shop.events.filter(code="no_end").exists()


def test_the_checks_of_many_slow_shops_end_with_their_budget(
    dropshipper: Any, fake: Ticking, connected: Any, short: None
) -> None:
    for number in range(6):
        make_shop(dropshipper, address=f"{fake.url}/{number}", platform="woocommerce")
    due()
    fake.faults.add("*", times=50, slow=4.0)
    began = time.monotonic()
    done = health.check_due(budget_s=1.0)
    assert 1 <= done <= 3
    assert time.monotonic() - began < 4
    assert Shop.objects.filter(last_check_at=None).count() == 7 - done  # theirs is the next sweep
    assert health.check_due(budget_s=0.1) == 1
