"""OAuth of the fake Shopify: the merchant agrees or not, codes work once, pairs rotate, uninstalling ends it all."""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from demo.shops.shopify import FakeShop
from demo.shops.shopify.tokens import signed

from .shopify_client import SHARED, Answer, Client

BACK = "https://mci.example/shopify/callback"
NAME = "{ shop { name } }"


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        shop.register_app("app-1", "hush", redirect_uris=[BACK])
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop, "none yet")


def asked(**more: str) -> dict[str, str]:
    given = {"client_id": "app-1", "scope": "write_orders,read_products", "redirect_uri": BACK, "state": "st~1"}
    return {**given, "decision": "install", **more}


def agree(call: Client, **more: str) -> dict[str, str]:
    answer = call.form("/admin/oauth/authorize", **asked(**more))
    assert answer.status == 302, answer.text
    address = urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == BACK
    return dict(parse_qsl(address.query))


def exchange(call: Client, **given: str) -> Answer:
    body = {"client_id": "app-1", "client_secret": "hush", **given}
    return call.raw(
        "POST", "/admin/oauth/access_token", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )


def works(shop: FakeShop, token: str) -> bool:
    return Client(shop, token).ask(NAME).status == 200


def test_the_page_says_what_is_asked_for(call: Client) -> None:
    query = f"client_id=app-1&scope=write_orders,read_products&redirect_uri={BACK}&state=s"
    page = call.raw("GET", f"/admin/oauth/authorize?{query}")
    assert page.status == 200
    assert "Ordini: leggere e modificare" in page.text
    assert "Prodotti: leggere" in page.text


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"client_id": "nobody"}, "Could not find Shopify API application"),
        ({"redirect_uri": "https://evil.example/"}, "The redirect_uri is not whitelisted"),
        ({"scope": " "}, "invalid_scope"),
    ],
)
def test_what_the_store_does_not_know_is_an_html_page(call: Client, changed: dict[str, str], word: str) -> None:
    answer = call.form("/admin/oauth/authorize", **asked(**changed))
    assert (answer.status, "<html>" in answer.text, word in answer.text) == (400, True, True)


def test_the_way_back_is_signed(shop: FakeShop, call: Client) -> None:
    params = agree(call)
    mark = params.pop("hmac")
    assert mark == signed(params, "hush")
    assert params["shop"] == shop.domain
    assert params["state"] == "st~1"
    assert base64.b64decode(params["host"] + "==").decode() == f"{shop.domain}/admin"
    assert abs(int(params["timestamp"]) - dt.datetime.now(dt.UTC).timestamp()) < 60


@pytest.mark.skipif(not SHARED.exists(), reason="the reference of Shopify is not on this machine")
def test_the_signature_is_that_of_the_official_library() -> None:
    vectors = json.loads((SHARED / "payloads/hmac_vectors.json").read_text(encoding="utf-8"))
    for one in vectors["oauth_query"]:
        assert signed(one["params"], vectors["client_secret"]) == one["hmac"]


def test_who_says_no_goes_back_without_a_code(call: Client) -> None:
    params = agree(call, decision="cancel")
    assert params["error"] == "access_denied"
    assert "code" not in params


def test_a_code_is_good_for_one_exchange(shop: FakeShop, call: Client) -> None:
    code = agree(call)["code"]
    pair = exchange(call, code=code, expiring="1").json
    assert (pair["expires_in"], pair["refresh_token_expires_in"]) == (3600, 7776000)
    assert pair["scope"] == "read_products,write_orders"  # read_orders is implied
    again = exchange(call, code=code, expiring="1")
    assert (again.status, again.json["error"]) == (400, "invalid_request")
    assert works(shop, pair["access_token"])
    assert exchange(call, code="x").json["error"] == "invalid_request"


def test_without_expiring_the_token_never_ends_and_a_public_app_is_refused_with_it(
    shop: FakeShop, call: Client
) -> None:
    token = exchange(call, code=agree(call)["code"]).json
    assert set(token) == {"access_token", "scope"}
    assert works(shop, token["access_token"])
    shop.tokens.apps["app-1"].public = True
    assert not works(shop, token["access_token"])


def test_fewer_scopes_may_be_granted(shop: FakeShop, call: Client) -> None:
    code = agree(call, listed="1", grant_read_products="1")["code"]
    assert exchange(call, code=code, expiring="1").json["scope"] == "read_products"


def test_a_wrong_secret_is_invalid_client(call: Client) -> None:
    answer = exchange(call, client_secret="wrong", code=agree(call)["code"])
    assert (answer.status, answer.json["error"]) == (400, "invalid_client")
    assert "<html>" in exchange(call, client_id="nobody").text


def test_a_pair_ends_after_an_hour_and_is_renewed(shop: FakeShop, call: Client) -> None:
    now = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
    shop.clock = lambda: now
    pair = exchange(call, code=agree(call)["code"], expiring="1").json
    assert works(shop, pair["access_token"])
    now += dt.timedelta(hours=1)
    answer = Client(shop, pair["access_token"]).ask(NAME)
    assert (answer.status, type(answer.json["errors"])) == (401, str)
    new = exchange(call, grant_type="refresh_token", refresh_token=pair["refresh_token"]).json
    assert new["refresh_token"] != pair["refresh_token"]
    assert works(shop, new["access_token"])
    now += dt.timedelta(days=90)
    late = exchange(call, grant_type="refresh_token", refresh_token=new["refresh_token"])
    assert (late.status, late.json["error"]) == (400, "invalid_grant")


def test_the_old_refresh_token_lives_until_the_new_pair_is_used(shop: FakeShop, call: Client) -> None:
    def renew(token: str) -> Answer:
        return exchange(call, grant_type="refresh_token", refresh_token=token)

    pair = exchange(call, code=agree(call)["code"], expiring="1").json
    shop.faults.add("access_token", "applied_then_timeout")
    with pytest.raises((ConnectionError, OSError)):
        renew(pair["refresh_token"])
    first, second = renew(pair["refresh_token"]).json, renew(pair["refresh_token"]).json
    assert not works(shop, first["access_token"])  # it was replaced before anybody used it
    assert works(shop, pair["access_token"])
    assert works(shop, second["access_token"])
    assert renew(pair["refresh_token"]).json["error"] == "invalid_grant"
    assert not works(shop, pair["access_token"])
    third = renew(second["refresh_token"]).json
    assert renew(third["refresh_token"]).status == 200  # renewing is using


def test_an_answer_may_lack_its_term(shop: FakeShop, call: Client) -> None:
    pair = exchange(call, code=agree(call)["code"], expiring="1").json
    shop.faults.add("access_token", "no_expires_in")
    new = exchange(call, grant_type="refresh_token", refresh_token=pair["refresh_token"]).json
    assert "expires_in" not in new
    assert new["refresh_token"]


def test_uninstalling_kills_every_token_and_then_tells(shop: FakeShop, call: Client) -> None:
    pair = exchange(call, code=agree(call)["code"], expiring="1").json
    shop.webhooks.subscribe("app-1", "APP_UNINSTALLED", "http://127.0.0.1:9/x")
    shop.uninstall("app-1")
    assert not works(shop, pair["access_token"])
    assert [due.topic for due in shop.pending] == ["app/uninstalled"]
    assert shop.webhooks.all() == []
    answer = exchange(call, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert answer.status == 400
    pair = exchange(call, code=agree(call)["code"], expiring="1").json  # installed again
    assert works(shop, pair["access_token"])


def test_the_api_can_uninstall_too(shop: FakeShop) -> None:
    call = Client(shop)
    data: Any = call("mutation { appUninstall { app { title } userErrors { message } } }")
    assert data["appUninstall"]["app"]["title"] == "MCI"
    assert not works(shop, call.token)


def test_a_legacy_token_needs_no_renewal(shop: FakeShop) -> None:
    token = shop.legacy_token("read_orders")
    shop.expire_tokens()
    assert works(shop, token)
    scopes = Client(shop, token)("{ currentAppInstallation { accessScopes { handle } } }")
    assert scopes["currentAppInstallation"]["accessScopes"] == [{"handle": "read_orders"}]


def test_client_credentials_are_for_stores_of_one_s_own(shop: FakeShop, call: Client) -> None:
    shop.install("app-1", scopes="read_orders")
    refused = exchange(call, grant_type="client_credentials")
    assert (refused.status, "shop_not_permitted" in refused.text) == (400, True)
    shop.tokens.apps["app-1"].own_shop = True
    token = exchange(call, grant_type="client_credentials").json
    assert (token["expires_in"], token["scope"], "refresh_token" in token) == (86399, "read_orders", False)
    assert works(shop, token["access_token"])
    shop.expire_tokens()
    assert not works(shop, token["access_token"])
