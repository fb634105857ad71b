"""Who is asked for, and who is withdrawn, when an order is not in the shop's list: none that the list need not have,
each that it should, and only by what the shop says of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import reconcile, upsert
from connectors.models import InboxOrder, Shop
from connectors.platforms import platform
from connectors.platforms.base import SeenPage
from orders.models import Order
from tests.connectors.test_news import arrived, ship
from tests.connectors.test_proof import place
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def seen_long_ago() -> None:
    InboxOrder.objects.update(first_seen_at=timezone.now() - HOUR)


def asked_for(fake: Any) -> set[int]:
    """The orders that were asked for by themselves."""
    paths = (path.partition("?")[0].rpartition("/orders/")[2] for method, path, _s in fake.requests if method == "GET")
    return {int(end) for end in paths if end.isdigit()}


def states() -> dict[str, str]:
    return dict(InboxOrder.objects.filter(order__isnull=False).values_list("external_id", "order__state"))


def test_the_list_begins_a_second_after_the_day_that_was_chosen(connected: Any, fake: Any) -> None:
    first = fake.clock() - HOUR
    ids = []
    for seconds in (-1, 0, 1, 2):
        ids.append(fake.place_order([("SCN-00001", 1)], at=first + dt.timedelta(seconds=seconds), silent=True)["id"])
    visit(connected)
    Shop.objects.update(import_since=first)
    connected.refresh_from_db()
    seen_long_ago()
    fake.orders.delete(ids[2])
    fake.requests.clear()
    found = reconcile.prove(connected)
    # The first two are not in a list that begins behind `first`: nothing is said of them by that.
    assert (found.theirs, found.gone, asked_for(fake)) == (1, [str(ids[2])], {ids[2]})
    assert states() == {str(id_): "cancelled" if id_ == ids[2] else "ready" for id_ in ids}
    assert found.since == first


def test_orders_of_before_the_seven_days_are_left_alone(connected: Any, fake: Any) -> None:
    old, new = (
        fake.place_order([("SCN-00001", 1)], at=fake.clock() - dt.timedelta(days=days), silent=True)["id"]
        for days in (7.5, 6.5)
    )
    visit(connected)
    seen_long_ago()
    fake.orders.delete(old)
    fake.orders.delete(new)
    fake.requests.clear()
    assert reconcile.prove(connected).gone == [str(new)]
    assert asked_for(fake) == {new}


def test_what_is_still_to_fix_is_withdrawn_too_and_what_came_just_now_is_not(connected: Any, fake: Any) -> None:
    waits, fresh, over = place(fake, 3, payment="bacs")
    visit(connected)
    assert set(states().values()) == {"received"}
    Order.objects.filter(inbox__external_id=str(over)).update(state="cancelled")
    seen_long_ago()
    InboxOrder.objects.filter(external_id=str(fresh)).update(first_seen_at=timezone.now() - dt.timedelta(seconds=90))
    for id_ in (waits, fresh, over):
        fake.orders.delete(id_)
    fake.requests.clear()
    assert reconcile.prove(connected).gone == [str(waits)]
    assert asked_for(fake) == {waits}
    assert states() == {str(waits): "cancelled", str(fresh): "received", str(over): "cancelled"}

    seen_long_ago()  # a while later it is no news any more
    assert reconcile.prove(connected).gone == [str(fresh)]


def test_a_sent_order_that_is_gone_is_said_once(connected: Any, fake: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    seen_long_ago()
    fake.orders.delete(int(id_))
    assert reconcile.prove(connected).gone == [str(id_)]
    fake.requests.clear()
    assert (reconcile.prove(connected).gone, asked_for(fake)) == ([], set())
    assert order.problems.filter(code="cancelled_in_shop").count() == 1
    assert connected.events.filter(code="proof_gone").count() == 1


def test_an_order_whose_number_is_another_one_s_is_not_looked_for(connected: Any, fake: Any) -> None:
    [id_] = place(fake, 1)
    visit(connected)
    seen_long_ago()
    InboxOrder.objects.update(external_id=f"{id_}{upsert.REUSED}3")
    fake.requests.clear()
    found = reconcile.prove(connected)
    assert (found.gone, asked_for(fake)) == ([], {id_})  # as one that is missing here
    assert states() == {f"{id_}{upsert.REUSED}3": "ready", str(id_): "received"}  # the new one asks about its twin


def test_a_list_that_leaves_out_what_is_over_says_nothing_new(
    connected: Any, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sent order that the shop cancelled since, and told us so: known already."""
    order, id_ = arrived(connected, fake, payment="stripe")
    fake.tick(2)
    fake.orders.set_status(int(id_), "cancelled")
    visit(connected)
    seen_long_ago()
    assert InboxOrder.objects.get().status == "cancelled"
    monkeypatch.setattr(type(platform("woocommerce")), "orders_seen", lambda *_args: SeenPage([], None))
    found = reconcile.prove(connected)
    assert (found.gone, found.healed) == ([], [])
    assert connected.events.filter(code="proof_gone").count() == 0
    order.refresh_from_db()
    assert order.state == "dispatched"


def test_what_a_list_leaves_out_and_the_shop_has_is_not_gone_though_it_changed(
    connected: Any, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    [id_] = place(fake, 1)
    visit(connected)
    seen_long_ago()
    fake.tick(2)
    fake.orders.change(id_, {"customer_note": "Piano 2"})
    monkeypatch.setattr(type(platform("woocommerce")), "orders_seen", lambda *_args: SeenPage([], None))
    monkeypatch.setattr(reconcile, "_same_date_other_content", lambda *_args: [])
    assert reconcile.prove(connected).gone == []
    assert states() == {str(id_): "ready"}


def test_what_it_withdraws_is_named_by_the_number_that_people_know(connected: Any, fake: Any) -> None:
    [id_] = place(fake, 1)
    visit(connected)
    seen_long_ago()
    InboxOrder.objects.update(number="A-77")
    fake.orders.delete(id_)
    assert reconcile.prove(connected).gone == ["A-77"]
    assert connected.events.get(code="proof_gone").params == {"count": 1, "numbers": "A-77"}


def test_the_record_counts_each_order_once(connected: Any, fake: Any) -> None:
    """The same, the missing, the changed, one from before the chosen day and one that went while it was looked at."""
    same, changed, lost = place(fake, 3)
    before = fake.clock() - dt.timedelta(days=2)
    visit(connected)
    fake.tick(2)
    fake.orders.set_status(changed, "on-hold")
    row = InboxOrder.objects.get(external_id=str(lost))
    row.delete()
    row.order.delete()  # type: ignore[union-attr]
    old = fake.place_order([("SCN-00001", 1)], at=before, silent=True)["id"]
    fake.orders.set_status(old, "completed")
    Shop.objects.update(connected_at=before + HOUR)  # sent before it was connected: no order of ours
    connected.refresh_from_db()
    found = reconcile.prove(connected)
    assert (found.theirs, found.same, found.left_out, found.whole) == (4, 1, 1, True)
    assert sorted(found.healed) == sorted([str(changed), str(lost)])
    assert states() == {str(same): "ready", str(changed): "received", str(lost): "ready"}
