"""The fake Shopify's own pages: catalogue, basket, checkout; the admin that shows what MCI told it; its process."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.management import call_command

from demo.shops.shopify import FakeShop, history

from .shopify_client import FULFIL, ORDER, Answer, Client

FORM = {
    "first_name": "Nicolò",
    "last_name": "D'Angelo",
    "address_1": "Via dell'Università 7/B",
    "address_2": "",
    "postcode": "10124",
    "city": "Torino",
    "state": "TO",
    "phone": "+39 333 1234567",
    "email": "nicolo@example.it",
    "note": "Suonare «Però»",
    "payment_method": "cod",
    "token": "abc123",
}


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop)


def post(call: Client, path: str, form: dict[str, str], cookie: str = "") -> Answer:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    return call.raw("POST", path, urlencode(form).encode(), headers)


def filled(call: Client, sku: str = "SCN-00001", quantity: str = "2") -> str:
    answer = post(call, "/carrello/aggiungi/", {"sku": sku, "quantity": quantity})
    assert answer.status == 303
    return answer.headers["Set-Cookie"].partition(";")[0]


@pytest.mark.parametrize(
    ("payment", "status", "gateway", "total"),
    [
        ("card", "PAID", "shopify_payments", "167.7"),
        ("stripe", "PAID", "shopify_payments", "167.7"),
        ("cod", "PENDING", "Contrassegno", "170.7"),  # with its fee
        ("bonifico", "PENDING", "Bonifico bancario", "167.7"),
        ("bacs", "PENDING", "Bonifico bancario", "167.7"),
    ],
)
def test_a_checkout_makes_the_order_it_shows(
    shop: FakeShop, call: Client, payment: str, status: str, gateway: str, total: str
) -> None:
    answer = post(call, "/checkout/", {**FORM, "payment_method": payment}, filled(call))
    assert answer.status == 303
    (doc,) = list(shop.orders)
    order = call(ORDER, id=f"gid://shopify/Order/{doc['id']}")["order"]
    assert (order["displayFinancialStatus"], order["paymentGatewayNames"]) == (status, [gateway])
    assert order["totalPriceSet"]["shopMoney"]["amount"] == total
    assert order["shippingAddress"] == {
        "name": "Nicolò D'Angelo",
        "address1": "Via dell'Università 7/B",
        "zip": "10124",
        "city": "Torino",
        "provinceCode": "TO",
        "countryCodeV2": "IT",
        "phone": "+39 333 1234567",
    }
    assert (order["email"], order["note"]) == ("nicolo@example.it", "Suonare «Però»")
    thanks = urlsplit(answer.headers["Location"])
    assert f'data-order="{order["name"]}"' in call.raw("GET", f"{thanks.path}?{thanks.query}").text
    assert call.raw("GET", thanks.path).status == 404  # not without the order's key


def test_the_same_form_twice_is_one_order(shop: FakeShop, call: Client) -> None:
    basket = filled(call)
    first, second = (post(call, "/checkout/", FORM, basket) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(shop.orders) == 1


@pytest.mark.parametrize(
    "wrong", [{"postcode": "1012"}, {"state": "ZZ"}, {"email": "x"}, {"phone": " "}, {"payment_method": "gold"}]
)
def test_a_wrong_form_keeps_what_was_typed_and_makes_no_order(
    shop: FakeShop, call: Client, wrong: dict[str, str]
) -> None:
    answer = post(call, "/checkout/", {**FORM, **wrong}, filled(call))
    assert answer.status == 422
    assert "Nicolò" in answer.text
    assert 'role="alert"' in answer.text
    assert len(shop.orders) == 0


def test_the_catalogue_shows_what_is_active_and_published(shop: FakeShop, call: Client) -> None:
    page = call.raw("GET", "/")
    assert page.status == 200
    assert "Trapano avvitatore" in page.text
    assert re.search(r"style-src 'self'", page.headers["Content-Security-Policy"])
    product = shop.products.by_sku("SCN-00001")
    assert product is not None
    shop.products.save({**shop.products.get(product["product"]), "published": []})  # type: ignore[dict-item]
    assert "Trapano avvitatore" not in call.raw("GET", "/").text


def test_what_is_sold_out_is_not_sold(shop: FakeShop, call: Client) -> None:
    variant = shop.products.by_sku("SCN-00001")
    assert variant is not None
    item = shop.store.get("item", variant["item"])
    assert item is not None
    shop.stock.set_available(item, shop.stock.locations()[0]["id"], 0)
    page = call.raw("GET", "/products/trapano-avvitatore-18v-con-valigetta/")
    assert "Esaurito" in page.text
    assert 'action="/carrello' not in page.text


def test_the_admin_shows_what_the_app_told(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)], payment="cod")
    fo = f"gid://shopify/FulfillmentOrder/{shop.fulfilment.of_order(placed['id'])[0]['id']}"
    given = {
        "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": fo}],
        "trackingInfo": {"company": "BRT", "number": "1234567890"},
        "notifyCustomer": True,
    }
    call(FULFIL, fulfillment=given)
    event = """mutation E($id: ID!) { fulfillmentEventCreate(fulfillmentEvent: {fulfillmentId: $id, status: DELIVERED,
        message: "Consegnato"}) { userErrors { message } } }"""
    call(event, id=f"gid://shopify/Fulfillment/{shop.fulfilment.sent(placed['id'])[0]['id']}")
    shop.orders.change(placed["id"], tags=["mci"])
    assert "BRT 1234567890" in call.raw("GET", "/admin/").text
    page = call.raw("GET", f"/admin/ordine/{placed['id']}/").text
    for word in (
        'data-tracking="1234567890"',
        "Consegnato",
        'data-sent="FULFILLED"',
        'data-tag="mci"',
        "cliente avvisato",
    ):
        assert word in page
    shop.products.save({**shop.products.all()[0], "made_by": "MCI"})
    products = call.raw("GET", "/admin/prodotti/").text
    assert 'data-sku="SCN-00001"' in products
    assert 'data-available="38"' in products
    assert "da MCI" in products
    shop.webhooks.subscribe("mci-client", "ORDERS_PAID", "https://mci.example/x")
    app = call.raw("GET", "/admin/app/").text
    assert "orders/paid" in app
    assert "MciFulfillmentCreate" in app
    assert call.raw("GET", "/admin/ordine/7/").status == 404


def test_the_merchant_acts_in_his_admin(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)], payment="cod")
    here, (fo,) = f"/admin/ordine/{placed['id']}/", shop.fulfilment.of_order(placed["id"])
    post(call, f"{here}indirizzo/", {"address1": "Via Nuova 1", "city": "Lecce", "province_code": "LE"})
    post(call, f"{here}pagato/", {})
    post(call, f"/admin/evasione/{fo['id']}/sospendi/", {})
    order = call(ORDER, id=placed["gid"])["order"]
    assert (order["shippingAddress"]["address1"], order["shippingAddress"]["city"]) == ("Via Nuova 1", "Lecce")
    assert (order["displayFinancialStatus"], order["displayFulfillmentStatus"]) == ("PAID", "ON_HOLD")
    post(call, f"/admin/evasione/{fo['id']}/rilascia/", {})
    post(call, f"/admin/evasione/{fo['id']}/sposta/", {"location": str(shop.stock.locations()[1]["id"])})
    post(call, f"{here}rimborsa/", {})
    post(call, f"{here}annulla/", {})
    order = call(ORDER, id=placed["gid"])["order"]
    assert order["cancelledAt"]
    assert order["displayFinancialStatus"] == "REFUNDED"
    post(call, "/admin/app/disinstalla/", {"app": "mci-client"})
    assert call.ask("{ shop { id } }").status == 401


def test_the_history_has_each_way_of_paying_and_tells_no_webhook(shop: FakeShop) -> None:
    shop.webhooks.subscribe("mci-client", "ORDERS_CREATE", "https://mci.example/x")
    history.place(shop)
    gateways = {name for doc in shop.orders for name in doc["gateways"]}
    assert gateways >= {"shopify_payments", "Contrassegno", "Bonifico bancario", "Cash on Delivery (COD)", "paypal"}
    assert len(shop.orders) == len(history.WAITING)
    assert shop.pending == []


def test_the_shop_can_live_below_a_path() -> None:
    with FakeShop(public_url="http://localhost:8000/emporio") as shop:
        call = Client(shop)
        assert 'href="http://localhost:8000/emporio/carrello/"' in call.raw("GET", "/emporio/").text
        assert call.raw("POST", "/emporio/admin/api/2026-10/graphql.json", b"{}").status == 401


def test_provisioning_again_moves_the_subscriptions(shop: FakeShop) -> None:
    for port in (8000, 8010):
        shop.provision(key="shpat_demo", secret="s", deliver_to=f"http://localhost:{port}/hook/")
    assert {doc["uri"] for doc in shop.webhooks.all()} == {"http://localhost:8010/hook/"}
    topics = [doc["topic"] for doc in shop.webhooks.all()]
    assert len(topics) == len(set(topics)) > 10
    assert Client(shop, "shpat_demo").ask("{ shop { id } }").status == 200


def test_the_store_runs_as_a_process_takes_orders_and_never_logs_its_secrets(tmp_path: Path) -> None:
    info, log = tmp_path / "shop.json", tmp_path / "log"
    command: list[Any] = [sys.executable, "-m", "demo.shops.shopify.server", "--port", "0", "--info", str(info)]
    command += ["--data", str(tmp_path / "shop.sqlite"), "--history"]
    env = {"DEMO_SHOP_KEY": "shpat_hidden", "DEMO_SHOP_SECRET": "very_hidden"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stderr=out, stdout=out, env={**os.environ, **env})
    try:
        until = time.monotonic() + 30
        while not info.exists() and time.monotonic() < until:
            time.sleep(0.05)
        url = json.loads(info.read_text(encoding="utf-8"))["url"]
        call_command("demo_order", "--card", "--sku", "SCN-00004*3", shop_url=url, stdout=(said := StringIO()))
        assert f"/order-received/{1000 + len(history.WAITING) + 1}/" in said.getvalue()
    finally:
        process.terminate()
        assert process.wait(10) == 0
    assert "hidden" not in log.read_text(encoding="utf-8")
