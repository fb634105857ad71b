"""A bad day with a WooCommerce shop: slow, dying half-way, changing its mind after the parcel left."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors.intake import deliveries, page, pull
from connectors.models import InboxOrder, Shop
from connectors.platforms.woocommerce import walk
from connectors.platforms.woocommerce.client import Client
from orders.models import Order
from tests.connectors.conftest import Ticking, make_shop
from tests.connectors.test_news import arrived, ship
from tests.connectors.test_pull import asked, visit

pytestmark = pytest.mark.django_db


def test_a_shop_that_takes_too_long_is_left_and_asked_again(
    connected: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Client.of
    monkeypatch.setattr(Client, "of", staticmethod(lambda access, deadline_s=30.0: real(access, deadline_s=0.3)))
    fake.place_order([("SCN-00001", 1)])
    fake.faults.add("orders", slow=5)
    visit(connected)
    assert (connected.state, connected.trouble) == ("active", "shop_unreachable")
    assert connected.trouble_params == {"reason": "timeout"}
    assert connected.calls.get().result == "timeout"
    visit(connected)
    assert (connected.trouble, Order.objects.count()) == ("", 1)


class Killed(BaseException):
    """As a worker that is killed: nothing of ours catches it."""


def test_the_first_reading_of_many_orders_goes_on_after_a_kill(
    dropshipper: Any, goods: Any, fake: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PER_PAGE", 50)
    monkeypatch.setattr(pull, "MAX_PAGES", 3)
    for _number in range(330):
        fake.tick(2)
        fake.place_order([("SCN-00001", 1)], payment="stripe", silent=True)
    shop = make_shop(dropshipper, address=fake.url)
    fake.keys.add("ck_" + "a1" * 20, "cs_" + "b2" * 20)
    real, pages, statements = page.take, [], []

    def take(shop: Any, page: Any, **at: Any) -> Any:
        pages.append(len(page))
        if len(pages) == 3:
            raise Killed
        with CaptureQueriesContext(connection) as done:
            changed = real(shop, page, **at)
        statements.append(len(done))
        return changed

    monkeypatch.setattr(page, "take", take)
    with pytest.raises(Killed):
        visit(shop)
    assert Order.objects.count() == 99  # two pages of 50, whose edge is read twice
    before = asked(fake)
    for _visit in range(4):
        visit(shop)
        if not shop.pull_walk:
            break
    assert Order.objects.count() == InboxOrder.objects.count() == 330
    assert asked(fake) - before == 5  # not from the beginning: 330 less 99, 49 new ones a page
    assert max(statements) <= 20  # one of them: does another connection of the store have these orders?
    assert set(Order.objects.values_list("state", flat=True)) == {"ready"}


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("refund", "cancelled_in_shop"),
        ("cancel", "cancelled_in_shop"),
        ("part", "changed_in_shop"),
        ("bin", "cancelled_in_shop"),
    ],
)
def test_what_the_shop_takes_back_after_the_parcel_left_is_an_alert(
    connected: Any, fake: Ticking, owner: Any, client_for: Any, what: str, code: str
) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    fake.tick(60)
    if what == "refund":
        fake.orders.refund(id_, fake.orders[id_]["total"])
    elif what == "part":
        fake.orders.refund(id_, "1.00")
    elif what == "cancel":
        fake.orders.set_status(id_, "cancelled")
    else:
        fake.orders.trash(id_)
    fake.flush()
    deliveries.drain()
    order.refresh_from_db()
    assert order.state == "dispatched"
    assert code in order.problems.values_list("code", flat=True)
    page = client_for(owner).get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert f'data-alert="{code}"' in page


def test_a_worker_that_died_while_it_read_leaves_the_shop_to_the_next(connected: Any, fake: Ticking) -> None:
    fake.place_order([("SCN-00001", 1)])
    past = timezone.now() - dt.timedelta(minutes=1)
    Shop.objects.filter(pk=connected.pk).update(pull_after=past, pull_lease_until=past)
    assert pull.pull_shop(connected.pk)
    assert Order.objects.count() == 1
