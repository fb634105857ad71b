"""From the store's webhooks to the inbox, and back: twice, out of order, never; uninstalled and connected again."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from connectors.connect import acts
from connectors.intake import deliveries, receive, upsert
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder, ShopUnreachable
from connectors.platforms.shopify import webhooks
from connectors.platforms.shopify.client import Client
from connectors.shops import health
from connectors.shops.access import access_of
from core.strict import load_json
from demo.shops.shopify import FakeShop
from demo.shops.shopify.tokens import ALL_SCOPES
from orders.intake import follow
from orders.models import Order
from tests import cast
from tests.connectors.shopify.stage import CLIENT_SECRET, names
from tests.connectors.shopify.test_orders import SAMPLES
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


def arrive(fake: FakeShop, **kwargs: Any) -> None:
    fake.flush(**kwargs)
    deliveries.drain()


def states() -> list[tuple[str, str, str]]:
    return [
        (row.status, row.order.state if row.order else "", row.order.payment if row.order else "")
        for row in InboxOrder.objects.select_related("order").order_by("external_id")
    ]


def app_wide(client: Browser, topic: str, body: dict[str, Any], domain: str, **headers: str) -> Any:
    raw = json.dumps(body).encode()
    given = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-Webhook-Id": "b54557e4",
        "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.digest(CLIENT_SECRET.encode(), raw, "sha256")).decode(),
        **headers,
    }
    return client.post("/webhooks/shopify/app/", data=raw, content_type="application/json", headers=given)


# ---- orders


def test_an_order_arrives_and_follows_its_shop(fake: FakeShop, connected: Any, place: Any) -> None:
    number = place(payment="cod")
    arrive(fake)
    order = Order.objects.get()
    assert (order.source, order.payment, order.payment_reason) == ("shopify", "cod", "cod_gateway")
    assert order.to_collect == order.sale_total
    fake.orders.pay(int(number))
    arrive(fake)
    order.refresh_from_db()
    assert (order.payment, order.to_collect) == ("prepaid", None)
    fake.orders.cancel(int(number))
    arrive(fake)
    assert [row[1] for row in states()] == ["cancelled"]


def test_twice_and_out_of_order_end_as_once_and_in_order(fake: FakeShop, connected: Any, place: Any) -> None:
    number = place(payment="bonifico")
    fake.orders.pay(int(number))
    arrive(fake, arrange=lambda pending: [*reversed(pending), *pending])
    assert states() == [("paid", states()[0][1], "prepaid")]
    assert Order.objects.count() == 1


def test_without_any_webhook_the_pull_brings_it(fake: FakeShop, connected: Any, place: Any) -> None:
    place(payment="cod")
    fake.flush(arrange=lambda pending: [])
    visit(connected)
    assert [row[2] for row in states()] == ["cod"]


def test_a_hint_without_the_order_has_it_read(fake: FakeShop, connected: Any, place: Any) -> None:
    number = place(payment="card")
    fake.flush(arrange=lambda pending: [])
    fake.orders.refund(int(number), amount="1.00")
    fake.flush(arrange=lambda pending: [one for one in pending if one.topic == "refunds/create"])
    fake.calls.clear()
    deliveries.drain()
    assert "MciOrder" in names(fake)
    assert Order.objects.count() == 1


def test_when_the_shop_is_away_the_body_must_do(fake: FakeShop, connected: Any, place: Any) -> None:
    place(payment="cod")
    fake.faults.add("MciOrder", "500", times=9)
    arrive(fake)
    assert [row[2] for row in states()] == ["cod"]


def test_a_deposit_leaves_the_rest_to_collect_also_when_decided_by_hand(
    fake: FakeShop, connected: Any, place: Any
) -> None:
    from orders.intake import editing

    place(payment="deposit")
    arrive(fake)
    order = Order.objects.get()
    assert (order.payment, order.payment_reason) == ("cod", "partly_paid")
    assert order.sale_total is not None
    rest = order.to_collect
    assert rest is not None
    assert rest < order.sale_total
    editing.decide_payment(order.pk, "prepaid", by=None)
    assert editing.decide_payment(order.pk, "cod", by=None).to_collect == rest


def test_a_basket_of_two_suppliers_is_never_collected_whole_by_mistake(connected: Any) -> None:
    """Case 24: which lines are ours only the reseller can say; then he must say what our courier collects."""
    from orders.intake import editing

    body = json.loads((SAMPLES / "order-multi-supplier-cod.delivery.json").read_text())["body"].encode()
    reading = platform("shopify").read("orders/create", body, facts={})
    assert isinstance(reading, IncomingOrder)
    row = upsert.upsert(connected, reading, body, via=upsert.WEBHOOK)
    assert row is not None
    assert row.order is not None
    editing.match([row.order.pk], sku="ALTRO-77", variant_id=None, ignored=True, by=None)
    assert "cod_mixed" in set(row.order.problems.values_list("code", flat=True))
    assert Order.objects.get().state == "received"


# ---- what the reseller teaches


def test_a_rule_about_a_tag_goes_before_one_about_the_method(connected: Any) -> None:
    body = load_json(json.loads((SAMPLES / "order-cod-tag-only.delivery.json").read_text())["body"].encode())
    assert isinstance(body, dict)
    raw = json.dumps({**body, "tags": "telefono"}).encode()
    reading = platform("shopify").read("orders/create", raw, facts={})
    assert isinstance(reading, IncomingOrder)
    row = upsert.upsert(connected, reading, raw, via=upsert.WEBHOOK)
    assert row is not None
    assert row.order is not None
    order = row.order

    def payment() -> tuple[str, str]:
        order.refresh_from_db()
        return order.payment, order.payment_reason

    assert payment() == ("review", "unknown_method")
    assert upsert.methods_seen(connected) == {"manual": 1, "tag:telefono": 1}
    assert upsert.learn_payment(connected, "manual", "awaiting", by=None) == 1
    assert payment() == ("awaiting", "rule")
    assert upsert.learn_payment(connected, "tag:telefono", "cod", by=None) == 1
    assert payment() == ("cod", "rule")
    assert upsert.forget_payment(connected, "tag:telefono", by=None) == 1
    assert payment() == ("awaiting", "rule")
    assert upsert.forget_payment(connected, "manual", by=None) == 1
    assert payment() == ("review", "unknown_method")


def test_no_rule_makes_a_paid_order_cash_on_delivery(fake: FakeShop, connected: Any, place: Any) -> None:
    upsert.learn_payment(connected, "shopify_payments", "cod", by=None)
    place(payment="card")
    arrive(fake)
    assert [row[2] for row in states()] == ["prepaid"]


def test_a_cursor_that_shopify_knows_no_more_stops_no_reading(fake: FakeShop, connected: Any, place: Any) -> None:
    for _n in range(3):
        place(payment="card")
    walk = {"since": "2020-01-01T00:00:00Z", "after": "bm9uc2Vuc2U=", "n": 50, "first": 50}
    Shop.objects.update(pull_walk=json.dumps(walk), pull_after=timezone.now())
    for _n in range(4):
        visit(connected)
    connected.refresh_from_db()
    assert (InboxOrder.objects.count(), connected.trouble, connected.pull_walk) == (3, "", "")


# ---- uninstalled


def test_an_uninstalled_app_is_said_and_a_late_word_of_it_is_no_news(
    fake: FakeShop, connected: Any, client: Browser
) -> None:
    ShopEvent.objects.create(shop=connected, code="connected", at=timezone.now() - dt.timedelta(days=3))
    fake.uninstall()
    arrive(fake)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("broken", "uninstalled")

    Shop.objects.update(state="active", trouble="")
    ShopEvent.objects.create(shop=connected, code="reconnected")
    late = (timezone.now() - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")
    body = {"id": 2, "name": "late"}
    assert app_wide(client, "app/uninstalled", body, fake.domain, **{"X-Shopify-Triggered-At": late}).status_code == 200
    deliveries.drain()
    connected.refresh_from_db()
    assert connected.state == "active"


def test_a_right_that_is_taken_and_given_back_is_seen_by_the_next_sweep(fake: FakeShop, connected: Any) -> None:
    health.check(connected)
    assert health.check_due() == 0
    fake.grant(set(ALL_SCOPES) - {"write_inventory"})
    arrive(fake)
    assert health.check_due() == 1
    connected.refresh_from_db()
    assert connected.facts["missing_scopes"] == ["write_inventory"]
    assert [trouble["code"] for trouble in connected.facts["troubles"]] == ["missing_scope"]

    Shop.objects.update(state="broken", trouble="missing_scope")  # something that needed it was tried meanwhile
    fake.grant(set(ALL_SCOPES))
    arrive(fake)
    assert health.check_due() == 1
    connected.refresh_from_db()
    assert (connected.state, connected.trouble, connected.facts["missing_scopes"]) == ("active", "", [])
    assert health.check_due() == 0


# ---- the address of the whole app


def test_the_apps_address_knows_the_shop_by_its_domain(fake: FakeShop, connected: Any, client: Browser) -> None:
    assert app_wide(client, "app/scopes_update", {"id": 1}, fake.domain).status_code == 200
    assert Delivery.objects.get().shop == connected


def test_the_apps_address_refuses_as_shopify_wants_it(
    fake: FakeShop, connected: Any, client: Browser, app: None
) -> None:
    body = {"shop_domain": "x"}
    wrong = {"X-Shopify-Hmac-Sha256": "AAAA"}
    assert app_wide(client, "shop/redact", body, fake.domain, **wrong).status_code == 401
    assert app_wide(client, "shop/redact", body, "unknown.myshopify.com", **wrong).status_code == 401
    assert app_wide(client, "shop/redact", body, "evil.com").status_code == 401
    assert app_wide(client, "", body, fake.domain).status_code == 400
    assert client.get("/webhooks/shopify/app/").status_code == 405
    assert client.post("/webhooks/woocommerce/app/", data=b"{}", content_type="application/json").status_code == 401
    assert not Delivery.objects.exists()


def test_a_shop_that_we_do_not_know_is_answered_and_logged(
    client: Browser, app: None, caplog: pytest.LogCaptureFixture
) -> None:
    assert app_wide(client, "shop/redact", {}, "unknown.myshopify.com").status_code == 200
    assert "unknown.myshopify.com" in caplog.text
    assert not Delivery.objects.exists()


def test_what_the_law_asks_is_done_for_a_shop_that_is_gone_and_nothing_else(
    fake: FakeShop, connected: Any, client: Browser, place: Any
) -> None:
    place(payment="cod")
    arrive(fake)
    order = Order.objects.get()
    follow.withdraw(order.pk)
    acts.disconnect(connected, by=cast.member(connected.dropshipper).pk)
    receive.forget()
    assert app_wide(client, "shop/redact", {}, fake.domain).status_code == 200
    assert app_wide(client, "orders/create", {"id": 5}, fake.domain).status_code == 200
    deliveries.drain()
    order.refresh_from_db()
    assert (order.name, order.street, order.phone) == ("–", "", "")
    assert Order.objects.count() == 1


# ---- what only the API knows, and when it is told


def blocking(order: Order) -> list[str]:
    return sorted(order.problems.filter(blocking=True).values_list("code", flat=True))


def test_a_hold_and_its_release_are_seen_though_the_orders_date_stands(
    fake: FakeShop, connected: Any, place: Any, goods: Any
) -> None:
    fake.parts_move_orders = False
    number = place(payment="card")
    arrive(fake)
    order = Order.objects.get()
    assert (order.state, blocking(order)) == ("ready", [])
    part = fake.fulfilment.of_order(int(number))[0]["id"]
    fake.fulfilment.hold(part, "ONLINE_STORE_POST_PURCHASE_CROSS_SELL")
    arrive(fake)
    order.refresh_from_db()
    assert (order.state, blocking(order)) == ("received", ["on_hold_in_shop"])
    fake.fulfilment.release(part)
    arrive(fake)
    order.refresh_from_db()
    assert (order.state, blocking(order)) == ("ready", [])


def test_while_the_shop_does_not_answer_a_message_releases_no_hold(
    fake: FakeShop, connected: Any, place: Any, goods: Any
) -> None:
    number = place(payment="card")
    fake.fulfilment.hold(fake.fulfilment.of_order(int(number))[0]["id"])
    arrive(fake)
    fake.faults.add("MciOrder", "500", times=9)
    fake.clock = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    fake.orders.change(int(number), note="citofono rotto")
    arrive(fake)
    order = Order.objects.get()
    assert (order.note, order.state, blocking(order)) == ("citofono rotto", "received", ["on_hold_in_shop"])


def test_a_risk_that_is_found_later_is_seen(fake: FakeShop, connected: Any, place: Any, goods: Any) -> None:
    number = place(payment="card", risk="PENDING")
    arrive(fake)
    order = Order.objects.get()
    assert order.state == "ready"
    fake.orders.judge(int(number), "HIGH")
    arrive(fake)
    order.refresh_from_db()
    assert (order.state, blocking(order)) == ("received", ["risk_high"])


def test_a_scheduled_part_is_seen_when_its_date_comes(fake: FakeShop, connected: Any, place: Any, goods: Any) -> None:
    fake.parts_move_orders = False
    number = place([("SCN-00001", 3)], payment="card")
    _now, later, _last = fake.fulfilment.spread(int(number), ["2027-01-10T00:00:00Z", "2027-02-10T00:00:00Z"])
    arrive(fake)
    order = Order.objects.get()
    assert (order.state, order.lines.get().quantity) == ("ready", 1)
    assert list(order.problems.filter(code="scheduled").values_list("params", flat=True)) == [
        {"when": "10/01/2027, 10/02/2027"}
    ]
    fake.fulfilment.come_due(later["id"])
    arrive(fake)
    order.refresh_from_db()
    assert (order.state, order.lines.get().quantity) == ("ready", 2)


def test_local_delivery_and_lockers_are_asked(fake: FakeShop, connected: Any, place: Any, goods: Any) -> None:
    place(payment="card", method="LOCAL", shipping=[("Consegna a mano", "0.00")])
    others = [{"address1": f"Via Po {n}", "phone": f"+39 333 100000{n}"} for n in (1, 2)]
    place(payment="card", method="PICKUP_POINT", shipping=[("Punto di ritiro", "3.90")], address=others[0])
    told = {"TAX_CREDENTIAL_IT": "RSSMRA80A01H501U"}
    place(payment="card", bundle=("Kit luce", "KIT"), localized=told, address=others[1])
    arrive(fake)
    first, second, third = Order.objects.order_by("pk")
    assert [blocking(order) for order in (first, second, third)] == [["pickup"], ["locker"], []]
    assert (third.state, third.lines.get().bundle, third.fiscal) == (
        "ready",
        "Kit luce",
        {"tax_code": "RSSMRA80A01H501U"},
    )


def test_one_order_that_shopify_cannot_show_is_a_dead_message_and_the_pull_goes_on(
    fake: FakeShop, connected: Any, place: Any, goods: Any
) -> None:
    numbers = [place(payment="card") for _n in range(4)]
    fake.flush(arrange=lambda pending: [])
    fake.stumbles[int(numbers[1])] = ("risk",)
    for _n in range(3):
        visit(connected)
    connected.refresh_from_db()
    assert (connected.trouble, connected.pull_walk, connected.pull_failures) == ("", "", 0)
    assert set(InboxOrder.objects.values_list("external_id", flat=True)) == set(numbers) - {numbers[1]}
    dead = Delivery.objects.get()
    assert (dead.state, dead.error_params) == ("dead", {"reason": "INTERNAL_SERVER_ERROR"})


# ---- the sixty-first day


def test_a_transfer_on_day_61_is_no_withdrawal(fake: FakeShop, connected: Any, place: Any, goods: Any) -> None:
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=61)
    number = place(payment="bonifico", at=long_ago)
    arrive(fake)
    order = Order.objects.get()
    assert (order.state, order.payment) == ("received", "awaiting")
    fake.grant(set(ALL_SCOPES) - {"read_all_orders"})
    fake.orders.pay(int(number))
    arrive(fake)
    order.refresh_from_db()
    assert (order.state, order.payment) == ("ready", "prepaid")
    fake.orders.refund(int(number), amount="1.00")  # refunds/create alone cannot tell what became of it
    fake.flush(arrange=lambda pending: [one for one in pending if one.topic == "refunds/create"])
    deliveries.drain()
    order.refresh_from_db()
    assert order.state == "ready"
    fake.clock = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)  # bodies of one second have no order
    fake.orders.cancel(int(number))
    arrive(fake)
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_on_day_61_a_deletion_is_one(fake: FakeShop, connected: Any, place: Any, goods: Any) -> None:
    number = place(payment="card", at=dt.datetime.now(dt.UTC) - dt.timedelta(days=61))
    arrive(fake)
    fake.grant(set(ALL_SCOPES) - {"read_all_orders"})
    fake.orders.delete(int(number))
    arrive(fake)
    assert Order.objects.get().state == "cancelled"


def test_the_topics_that_need_a_right_which_was_taken_stop_no_other(fake: FakeShop, connected: Any) -> None:
    for doc in fake.webhooks.all():
        fake.webhooks.unsubscribe(doc["id"])
    fake.faults.add("webhookSubscriptionCreate", "user_error::You do not have permission", times=99)
    with pytest.raises(ShopUnreachable):
        webhooks.subscribe(access_of(connected), Client(access_of(connected)))
    fake.faults.clear()
    webhooks.subscribe(access_of(connected), Client(access_of(connected)))
    mine = [doc for doc in fake.webhooks.all() if doc["topic"].startswith("FULFILLMENT_ORDERS")]
    assert len(mine) == 6
    fake.webhooks.unsubscribe(mine[0]["id"])
    fake.faults.add("webhookSubscriptionCreate", "user_error::You do not have permission")
    _done, states = webhooks.subscribe(access_of(connected), Client(access_of(connected)))
    assert [one.topic for one in states if one.state == "missing"] == [mine[0]["topic"]]
