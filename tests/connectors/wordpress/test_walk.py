"""The walks through the plugin's lists: by keyset, over a list that changes while it is read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connectors.intake import reconcile
from connectors.models import Delivery, InboxOrder
from connectors.platforms import platform
from connectors.platforms.base import Access, ShopUnreachable, Withdrawn
from connectors.platforms.wordpress import orders as walk
from demo.shops.wordpress import FakeShop
from tests.connectors.conftest import LONG_AGO
from tests.connectors.wordpress.conftest import pull_now

pytestmark = pytest.mark.django_db
WP = platform("wordpress")


def read_all(access: Access, since: dt.datetime = LONG_AGO, between: Any = None) -> list[str]:
    found, cursor = [], None
    while True:
        page = WP.orders_since(access, since, cursor)
        found += [raw.external_id for raw in page.orders]
        cursor = page.cursor
        if cursor is None:
            return found
        if between:
            between()


def test_orders_of_one_second_are_all_read_whatever_the_pages(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    ids = [str(wp.place_order(at=moment, silent=True)["id"]) for _number in range(7)]
    monkeypatch.setattr(walk, "PER_PAGE", 2)
    assert read_all(access) == ids
    assert read_all(access, moment) == ids
    assert read_all(access, moment + dt.timedelta(seconds=1)) == []


def test_a_host_that_gives_fewer_than_it_is_asked_for_is_read_to_the_end(wp: FakeShop, access: Access) -> None:
    ids = [str(wp.place_order(silent=True)["id"]) for _number in range(5)]
    wp.most_orders = 1
    assert read_all(access) == ids


def test_an_order_that_changes_between_two_pages_is_read_again_and_none_is_skipped(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    ids = [wp.place_order(at=first + dt.timedelta(minutes=n), silent=True)["id"] for n in range(4)]
    monkeypatch.setattr(walk, "PER_PAGE", 2)
    changes = iter([lambda: wp.orders.change(ids[0], {"customer_note": "Nuova"})])
    found = read_all(access, between=lambda: next(changes, lambda: None)())
    assert found == [str(id_) for id_ in (*ids, ids[0])]


def test_the_bin_is_in_the_list_and_drafts_are_not(wp: FakeShop, access: Access) -> None:
    kept = [wp.place_order(silent=True)["id"] for _number in range(2)]
    wp.place_order(status="checkout-draft", silent=True)
    wp.orders.trash(kept[1])
    page = WP.orders_since(access, LONG_AGO, None)
    assert [(raw.external_id, raw.reading.live) for raw in page.orders if raw.reading] == [
        (str(kept[0]), True),
        (str(kept[1]), False),
    ]


def test_a_list_that_stands_still_is_not_read_for_ever(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    wp.place_order(silent=True)
    said = wp.calls._op_orders_since
    for next_ in ({"since": "2020-01-01T00:00:00Z", "after_id": 0}, {"since": "soon", "after_id": 1}, None, []):
        monkeypatch.setattr(
            wp.calls, "_op_orders_since", lambda given, n=next_: {**said(given), "more": True, "next": n}
        )
        with pytest.raises(ShopUnreachable):
            read_all(access)


def test_an_order_that_woocommerce_cannot_read_is_shown_and_holds_up_none(
    wp: FakeShop, wp_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wp.place_order(silent=True)
    said = wp.calls._op_orders_since
    broken = {"id": 9, "date_modified_gmt": "2026-11-20T10:00:00", "unreadable": "Fatal: class not found"}
    monkeypatch.setattr(
        wp.calls, "_op_orders_since", lambda given: {**said(given), "orders": [broken, *said(given)["orders"]]}
    )
    pull_now(wp_shop)
    assert InboxOrder.objects.count() == 1
    dead = Delivery.objects.get()
    assert (dead.state, dead.error, dead.error_params) == ("dead", "unreadable", {"reason": "Fatal: class not found"})


def test_one_order_is_read_as_it_is_now_or_as_gone(wp: FakeShop, access: Access) -> None:
    id_ = str(wp.place_order(silent=True)["id"])
    found = WP.order(access, id_)
    assert not isinstance(found, Withdrawn)
    assert found.reading
    assert found.reading.external_id == id_
    wp.orders.trash(int(id_))
    trashed = WP.order(access, id_)
    assert not isinstance(trashed, Withdrawn)
    assert trashed.reading
    assert not trashed.reading.live
    wp.orders.delete(int(id_))
    assert WP.order(access, id_) == Withdrawn(id_)


def test_the_pull_brings_what_no_event_told_and_a_second_one_changes_nothing(wp: FakeShop, wp_shop: Any) -> None:
    for _number in range(3):
        wp.place_order(silent=True)
    pull_now(wp_shop)
    before = list(InboxOrder.objects.order_by("pk").values())
    assert len(before) == 3
    pull_now(wp_shop)
    assert list(InboxOrder.objects.order_by("pk").values()) == before


def test_the_daily_proof_finds_what_is_missing(wp: FakeShop, wp_shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "SEEN_PER_PAGE", 2)
    ids = [wp.place_order(silent=True)["id"] for _number in range(3)]
    trashed = wp.place_order(silent=True)["id"]
    wp.orders.trash(trashed)
    page = WP.orders_seen(_access(wp_shop), LONG_AGO, None)
    rest = WP.orders_seen(_access(wp_shop), LONG_AGO, page.cursor)
    assert [seen.external_id for seen in (*page.orders, *rest.orders)] == [str(id_) for id_ in ids]
    assert rest.cursor is None
    found = reconcile.prove(wp_shop)
    assert found
    assert (found.theirs, found.same, found.is_clean) == (3, 3, True)  # placed just now: not counted as lost
    assert InboxOrder.objects.count() == 3


def _access(shop: Any) -> Access:
    from connectors.shops.access import access_of

    return access_of(shop)
