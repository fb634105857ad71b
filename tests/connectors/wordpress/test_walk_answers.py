"""Answers of a plugin's host that cannot be so: another order than was asked for, a list that stands still or goes
back. None is taken for the truth, and none is read for ever."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connectors.intake import pull
from connectors.models import InboxOrder, Shop
from connectors.platforms import platform
from connectors.platforms.base import Access, RawOrder, ShopUnreachable
from connectors.platforms.wordpress import orders as walk
from connectors.platforms.wordpress.orders import next_after
from demo.shops.wordpress import FakeShop
from tests.connectors.conftest import LONG_AGO

pytestmark = pytest.mark.django_db
WP = platform("wordpress")


def test_another_order_than_was_asked_for_is_no_answer(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache on the host that looks at the address alone: all calls have the same one."""
    one, two = (str(wp.place_order(silent=True)["id"]) for _number in range(2))
    said = wp.calls._op_order({"id": two})
    monkeypatch.setattr(wp.calls, "_op_order", lambda _given: said)
    with pytest.raises(ShopUnreachable):
        WP.order(access, one)
    found = WP.order(access, two)
    assert isinstance(found, RawOrder)
    assert found.external_id == two


@pytest.mark.parametrize("gone", [1, "true", "yes", None])
def test_an_order_is_gone_only_where_the_plugin_says_so(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch, gone: Any
) -> None:
    id_ = str(wp.place_order(silent=True)["id"])
    said = wp.calls._op_order({"id": id_})
    monkeypatch.setattr(wp.calls, "_op_order", lambda _given: {**said, "gone": gone})
    assert isinstance(WP.order(access, id_), RawOrder)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"more": True, "next": {"after_id": 38}}, "38"),
        ({"more": False, "next": {"after_id": 38}}, None),
        ({"next": {"after_id": 38}}, None),
        ({"more": 1, "next": {"after_id": 38}}, None),
        ({"more": True, "next": {"after_id": 37}}, ShopUnreachable),  # where it began: for ever the same page
        ({"more": True, "next": {"after_id": 36}}, ShopUnreachable),
        ({"more": True, "next": {"after_id": 0}}, ShopUnreachable),
        ({"more": True, "next": {"after_id": "many"}}, ShopUnreachable),
        ({"more": True, "next": [38]}, ShopUnreachable),
        ({"more": True}, ShopUnreachable),
    ],
)
def test_a_list_by_number_goes_on_behind_where_it_was(data: dict[str, Any], wanted: Any) -> None:
    if wanted is ShopUnreachable:
        with pytest.raises(ShopUnreachable):
            next_after(data, 37)
    else:
        assert next_after(data, 37) == wanted


@pytest.mark.parametrize(
    "following",
    [
        {"since": "2026-11-20T10:00:07Z", "after_id": 41},  # the same place
        {"since": "2026-11-20T10:00:07Z", "after_id": 40},
        {"since": "2026-11-20T10:00:06Z", "after_id": 99},
        {"since": "2026-11-20T10:00:08", "after_id": 42},  # no zone: whose clock?
        {"since": "2026-11-20T10:00:08Z", "after_id": -1},
    ],
)
def test_a_list_by_time_goes_on_behind_where_it_was(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch, following: dict[str, Any]
) -> None:
    cursor = '{"since": "2026-11-20T10:00:07Z", "after_id": 41}'
    monkeypatch.setattr(wp.calls, "_op_orders_since", lambda _given: {"orders": [], "more": True, "next": following})
    with pytest.raises(ShopUnreachable):
        WP.orders_since(access, LONG_AGO, cursor)
    for since, after_id in (("2026-11-20T10:00:07Z", 42), ("2026-11-20T10:00:08Z", 1)):
        on = {"since": since, "after_id": after_id}
        monkeypatch.setattr(
            wp.calls, "_op_orders_since", lambda _given, on=on: {"orders": [], "more": True, "next": on}
        )
        page = WP.orders_since(access, LONG_AGO, cursor)
        assert (page.cursor, page.seen_until) == (f'{{"since": "{since}", "after_id": {after_id}}}', None)


def test_the_proof_s_list_begins_at_its_moment_and_goes_on_where_it_was(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = dt.datetime(2026, 11, 20, 10, 0, 7, tzinfo=dt.UTC)
    ids = [str(wp.place_order(at=moment + dt.timedelta(seconds=n), silent=True)["id"]) for n in range(-1, 4)]
    monkeypatch.setattr(walk, "SEEN_PER_PAGE", 2)
    found, cursor = [], None
    for _page in range(9):
        page = WP.orders_seen(access, moment, cursor)
        found.append([seen.external_id for seen in page.orders])
        cursor = page.cursor
        if cursor is None:
            break
    assert found == [ids[1:3], ids[3:]]


@pytest.mark.parametrize("row", [{"id": 0, "modified": "2026-11-20T10:00:00Z"}, {"id": 7, "modified": "x"}, 7])
def test_a_row_that_cannot_be_read_makes_no_proof(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch, row: Any
) -> None:
    """Left out, it would be an order that the shop does not have."""
    monkeypatch.setattr(wp.calls, "_op_orders_seen", lambda _given: {"orders": [row], "more": False})
    with pytest.raises(ShopUnreachable):
        WP.orders_seen(access, LONG_AGO, None)


def test_the_cursor_follows_the_newest_of_a_page(wp: FakeShop, wp_shop: Any) -> None:
    first = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    for minutes in (0, 7, 3):
        wp.place_order(at=first + dt.timedelta(minutes=minutes), silent=True)
    Shop.objects.update(pull_after=LONG_AGO)
    assert pull.pull_shop(wp_shop.pk)
    wp_shop.refresh_from_db()
    assert InboxOrder.objects.count() == 3
    assert wp_shop.cursor == first + dt.timedelta(minutes=7)
