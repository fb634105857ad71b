"""What each answer of Shopify means: throttled, too costly, forbidden in part, broken, or not Shopify at all."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import pytest

from connectors.platforms.base import Access, NotAShop, ReconnectNeeded, ShopBusy, ShopUnreachable
from connectors.platforms.shopify import bucket
from connectors.platforms.shopify import client as module
from connectors.platforms.shopify.answers import NotFound, TooCostly, gid, number_of, seconds
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.refusals import MissingScope, ProtectedData, ShopFrozen
from core.errors import NeedsHand, TryLater
from demo.shops.shopify import FakeShop
from tests.connectors.shopify.stage import names


@pytest.fixture
def shop(access: Access) -> Client:
    return Client(access, deadline_s=5)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("429", ShopBusy),
        ("500", ShopUnreachable),
        ("502", ShopUnreachable),
        ("html", ShopUnreachable),
        ("truncated", ShopUnreachable),
        ("empty", ShopUnreachable),
        ("string", ReconnectNeeded),
        ("frozen", ShopFrozen),
        ("locked", ShopFrozen),
        ("forbidden", ReconnectNeeded),
        ("gone", NotAShop),
        ("security", ShopBusy),
        ("drop", ShopUnreachable),
        ("max_cost", TooCostly),
    ],
)
def test_each_bad_answer_has_its_outcome(fake: FakeShop, shop: Client, kind: str, expected: type[Exception]) -> None:
    fake.faults.add("*", kind)
    with pytest.raises(expected):
        shop.query("shop")
    assert shop.query("shop").data["shop"]["name"] == fake.name  # and it passes


def test_retry_after_is_a_decimal_number() -> None:
    assert [seconds(value) and seconds(value).total_seconds() for value in ("2.0", "0.3", "7200", "2.5")] == [
        2.0,
        1.0,
        3600.0,
        2.5,
    ]
    assert [seconds(value) for value in ("soon", "", None, "-1", "1e9", "٣")] == [None] * 6


def test_too_many_requests_says_how_long_to_wait(fake: FakeShop, shop: Client) -> None:
    fake.faults.add("*", "429", retry_after="17.0")
    with pytest.raises(ShopBusy) as error:
        shop.query("shop")
    assert error.value.after is not None
    assert error.value.after.total_seconds() == 17


def test_what_was_throttled_was_not_done_and_is_sent_again(fake: FakeShop, access: Access) -> None:
    quick = Client(access, interactive=True)
    quick.query("shop")
    fake.faults.add("MciShop", "throttled")
    assert quick.query("shop").data["shop"]
    assert names(fake) == ["MciShop"] * 3


def test_a_long_wait_is_left_to_the_next_turn(fake: FakeShop, shop: Client, slept: list[float]) -> None:
    fake.faults.add("MciShop", "throttled", times=10)
    with pytest.raises(ShopBusy):
        shop.query("shop")
    assert len(slept) <= 4


def test_an_internal_error_is_asked_again_once_when_reading_and_never_when_writing(
    fake: FakeShop, shop: Client, place: Any
) -> None:
    fake.faults.add("MciShop", "internal")
    assert shop.query("shop").data["shop"]
    order = gid("Order", place())
    fake.calls.clear()
    fake.faults.add("MciTagsAdd", "internal")
    with pytest.raises(ShopUnreachable):
        shop.change("tags_add", id=order, tags=["x"])
    assert names(fake) == ["MciTagsAdd"]


def test_a_missing_scope_is_named(fake: FakeShop, access: Access) -> None:
    token = fake.install(scopes="read_products,read_locations", expiring=False)["access_token"]
    poor = dataclasses.replace(access, credentials={"access_token": token})
    with pytest.raises(MissingScope) as error:
        Client(poor).query("orders_seen", first=5, after=None, query="created_at:>='2026-01-01T00:00:00Z'")
    assert "read_orders" in error.value.params["scope"]


def test_a_field_that_is_kept_from_us_is_not_taken_for_empty(fake: FakeShop, shop: Client, place: Any) -> None:
    place()
    fake.protected_data = 1
    reply = shop.query("customer_seen")
    assert {denied.path[-1] for denied in reply.denied} >= {"email", "shippingAddress"}
    assert all(denied.protected for denied in reply.denied)
    fake.protected_data = 0
    with pytest.raises((ProtectedData, MissingScope)):
        shop.query("customer_seen")


def test_another_version_than_ours_is_noticed(fake: FakeShop, shop: Client) -> None:
    fake.answered_version = "2027-01"
    assert shop.query("shop").data["shop"]
    assert shop.other_version == "2027-01"


def test_what_is_not_there_is_null_without_an_error(fake: FakeShop, shop: Client) -> None:
    assert shop.query("order", id=gid("Order", "1"), lines=5).data["order"] is None


def test_ids_keep_their_64_bits() -> None:
    assert number_of("gid://shopify/Order/9007199254740993") == "9007199254740993"
    assert [
        number_of(value) for value in ("gid://shopify/Order/1e3", "Order/1", 12, None, "gid://shopify/Order/²")
    ] == [""] * 5
    with pytest.raises(NotFound):
        gid("Order", "12/34")


# ---- the token


def test_a_token_is_renewed_before_its_end_and_when_it_is_refused(fake: FakeShop, access: Access) -> None:
    asked: list[str] = []
    fresh = {**access.credentials, "refresh_token": "shprt_x", "expires_at": str(int(time.time()) + 3600)}

    def renew(used: Any) -> Any:
        asked.append(used["access_token"])
        return fresh

    for old in (
        {**fresh, "expires_at": str(int(time.time()) + 120)},  # good for two more minutes
        {**fresh, "access_token": "shpat_dead"},
    ):
        dying = dataclasses.replace(access, credentials=old, renew=renew)
        assert Client(dying).query("shop").data["shop"]
    assert asked == [fresh["access_token"], "shpat_dead"]


def test_a_token_that_was_refused_twice_needs_the_reseller(access: Access) -> None:
    dead = {"access_token": "shpat_dead", "refresh_token": "x", "expires_at": str(int(time.time()) + 3600)}
    with pytest.raises(ReconnectNeeded):
        Client(dataclasses.replace(access, credentials=dead, renew=lambda used: used)).query("shop")


# ---- the bucket


@pytest.fixture
def address() -> str:
    return f"https://{time.time_ns()}.myshopify.com"


def test_workers_leave_a_fifth_of_the_bucket_to_people(address: str) -> None:
    bucket.correct(address, {"currentlyAvailable": 1000, "maximumAvailable": 2000, "restoreRate": 100})
    assert bucket.reserve(address, 600) == 0.0
    wait = bucket.reserve(address, 100)  # 400 are left, which are the fifth
    assert 0.8 < wait <= 1.0
    assert bucket.reserve(address, 300, interactive=True) == 0.0


def test_nobody_waits_for_more_than_the_bucket_holds(address: str) -> None:
    bucket.correct(address, {"currentlyAvailable": 100, "maximumAvailable": 100, "restoreRate": 50})
    assert bucket.reserve(address, 5000) == 0.0


def test_without_redis_calls_go_ahead(
    address: str, settings: Any, monkeypatch: pytest.MonkeyPatch, shop: Client
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(bucket, "_client", None)
    assert bucket.reserve(address, 10_000) == 0.0
    assert shop.query("shop").data["shop"]


def test_the_price_of_a_document_is_learned_from_the_answer(shop: Client) -> None:
    shop.query("shop")
    assert 5 < module._costs["shop"] < 60


def test_every_outcome_is_one_of_the_two_that_callers_know() -> None:
    for kind in (ShopBusy, ShopUnreachable, ShopFrozen):
        assert issubclass(kind, TryLater)
    for kind in (ReconnectNeeded, MissingScope, ProtectedData, NotAShop):
        assert issubclass(kind, NeedsHand)
