"""Connecting a Shopify shop: by the portal's app, by an app of the reseller's, by the token of an old one."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client as Browser

from connectors.connect import attempts
from connectors.models import ConnectAttempt, Shop
from connectors.platforms.shopify import oauth
from connectors.platforms.shopify.connect import SCOPES
from connectors.platforms.shopify.forms import ConnectForm, clean_address
from demo.shops.shopify import FakeShop
from tests import cast
from tests.connectors.shopify.stage import CLIENT_ID, CLIENT_SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(client: Browser, dropshipper: Any) -> Browser:
    cast.sign_in(client, cast.member(dropshipper))
    return client


def begin(portal: Browser, fake: FakeShop, **fields: str) -> tuple[Any, dict[str, str]]:
    """The wizard's form, sent; its answer and the query that the reseller's browser is sent to Shopify with."""
    here = portal.post("/shops/connect/shopify/", {"mode": "app", "address": fake.url, **fields})["Location"]
    attempts.advance_due()
    page = portal.get(here)
    link = re.search(r'id="approve" href="([^"]+)"', page.content.decode())
    query = dict(parse_qsl(urlsplit(link[1].replace("&amp;", "&")).query)) if link else {}
    return page, query


def come_back(portal: Browser, path: str) -> Any:
    """His browser brings the answer, a worker tries it, he says that it is his shop, and a worker connects it."""
    answer = portal.get(path)
    attempts.advance_due()
    if answer.status_code == 302 and "/shops/connecting/" in answer["Location"]:
        for attempt in ConnectAttempt.objects.filter(phase="pending"):
            portal.post(f"{answer['Location']}confirm/", {"seen": attempt.version})
        attempts.advance_due()
    return answer


def approve(fake: FakeShop, query: dict[str, str], *, scopes: set[str] | None = None) -> str:
    """The merchant agrees: the path and query that his browser comes back with."""
    app = fake.tokens.apps[query["client_id"]]
    back = fake.tokens.grant_code(app, query["redirect_uri"], scopes or set(query["scope"].split(",")), query["state"])
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


@pytest.mark.usefixtures("app")
def test_he_approves_the_portals_app_and_the_shop_is_connected(portal: Browser, fake: FakeShop) -> None:
    page, query = begin(portal, fake)
    assert page.status_code == 200
    assert (query["client_id"], query["scope"].split(",")) == (CLIENT_ID, list(SCOPES))
    assert "grant_options[]" not in query
    answer = come_back(portal, approve(fake, query))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/shops/connecting/")
    shop = Shop.objects.get()
    assert (shop.platform, shop.address, shop.state, shop.name) == ("shopify", fake.url, "active", fake.name)
    assert "shprt_" in shop.credentials
    assert "shpat_" not in str(vars(shop))
    assert {hook["uri"] for hook in fake.webhooks.all()} == {f"http://localhost:8000/webhooks/shopify/{shop.key}/"}
    done = portal.get(answer["Location"])
    assert f"/shops/{shop.pk}/rules/" in done["Location"]


@pytest.mark.usefixtures("app")
def test_the_same_answer_twice_connects_once(portal: Browser, fake: FakeShop) -> None:
    _page, query = begin(portal, fake)
    back = approve(fake, query)
    for _time in range(2):
        assert come_back(portal, back).status_code == 302
    assert Shop.objects.count() == 1


@pytest.mark.usefixtures("app")
def test_an_answer_that_is_loaded_again_at_any_moment_disturbs_nothing(
    portal: Browser, fake: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload, a double tap, a page that is fetched ahead: the code in the address works once, and the second loading
    had the worker try it again."""
    _page, query = begin(portal, fake)
    back, plain = approve(fake, query), oauth.exchange

    def reloaded_meanwhile(*args: Any, **kwargs: Any) -> dict[str, str]:
        found = plain(*args, **kwargs)
        assert portal.get(back).status_code == 302
        return found

    assert portal.get(back).status_code == portal.get(back).status_code == 302
    monkeypatch.setattr(oauth, "exchange", reloaded_meanwhile)
    attempts.advance_due()
    attempt = ConnectAttempt.objects.get()
    assert (attempt.phase, attempt.trouble) == ("pending", "")
    assert come_back(portal, back).status_code == 302
    assert Shop.objects.get().state == "active"
    portal.get(back)
    attempt.refresh_from_db()
    assert (attempt.phase, attempt.read("kept")) == ("done", {})


@pytest.mark.usefixtures("app")
def test_of_a_failed_one_only_another_answer_is_tried(portal: Browser, fake: FakeShop) -> None:
    _page, query = begin(portal, fake)
    less = approve(fake, query, scopes=set(SCOPES) - {"write_inventory"})
    come_back(portal, less)
    told = ConnectAttempt.objects.get().trouble
    portal.get(less)
    attempts.advance_due()
    assert (ConnectAttempt.objects.get().phase, ConnectAttempt.objects.get().trouble) == ("failed", told)
    come_back(portal, approve(fake, query))
    assert Shop.objects.get().state == "active"


@pytest.mark.usefixtures("app")
def test_an_app_of_his_own_keeps_its_secret_till_the_answer_and_signs_the_webhooks(
    portal: Browser, fake: FakeShop
) -> None:
    fake.register_app("his-own-app", "his-own-secret")
    _page, query = begin(portal, fake, mode="own_app", client_id="his-own-app", client_secret="his-own-secret")
    assert query["client_id"] == "his-own-app"
    assert b"his-own-secret" not in bytes(ConnectAttempt.objects.get().kept_sealed)
    assert come_back(portal, approve(fake, query)).status_code == 302
    shop = Shop.objects.get()
    assert shop.webhook_secret == "his-own-secret"
    assert ConnectAttempt.objects.get().read("kept") == {}


def test_the_token_of_an_old_app_is_pasted(portal: Browser, fake: FakeShop) -> None:
    token = fake.legacy_token()
    page, _query = begin(portal, fake, mode="token", access_token=token, client_secret="shpss_secret01")
    assert page.status_code == 302
    shop = Shop.objects.get()
    assert '"auth_mode": "legacy_token"' in shop.credentials
    assert shop.webhook_secret == "shpss_secret01"


def test_without_an_app_of_the_portal_only_his_own_is_offered(settings: Any) -> None:
    assert [mode for mode, _words in ConnectForm().fields["mode"].choices] == ["own_app", "token"]  # type: ignore[attr-defined]
    settings.SHOPIFY_CLIENT_ID, settings.SHOPIFY_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    assert ConnectForm().fields["mode"].initial == "app"


@pytest.mark.usefixtures("app")
def test_less_than_all_is_not_enough(portal: Browser, fake: FakeShop) -> None:
    _page, query = begin(portal, fake)
    answer = come_back(portal, approve(fake, query, scopes=set(SCOPES) - {"write_inventory"}))
    assert not Shop.objects.exists()
    said = portal.get(answer["Location"]).content.decode()
    assert "write_inventory" in said


@pytest.mark.usefixtures("app")
def test_what_is_forged_connects_nothing(portal: Browser, fake: FakeShop) -> None:
    _page, query = begin(portal, fake)
    good = dict(parse_qsl(urlsplit(approve(fake, query)).query))

    def back(**changed: str) -> Any:
        params = {**good, **changed}
        if "hmac" not in changed:
            params["hmac"] = oauth.signature(params, CLIENT_SECRET)
        return come_back(portal, f"/connect/shopify/callback/?{urlencode(params)}")

    assert back(hmac="0" * 64).status_code == 302  # to the page that says why
    assert back(shop="other.myshopify.com").status_code == 302
    assert back(timestamp=str(int(time.time()) - 3600)).status_code == 302
    assert back(code="another").status_code == 302
    assert back(state="unknown").status_code == 403
    assert portal.get(f"/connect/shopify/callback/?{urlencode(good)}&state=twice").status_code == 400
    assert not Shop.objects.exists()
    assert ConnectAttempt.objects.get().used_at is None


@pytest.mark.usefixtures("app")
def test_an_answer_in_another_browser_connects_nothing(
    portal: Browser, fake: FakeShop, dropshipper: Any, other_dropshipper: Any
) -> None:
    """A stranger who lets the merchant approve an attempt of his own does not get the merchant's shop."""
    _page, query = begin(portal, fake)
    back = approve(fake, query)
    for stranger in (cast.member(other_dropshipper), cast.member(dropshipper, email="colleague@example.it")):
        other = Browser()
        cast.sign_in(other, stranger)
        assert other.get(back).status_code == 403
    signed_out = Browser().get(back)
    assert signed_out.status_code == 302
    assert "/account/login/" in signed_out["Location"]
    assert not Shop.objects.exists()


@pytest.mark.usefixtures("app")
def test_a_shop_that_says_no_is_told_so(portal: Browser, fake: FakeShop) -> None:
    _page, query = begin(portal, fake)
    params = {
        "error": "access_denied",
        "shop": fake.domain,
        "state": query["state"],
        "timestamp": str(int(time.time())),
    }
    params["hmac"] = oauth.signature(params, CLIENT_SECRET)
    answer = portal.get(f"/connect/shopify/callback/?{urlencode(params)}")
    assert portal.get(answer["Location"]).status_code == 200
    assert ConnectAttempt.objects.get().trouble == "declined"


def test_shops_do_not_post_to_a_browsers_callback(portal: Browser) -> None:
    assert portal.post("/connect/shopify/callback/", {}).status_code == 405
    assert portal.get("/connect/woocommerce/callback/").status_code == 405


@pytest.mark.usefixtures("app")
def test_opened_from_within_shopify_it_leads_to_the_form(portal: Browser) -> None:
    params = {"shop": "negozio.myshopify.com", "timestamp": str(int(time.time())), "host": "YWI="}
    params["hmac"] = oauth.signature(params, CLIENT_SECRET)
    answer = portal.get(f"/connect/shopify/install/?{urlencode(params)}")
    assert answer.status_code == 302
    assert "https://negozio.myshopify.com" in portal.get(answer["Location"]).content.decode()
    forged = portal.get(f"/connect/shopify/install/?{urlencode({**params, 'shop': 'other.myshopify.com'})}")
    assert forged.status_code == 400


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("negozio", "https://negozio.myshopify.com"),
        ("Negozio.MyShopify.com/admin", "https://negozio.myshopify.com"),
        ("https://admin.shopify.com/store/negozio/orders?x=1", "https://negozio.myshopify.com"),
        (" http://negozio.myshopify.com ", "https://negozio.myshopify.com"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
    ],
)
def test_the_address_is_understood_as_people_write_it(typed: str, address: str) -> None:
    assert clean_address(typed) == address


@pytest.mark.parametrize("typed", ["www.negozio.it", "negozio.myshopify.com.evil.it", "https://user@evil.it", "", "è"])
def test_another_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        clean_address(typed)
