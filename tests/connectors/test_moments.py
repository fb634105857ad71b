"""Moments that decide: the day from which orders are wanted, to the second; ten minutes of overlap and of patience."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import pull, upsert
from connectors.models import InboxOrder, Shop, ShopEvent
from orders.models import Order
from tests.connectors.conftest import make_shop
from tests.connectors.test_inbox import put
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime(2026, 11, 20, 10, 0, 0, tzinfo=dt.UTC)
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


@pytest.mark.parametrize(("since", "comes"), [(MOMENT - SECOND, True), (MOMENT, True), (MOMENT + SECOND, False)])
def test_orders_are_wanted_from_the_second_that_was_chosen(
    dropshipper: Any, goods: Any, since: dt.datetime, comes: bool
) -> None:
    """By webhook, and by the pull's page."""
    put(make_shop(dropshipper, import_since=since), date_created_gmt=f"{MOMENT:%Y-%m-%dT%H:%M:%S}")
    assert (Order.objects.count(), InboxOrder.objects.count()) == ((1, 1) if comes else (0, 0))


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_first_visit_takes_orders_from_that_second_on(dropshipper: Any, goods: Any, fake: Any, offset: int) -> None:
    placed = fake.clock() - dt.timedelta(days=3)
    fake.place_order([("SCN-00001", 1)], at=placed, silent=True)
    since = placed + offset * SECOND
    visit(make_shop(dropshipper, address=fake.url, import_since=since))
    assert Order.objects.count() == (0 if offset > 0 else 1)


@pytest.mark.parametrize(("connected_at", "comes"), [(MOMENT - SECOND, True), (MOMENT, True), (MOMENT + SECOND, False)])
def test_what_was_sent_before_the_shop_was_connected_is_history_to_the_second(
    dropshipper: Any, goods: Any, connected_at: dt.datetime, comes: bool
) -> None:
    shop = make_shop(dropshipper, connected_at=connected_at)
    sent = {"status": "completed", "date_paid_gmt": "2026-11-20T10:00:00", "date_completed_gmt": "2026-11-22T10:00:00"}
    put(shop, **sent)
    assert InboxOrder.objects.exists() is comes
    put(shop, id_=2)  # one that waits is wanted in any case
    assert InboxOrder.objects.filter(external_id="2").exists()


def test_a_visit_reads_ten_minutes_before_the_last_change_that_it_saw(connected: Any, fake: Any) -> None:
    """An order that was written late, with a date of before: the shop's own workers overtake each other."""
    fake.place_order([("SCN-00001", 1)], silent=True)
    visit(connected)
    cursor = connected.cursor
    late = fake.place_order([("SCN-00001", 2)], at=cursor - 10 * MINUTE + 2 * SECOND, silent=True)["id"]
    lost = fake.place_order([("SCN-00001", 3)], at=cursor - 11 * MINUTE, silent=True)["id"]
    Shop.objects.update(look_back_after=timezone.now() + dt.timedelta(hours=1))
    visit(connected)
    known = set(InboxOrder.objects.values_list("external_id", flat=True))
    assert str(late) in known
    assert str(lost) not in known  # that is the look back's
    assert connected.cursor == cursor  # what is older does not set it back


@pytest.mark.parametrize(("age", "healed"), [(10 * MINUTE - 5 * SECOND, 0), (10 * MINUTE + SECOND, 1)])
def test_a_webhook_is_lost_after_ten_minutes(connected: Any, fake: Any, age: dt.timedelta, healed: int) -> None:
    connected.gaps_healed = 3
    connected.save()
    for _number in range(2):
        fake.place_order([("SCN-00001", 1)], silent=True)
    visit(connected)
    now = timezone.now()
    one, two = InboxOrder.objects.order_by("pk")
    assert {one.via, two.via} == {upsert.PULL}
    InboxOrder.objects.filter(pk=one.pk).update(first_seen_at=now - age)
    InboxOrder.objects.filter(pk=two.pk).update(first_seen_at=now - MINUTE)
    visit(connected)
    assert connected.gaps_healed == 3 + healed
    assert InboxOrder.objects.filter(via=upsert.HEALED).count() == healed
    told = list(ShopEvent.objects.filter(code="gap_healed").values_list("params", flat=True))
    assert told == ([{"count": 1, "numbers": one.number}] if healed else [])
    visit(connected)
    assert connected.gaps_healed == 3 + healed


def test_a_shop_whose_clock_is_ahead_does_not_push_the_place_past_what_is_to_come(connected: Any, fake: Any) -> None:
    fake.place_order([("SCN-00001", 1)], at=timezone.now() + dt.timedelta(days=2), silent=True)
    visit(connected)
    assert abs(connected.cursor - timezone.now()) < MINUTE


def test_what_a_shop_had_is_heard_when_its_list_was_read_to_the_end(
    connected: Any, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And as of the moment when the reading began: what was sold meanwhile may not be in it."""
    from connectors.platforms import platform
    from connectors.platforms.woocommerce import walk

    monkeypatch.setattr(walk, "PER_PAGE", 1)
    monkeypatch.setattr(pull, "MAX_PAGES", 2)
    for _number in range(4):
        fake.tick(1)
        fake.place_order([("SCN-00001", 1)], silent=True)
    visit(connected)
    assert connected.heard_until is None
    plain, reading = platform("woocommerce").orders_since, list[dt.datetime]()

    def noted(*given: Any) -> Any:
        reading.append(timezone.now())
        return plain(*given)

    monkeypatch.setattr(pull, "MAX_PAGES", 50)
    monkeypatch.setattr(platform("woocommerce"), "orders_since", noted)
    visit(connected)
    assert connected.heard_until is not None
    assert connected.heard_until <= reading[0]
