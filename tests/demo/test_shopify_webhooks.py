"""Webhooks of the fake Shopify: signed raw bytes, headers, one event for one act, retries, removal, compliance."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from demo.shops.outgoing import Answer
from demo.shops.shopify import FakeShop
from demo.shops.shopify.webhooks import RETRIES_MIN, Pending, encode, signature, topic_name

from .conftest import Receiver
from .shopify_client import SHARED, Client

URL = "http://127.0.0.1:9/hook/"
official = pytest.mark.skipif(not SHARED.exists(), reason="the reference of Shopify is not on this machine")


class Wire:
    """Takes deliveries without a network, and answers what it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.patience: set[float] = set()

    def __call__(self, url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> Answer:
        self.seen.append((url, dict(headers), body))
        self.patience.add(timeout)
        return Answer(self.status, "" if self.status else "TimeoutError")

    @property
    def topics(self) -> list[str]:
        return [headers["X-Shopify-Topic"] for _, headers, _ in self.seen]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def shop(wire: Wire) -> Iterator[FakeShop]:
    with FakeShop(transport=wire, domain="luce-e-lino.myshopify.com") as shop:
        yield shop


TOPICS = (
    "ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_PAID", "ORDERS_CANCELLED", "ORDERS_EDITED", "ORDERS_DELETE",
    "REFUNDS_CREATE", "FULFILLMENTS_UPDATE", "FULFILLMENT_ORDERS_PLACED_ON_HOLD", "FULFILLMENT_ORDERS_HOLD_RELEASED",
    "FULFILLMENT_ORDERS_MOVED", "FULFILLMENT_ORDERS_SPLIT", "INVENTORY_LEVELS_UPDATE", "PRODUCTS_DELETE",
    "APP_UNINSTALLED",
)  # fmt: skip


def subscribe(shop: FakeShop, *topics: str) -> None:
    for topic in topics or TOPICS:
        shop.webhooks.subscribe("mci-client", topic, URL)


def test_a_delivery_has_shopify_s_headers_and_a_signature_over_its_bytes(shop: FakeShop, wire: Wire) -> None:
    subscribe(shop, "ORDERS_CREATE")
    placed = shop.place_order(address={"first_name": "Nicolò", "city": "Forlì"}, note="a & b / <c>")
    shop.flush()
    ((url, headers, body),) = wire.seen
    assert url == URL
    assert headers["X-Shopify-Topic"] == "orders/create"
    assert headers["X-Shopify-Shop-Domain"] == "luce-e-lino.myshopify.com"
    assert headers["X-Shopify-API-Version"] == "2026-10"
    wanted = base64.b64encode(hmac.new(b"hush", body, hashlib.sha256).digest()).decode()
    assert headers["X-Shopify-Hmac-Sha256"] == wanted
    assert "Nicolò".encode() in body  # UTF-8 as it is
    assert b"gid:\\/\\/shopify\\/Order\\/" in body
    assert b"a \\u0026 b \\/ \\u003cc\\u003e" in body
    again = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    assert signature(again, "hush") != wanted  # who re-encodes the body loses the signature
    assert json.loads(body)["id"] == placed["id"]
    assert dt.datetime.fromisoformat(headers["X-Shopify-Triggered-At"])
    assert wire.patience == {5.0}


@official
def test_the_signature_is_that_of_the_vectors() -> None:
    vectors = json.loads((SHARED / "payloads/hmac_vectors.json").read_text(encoding="utf-8"))
    for one in vectors["webhook"]:
        body = base64.b64decode(one["body_base64"])
        assert signature(body, vectors["client_secret"]) == one["x_shopify_hmac_sha256"]


def test_after_a_rotation_the_old_secret_may_still_sign(shop: FakeShop, wire: Wire) -> None:
    subscribe(shop, "ORDERS_CREATE")
    shop.old_secrets["mci-client"] = "old"
    shop.place_order()
    shop.flush()
    assert wire.seen[0][1]["X-Shopify-Hmac-Sha256"] == signature(wire.seen[0][2], "old")


def test_one_act_is_one_event_and_each_delivery_its_own(shop: FakeShop, wire: Wire) -> None:
    subscribe(shop)
    shop.place_order()
    shop.flush()
    told = [(h["X-Shopify-Topic"], h["X-Shopify-Event-Id"], h["X-Shopify-Webhook-Id"]) for _, h, _ in wire.seen]
    orders = [one for one in told if one[0].startswith("orders/")]
    assert [one[0] for one in orders] == ["orders/create", "orders/paid", "orders/updated"]
    assert len({one[1] for one in orders}) == 1
    assert len({one[2] for one in told}) == len(told)


def acts(shop: FakeShop, id_: int) -> list[tuple[Any, set[str]]]:
    fo = shop.fulfilment.of_order(id_)[0]["id"]
    one = {shop.fulfilment.of_order(id_)[0]["lines"][0]["id"]: 1}
    return [
        (lambda: shop.orders.touch(id_), {"orders/updated"}),
        (lambda: shop.orders.pay(id_), {"orders/paid", "orders/updated"}),
        (lambda: shop.orders.edit(id_, add=[("SCN-00002", 1)]),
         {"orders/edited", "orders/updated", "inventory_levels/update"}),
        (lambda: shop.orders.refund(id_, "5.00"), {"refunds/create", "orders/updated"}),
        (lambda: shop.fulfilment.hold(fo), {"fulfillment_orders/placed_on_hold", "orders/updated"}),
        (lambda: shop.fulfilment.release(fo), {"fulfillment_orders/hold_released", "orders/updated"}),
        (lambda: shop.fulfilment.split(fo, one), {"fulfillment_orders/split", "orders/updated"}),
        (lambda: shop.fulfilment.move(fo, shop.stock.locations()[1]["id"]),
         {"fulfillment_orders/moved", "orders/updated"}),
        (lambda: shop.orders.cancel(id_), {"orders/cancelled", "orders/updated", "inventory_levels/update"}),
        (lambda: shop.orders.delete(id_), {"orders/delete"}),
        (shop.uninstall, {"app/uninstalled"}),
    ]  # fmt: skip


def test_each_act_tells_its_topics(shop: FakeShop, wire: Wire) -> None:
    subscribe(shop)
    shop.install()
    placed = shop.place_order([("SCN-00001", 3)], payment="cod")
    shop.flush()
    for act, topics in acts(shop, placed["id"]):
        wire.seen.clear()
        act()
        shop.flush()
        assert set(wire.topics) == topics


def test_bodies_are_those_of_their_moment(shop: FakeShop, wire: Wire) -> None:
    subscribe(shop, "ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_DELETE", "ORDERS_EDITED", "REFUNDS_CREATE")
    id_ = shop.place_order([("SCN-00001", 2)], payment="cod", tags=["vip", "amici"])["id"]
    shop.orders.cancel(id_, "CUSTOMER")
    other = shop.place_order([("SCN-00001", 2)])["id"]
    shop.orders.edit(other, remove={"SCN-00001": 1})
    shop.orders.refund(other, lines={"SCN-00001": 1})
    shop.orders.delete(id_)
    shop.flush()
    bodies = [(topic, json.loads(body)) for topic, (_, _, body) in zip(wire.topics, wire.seen, strict=True)]
    created = next(body for topic, body in bodies if topic == "orders/create")
    assert (created["cancelled_at"], created["financial_status"], created["tags"]) == (None, "pending", "vip, amici")
    assert created["total_price"] == "167.70"  # two decimals here, one in GraphQL
    assert created["total_outstanding"] == "167.70"
    assert "transactions" not in created
    assert created["created_at"].endswith(("+01:00", "+02:00"))
    gone = next(body for topic, body in bodies if topic == "orders/updated" and body["cancelled_at"])
    assert (gone["financial_status"], gone["cancel_reason"]) == ("voided", "customer")
    assert next(body for topic, body in bodies if topic == "orders/delete") == {"id": id_}
    edit = next(body for topic, body in bodies if topic == "orders/edited")["order_edit"]
    assert (edit["order_id"], [one["delta"] for one in edit["line_items"]["removals"]]) == (other, [1])
    refund = next(body for topic, body in bodies if topic == "refunds/create")
    assert (refund["order_id"], refund["refund_line_items"][0]["quantity"]) == (other, 1)
    assert refund["transactions"][0]["amount"] == "79.90"


def test_deliveries_can_be_lost_repeated_and_shuffled(shop: FakeShop, wire: Wire) -> None:
    subscribe(shop, "ORDERS_CREATE", "ORDERS_PAID", "ORDERS_UPDATED")

    def chaos(batch: list[Pending]) -> list[Pending]:
        shuffled = random.Random(3).sample(batch, len(batch))
        return [shuffled[0], *shuffled[:2]]

    for _ in range(2):
        shop.place_order()
    shop.flush(chaos)
    ids = [headers["X-Shopify-Webhook-Id"] for _, headers, _ in wire.seen]
    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]
    assert shop.pending == []


@pytest.mark.parametrize("status", [0, 301, 302, 404, 500])
def test_whatever_is_not_2xx_is_tried_again_later_with_the_same_body(shop: FakeShop, wire: Wire, status: int) -> None:
    now = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
    shop.clock = lambda: now
    subscribe(shop, "ORDERS_CREATE")
    placed = shop.place_order()
    wire.status = status
    shop.flush()
    shop.orders.change(placed["id"], note="cambiato")
    assert shop.flush() == []  # its time has not come
    now += dt.timedelta(minutes=RETRIES_MIN[0])
    wire.status = 200
    shop.flush()
    first, second = wire.seen
    assert first[2] == second[2]
    assert first[1]["X-Shopify-Webhook-Id"] == second[1]["X-Shopify-Webhook-Id"]
    assert shop.pending == []


def test_after_the_eighth_retry_the_subscription_is_gone(shop: FakeShop, wire: Wire) -> None:
    assert sum(RETRIES_MIN) == 240  # four hours
    subscribe(shop, "ORDERS_CREATE")
    wire.status = 500
    shop.place_order()
    for attempt in range(9):
        assert len(shop.webhooks.all()) == 1
        assert [one.attempt for one in shop.flush(retries=True)] == [attempt]
    assert shop.webhooks.all() == []
    shop.place_order()
    assert shop.pending == []


def test_a_retry_may_carry_another_id(shop: FakeShop, wire: Wire) -> None:
    shop.webhooks.retries_keep_their_id = False
    subscribe(shop, "ORDERS_CREATE")
    shop.place_order()
    wire.status = 500
    shop.flush()
    shop.flush(retries=True)
    assert len({headers["X-Shopify-Webhook-Id"] for _, headers, _ in wire.seen}) == 2


# Subscriptions by the API.

CREATE = """mutation W($topic: WebhookSubscriptionTopic!, $input: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $input) {
    webhookSubscription { id topic uri format apiVersion { handle } } userErrors { field message } } }"""
LIST = "{ webhookSubscriptions(first: 50) { nodes { id topic uri } } }"


def test_subscriptions_are_made_listed_changed_and_deleted(shop: FakeShop) -> None:
    call = Client(shop)
    given = {"uri": "https://mci.example/hook/", "format": "JSON"}
    made = call(CREATE, topic="ORDERS_CREATE", input=given)["webhookSubscriptionCreate"]["webhookSubscription"]
    assert (made["topic"], made["uri"]) == ("ORDERS_CREATE", "https://mci.example/hook/")
    again = call(CREATE, topic="ORDERS_CREATE", input=given)["webhookSubscriptionCreate"]
    assert [error["message"] for error in again["userErrors"]] == ["Address for this topic has already been taken"]
    plain = call(CREATE, topic="ORDERS_PAID", input={"uri": "http://mci.example/"})["webhookSubscriptionCreate"]
    assert "http://" in plain["userErrors"][0]["message"]
    change = """mutation U($id: ID!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: {uri: "https://new/"}) {
        webhookSubscription { uri } userErrors { message } } }"""
    assert call(change, id=made["id"])["webhookSubscriptionUpdate"]["webhookSubscription"]["uri"] == "https://new/"
    delete = """mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) {
        deletedWebhookSubscriptionId userErrors { message } } }"""
    assert call(delete, id=made["id"])["webhookSubscriptionDelete"]["deletedWebhookSubscriptionId"] == made["id"]
    assert call(delete, id=made["id"])["webhookSubscriptionDelete"]["userErrors"]
    assert call(LIST)["webhookSubscriptions"]["nodes"] == []


def test_compliance_is_no_topic_to_subscribe_to(shop: FakeShop) -> None:
    answer = Client(shop).ask(CREATE, topic="CUSTOMERS_REDACT", input={"uri": "https://x/"})
    assert answer.codes == ["INVALID_VARIABLE"]


def test_compliance_goes_to_the_app_s_own_address(shop: FakeShop, wire: Wire) -> None:
    shop.register_app(compliance_uri="https://mci.example/privacy/")
    shop.tell_compliance("customers/redact", {"customer": {"id": 1}, "orders_to_redact": [2]})
    shop.tell_compliance("shop/redact")
    shop.flush()
    assert [url for url, _, _ in wire.seen] == ["https://mci.example/privacy/"] * 2
    assert json.loads(wire.seen[0][2])["orders_to_redact"] == [2]
    assert json.loads(wire.seen[1][2]) == {"shop_id": shop.id, "shop_domain": shop.domain}


def test_without_approval_bodies_do_not_say_who_the_customer_is(shop: FakeShop, wire: Wire) -> None:
    subscribe(shop, "ORDERS_CREATE")
    shop.protected_data = 1
    shop.place_order()
    shop.flush()
    body = json.loads(wire.seen[0][2])
    assert (body["email"], body["shipping_address"]["address1"], body["customer"]["first_name"]) == ("", None, None)
    assert body["shipping_address"]["country_code"] == "IT"


def test_topics_are_spelled_in_two_ways() -> None:
    pairs = {"ORDERS_CREATE": "orders/create", "FULFILLMENT_ORDERS_PLACED_ON_HOLD": "fulfillment_orders/placed_on_hold",
             "INVENTORY_LEVELS_UPDATE": "inventory_levels/update", "APP_UNINSTALLED": "app/uninstalled",
             "BULK_OPERATIONS_FINISH": "bulk_operations/finish"}  # fmt: skip
    assert {enum: topic_name(enum) for enum in pairs} == pairs


def test_in_the_demo_deliveries_come_by_themselves(receiver: Receiver) -> None:
    with FakeShop(deliver_after=0.05) as shop:
        shop.webhooks.subscribe("mci-client", "ORDERS_CREATE", receiver.url)
        shop.place_order()
        until = time.monotonic() + 5
        while not receiver.seen and time.monotonic() < until:
            time.sleep(0.02)
    assert dict(receiver.seen[0][1])["X-Shopify-Topic"] == "orders/create"


def test_encoding_is_reversible() -> None:
    payload = {"a": "è </script> & \u2028", "b": [1, None, True], "c": 820982911946154508}
    assert json.loads(encode(payload)) == payload
