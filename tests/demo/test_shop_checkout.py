"""The demo shop's own pages, without JavaScript: basket, checkout, thanks, administration, and `demo_order`."""

import json
import os
import re
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.management import CommandError, call_command

from demo.shops.woocommerce import FakeShop

from .conftest import Answer, Client

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


def post(call: Client, path: str, form: dict[str, str], cookie: str = "") -> Answer:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    return call.raw("POST", path, urlencode(form).encode(), headers)


def filled(call: Client, sku: str = "SCN-00001", quantity: str = "2") -> str:
    answer = post(call, "/carrello/aggiungi/", {"sku": sku, "quantity": quantity})
    assert answer.status == 303
    return answer.headers["Set-Cookie"].partition(";")[0]


@pytest.mark.parametrize(
    ("payment", "status", "paid"),
    [("cod", "processing", False), ("stripe", "processing", True), ("bacs", "on-hold", False)],
)
def test_a_checkout_makes_the_order_it_shows(
    shop: FakeShop, call: Client, payment: str, status: str, paid: bool
) -> None:
    answer = post(call, "/checkout/", {**FORM, "payment_method": payment}, filled(call))
    assert answer.status == 303
    (order,) = list(shop.orders)
    assert (order["status"], order["payment_method"], order["date_paid"] is not None) == (status, payment, paid)
    assert (order["line_items"][0]["sku"], order["line_items"][0]["quantity"]) == ("SCN-00001", 2)
    assert order["total"] == "167.71"  # 2 × 79.90 + 7.91
    assert (order["shipping"]["city"], order["shipping"]["state"]) == ("Torino", "TO")
    assert (order["billing"]["email"], order["customer_note"]) == ("nicolo@example.it", "Suonare «Però»")
    thanks = urlsplit(answer.headers["Location"])
    page = call.raw("GET", f"{thanks.path}?{thanks.query}")
    assert f'data-order="{order["number"]}"' in page.text
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
    assert 'value="Via dell&#x27;Università 7/B"' in answer.text
    assert len(shop.orders) == 0


def test_what_a_customer_types_is_escaped(shop: FakeShop, call: Client) -> None:
    post(call, "/checkout/", {**FORM, "last_name": "<script>alert(1)</script>"}, filled(call))
    (order,) = list(shop.orders)
    for path in ("/wp-admin/", f"/wp-admin/ordine/{order['id']}/"):
        page = call.raw("GET", path).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


def test_every_page_answers_and_asks_nothing_from_elsewhere(shop: FakeShop, call: Client) -> None:
    order = shop.place_order()["id"]
    paths = ["/", "/carrello/", "/product/candela-profumata-della-bottega/", "/wp-admin/", f"/wp-admin/ordine/{order}/"]
    for path in paths:
        page = call.raw("GET", path)
        assert page.status == 200, path
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        for url in re.findall(r'(?:src|href)="(https?://[^"]+)"', page.text):
            assert url.startswith(shop.url)
        for source in re.findall(r'src="([^"]+)"', page.text):
            assert call.raw("GET", urlsplit(source).path).status == 200
    assert call.raw("GET", "/nowhere/").status == 404
    assert call.raw("GET", "/wp-admin/ordine/999/").status == 404


def test_the_merchant_can_pay_cancel_trash_restore_and_mend_the_address(shop: FakeShop, call: Client) -> None:
    order = shop.place_order(payment="bacs")["id"]
    for act, status in (
        ("pagato", "processing"),
        ("annulla", "cancelled"),
        ("cestina", "trash"),
        ("ripristina", "cancelled"),
    ):
        assert post(call, f"/wp-admin/ordine/{order}/{act}/", {}).status == 303
        assert shop.orders[order]["status"] == status
    post(call, f"/wp-admin/ordine/{order}/indirizzo/", {"address_1": "Via Nuova 1", "city": "Lecce", "state": "LE"})
    assert shop.orders[order]["shipping"]["address_1"] == "Via Nuova 1"


def test_the_shop_can_live_below_a_path(call: Client) -> None:
    with FakeShop(public_url="http://localhost:8000/negozio") as shop:
        client = Client(shop.url)
        assert 'href="http://localhost:8000/negozio/carrello/"' in client.raw("GET", "/negozio/").text
        assert json.loads(client.raw("GET", "/negozio/wp-json/").text)["home"] == "http://localhost:8000/negozio"


def test_demo_order_places_an_order_through_the_checkout(shop: FakeShop) -> None:
    out = StringIO()
    call_command("demo_order", "--card", "--sku", "SCN-00004*3", "--sku", "OWN-77", shop_url=shop.url, stdout=out)
    (order,) = list(shop.orders)
    assert order["payment_method"] == "stripe"
    assert {line["sku"]: line["quantity"] for line in order["line_items"]} == {"SCN-00004": 3, "OWN-77": 1}
    assert f"/order-received/{order['id']}/" in out.getvalue()


def test_demo_order_says_what_is_wrong(shop: FakeShop, settings: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="NO-SUCH"):
        call_command("demo_order", "--sku", "NO-SUCH", shop_url=shop.url)
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="--shop-url"):
        call_command("demo_order")
    assert len(shop.orders) == 0


def test_the_shop_runs_as_a_process_and_never_logs_its_keys(tmp_path: Path) -> None:
    info, log = tmp_path / "shop.json", tmp_path / "log"
    command = [sys.executable, "-m", "demo.shops.woocommerce.server", "--port", "0", "--info", str(info)]
    keys = {"DEMO_SHOP_KEY": "ck_hidden", "DEMO_SHOP_SECRET": "cs_hidden"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stderr=out, stdout=out, env={**os.environ, **keys})
    try:
        until = time.monotonic() + 20
        while not info.exists() and time.monotonic() < until:
            time.sleep(0.05)
        url = json.loads(info.read_text(encoding="utf-8"))["url"]
        call_command("demo_order", shop_url=url, stdout=StringIO())
        (order,) = Client(url, "ck_hidden", "cs_hidden").get("orders")
        assert order["payment_method"] == "cod"
        query = "consumer_key=ck_hidden&consumer_secret=cs_hidden"
        assert Client(url, None).raw("GET", f"/wp-json/wc/v3/orders?{query}").status == 200
        assert "Casa Bella" in Client(url, None).raw("GET", "/").text
    finally:
        process.terminate()
        assert process.wait(10) == 0
    assert "hidden" not in log.read_text(encoding="utf-8")
