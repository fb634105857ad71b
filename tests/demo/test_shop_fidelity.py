"""The fake shop's JSON has the keys and types of the recorded WooCommerce, recursively."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from demo.shops.woocommerce import FakeShop
from demo.shops.woocommerce.auth import oauth_signature
from demo.shops.woocommerce.php import json_encode
from demo.shops.woocommerce.webhooks import signature

from .conftest import Client

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "demo/shops/woocommerce/samples"
TRAFFIC = ROOT.parent / "shared/woocommerce/traffic"
recorded = pytest.mark.skipif(not TRAFFIC.exists(), reason="the recorded traffic is not on this machine")


def body_of(path: Path) -> Any:
    record = json.loads(path.read_text(encoding="utf-8"))
    return json.loads(record["body_text"] if "body_text" in record else record["response"]["body_text"])


def shape(value: Any) -> Any:
    """Keys in their order and types; a list is the shape of its first entry; int and float are both "number"."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, int | float) else "str"


def differences(real: Any, fake: Any, at: str = "") -> list[str]:
    if isinstance(real, dict) and isinstance(fake, dict):
        found = [f"{at}: keys {list(real)} != {list(fake)}"] if list(real) != list(fake) else []
        return found + [
            d for key in real.keys() & fake.keys() for d in differences(real[key], fake[key], f"{at}.{key}")
        ]
    if isinstance(real, list) and isinstance(fake, list):
        return differences(real[0], fake[0], f"{at}[0]") if real and fake else []
    if real == fake or (at.endswith((".value", ".display_value")) and fake in ("str", "number")):
        return []
    return [f"{at}: {real} != {fake}"]


FOREIGN = {"country": "DE", "state": "DE-BY", "city": "München", "postcode": "80331"}
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("cod-simple", {"payment": "cod", "created_via": "store-api"}),
    ("classic-bacs", {"payment": "bacs"}),
    ("card-foreign", {"payment": "stripe", "created_via": "store-api", "billing": FOREIGN}),
]


@pytest.mark.parametrize(("kind", "how"), KINDS)
def test_a_delivered_order_has_the_shape_of_the_recorded_one(
    shop: FakeShop, call: Client, kind: str, how: dict[str, Any]
) -> None:
    real = body_of(SAMPLES / f"webhook-order-created-{kind}.json")
    fake = call.get(f"orders/{shop.place_order([('SCN-00001', 1)], **how)['id']}")
    assert differences(shape(real), shape(fake)) == []
    assert list(real) == list(fake)
    for key in ("status", "payment_method", "payment_method_title", "is_editable", "needs_payment", "needs_processing",
                "currency_symbol", "version", "prices_include_tax", "shipping_total", "shipping_tax"):  # fmt: skip
        assert fake[key] == real[key], key
    assert (fake["date_paid"] is None) == (real["date_paid"] is None)
    assert (fake["transaction_id"] == "") == (real["transaction_id"] == "")


def test_an_order_made_through_rest_has_the_shape_of_the_recorded_one(shop: FakeShop, call: Client) -> None:
    path = SAMPLES / "rest-order-create-cod-processing.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    shop.products.add(sku="MCI-0001", name="Trapano avvitatore 18V MCI", price="88.90", stock=9, ean="8001234567897")
    given = json.loads(record["request"]["body_text"])
    given["line_items"] = [{"sku": "MCI-0001", "quantity": 1}]
    answer = call("POST", "orders", given)
    assert answer.status == 201
    real, fake = body_of(path), answer.json
    assert differences(shape(real), shape(fake)) == []
    for key in ("total", "total_tax", "cart_tax", "shipping_total", "shipping_tax", "billing", "shipping", "status",
                "date_paid", "created_via", "cart_hash", "payment_method_title"):  # fmt: skip
        assert fake[key] == real[key], key
    assert fake["line_items"][0]["price"] == real["line_items"][0]["price"] == 72.868852


def test_a_disabled_webhook_has_the_shape_of_the_recorded_one(shop: FakeShop, call: Client) -> None:
    real = body_of(SAMPLES / "rest-webhook-get-disabled.json")
    hook = shop.webhooks.create({"topic": "order.updated", "delivery_url": f"{shop.url}/x"}, ping=False)
    shop.webhooks.change(hook["id"], {"status": "disabled"})
    fake = call.get(f"webhooks/{hook['id']}")
    assert differences(shape(real), shape(fake)) == []
    assert fake["hooks"] == real["hooks"]


@recorded
@pytest.mark.parametrize("path", sorted(TRAFFIC.glob("rest-order-c*.json")), ids=lambda path: path.stem)
def test_every_recorded_order_agrees_with_ours(shop: FakeShop, call: Client, path: Path) -> None:
    real = body_of(path)
    if "needs_payment" not in real or "status" not in real:
        pytest.skip("only some fields were asked for")
    abroad = not real["tax_lines"]
    bare = not real["shipping_lines"]
    order = shop.place_order(
        [("SCN-00001", 1)],
        created_via=real["created_via"],
        payment=real["payment_method"],
        billing=FOREIGN if abroad else {},
        shipping_lines=[] if bare else None,
        status=real["status"],
    )
    ours, theirs = shape(call.get(f"orders/{order['id']}")), shape(real)
    for each in (ours, theirs):  # what depends on the state, not on the shape
        for key in ("date_paid", "date_paid_gmt", "date_completed", "date_completed_gmt"):
            each.pop(key)
        if each["line_items"]:
            each["line_items"][0]["image"]["id"] = "either"
            each["line_items"][0]["parent_name"] = "either"
    assert differences(theirs, ours) == []


def _without_images(found: Any) -> Any:
    """Lists that are empty in one shop and not in the other have no shape to compare."""
    if isinstance(found, dict):
        return {key: _without_images(value) for key, value in found.items() if key not in ("images", "related_ids")}
    return [_without_images(value) for value in found] if isinstance(found, list) else found


@recorded
def test_recorded_batches_of_products_and_variations_are_answered_as_recorded(shop: FakeShop, call: Client) -> None:
    """The very requests that WooCommerce was sent, in their order; ids differ, what they say does not."""
    for doc in shop.products.all():
        shop.products.remove(doc["id"])

    def replay(name: str, path: str, swap: dict[int, int]) -> tuple[list[Any], list[Any]]:
        record = json.loads((TRAFFIC / f"{name}.json").read_text(encoding="utf-8"))
        given = json.loads(record["request"]["body_text"])
        for item in given.get("update", []):
            item["id"] = swap.get(item["id"], item["id"])
        (_kind, real), (_same, fake) = (
            next(iter(answer.items()))
            for answer in (json.loads(record["response"]["body_text"]), call("POST", path, given).json)
        )
        return real, fake

    def compare(real: list[Any], fake: list[Any]) -> None:
        assert len(real) == len(fake)
        for theirs, ours in zip(real, fake, strict=True):
            assert differences(shape(_without_images(theirs)), shape(_without_images(ours))) == []
            for key in ("type", "status", "sku", "price", "regular_price", "manage_stock", "stock_quantity",
                        "purchasable", "stock_status", "weight", "global_unique_id", "has_options"):  # fmt: skip
                if key in theirs and theirs["sku"] not in ("MCI-0003", "BUONO-0"):  # backorders, virtual: not here
                    assert ours[key] == theirs[key], (theirs.get("sku"), key)
            if "error" in theirs:
                assert ours["error"]["code"] == theirs["error"]["code"]
                assert set(ours["error"]["data"]) == set(theirs["error"]["data"])

    real, fake = replay("rest-products-batch-create", "products/batch", {})
    compare(real, fake)
    ids = {theirs["id"]: ours["id"] for theirs, ours in zip(real, fake, strict=True)}
    compare(*replay("rest-products-batch-update", "products/batch", ids))
    parent = next(ours["id"] for ours in fake if ours.get("type") == "variable")
    real, fake = replay("rest-variations-batch-create", f"products/{parent}/variations/batch", {})
    compare(real, fake)
    ids = {theirs["id"]: ours["id"] for theirs, ours in zip(real, fake, strict=True)}
    compare(*replay("rest-variations-batch-update", f"products/{parent}/variations/batch", ids))
    found = call.get("products?sku=MCI-0001%2CMCI-TSH-M-B")
    assert sorted((row["type"], row["sku"]) for row in found) == [("simple", "MCI-0001"), ("variation", "MCI-TSH-M-B")]


@recorded
def test_our_json_is_the_text_php_writes() -> None:
    checked = 0
    for path in TRAFFIC.glob("webhook-order-*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        raw = base64.b64decode(record["body_base64"]).decode()
        assert json_encode(json.loads(raw)) == raw, path.name
        checked += 1
    assert checked > 50


@recorded
def test_our_signature_is_the_recorded_one_over_every_recorded_body() -> None:
    checked = 0
    for path in TRAFFIC.glob("webhook-*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["kind"] != "webhook-delivery":
            continue
        given = dict(record["headers"])["X-WC-Webhook-Signature"]
        assert signature(base64.b64decode(record["body_base64"]), record["secret"]) == given, path.name
        checked += 1
    assert checked > 80


def test_our_signature_is_the_recorded_one_over_the_samples() -> None:
    for path in SAMPLES.glob("webhook-*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        given = dict(record["headers"])["X-WC-Webhook-Signature"]
        assert signature(record["body_text"].encode(), record["secret"]) == given, path.name


@recorded
@pytest.mark.parametrize("name", ["rest-oauth-http", "rest-oauth-http-put", "rest-oauth-sha1-special"])
def test_our_oauth_signature_is_the_one_the_real_shop_took(name: str) -> None:
    basic = json.loads((TRAFFIC / "rest-err-401-http-basic.json").read_text(encoding="utf-8"))
    header = dict(basic["request"]["headers"])["Authorization"]
    secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")[2]
    request = json.loads((TRAFFIC / f"{name}.json").read_text(encoding="utf-8"))["request"]
    url = urlsplit(request["url"])
    params = dict(parse_qsl(url.query))
    base = f"{url.scheme}://{url.netloc}{url.path}"
    wanted = oauth_signature(request["method"], base, params, secret, params["oauth_signature_method"])
    assert wanted == params["oauth_signature"]


ERRORS = [
    ("rest-err-404-no-route", "GET", "ordini", None),
    ("rest-err-404-order", "GET", "orders/999999", None),
    ("rest-err-400-page-0", "GET", "orders?page=0", None),
    ("rest-orders-list-per-page-101", "GET", "orders?per_page=101", None),
    ("rest-orders-list-bad-date", "GET", "orders?modified_after=ieri", None),
    ("rest-orders-list-bad-status", "GET", "orders?status=spedito", None),
    ("rest-orders-modified-after-plus-not-encoded", "GET", "orders?modified_after=2026-11-23T22:16:44+01:00", None),
    ("rest-order-put-unknown-id", "PUT", "orders/999999", b'{"status":"completed"}'),
    ("rest-order-put-bad-status", "PUT", "orders/ORDER", b'{"status":"spedito"}'),
    ("rest-err-400-bad-json", "PUT", "orders/ORDER", b'{"status": '),
    ("rest-webhook-create-bad-topic", "POST", "webhooks", b'{"topic":"order.paid","delivery_url":"http://x.test/"}'),
    ("rest-webhook-create-no-url", "POST", "webhooks", b'{"name":"bad","topic":"order.created"}'),
    ("rest-webhook-delete-unforced", "DELETE", "webhooks/HOOK", None),
]


@recorded
@pytest.mark.parametrize(("name", "method", "path", "body"), ERRORS, ids=[row[0] for row in ERRORS])
def test_errors_are_the_recorded_ones_to_the_byte(
    shop: FakeShop, call: Client, name: str, method: str, path: str, body: bytes | None
) -> None:
    order = shop.place_order()
    hook = shop.webhooks.create({"topic": "order.created", "delivery_url": f"{shop.url}/x"}, ping=False)
    answer = call(method, path.replace("ORDER", str(order["id"])).replace("HOOK", str(hook["id"])), body)
    real = json.loads((TRAFFIC / f"{name}.json").read_text(encoding="utf-8"))["response"]
    assert (answer.status, answer.text) == (real["status"], real["body_text"])
    assert answer.headers.get("Allow") == dict(real["headers"]).get("Allow")


def test_the_refunds_of_an_order_have_the_shape_of_the_recorded_ones(shop: FakeShop, call: Client) -> None:
    real = body_of(SAMPLES / "rest-order-refunds.json")
    order = shop.place_order([("SCN-00001", 2)], payment="stripe")
    line = order["line_items"][0]
    given = {"amount": "10.00", "reason": "Un pezzo reso", "line_items": [{"id": line["id"], "quantity": 1}]}
    assert call("POST", f"orders/{order['id']}/refunds", given).status == 201
    fake = call.get(f"orders/{order['id']}/refunds")
    real[0]["tax_lines"] = []  # the fake leaves them out: nobody reads them
    real[0]["line_items"][0]["parent_name"] = None  # of a variation
    assert differences(shape(real), shape(fake)) == []
    [piece] = fake[0]["line_items"]
    assert (piece["quantity"], piece["meta_data"][0]["key"]) == (-1, "_refunded_item_id")
    assert piece["meta_data"][0]["value"] == str(line["id"])
    assert call.get(f"orders/{order['id']}")["refunds"][0]["total"] == "-10.00"  # the order names the sum alone


def test_a_bundle_shows_its_parts_and_a_vendors_suborder_its_parent(shop: FakeShop) -> None:
    order = shop.place_order([{"sku": "KIT", "price": "99.00", "parts": [("SCN-00001", 1), ("SCN-00002", 2)]}])
    parent, one, two = order["line_items"]
    assert parent["bundled_items"] == [one["id"], two["id"]]
    assert (one["bundled_by"], one["total"], two["quantity"]) == (parent["id"], "0.00", 2)
    [part] = shop.orders.split(order["id"], [[one["id"]]])
    assert (part["parent_id"], part["order_key"] != order["order_key"]) == (order["id"], True)
    assert "has_sub_order" in {meta["key"] for meta in shop.orders[order["id"]]["meta_data"]}


def test_a_shop_that_shows_six_decimals_writes_six(shop: FakeShop) -> None:
    shop.decimals = 6
    order = shop.place_order([{"sku": "A", "price": "24.90", "quantity": 1}])
    line = order["line_items"][0]
    assert (order["total"], line["total"], line["total_tax"]) == ("32.805600", "20.409836", "4.490164")
