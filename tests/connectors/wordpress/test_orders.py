"""Orders as our plugin sends them: what each event and each entry of a list is, and what is asked of the plugin."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from connectors.platforms import platform
from connectors.platforms.base import (
    Access,
    Changed,
    IncomingOrder,
    Page,
    RawOrder,
    Seen,
    SeenPage,
    ShopUnreachable,
    Uninstalled,
    Unreadable,
    Withdrawn,
)
from connectors.platforms.woocommerce.orders import read_order
from connectors.platforms.wordpress.orders import raw_order, read_event, stamp
from demo.shops.wordpress import FakeShop
from tests.connectors.conftest import order_body

WP = platform("wordpress")
UTC = dt.UTC
MOMENT = dt.datetime(2026, 11, 20, 11, 0, 7, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def said(topic: str, data: Any) -> Any:
    return read_event(topic, data if isinstance(data, bytes) else json.dumps(data).encode())


def test_what_an_event_says() -> None:
    order = order_body(7)
    assert said("order.updated", {"order": order}) == read_order(order)
    assert said("order.updated", {"order": {**order, "status": "checkout-draft"}}) is None
    assert said("order.updated", order) == read_order(order)
    assert said("order.updated", {"id": 8}) == Changed("8")
    assert said("order.deleted", {"id": 9}) == Withdrawn("9")
    assert said("plugin.unpaired", {"at": "2026-11-20T10:00:07Z"}) == Uninstalled(
        dt.datetime(2026, 11, 20, 10, 0, 7, tzinfo=UTC)
    )
    for odd in ("2026-11-20T10:00:07", 7, None, "Z"):
        assert said("plugin.unpaired", {"at": odd}) == Uninstalled(None)
    assert said("product.updated", {"id": 1}) is None


@pytest.mark.parametrize(
    ("topic", "data", "why"),
    [
        ("order.updated", b"?", "not JSON (Expecting value)"),
        ("order.updated", [], "not an object"),
        ("order.updated", {"id": 0}, "no id"),
        ("order.deleted", {"id": 2**53 + 1}, "no id"),
        ("order.deleted", {"id": "9"}, "no id"),
        ("order.updated", {"order": None}, "not an object"),
    ],
)
def test_what_cannot_be_read_says_why(topic: str, data: Any, why: str) -> None:
    with pytest.raises(Unreadable) as caught:
        said(topic, data)
    assert caught.value.params == {"reason": why}
    assert said("order.deleted", {"id": 2**53}) == Withdrawn(str(2**53))


def test_an_entry_of_a_list_is_kept_as_the_body_of_an_event() -> None:
    order = order_body(7, customer_note="è")
    kept = json.dumps({"topic": "order.updated", "order": order}, separators=(",", ":")).encode()
    at = dt.datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert raw_order(order) == RawOrder("7", at, kept, read_order(order))
    assert said("order.updated", raw_order(order).body) == read_order(order)
    no_status = {**order, "status": ""}
    body = json.dumps({"topic": "order.updated", "order": no_status}, separators=(",", ":")).encode()
    assert raw_order(no_status) == RawOrder("7", at, body, error="no status")
    broken = {"id": 8, "date_modified_gmt": "2026-11-20T10:00:00", "unreadable": "e" * 300}
    body = json.dumps({"topic": "order.updated", "order": broken}, separators=(",", ":")).encode()
    assert raw_order(broken) == RawOrder("8", at, body, error="e" * 200)
    assert raw_order({**broken, "unreadable": ""}).error == "unreadable"
    body = b'{"topic":"order.updated","order":[]}'
    assert raw_order([]) == RawOrder("", None, body, error="not an object")


def test_a_moment_of_the_protocol() -> None:
    assert stamp(MOMENT) == "2026-11-20T10:00:07Z"


@pytest.mark.django_db
def test_what_the_plugin_is_asked_and_what_comes_of_its_answers(
    wp: FakeShop, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        asked.append({name: given.get(name) for name in ("id", "since", "placed_since", "after_id", "limit")})
        return answers.pop(0)

    for name in ("order", "orders_since", "orders_seen"):
        monkeypatch.setattr(wp.calls, f"_op_{name}", answer)
    one, two = order_body(7), order_body(8, date_modified_gmt="2026-11-20T10:00:03", status="")
    nothing = dict.fromkeys(("id", "since", "placed_since", "after_id", "limit"))

    answers.append({"orders": [two, one], "more": True, "next": {"since": "2026-11-20T10:00:07Z", "after_id": 0}})
    with pytest.raises(ShopUnreachable, match="JSON: the list stands still"):
        WP.orders_since(access, MOMENT, None)
    answers.append({"orders": [two, one], "more": True, "next": {"since": "2026-11-20T10:00:07Z", "after_id": 1}})
    page = WP.orders_since(access, MOMENT, None)
    newest = dt.datetime(2026, 11, 20, 10, 0, 3, tzinfo=UTC)
    cursor = '{"since": "2026-11-20T10:00:07Z", "after_id": 1}'
    assert page == Page([raw_order(two), raw_order(one)], cursor, newest)
    answers.append({"orders": [one]})
    assert WP.orders_since(access, MOMENT, '{"since": "2026-11-20T10:00:09Z", "after_id": 5}').cursor is None
    first = {**nothing, "since": "2026-11-20T10:00:07Z", "after_id": 0, "limit": 50}
    assert asked == [first, first, {**first, "since": "2026-11-20T10:00:09Z", "after_id": 5}]

    asked.clear()
    rows = [{"id": 7, "modified": "2026-11-20T10:00:01Z"}, {"id": 8, "modified": "2026-11-20T10:00:02Z"}]
    answers += [{"orders": rows, "more": True, "next": {"after_id": 8}}, {"orders": []}]
    seen = WP.orders_seen(access, MOMENT, None)
    moments = [dt.datetime(2026, 11, 20, 10, 0, second, tzinfo=UTC) for second in (1, 2)]
    assert seen == SeenPage([Seen("7", moments[0]), Seen("8", moments[1])], "8")
    assert WP.orders_seen(access, MOMENT, "8") == SeenPage([], None)
    first = {**nothing, "placed_since": "2026-11-20T10:00:07Z", "after_id": 0, "limit": 500}
    assert asked == [first, {**first, "after_id": 8}]

    asked.clear()
    answers += [{"gone": True}, {"order": one}, {"order": two}]
    assert WP.order(access, "7") == Withdrawn("7")
    found = WP.order(access, "7")
    assert isinstance(found, RawOrder)
    assert isinstance(found.reading, IncomingOrder)
    with pytest.raises(ShopUnreachable, match="JSON: another order"):
        WP.order(access, "7")
    assert asked == [{**nothing, "id": 7}] * 3

    for bad, ask, why in (
        ({"orders": {}}, WP.orders_since, "JSON: orders"),
        ({"orders": None}, WP.orders_seen, "JSON: orders"),
        ({"orders": [{"id": 7}]}, WP.orders_seen, "JSON: orders_seen"),
    ):
        answers.append(bad)
        with pytest.raises(ShopUnreachable) as caught:
            ask(access, MOMENT, None)
        assert caught.value.params["reason"] == why
