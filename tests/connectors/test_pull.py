"""The pull proves that no order was lost: whatever the webhooks missed, and whatever the list does while it is read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import deliveries, pull
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent, Visit
from connectors.platforms import platform
from connectors.platforms.base import Access
from connectors.platforms.woocommerce import walk
from orders.models import Order
from tests.connectors.conftest import KEY, SECRET, Ticking, make_shop

pytestmark = pytest.mark.django_db


def visit(shop: Any) -> Any:
    """One visit, due or not."""
    past = timezone.now() - dt.timedelta(days=1)
    Shop.objects.filter(pk=shop.pk).update(pull_after=past, pull_lease_until=None)
    assert pull.pull_shop(shop.pk)
    shop.refresh_from_db()
    return shop


def asked(fake: Ticking) -> int:
    return len([path for _method, path, _status in fake.requests if path.endswith("/orders")])


def test_orders_without_webhooks_come_by_pull(connected: Any, fake: Ticking) -> None:
    for number in range(5):
        fake.tick(60)
        fake.place_order([("SCN-00001", number + 1)], payment=("cod", "stripe", "bacs")[number % 3])
    visit(connected)
    assert sorted(Order.objects.values_list("payment", flat=True)) == ["awaiting", "cod", "cod", "prepaid", "prepaid"]
    assert connected.cursor == max(row.version_at for row in InboxOrder.objects.all())
    assert (connected.trouble, connected.pull_failures, connected.last_pull_at is not None) == ("", 0, True)


def test_a_second_visit_changes_nothing_and_reads_one_page(connected: Any, fake: Ticking) -> None:
    fake.place_order([("SCN-00001", 1)])
    visit(connected)
    before = Order.objects.get().updated_at
    visit(connected)
    assert Order.objects.get().updated_at == before
    assert asked(fake) == 2


def test_the_first_visit_goes_back_to_the_chosen_day(dropshipper: Any, goods: Any, fake: Ticking) -> None:
    for days in (90, 40, 20, 1):
        fake.place_order([("SCN-00001", 1)], at=fake.clock() - dt.timedelta(days=days), silent=True)
    shop = make_shop(
        dropshipper, address=fake.url, import_since=fake.clock() - dt.timedelta(days=30), connected_at=fake.clock()
    )
    visit(shop)
    assert Order.objects.count() == 2
    assert set(InboxOrder.objects.values_list("via", flat=True)) == {"import"}
    assert shop.gaps_healed == 0


def test_every_order_of_many_pages_comes_although_the_list_moves(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 5)
    ids = []
    for _number in range(23):
        fake.tick(1)
        ids.append(fake.place_order([("SCN-00001", 1)])["id"])
    read, real = [], platform("woocommerce").orders_since

    def moving(access: Access, since: Any, cursor: Any) -> Any:
        page = real(access, since, cursor)
        read.append(page)
        if len(read) in (1, 2, 3):  # an order of a page already read, and one still to come, change meanwhile
            fake.tick(1)
            fake.orders.change(ids[len(read)], {"customer_note": "drift"})
            fake.orders.change(ids[10 + len(read)], {"customer_note": "drift"})
        return page

    monkeypatch.setattr(type(platform("woocommerce")), "orders_since", lambda _self, *args: moving(*args))
    visit(connected)
    assert set(InboxOrder.objects.values_list("external_id", flat=True)) == {str(number) for number in ids}
    assert Order.objects.filter(note="drift").count() == 6


def test_reading_page_after_page_would_have_lost_one(fake: Ticking) -> None:
    """The negative control: page 2 of a list that changed skips an order."""
    from connectors.platforms.woocommerce.client import Client

    fake.keys.add(KEY, SECRET)
    ids = []
    for _number in range(10):
        fake.tick(1)
        ids.append(fake.place_order([("SCN-00001", 1)])["id"])
    client = Client(fake.url, KEY, SECRET)
    query = {"per_page": "5", "orderby": "modified", "order": "asc", "_fields": "id"}
    first = client.get("orders", page="1", **query).data
    fake.tick(1)
    fake.orders.change(ids[0], {"customer_note": "drift"})
    second = client.get("orders", page="2", **query).data
    assert {row["id"] for row in first + second} != set(ids)


def test_more_orders_than_a_page_in_one_second_all_come(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 4)
    fake.place_order([("SCN-00001", 1)])
    fake.tick(1)
    for _number in range(19):
        fake.place_order([("SCN-00001", 1)])
    fake.tick(1)
    for _number in range(6):
        fake.tick(1)
        fake.place_order([("SCN-00001", 1)])
    visit(connected)
    assert Order.objects.count() == 26


def test_a_second_that_changes_while_it_is_paged_is_read_again(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 4)
    ids = [fake.place_order([("SCN-00001", 1)])["id"] for _number in range(15)]
    pages, real = [], platform("woocommerce").orders_since

    def moving(access: Access, since: Any, cursor: Any) -> Any:
        page = real(access, since, cursor)
        pages.append(cursor)
        if len(pages) == 3:  # one of the second's first page leaves the second: what follows moves up
            fake.tick(1)
            fake.orders.change(ids[0], {"customer_note": "drift"})
        return page

    monkeypatch.setattr(type(platform("woocommerce")), "orders_since", lambda _self, *args: moving(*args))
    visit(connected)
    assert Order.objects.count() == 15
    assert any(cursor and '"again": 1' in cursor for cursor in pages)


def test_a_long_walk_goes_on_where_it_stopped(connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 3)
    monkeypatch.setattr(pull, "MAX_PAGES", 2)
    for _number in range(20):
        fake.tick(1)
        fake.place_order([("SCN-00001", 1)])
    counts = []
    for _visit in range(12):
        visit(connected)
        counts.append(Order.objects.count())
        if not connected.pull_walk:
            break
    assert counts[-1] == 20
    assert counts[0] < 20


def test_the_cursor_does_not_move_past_a_page_that_was_not_stored(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 3)
    for _number in range(7):
        fake.tick(60)
        fake.place_order([("SCN-00001", 1)])
    real, calls = platform("woocommerce").orders_since, []

    def dying(access: Access, since: Any, cursor: Any) -> Any:
        calls.append(cursor)
        if len(calls) == 2:
            raise RuntimeError
        return real(access, since, cursor)

    monkeypatch.setattr(type(platform("woocommerce")), "orders_since", lambda _self, *args: dying(*args))
    visit(connected)
    assert Order.objects.count() == 3
    assert connected.cursor == max(InboxOrder.objects.values_list("version_at", flat=True))
    assert connected.pull_failures == 1
    visit(connected)
    assert Order.objects.count() == 7


def test_a_shop_whose_clock_is_ahead_does_not_hide_what_comes_next(connected: Any, fake: Ticking) -> None:
    fake.tick(10 * 3600)
    fake.place_order([("SCN-00001", 1)])
    visit(connected)
    assert connected.cursor <= timezone.now()
    fake.tick(-9 * 3600)
    fake.place_order([("SCN-00001", 1)])
    visit(connected)
    assert Order.objects.count() == 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 500}, "shop_unreachable"),
        ({"status": 502, "body": "html"}, "shop_unreachable"),
        ({"status": 503, "body": "html"}, "page_instead"),
        ({"status": 503}, "shop_unreachable"),
        ({"status": 503, "retry_after": 120}, "shop_busy"),
        ({"status": 429}, "shop_busy"),
        ({"body": "html"}, "page_instead"),
        ({"body": "empty"}, "shop_unreachable"),
        ({"body": "truncated"}, "shop_unreachable"),
        ({"drop": True}, "shop_unreachable"),
    ],
)
def test_passing_trouble_waits_and_heals(connected: Any, fake: Ticking, fault: dict[str, Any], code: str) -> None:
    fake.place_order([("SCN-00001", 1)])
    fake.faults.add("orders", times=2, **fault)
    for failures in (1, 2):
        visit(connected)
        assert (connected.state, connected.trouble, connected.pull_failures) == ("active", code, failures)
        assert connected.cursor is None
        assert timezone.now() < connected.pull_after <= timezone.now() + dt.timedelta(hours=1)
        assert not Order.objects.exists()
    visit(connected)
    assert (connected.trouble, connected.pull_failures) == ("", 0)
    assert Order.objects.count() == 1
    assert list(ShopEvent.objects.order_by("id").values_list("code", flat=True)) == [code, "recovered"]


@pytest.mark.parametrize(("wait", "seconds"), [(120, 120), (10**8, 3600), (0, 1), ("-5", None), ("Wed, 21 Oct", None)])
def test_the_shops_wish_to_wait_is_heeded_within_reason(
    connected: Any, fake: Ticking, wait: Any, seconds: int | None
) -> None:
    fake.faults.add("orders", status=429, retry_after=wait)
    before = timezone.now()
    visit(connected)
    waited = (connected.pull_after - before).total_seconds()
    if seconds is None:
        assert 59 <= waited <= 3600
    else:
        assert seconds <= waited < seconds + 5


@pytest.mark.parametrize(
    ("trouble", "code"),
    [("secret", "key_refused"), ("removed", "key_refused"), ("demoted", "key_owner"), ("elsewhere", "shop_moved")],
)
def test_what_needs_a_hand_stops_the_shop_and_says_so(connected: Any, fake: Ticking, trouble: str, code: str) -> None:
    if trouble == "secret":
        fake.keys.add(KEY, "cs_" + "c3" * 20)
    elif trouble == "removed":
        fake.keys.remove(KEY)
    elif trouble == "demoted":
        fake.keys.demote(KEY)
    else:
        fake.faults.add("*", times=10, status=301)
    visit(connected)
    assert (connected.state, connected.trouble) == ("broken", code)
    assert connected.trouble_params["reason"]
    assert ShopEvent.objects.get().code == code
    Shop.objects.update(pull_after=timezone.now() - dt.timedelta(days=1))
    assert not pull.pull_shop(connected.pk)  # no storm: until somebody acts


def test_a_lost_webhook_is_counted_once_as_a_gap_that_was_healed(connected: Any, fake: Ticking) -> None:
    lost = fake.place_order([("SCN-00001", 1)])
    slow = fake.place_order([("SCN-00001", 2)])
    visit(connected)
    assert set(InboxOrder.objects.values_list("via", flat=True)) == {"pull"}
    fake.flush(arrange=lambda batch: [due for due in batch if due.resource == slow["id"]])
    deliveries.drain()
    InboxOrder.objects.update(first_seen_at=timezone.now() - dt.timedelta(minutes=11))
    visit(connected)
    visit(connected)
    assert connected.gaps_healed == 1
    assert dict(InboxOrder.objects.values_list("external_id", "via")) == {
        str(lost["id"]): "healed",
        str(slow["id"]): "webhook",
    }
    event = ShopEvent.objects.get(code="gap_healed")
    assert (event.params["count"], event.params["numbers"]) == (1, lost["number"])


def test_an_order_that_cannot_be_read_is_buried_and_the_rest_comes(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = fake.place_order([("SCN-00001", 1)])
    fake.place_order([("SCN-00001", 1)])
    real = walk.read_order

    def sometimes(item: Any) -> Any:
        return real({**item, "status": ""} if item["id"] == bad["id"] else item)

    monkeypatch.setattr(walk, "read_order", sometimes)
    visit(connected)
    visit(connected)
    assert Order.objects.count() == 1
    dead = Delivery.objects.get()
    assert (dead.state, dead.delivery_id) == ("dead", "pull")
    monkeypatch.setattr(walk, "read_order", real)
    deliveries.replay(dead.pk)
    Delivery.objects.update(try_after=timezone.now() - dt.timedelta(days=1))
    deliveries.drain()
    assert Order.objects.count() == 2


def test_a_shop_is_read_by_one_worker_at_a_time(connected: Any, fake: Ticking) -> None:
    Shop.objects.update(pull_after=timezone.now() - dt.timedelta(days=1))
    first = pull._claim(None)
    assert first
    assert pull._claim(None) is None
    Shop.objects.update(pull_lease_until=timezone.now() - dt.timedelta(days=1))  # its worker was killed
    Visit.objects.update(lease_until=timezone.now() - dt.timedelta(days=1))
    second = pull._claim(None)
    assert second
    fake.place_order([("SCN-00001", 1)])
    pull._visit(*first)  # wakes up too late: writes no cursor
    connected.refresh_from_db()
    assert connected.cursor is None
    assert connected.pull_lease_token == second[1].token


def test_paused_and_disconnected_shops_are_left_alone(connected: Any, fake: Ticking) -> None:
    from connectors.connect import acts
    from connectors.shops import asks

    acts.pause(connected, by=1)
    pull.ask_now(connected.pk)
    assert pull.pull_due() == 0
    acts.disconnect(connected, by=1)
    assert pull.pull_due() == 0
    assert asks.do_due() == 1
    connected.refresh_from_db()
    assert fake.webhooks.all() == []
    assert (connected.credentials, connected.webhook_secret) == ("", "")
