"""What is noted when a shop was told something, or could not be: every column of its rows, and of no other's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connectors.listings import stock
from connectors.listings.stock import Told
from connectors.models import InboxOrder, Shop, ShopEvent
from connectors.news import sweep
from connectors.platforms.base import NotWhollyTold, OrderNews
from core.errors import NeedsHand, TryLater
from tests.connectors.conftest import make_shop

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)
COLUMNS = (
    *("told", "told_at", "told_last", "told_memory", "news_error", "news_params", "news_failures", "news_after"),
)


@pytest.fixture
def other(shop: Shop) -> Shop:
    return make_shop(shop.dropshipper, address="https://due.example.it")


def row(shop: Shop, number: int, **fields: Any) -> InboxOrder:
    given = {"told": "shipped:T0", "told_memory": {"a": 1, "b": 2}, "news_error": "e", "news_params": {"x": 1}}
    given |= {"news_failures": 3, "news_after": timezone.now() + DAY}
    return InboxOrder.objects.create(
        shop=shop, external_id=str(number), number=f"N-{number}", version_at=timezone.now(), **{**given, **fields}
    )


def columns(one: InboxOrder) -> dict[str, Any]:
    return InboxOrder.objects.filter(pk=one.pk).values(*COLUMNS).get()


def untouched(*rows: Any) -> list[dict[str, Any]]:
    return [type(one).objects.filter(pk=one.pk).values().get() for one in rows]


def events() -> list[tuple[Any, ...]]:
    return list(ShopEvent.objects.order_by("pk").values_list("shop", "code", "params"))


def test_what_the_shop_was_told(shop: Shop, other: Shop) -> None:
    mine, beside, of_other = row(shop, 1), row(shop, 2), row(other, 1)
    rest = untouched(beside, of_other, shop, other)
    was = columns(mine)
    at = timezone.now()
    assert sweep._noted(mine, OrderNews("1", "lost", "MCI-1", False), "lost:T1", {"b": 3}, None) == 1
    now = columns(mine)
    told_at = now.pop("told_at")
    assert at <= told_at <= timezone.now()
    assert now == {
        "told": "lost:T1",
        "told_last": True,
        "told_memory": {"a": 1, "b": 3},
        "news_error": "",
        "news_params": {},
        "news_failures": 0,
        "news_after": was["news_after"],
    }
    remark = NotWhollyTold()
    sweep._noted(mine, OrderNews("1", "shipped", "MCI-1", False), "shipped:T1", {}, remark)
    now = columns(mine)
    assert (now["told"], now["told_last"], now["news_error"], now["told_memory"]) == (
        "shipped:T1",
        False,
        remark.code,
        {"a": 1, "b": 2},
    )
    assert untouched(beside, of_other, shop, other) == rest
    mine.delete()
    assert sweep._noted(mine, OrderNews("1", "lost", "MCI-1", False), "x", {}, None) == 0
    assert events() == []


@pytest.mark.parametrize(("failures", "noted"), [(0, 1), (3, 4), (1000, 1000)])
def test_what_the_shop_could_not_be_told(shop: Shop, other: Shop, failures: int, noted: int) -> None:
    mine, beside, of_other = row(shop, 1, news_failures=failures), row(shop, 2), row(other, 1)
    rest = untouched(beside, of_other, other)
    at = timezone.now()
    error = TryLater(reason="x")
    assert sweep._not_told(shop, mine, error, {"b": 3}) == 0
    now = columns(mine)
    after = now.pop("news_after")
    assert at < after <= timezone.now() + HOUR
    assert now == {
        "told": "shipped:T0",
        "told_at": None,
        "told_last": False,
        "told_memory": {"a": 1, "b": 3},
        "news_error": error.code,
        "news_params": {"reason": "x"},
        "news_failures": noted,
    }
    assert events() == [(shop.pk, "not_told", {"number": "N-1", "reason": error.code})]
    sweep._not_told(shop, row(shop, 3), error)
    assert InboxOrder.objects.get(external_id="3", shop=shop).told_memory == {"a": 1, "b": 2}
    assert untouched(beside, of_other, other) == rest


def test_patience_with_an_order_begins_at_minutes(shop: Shop) -> None:
    waits = []
    for number in range(1, 61):
        one = row(shop, number, news_failures=0)
        at = timezone.now()
        sweep._not_told(shop, one, TryLater())
        one.refresh_from_db()
        waits.append((one.news_after - at).total_seconds())
    assert 400 < max(waits) < 5 * 2**7 + 5


@pytest.mark.parametrize(
    ("error", "state", "failures", "code"),
    [
        (None, "active", 0, ""),
        (TryLater(reason="x"), "active", 8, "try_later"),
        (TryLater(reason="x", after=DAY), "active", 8, "try_later"),
        (ZeroDivisionError(), "active", 8, ""),
        (NeedsHand(), "broken", 7, ""),
    ],
)
def test_how_a_turn_ends(
    shop: Shop, other: Shop, monkeypatch: pytest.MonkeyPatch, error: Any, state: str, failures: int, code: str
) -> None:
    """`_turn` meets the error as its calls would."""
    due = timezone.now() - DAY
    Shop.objects.update(news_failures=7, news_after=due)
    rest = untouched(other)

    def tell(*_args: Any, **_more: Any) -> Told:
        if error is not None:
            raise error
        return Told(5, 2)

    monkeypatch.setattr(stock, "tell", tell)
    at = timezone.now()
    assert sweep.tell_shop(shop.pk) == (0 if error else 5)
    shop.refresh_from_db()
    assert (shop.state, shop.news_failures) == (state, failures)
    assert untouched(other) == rest
    wait = shop.news_after - at
    if error is None:
        assert abs(wait) < HOUR
    elif isinstance(error, TryLater) and error.after:
        assert DAY <= wait < DAY + HOUR
    elif state == "active":
        assert dt.timedelta() < wait <= HOUR + SECOND
    else:
        assert shop.news_after == due
    said = [one[1] for one in events()]
    assert said == ([error.code] if isinstance(error, TryLater) else [one for one in said if one != "try_later"])
