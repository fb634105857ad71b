"""Who the fake shop lets in, and what it answers to the others."""

import http.client
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from demo.shops.woocommerce import FakeShop
from demo.shops.woocommerce.auth import oauth_signature

from .conftest import KEY, SECRET, Client, Receiver

CANNOT_VIEW = {
    "code": "woocommerce_rest_cannot_view",
    "message": "Sorry, you cannot list resources.",
    "data": {"status": 401},
}


def code(answer: Any) -> tuple[int, str, str]:
    return answer.status, answer.json["code"], answer.json["message"]


def test_without_a_key_or_with_an_unknown_one_the_answer_is_the_same(shop: FakeShop) -> None:
    for client in (Client(shop.url, None), Client(shop.url, "ck_unknown")):
        answer = client("GET", "orders")
        assert (answer.status, answer.json) == (401, CANNOT_VIEW)
        assert answer.headers["Vary"] == "Origin"
        assert "Allow" not in answer.headers


def test_a_real_shop_does_not_look_at_keys_over_plain_http(shop: FakeShop, call: Client) -> None:
    shop.insecure_basic_ok = False
    assert call("GET", "orders").status == 401
    query = urlencode({"consumer_key": KEY, "consumer_secret": SECRET})
    assert call.raw("GET", f"/wp-json/wc/v3/orders?{query}").status == 401
    https = {"X-Forwarded-Proto": "https"}
    assert call.raw("GET", f"/wp-json/wc/v3/orders?{query}", headers=https).status == 200


def test_a_wrong_secret_is_told_from_a_wrong_key(shop: FakeShop) -> None:
    answer = Client(shop.url, KEY, "cs_wrong")("GET", "orders")
    assert code(answer) == (401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")


def test_read_and_write_permissions_are_kept_apart(shop: FakeShop) -> None:
    order = shop.place_order()
    shop.keys.add("ck_r", "s", permissions="read")
    shop.keys.add("ck_w", "s", permissions="write")
    text = "The API key provided does not have write permissions."
    answer = Client(shop.url, "ck_r", "s")("PUT", f"orders/{order['id']}", {"status": "completed"})
    assert code(answer) == (401, "woocommerce_rest_authentication_error", text)
    assert shop.orders[order["id"]]["status"] == "processing"
    assert Client(shop.url, "ck_w", "s")("GET", "orders").status == 401
    assert Client(shop.url, "ck_r", "s")("GET", "orders").status == 200


def test_an_owner_without_the_role_gets_403(shop: FakeShop, call: Client) -> None:
    shop.keys.demote(KEY)
    assert call("GET", "orders").status == 403


def test_the_rest_route_form_ignores_the_key(shop: FakeShop, call: Client) -> None:
    query = urlencode({"rest_route": "/wc/v3/orders", "consumer_key": KEY, "consumer_secret": SECRET})
    assert call.raw("GET", f"/?{query}").status == 401
    assert call.raw("GET", f"/index.php/wp-json/wc/v3/orders/?{query}").status == 200


def signed(shop: FakeShop, params: dict[str, str], algorithm: str = "HMAC-SHA256", **override: str) -> str:
    oauth = {
        "oauth_consumer_key": KEY,
        "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": secrets.token_hex(8),
        "oauth_signature_method": algorithm,
    }
    every = params | oauth | override
    url = f"{shop.url}/wp-json/wc/v3/orders"
    every["oauth_signature"] = oauth_signature("GET", url, every, SECRET, algorithm)
    return f"/wp-json/wc/v3/orders?{urlencode(every)}"


@pytest.mark.parametrize("algorithm", ["HMAC-SHA1", "HMAC-SHA256"])
def test_over_http_oauth_works_once_per_nonce_and_within_15_minutes(
    shop: FakeShop, call: Client, algorithm: str
) -> None:
    shop.insecure_basic_ok = False
    path = signed(shop, {"search": "D'Angelo città", "status": "processing"}, algorithm)
    assert call.raw("GET", path).status == 200
    assert code(call.raw("GET", path))[2] == "Invalid nonce - nonce has already been used."
    old = signed(shop, {}, algorithm, oauth_timestamp=str(int(time.time()) - 1000))
    assert code(call.raw("GET", old))[2] == "Invalid timestamp."
    wrong = signed(shop, {}, algorithm).replace("oauth_signature=", "oauth_signature=x")
    assert code(call.raw("GET", wrong))[2] == "Invalid signature - provided signature does not match."


def authorize(receiver: Receiver, **override: str) -> str:
    params = {
        "app_name": "MCI",
        "scope": "read_write",
        "user_id": "one-time-token",
        "return_url": "http://localhost:8000/back/?state=abc",
        "callback_url": f"{receiver.url}?state=abc",
    }
    return f"/wc-auth/v1/authorize?{urlencode({**params, **override})}"


def link(page: str, css_class: str) -> str:
    href = page.split(css_class)[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    parts = urlsplit(href)
    return f"{parts.path}?{parts.query}"


def test_approving_posts_working_keys_and_comes_back(shop: FakeShop, call: Client, receiver: Receiver) -> None:
    page = call.raw("GET", authorize(receiver))
    assert page.status == 200
    answer = call.raw("GET", link(page.text, "wc-auth-approve"))
    assert answer.status == 302
    assert answer.headers["Location"] == "http://localhost:8000/back/?state=abc&success=1&user_id=one-time-token"
    path, headers, body = receiver.seen[0]
    assert dict(headers)["Content-Type"] == "application/json;charset=UTF-8"
    assert path.endswith("?state=abc")
    given = json.loads(body)
    assert list(given) == ["key_id", "user_id", "consumer_key", "consumer_secret", "key_permissions"]
    assert Client(shop.url, given["consumer_key"], given["consumer_secret"])("GET", "orders").status == 200


@pytest.mark.parametrize("status", [204, 500])
def test_a_callback_that_does_not_answer_exactly_200_takes_the_keys_back(
    shop: FakeShop, call: Client, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    keys = len(shop.store.all("key"))
    answer = call.raw("GET", link(call.raw("GET", authorize(receiver)).text, "wc-auth-approve"))
    assert answer.status == 401
    assert len(shop.store.all("key")) == keys


def test_denying_comes_back_with_success_0_and_posts_nothing(call: Client, receiver: Receiver) -> None:
    page = call.raw("GET", authorize(receiver)).text
    assert "success=0&amp;user_id=one-time-token" in page
    assert receiver.seen == []


@pytest.mark.parametrize("wrong", [{"scope": "admin"}, {"user_id": ""}, {"callback_url": "http://mci.example/x"}])
def test_a_wrong_request_is_refused_with_a_page(call: Client, receiver: Receiver, wrong: dict[str, str]) -> None:
    answer = call.raw("GET", authorize(receiver, **wrong))
    assert (answer.status, answer.headers["Content-Type"]) == (401, "text/html; charset=UTF-8")


def test_an_approval_that_was_not_shown_is_refused(call: Client, receiver: Receiver) -> None:
    path = authorize(receiver).replace("/authorize?", "/access_granted/?wc_auth_nonce=guessed&")
    assert call.raw("GET", path).status == 401
    assert receiver.seen == []


def test_keep_alive_serves_many_requests_on_one_connection(shop: FakeShop) -> None:
    parts = urlsplit(shop.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    for _ in range(3):
        connection.request("GET", "/wp-json/")
        response = connection.getresponse()
        assert (response.status, response.version) == (200, 11)
        response.read()
    connection.close()
