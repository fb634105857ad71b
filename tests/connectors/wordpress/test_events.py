"""What the plugin tells of orders: once, twice, late, never, played back; and what is not the plugin's."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from typing import Any

import pytest
from django.test import Client

from connectors.intake import deliveries, upsert
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import BadSignature, Changed, Uninstalled, Unreadable, Withdrawn
from connectors.platforms.wordpress import signing
from connectors.shops.access import access_of
from demo.shops.outgoing import Answer
from demo.shops.wordpress import FakeShop
from tests.connectors.conftest import order_body
from tests.connectors.wordpress.conftest import SECRET, pull_now, to_mci

pytestmark = pytest.mark.django_db


def send(client: Client, shop: Any, body: bytes, *, at: int | None = None, secret: str = SECRET, **more: str) -> Any:
    headers = signing.headers(secret, int(time.time()) if at is None else at, body, str(uuid.uuid4()))
    path = f"/webhooks/wordpress/{shop.key}/"
    return client.post(path, body, content_type="application/json", headers={**headers, **more})


def event(id_: int = 1, **fields: Any) -> bytes:
    body = {"topic": "order.updated", "at": "2026-11-20T10:00:00Z", "order": order_body(id_, **fields)}
    return json.dumps(body, separators=(",", ":")).encode()


def test_an_order_comes_in_and_its_changes_follow(wp: FakeShop, wp_shop: Shop) -> None:
    order = wp.place_order()
    wp.flush()
    deliveries.drain()
    wp.orders.set_status(order["id"], "cancelled")
    wp.flush()
    deliveries.drain()
    row = InboxOrder.objects.get()
    assert (row.status, row.via) == ("cancelled", upsert.WEBHOOK)
    assert not wp.pending


def test_ten_changes_are_one_message(wp: FakeShop, wp_shop: Shop) -> None:
    order = wp.place_order()
    for number in range(9):
        wp.orders.change(order["id"], {"customer_note": f"Nota {number}"})
    assert len(wp.flush()) == 1
    assert Delivery.objects.count() == 1


def test_the_same_message_twice_is_stored_once(wp: FakeShop, wp_shop: Shop, client: Client) -> None:
    wp.place_order()
    sent = wp.flush()[0]
    assert send(client, wp_shop, sent.body).status_code == 200
    assert Delivery.objects.count() == 1
    deliveries.drain()
    assert send(client, wp_shop, sent.body).status_code == 200
    assert deliveries.drain() == 0
    assert InboxOrder.objects.count() == 1


def test_messages_in_any_order_end_at_the_newest(wp_shop: Shop, client: Client, wp: FakeShop) -> None:
    wp.plugin.off = True  # the shop cannot be asked: the bodies must do
    new = event(date_modified_gmt="2026-11-20T10:00:05", status="cancelled")
    for body in (new, event()):
        assert send(client, wp_shop, body).status_code == 200
    deliveries.drain()
    assert InboxOrder.objects.get().status == "cancelled"


def test_what_never_comes_is_found_by_reading(wp: FakeShop, wp_shop: Shop) -> None:
    wp.plugin.off = True
    order = wp.place_order()
    wp.plugin.off = False
    assert not wp.flush()
    pull_now(wp_shop)
    row = InboxOrder.objects.get()
    assert (row.external_id, row.via) == (str(order["id"]), upsert.PULL)


def test_an_order_in_the_bin_is_withdrawn_and_one_that_comes_back_is_back(wp: FakeShop, wp_shop: Shop) -> None:
    order = wp.place_order()
    wp.flush()
    deliveries.drain()
    wp.orders.trash(order["id"])
    sent = wp.flush()
    assert json.loads(sent[0].body) == {
        "topic": "order.deleted",
        "at": json.loads(sent[0].body)["at"],
        "id": order["id"],
    }
    deliveries.drain()
    row = InboxOrder.objects.select_related("order").get()
    assert row.order
    assert row.order.state == "cancelled"
    wp.orders.restore(order["id"])
    wp.flush()
    deliveries.drain()
    pull_now(wp_shop)
    row = InboxOrder.objects.select_related("order").get()
    assert (row.status, row.order.state != "cancelled") == ("processing", True)


def test_an_order_that_is_gone_for_good_is_withdrawn(wp: FakeShop, wp_shop: Shop) -> None:
    order = wp.place_order()
    wp.flush()
    deliveries.drain()
    wp.orders.trash(order["id"])
    wp.orders.delete(order["id"])
    wp.flush()
    deliveries.drain()
    assert InboxOrder.objects.get().status == upsert.GONE


@pytest.mark.parametrize("off", [-330, 330])
def test_a_message_of_another_time_is_refused_and_told_the_time(off: int, wp_shop: Shop, client: Client) -> None:
    answer = send(client, wp_shop, event(), at=int(time.time()) + off)
    assert answer.status_code == 401
    assert abs(int(answer["X-MCI-Time"]) - time.time()) < 60
    assert not Delivery.objects.exists()


def test_a_message_of_a_wrong_clock_that_is_not_genuine_is_told_nothing(wp_shop: Shop, client: Client) -> None:
    answer = send(client, wp_shop, event(), at=1, secret="x" * 64)
    assert answer.status_code == 401
    assert "X-MCI-Time" not in answer


def test_a_shop_whose_clock_is_wrong_sets_it_right_and_loses_nothing(wp: FakeShop, wp_shop: Shop) -> None:
    wp.plugin.clock_off = -7200
    wp.place_order()
    assert [one.status for one in wp.flush()] == [401, 200]
    wp.place_order()
    assert [one.status for one in wp.flush()] == [200]
    assert deliveries.drain() == 2
    pull_now(wp_shop)  # and MCI calls it by its own time
    assert (wp_shop.trouble, InboxOrder.objects.count()) == ("", 2)


@pytest.mark.parametrize(
    "touched",
    [
        {"X-MCI-Signature": "v1=" + "0" * 64},
        {"X-MCI-Signature": ""},
        {"X-MCI-Signature": "è"},
        {"X-MCI-Timestamp": "1e9"},
        {"X-MCI-Timestamp": ""},
        {"X-MCI-Timestamp": "9" * 13},
    ],
)
def test_what_is_not_signed_by_the_secret_is_refused_and_leaves_nothing(
    touched: dict[str, str], wp_shop: Shop, client: Client
) -> None:
    assert send(client, wp_shop, event(), **touched).status_code == 401
    assert not Delivery.objects.exists()


def test_another_secret_and_another_shop_are_refused_alike(wp_shop: Shop, client: Client) -> None:
    assert send(client, wp_shop, event(), secret="0" * 64).status_code == 401
    wp_shop.key = "unknown"
    assert send(client, wp_shop, event()).status_code == 401
    assert not Delivery.objects.exists()


def test_a_call_of_ours_played_back_as_an_event_is_nothing(wp: FakeShop, wp_shop: Shop, client: Client) -> None:
    body = b'{"op":"order","call":"4b8e3c8e-2f0d-4c53-9c1b-0f4a5b1d7e11","id":26,"topic":"order.deleted"}'
    assert send(client, wp_shop, body).status_code == 200
    deliveries.drain()
    assert Delivery.objects.get().state == "ignored"
    assert not InboxOrder.objects.exists()


def test_the_topic_is_the_one_that_is_signed(wp_shop: Shop, client: Client) -> None:
    assert send(client, wp_shop, event(), **{"X-MCI-Topic": "plugin.unpaired"}).status_code == 200
    assert Delivery.objects.get().topic == "order.updated"


def test_a_ping_is_answered_and_not_kept(wp: FakeShop, wp_shop: Shop) -> None:
    assert wp.plugin.ping() == 200
    assert not Delivery.objects.exists()


def test_mci_away_keeps_the_order_in_the_shop_until_it_is_back(wp: FakeShop, wp_shop: Shop, client: Client) -> None:
    wp.webhooks.transport = lambda *_args: Answer(0, "ConnectionRefusedError")
    wp.place_order()
    assert [one.status for one in wp.flush()] == [0]
    assert len(wp.pending) == 1
    wp.webhooks.transport = to_mci(client)
    assert wp.webhooks.run(only_due=True) == []  # a minute later
    assert [one.status for one in wp.flush()] == [200]
    assert (len(wp.pending), deliveries.drain()) == (0, 1)


def test_an_admin_who_cuts_the_connection_is_seen(wp: FakeShop, wp_shop: Shop) -> None:
    wp.plugin.unpair()
    deliveries.drain()
    wp_shop.refresh_from_db()
    assert (wp_shop.state, wp_shop.trouble) == ("broken", "uninstalled")
    assert ShopEvent.objects.filter(code="uninstalled").exists()
    wp.place_order()
    assert not wp.pending


def test_a_deliverys_body_is_read_again_as_it_was_kept(wp: FakeShop, wp_shop: Shop) -> None:
    wp.place_order(payment="stripe")
    wp.flush()
    deliveries.drain()
    row = InboxOrder.objects.select_related("shop").get()
    reading = upsert.reread(row)
    assert reading
    assert (reading.external_id, reading.gateway) == (row.external_id, "stripe")


@pytest.mark.parametrize(
    ("topic", "body", "reading"),
    [
        ("order.deleted", b'{"topic":"order.deleted","at":"2026-11-20T10:00:00Z","id":26}', Withdrawn("26")),
        ("order.updated", b'{"topic":"order.updated","at":"2026-11-20T10:00:00Z","id":26}', Changed("26")),
        (
            "plugin.unpaired",
            b'{"topic":"plugin.unpaired","at":"2026-11-20T10:00:00Z"}',
            Uninstalled(dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)),
        ),
        ("plugin.unpaired", b'{"topic":"plugin.unpaired","at":"soon"}', Uninstalled(None)),
        ("something.new", b'{"topic":"something.new"}', None),
    ],
)
def test_events_read_as_what_they_say(topic: str, body: bytes, reading: Any) -> None:
    assert platform("wordpress").read(topic, body, facts={}) == reading


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"topic":"order.deleted"}', b'{"topic":"order.deleted","id":"26"}', b'{"id":true}']
)
def test_what_cannot_be_read_is_said(body: bytes) -> None:
    with pytest.raises(Unreadable):
        platform("wordpress").read("order.deleted", body, facts={})


def test_the_envelope_knows_no_clock_and_no_network(wp_shop: Shop) -> None:
    access, body = access_of(wp_shop), event()
    headers = {name.lower(): value for name, value in signing.headers(SECRET, 1795468561, body, "x").items()}
    envelope = platform("wordpress").envelope(access, headers, body)
    assert envelope.sent_at == dt.datetime.fromtimestamp(1795468561, dt.UTC)
    assert envelope.window == dt.timedelta(minutes=5)
    with pytest.raises(BadSignature):
        platform("wordpress").envelope(access, headers, body + b" ")
