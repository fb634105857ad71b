"""Which platform an address is of, by its form alone; and what to do about each trouble of a connection."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from connectors import errors as own_errors
from connectors.connect import attempts, guessing, mending
from connectors.models import ConnectAttempt, Shop
from connectors.platforms import errors as platform_errors
from connectors.platforms import platforms
from connectors.platforms.errors import NotWhollyTold
from connectors.platforms.shopify import refusals
from connectors.platforms.shopify.connect import SCOPES
from connectors.platforms.woocommerce import errors as woocommerce_errors
from connectors.platforms.wordpress import errors as wordpress_errors
from core.errors import DomainError
from tests.connectors.conftest import KEY, SECRET, make_shop

pytestmark = pytest.mark.django_db
BOTH = ["woocommerce", "wordpress"]


@pytest.mark.parametrize(
    ("typed", "kind", "found"),
    [
        ("casa-bella.myshopify.com", "sure", ["shopify"]),
        ("  HTTPS://Casa-Bella.MyShopify.com/admin  ", "sure", ["shopify"]),
        ("https://admin.shopify.com/store/casa-bella/orders?x=1", "sure", ["shopify"]),
        ("https://www.casabella.it/collections/lampade", "likely", ["shopify"]),
        ("www.casabella.it/it/products/lume", "likely", ["shopify"]),
        ("https://www.casabella.it/wp-admin/", "sure", BOTH),
        ("casabella.it/negozio/wp-login.php?redirect_to=x", "sure", BOTH),
        ("https://casabella.it/?post_type=product", "sure", BOTH),
        ("https://casabella.it/prodotto/lume/", "likely", BOTH),
        ("https://www.casabella.it", "unknown", []),
        ("casabella.it", "unknown", []),
        ("https://myshopify.com.evil.example/wp", "unknown", []),
        ("https://casabella.it/?next=x.myshopify.com", "unknown", []),
        ("https://www.amazon.it/shops/casabella", "marketplace", []),
        ("ebay.co.uk/usr/casabella", "marketplace", []),
        ("https://casabella.wixsite.com/negozio", "other", []),
        ("", "wrong", []),
        ("il mio negozio", "wrong", []),
        ("javascript:alert(1)", "wrong", []),
        ("casabella", "wrong", []),
        ("http://[::1", "wrong", []),
        ("x" * 5000, "wrong", []),
        ("\x00\ud800.it", "wrong", []),
    ],
)
def test_an_address_tells_its_platform_by_its_form(typed: str, kind: str, found: list[str], dropshipper: Any) -> None:
    guess = guessing.guess(typed, dropshipper)
    assert (guess.kind, [api.slug for api in guess.found]) == (kind, found)


def test_ones_own_shop_is_recognised_and_nobody_elses(dropshipper: Any, other_dropshipper: Any) -> None:
    mine = make_shop(dropshipper, address="https://www.casabella.it")
    make_shop(other_dropshipper, address="https://altrui.it")
    for typed in ("casabella.it", "https://www.casabella.it/wp-admin/", "http://casabella.it/?p=1"):
        assert guessing.guess(typed, dropshipper).shop == mine
    assert guessing.guess("https://altrui.it", dropshipper).kind == "unknown"
    assert guessing.guess("https://casabella.it.example", dropshipper).shop is None
    Shop.objects.update(state="gone")
    assert guessing.guess("casabella.it", dropshipper).kind == "unknown"


def test_the_page_guesses_marks_the_card_and_takes_the_address_along(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    text = client.get("/shops/connect/", {"address": "casa.myshopify.com"}).content.decode()
    assert 'data-guess="sure"' in text
    assert 'guessed" data-platform="shopify"' in text
    assert "/shops/connect/shopify/?address=casa.myshopify.com" in text
    nothing = client.get("/shops/connect/").content.decode()
    assert "data-guess" not in nothing
    for api in platforms():
        assert f'data-platform="{api.slug}"' in nothing
        assert str(api.about.sentences[0]) in nothing
        assert str(api.about.sentences[1]) in nothing
    escaped = client.get("/shops/connect/", {"address": '"><script>x.myshopify.com'}).content.decode()
    assert "<script>x" not in escaped


def test_every_scope_that_is_asked_for_has_its_reason() -> None:
    shopify = next(api for api in platforms() if api.slug == "shopify")
    assert [str(right.scope) for right in shopify.about.rights] == list(SCOPES)
    assert all(str(right.why) for api in platforms() for right in api.about.rights)


# What no connection ends with: of orders, of goods, of messages, or said only to the plugin or the shop.
ELSEWHERE = {
    *("malformed", "unreadable", "asked_too_often", "shop_gone", "foreign_source", "not_matched", "uninstalled"),
    *("rule_in_use", "not_on_sale", "own_product", "no_rule", "no_price", "no_picture", "no_stock", "not_published"),
    *("gave_up", "nothing_to_publish", "same_page", "no_end", "connected_here", "other_currency"),
    *("prices_without_tax", "tax_class_missing", "tax_class_unknown", "price_not_exact", "stock_not_counted"),
    *("product_invalid_global_unique_id", "product_invalid_sku", "not_taken"),
}


def test_every_trouble_of_a_connection_says_what_to_do() -> None:
    rooms = (own_errors, platform_errors, refusals, woocommerce_errors, wordpress_errors)
    found = {
        error.code
        for room in rooms
        for _name, error in inspect.getmembers(room, inspect.isclass)
        if issubclass(error, DomainError) and not issubclass(error, NotWhollyTold)
    }
    assert found - mending.known() - ELSEWHERE == set()
    for api in platforms():
        for code in found - ELSEWHERE:
            assert all(str(words) for words in mending.of(api.slug, code).steps)
            assert mending.of(api.slug, code).steps
    assert mending.of("woocommerce", "").steps == ()


def test_the_page_of_a_refusal_shows_the_steps_and_the_other_way(fake: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    fake.pretty_permalinks = False
    typed = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    here = client.post("/shops/connect/woocommerce/", typed)["Location"]
    attempts.advance_due()
    assert ConnectAttempt.objects.get().trouble == "plain_permalinks"
    text = client.get(here).content.decode()
    assert "mci-mend" in text
    assert f"/shops/connect/wordpress/?address={fake.url.replace(':', '%3A').replace('/', '%2F')}" in text


def test_what_was_typed_for_another_way_is_neither_judged_nor_kept(fake: Any, owner: Any, client_for: Any) -> None:
    typed = {"mode": "auth", "address": fake.url, "consumer_key": "nonsense", "consumer_secret": "cs_" + "7" * 40}
    assert client_for(owner).post("/shops/connect/woocommerce/", typed).status_code == 302
    kept = ConnectAttempt.objects.get().read("form")
    assert (kept["consumer_key"], kept["consumer_secret"]) == ("", "")


def test_a_shop_that_works_is_not_connected_a_second_time(connected: Any, owner: Any, client_for: Any) -> None:
    client, typed = client_for(owner), {"mode": "auth", "address": connected.address}
    answer = client.post("/shops/connect/woocommerce/", typed)
    assert answer.status_code == 422
    assert reverse("connectors:shop", args=[connected.pk]) in answer.content.decode()
    assert not ConnectAttempt.objects.exists()
    Shop.objects.update(state="broken", trouble="reconnect_needed")
    assert client.post("/shops/connect/woocommerce/", typed).status_code == 302


def test_a_connection_that_was_begun_is_found_again_by_who_began_it_alone(
    fake: Any, owner: Any, stranger: Any, client_for: Any
) -> None:
    client = client_for(owner)
    here = client.post("/shops/connect/woocommerce/", {"mode": "auth", "address": fake.url})["Location"]
    pages = ("/shops/connect/", "/shops/")
    assert all(here in client.get(page).content.decode() for page in pages)
    assert not any(here in client_for(stranger).get(page).content.decode() for page in pages)
    ConnectAttempt.objects.update(phase="failed")
    assert not any(here in client.get(page).content.decode() for page in pages)


def test_the_demo_shop_is_offered_where_there_is_one_and_nowhere_else(
    owner: Any, client_for: Any, settings: Any
) -> None:
    client = client_for(owner)
    pages = ("/shops/connect/", "/shops/connect/woocommerce/", "/shops/connect/wordpress/", "/shops/connect/shopify/")
    for page in pages:
        assert "/prova/" not in client.get(page).content.decode().replace("%2F", "/")
    settings.DEMO_SHOPS = {"woocommerce": "http://127.0.0.1:8001"}
    first = client.get(pages[0]).content.decode().replace("%2F", "/")
    assert 'data-demo="woocommerce"' in first
    assert "http%3A//127.0.0.1:8001/prova/".replace(":8", "%3A8") in first
    assert 'data-demo="shopify"' not in first
    assert "/prova/" in client.get(pages[1]).content.decode().replace("%2F", "/")


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_three_inboxes_are_named_alike(language: str) -> None:
    with translation.override(language):
        names = {api.slug: str(api.inbox_title) for api in platforms()}
    assert names == {
        "woocommerce": "WooCommerce Orders",
        "shopify": "Shopify Orders",
        "wordpress": "WordPress Orders",
    }
