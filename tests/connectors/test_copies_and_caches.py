"""A copy of the shop that signs with its secret, and a cache that answers in its place: seen, told, never believed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connectors.intake import deliveries, page, pull, reconcile, upsert
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms import platform
from connectors.shops import health
from connectors.shops.access import access_of
from core.outbound import caches
from orders.models import Order
from tests.connectors.conftest import LONG_AGO, Deliver, Ticking, order_body, signed, to_test_client

pytestmark = pytest.mark.django_db
STAGING = "https://staging.negozio.example.it/"
LIVE = "https://negozio.example.it/"


@pytest.fixture
def copy(connected: Any, fake: Ticking, client: Client) -> Iterator[Ticking]:
    """A test site made of the shop as it is: keys, webhooks and secrets came along."""
    with Ticking(transport=to_test_client(client)) as site:
        site.become_copy_of(fake)
        yield site


def events(code: str) -> list[tuple[Any, int]]:
    return list(ShopEvent.objects.filter(code=code).values_list("params", "count"))


def test_an_order_of_a_copy_is_none_of_the_shops(connected: Any, copy: Ticking) -> None:
    for _number in range(2):
        copy.place_order([("SCN-00001", 1)])
    assert {one.status for one in copy.flush()} == {200}
    deliveries.drain()
    assert not InboxOrder.objects.exists()
    assert not Order.objects.exists()
    host = copy.url.removeprefix("http://")
    assert set(Delivery.objects.values_list("state", "error")) == {("ignored", "foreign_source")}
    assert Delivery.objects.first().error_params == {"host": host}  # type: ignore[union-attr]
    assert events("foreign_source") == [({"host": host}, 4)]


def test_a_copy_cancels_and_deletes_nothing_of_the_shop(connected: Any, fake: Ticking, copy: Ticking) -> None:
    """The same number in both: the shop's real order stays as it is, whether it can be asked or not."""
    order = fake.place_order([("SCN-00001", 1)])
    fake.flush()
    deliveries.drain()
    copy.become_copy_of(fake)
    for reachable in (True, False):
        Shop.objects.filter(pk=connected.pk).update(address=fake.url if reachable else "http://127.0.0.1:9")
        copy.tick(60)
        copy.orders.set_status(order["id"], "cancelled")
        copy.orders.trash(order["id"])
        copy.flush()
        deliveries.drain()
        copy.orders.restore(order["id"])
        copy.flush()
        deliveries.drain()
    assert Order.objects.get().state == "ready"
    assert InboxOrder.objects.get().status == "processing"
    assert not Delivery.objects.filter(state="new").exists()


@pytest.mark.parametrize("copy_first", [True, False])
def test_the_same_words_of_shop_and_copy_are_two_messages(connected: Any, deliver: Deliver, copy_first: bool) -> None:
    """A deletion is {"id": 26} wherever it comes from: the copy's must not stand for the shop's, nor the other way."""
    Shop.objects.filter(pk=connected.pk).update(address="http://127.0.0.1:9", facts={"home": LIVE.rstrip("/")})
    row = {"version_at": LONG_AGO, "version_hash": b"", "raw": b"", "number": "26"}
    order = Order.objects.create(dropshipper=connected.dropshipper, state="ready")
    InboxOrder.objects.create(shop=connected, external_id="26", order=order, **row)
    sources = [STAGING, LIVE] if copy_first else [LIVE, STAGING]
    for source in sources:
        raw = json.dumps({"id": 26}).encode()
        headers = signed(raw, "order.deleted", **{"X-WC-Webhook-Source": source})
        assert deliver(connected, "order.deleted", raw, headers=headers).status_code == 200
    assert Delivery.objects.count() == 2
    Delivery.objects.update(attempts=5)  # the shop does not answer: its word is taken in the end
    deliveries.drain()
    assert sorted(Delivery.objects.values_list("state", "error")) == [("done", ""), ("ignored", "foreign_source")]
    order.refresh_from_db()
    assert order.state == "cancelled"


@pytest.mark.parametrize(
    ("source", "read"),
    [
        (LIVE, True),
        ("http://www.negozio.example.it", True),
        ("https://negozio.example.it:443/it/", True),
        (STAGING, False),
        ("https://negozio.example.it/staging/", False),
        ("https://negozio.example.it@staging.example.it/", False),
        (LIVE + " " * 300 + STAGING, False),
    ],
)
@pytest.mark.parametrize("number", [450, 451])
def test_the_source_is_judged_by_the_shops_own_home(
    connected: Any, deliver: Deliver, source: str, read: bool, number: int
) -> None:
    Shop.objects.filter(pk=connected.pk).update(
        facts={"home": "https://negozio.example.it"}, address="http://127.0.0.1:9"
    )
    raw = json.dumps(order_body(number)).encode()
    headers = signed(raw, "order.created", **{"X-WC-Webhook-Source": source})
    assert deliver(connected, "order.created", raw, headers=headers).status_code == 200
    deliveries.drain()
    assert InboxOrder.objects.exists() is read


def test_it_is_told_on_the_health_card(connected: Any, copy: Ticking, owner: Any, client_for: Any) -> None:
    copy.place_order([("SCN-00001", 1)])
    copy.flush()
    deliveries.drain()
    text = client_for(owner).get(reverse("connectors:shop", args=[connected.pk])).content.decode()
    line = re.search(r'data-line="copy" data-tone="warn".*?</li>', text, re.DOTALL)
    assert line
    assert copy.url.removeprefix("http://") in line[0]


# ---- caches


def basic(shop: Any) -> Any:
    """Its requests are not signed one by one, as over https: the address of a list is the same each time."""
    Shop.objects.filter(pk=shop.pk).update(facts={"auth": "basic"}, cursor=timezone.now())
    shop.refresh_from_db()
    return shop


def poll(shop: Any) -> None:
    Shop.objects.filter(pk=shop.pk).update(pull_after=LONG_AGO)
    assert pull.pull_shop(shop.pk)


def test_each_poll_asks_past_a_cache(connected: Any, fake: Ticking) -> None:
    """The webhook of an order was lost, and the list before it is in a cache: the next poll finds it."""
    shop = basic(connected)
    fake.cache.seconds = 3600
    poll(shop)
    poll(shop)
    order = fake.place_order([("SCN-00001", 1)], silent=True)
    Shop.objects.filter(pk=shop.pk).update(cursor=timezone.now() - dt.timedelta(hours=2))
    poll(shop)
    assert InboxOrder.objects.get().external_id == str(order["id"])
    assert events("cached_answers") == []


def test_a_cache_that_cannot_be_asked_past_is_told(connected: Any, fake: Ticking, owner: Any, client_for: Any) -> None:
    shop = basic(connected)
    fake.cache.seconds, fake.cache.passes_over = 3600, frozenset({"mci_now"})
    poll(shop)
    assert events("cached_answers") == []
    fake.place_order([("SCN-00001", 1)], silent=True)
    for _time in range(3):
        poll(shop)
    assert events("cached_answers") == [({"by": "x-litespeed-cache"}, 3)]
    text = client_for(owner).get(reverse("connectors:shop", args=[shop.pk])).content.decode()
    line = re.search(r'data-line="cache" data-tone="warn".*?</li>', text, re.DOTALL)
    assert line
    assert "/wp-json/" in line[0]
    # An order whose truth is asked is not answered by a list: the others go on.
    fake.cache.seconds = 0
    poll(shop)
    assert not InboxOrder.objects.exists()  # before the cursor; the proof finds it
    reconcile.prove(shop)
    assert InboxOrder.objects.get().via == upsert.PROOF


def test_the_check_tells_of_a_cache_too(connected: Any, fake: Ticking) -> None:
    shop = basic(connected)
    fake.cache.seconds, fake.cache.passes_over = 3600, frozenset({"mci_now"})
    assert health.check(shop)
    assert health.check(shop)
    assert events("cached_answers") == [({"by": "x-litespeed-cache"}, 1)]


@pytest.mark.parametrize(
    ("headers", "by"),
    [
        ({}, ""),
        ({"age": "0"}, ""),
        ({"age": "17"}, "age"),
        ({"age": "x"}, ""),
        ({"x-litespeed-cache": "miss"}, ""),
        ({"x-litespeed-cache": "hit"}, "x-litespeed-cache"),
        ({"cf-cache-status": "DYNAMIC"}, ""),
        ({"cf-cache-status": "HIT"}, "cf-cache-status"),
        ({"x-cache": "HIT from cdn7"}, "x-cache"),
        ({"x-proxy-cache": "MISS"}, ""),
        ({"x-fastcgi-cache": "STALE"}, "x-fastcgi-cache"),
        ({"cache-control": "max-age=0, stale-while-revalidate=60"}, ""),
        ({"x-litespeed-cache-control": "hit"}, ""),
        ({"x-cache-tags": "hit"}, ""),
    ],
)
def test_what_tells_of_a_cache(headers: dict[str, str], by: str) -> None:
    assert caches.answered("shop.example.it/a", headers, b"[]") == by


def test_a_cache_without_a_name_is_seen_by_the_answer_that_it_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(caches.time, "monotonic", lambda: now)
    date = {"date": "Tue, 24 Nov 2026 09:05:00 GMT"}
    assert caches.answered("shop.example.it/b", date, b"[]") == ""
    assert caches.answered("shop.example.it/b", date, b"[]") == ""  # twice within a second may be
    now = 160.0
    assert caches.answered("shop.example.it/b", date, b"[]") == "date"
    assert caches.answered("shop.example.it/b", date, b"[1]") == ""
    assert caches.answered("other.example.it/b", date, b"[]") == ""
    later = {"date": "Tue, 24 Nov 2026 09:06:00 GMT"}
    now = 220.0
    assert caches.answered("shop.example.it/b", later, b"[1]") == ""


def test_a_cached_page_is_asked_by_turns_and_soon_wholly(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a hundred old words, at every visit: a call for each would hold a worker for the whole visit."""
    orders = [fake.place_order([("SCN-00001", 1)]) for _number in range(25)]
    api = platform("woocommerce")
    stale = api.orders_since(access_of(connected), connected.import_since, None)
    fake.tick(60)
    for order in orders:
        fake.orders.set_status(order["id"], "on-hold")
    page.take(connected, api.orders_since(access_of(connected), connected.import_since, None).orders)
    asked: list[str] = []
    real = type(api).order
    monkeypatch.setattr(type(api), "order", lambda self, access, key: asked.append(key) or real(self, access, key))
    assert page.take(connected, stale.orders) == []
    assert len(asked) == len(set(asked)) == page._MOST_ASKED
    for _visit in range(30):
        page.take(connected, stale.orders)
    assert set(asked) == {str(order["id"]) for order in orders}
    assert set(InboxOrder.objects.values_list("status", flat=True)) == {"on-hold"}
    monkeypatch.setattr(page, "_ASKING_S", -1.0)
    asked.clear()
    page.take(connected, stale.orders)
    assert asked == []


def test_what_only_we_read_better_is_no_change_of_the_shop(connected: Any, fake: Ticking) -> None:
    """After a release that reads more of an order every one of the last days would be told as changed in secret."""
    for _number in range(2):
        fake.place_order([("SCN-00001", 1)])
    earlier = b"as an earlier release read it"
    for _by in ("visit", "proof"):
        Shop.objects.update(pull_after=LONG_AGO, look_back_after=LONG_AGO)
        pull.pull_shop(connected.pk)
        InboxOrder.objects.update(version_hash=earlier)
    assert reconcile.prove(Shop.objects.get()).healed == []
    assert events("looked_back") == []
    assert earlier not in [bytes(row.version_hash) for row in InboxOrder.objects.all()]
    InboxOrder.objects.update(version_hash=earlier, raw=b"")  # what it was is not known any more
    assert len(reconcile.prove(Shop.objects.get()).healed) == 2
