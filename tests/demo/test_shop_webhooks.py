"""Webhooks of the fake shop: what is sent when, the very headers, and what counts as a failure."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import random
import time
from pathlib import Path

import pytest

from demo.shops.woocommerce import FakeShop
from demo.shops.woocommerce.webhooks import ORDER_TOPICS

from .conftest import Client, Receiver

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "demo/shops/woocommerce/samples"


@pytest.fixture
def told(shop: FakeShop, receiver: Receiver) -> Receiver:
    shop.provision(key="ck_1", secret="cs_1", deliver_to=receiver.url, webhook_secret="segreto")
    return receiver


def topics(receiver: Receiver) -> list[str]:
    return [dict(headers).get("X-WC-Webhook-Topic", "ping") for _, headers, _ in receiver.seen]


def test_headers_and_signature_are_those_of_a_real_delivery(shop: FakeShop, told: Receiver) -> None:
    shop.place_order(billing={"first_name": "Nicolò"})
    shop.flush()
    _, headers, body = told.seen[0]
    real = json.loads((SAMPLES / "webhook-order-created-cod-simple.json").read_text(encoding="utf-8"))["headers"]
    assert [name for name, _ in headers] == [name for name, _ in real]
    fixed = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type", "X-WC-Webhook-Resource", "Connection")
    for name in fixed:
        assert dict(headers)[name] == dict(real)[name]
    assert dict(headers)["X-WC-Webhook-Source"] == f"{shop.url}/"
    wanted = base64.b64encode(hmac.new(b"segreto", body, hashlib.sha256).digest()).decode()
    assert dict(headers)["X-WC-Webhook-Signature"] == wanted
    assert b"Nicol\\u00f2" in body
    assert b"http:\\/\\/" in body


def test_a_checkout_tells_updated_before_created_with_the_same_bytes(shop: FakeShop, told: Receiver) -> None:
    shop.place_order()
    assert told.seen == []
    shop.flush()
    assert topics(told) == ["order.updated", "order.created"]
    assert told.seen[0][2] == told.seen[1][2]


def test_the_delivery_id_repeats_within_a_second(shop: FakeShop, told: Receiver) -> None:
    now = dt.datetime.now(dt.UTC)
    shop.clock = lambda: now
    for _ in range(3):
        shop.place_order()
    shop.flush()
    seen = [dict(headers) for _, headers, _ in told.seen]
    created = [h["X-WC-Webhook-Delivery-ID"] for h in seen if h["X-WC-Webhook-Topic"] == "order.created"]
    assert len(created) == 3
    assert len(set(created)) == 1


def test_the_body_is_built_when_it_is_sent(shop: FakeShop, told: Receiver) -> None:
    cancelled, trashed, gone = (shop.place_order()["id"] for _ in range(3))
    shop.orders.set_status(cancelled, "cancelled")
    shop.orders.trash(trashed)
    shop.orders.delete(gone)
    bodies = [(d.topic, d.resource, json.loads(d.body)) for d in shop.flush()]
    said = {(topic, resource): body for topic, resource, body in bodies}
    assert said["order.created", cancelled]["status"] == "cancelled"
    assert said["order.created", trashed]["status"] == "trash"
    assert said["order.deleted", trashed] == {"id": trashed}
    assert said["order.created", gone] == {
        "code": "woocommerce_rest_shop_order_invalid_id",
        "message": "Invalid ID.",
        "data": {"status": 404},
    }
    assert len(bodies) == len(said)  # changes were folded into one delivery each


def test_trash_restore_and_deletion_tell_what_they_tell(shop: FakeShop, told: Receiver) -> None:
    order = shop.place_order()["id"]
    shop.flush()
    for act, topic in (
        (lambda: shop.orders.trash(order), ["order.deleted"]),
        (lambda: shop.orders.restore(order), ["order.restored"]),
        (lambda: shop.orders.trash(order), ["order.deleted"]),
        (lambda: shop.orders.set_status(order, "processing"), []),
        (lambda: shop.orders.add_note(order, "Nota"), []),
        (lambda: shop.orders.delete(order), []),
    ):
        act()
        assert [delivery.topic for delivery in shop.flush()] == topic


def test_drafts_are_told_as_updated_only(shop: FakeShop, told: Receiver) -> None:
    shop.place_order(status="checkout-draft")
    assert [delivery.topic for delivery in shop.flush()] == ["order.updated"]


def test_the_seventh_failure_in_a_row_disables_and_nothing_is_sent_again(shop: FakeShop, told: Receiver) -> None:
    order = shop.place_order()["id"]
    shop.flush()
    hook = next(doc for doc in shop.webhooks.all() if doc["topic"] == "order.updated")
    told.status = 500
    for n in range(1, 8):
        shop.orders.change(order, {"customer_note": str(n)})
        assert len(shop.flush()) == 1
        assert shop.webhooks.get(hook["id"])["status"] == ("active" if n < 7 else "disabled")
    shop.orders.change(order, {"customer_note": "8"})
    assert shop.flush() == []
    shop.webhooks.change(hook["id"], {"status": "active"})
    shop.orders.change(order, {"customer_note": "9"})
    shop.flush()
    assert shop.webhooks.get(hook["id"])["status"] == "disabled"  # the count was not given back
    shop.webhooks.change(hook["id"], {"status": "active"})
    told.status = 200
    shop.orders.change(order, {"customer_note": "10"})
    shop.flush()
    assert shop.webhooks.get(hook["id"])["failures"] == 0


@pytest.mark.parametrize(("status", "failures"), [(204, 0), (301, 0), (302, 0), (303, 1), (307, 1), (401, 1), (503, 1)])
def test_redirects_301_and_302_count_as_delivered_and_are_not_followed(
    shop: FakeShop, told: Receiver, status: int, failures: int
) -> None:
    told.status = status
    shop.place_order()
    shop.flush()
    assert [doc["failures"] for doc in shop.webhooks.all() if doc["topic"] == "order.created"] == [failures]
    assert len(told.seen) == 2


def test_creation_pings_without_a_signature_and_asks_again_until_200(
    shop: FakeShop, call: Client, receiver: Receiver
) -> None:
    receiver.status = 204
    given = {"name": "MCI", "topic": "order.updated", "delivery_url": receiver.url, "secret": "s", "status": "paused"}
    answer = call("POST", "webhooks", given)
    assert (answer.status, answer.json["status"], "secret" in answer.json) == (201, "active", False)
    _, headers, body = receiver.seen[0]
    assert body == f"webhook_id={answer.json['id']}".encode()
    assert [name for name, _ in headers] == [
        "Host", "User-Agent", "Accept", "Accept-Encoding", "Connection", "Content-Type", "Content-Length"
    ]  # fmt: skip
    receiver.status = 200
    shop.place_order()
    shop.flush()
    assert topics(receiver) == ["ping", "order.updated", "ping"]
    call("PUT", f"webhooks/{answer.json['id']}", {"secret": "other"})
    assert len(receiver.seen) == 3


def test_a_secret_is_decoded_before_it_signs(shop: FakeShop, receiver: Receiver) -> None:
    given = {"topic": "order.deleted", "delivery_url": receiver.url, "secret": "a&amp;b"}
    shop.webhooks.create(given, ping=False)
    shop.orders.trash(shop.place_order()["id"])
    shop.flush()
    _, headers, body = receiver.seen[0]
    wanted = base64.b64encode(hmac.new(b"a&b", body, hashlib.sha256).digest()).decode()
    assert dict(headers)["X-WC-Webhook-Signature"] == wanted


def test_the_order_of_delivery_can_be_chosen(shop: FakeShop, told: Receiver) -> None:
    for _ in range(4):
        shop.place_order()
    usual = [(due.topic, due.resource) for due in shop.pending]
    done = shop.flush(lambda batch: random.Random(7).sample(batch, len(batch)))
    assert sorted((d.topic, d.resource) for d in done) == sorted(usual)
    assert [(d.topic, d.resource) for d in done] != usual


def test_deliveries_can_be_taken_without_a_network(shop: FakeShop, told: Receiver) -> None:
    from demo.shops.outgoing import Answer

    shop.webhooks.transport = lambda url, headers, body, timeout: Answer(200)
    shop.place_order()
    assert [d.status for d in shop.flush()] == [200, 200]
    assert told.seen == []


def test_wordpress_does_not_call_private_addresses(shop: FakeShop, told: Receiver) -> None:
    shop.private_receivers_ok = False
    shop.place_order()
    assert [d.status for d in shop.flush()] == [0, 0]
    assert told.seen == []


def test_in_the_demo_deliveries_come_by_themselves(receiver: Receiver) -> None:
    with FakeShop(deliver_after=0.05) as shop:
        shop.provision(key="k", secret="s", deliver_to=receiver.url, webhook_secret="x")
        assert {doc["topic"] for doc in shop.webhooks.all()} == set(ORDER_TOPICS)
        shop.place_order()
        until = time.monotonic() + 5
        while len(receiver.seen) < 2 and time.monotonic() < until:
            time.sleep(0.02)
    assert topics(receiver) == ["order.updated", "order.created"]
