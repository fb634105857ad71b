"""Signatures by the vectors of Shopify's own libraries, and by nothing else."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from connectors.platforms.base import Access, BadSignature, Malformed
from connectors.platforms.shopify import oauth, webhooks
from connectors.platforms.shopify.refusals import Forged

VECTORS = json.loads((Path(__file__).parent / "hmac_vectors.json").read_text())
SECRET = VECTORS["client_secret"]
SHOP = "negozio-prova.myshopify.com"


def headers(signature: str, **more: str) -> dict[str, str]:
    return {
        "x-shopify-hmac-sha256": signature,
        "x-shopify-topic": "orders/create",
        "x-shopify-shop-domain": SHOP,
        "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "x-shopify-triggered-at": "2026-11-23T09:15:03.123456789Z",
        **more,
    }


def access(**credentials: str) -> Access:
    return Access(f"https://{SHOP}", "key", credentials, "")


@pytest.fixture
def _portal(settings: Any) -> None:
    settings.SHOPIFY_CLIENT_SECRET, settings.SHOPIFY_CLIENT_SECRET_OLD = SECRET, "the one before"


pytestmark = pytest.mark.usefixtures("_portal")


@pytest.mark.parametrize("vector", VECTORS["oauth_query"], ids=lambda vector: vector["message"][:20])
def test_a_query_is_signed_as_shopify_signs_it(vector: dict[str, Any]) -> None:
    assert oauth.signature(vector["params"], SECRET) == vector["hmac"]
    assert oauth.signature({**vector["params"], "hmac": "x", "signature": "y"}, SECRET) == vector["hmac"]


def test_six_of_seven_bodies_are_refused_once_they_were_read_and_written_again() -> None:
    refused = 0
    for vector in VECTORS["webhook"]:
        body = base64.b64decode(vector["body_base64"])
        given = headers(vector["x_shopify_hmac_sha256"])
        assert webhooks.envelope(access(), given, body).topic == "orders/create", vector["name"]
        try:
            webhooks.envelope(access(), given, json.dumps(json.loads(body)).encode())
        except BadSignature:
            refused += 1
    assert refused == 6


def test_a_delivery_says_when_it_happened() -> None:
    vector = VECTORS["webhook"][0]
    body = base64.b64decode(vector["body_base64"])
    sent = webhooks.envelope(access(), headers(vector["x_shopify_hmac_sha256"]), body).sent_at
    assert sent is not None
    assert sent.isoformat() == "2026-11-23T09:15:03+00:00"


def signed(body: bytes, secret: str) -> str:
    import hmac

    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def test_the_former_secret_is_still_believed_and_a_strangers_never() -> None:
    assert webhooks.envelope(access(), headers(signed(b"{}", "the one before")), b"{}")
    for secret in ("another", ""):
        with pytest.raises(BadSignature):
            webhooks.envelope(access(), headers(signed(b"{}", secret)), b"{}")


def test_a_shop_with_an_app_of_its_own_does_not_believe_the_portals_secret() -> None:
    own = access(client_id="own", client_secret="its own")
    assert webhooks.envelope(own, headers(signed(b"{}", "its own")), b"{}")
    with pytest.raises(BadSignature):
        webhooks.envelope(own, headers(signed(b"{}", SECRET)), b"{}")


def test_without_any_secret_nothing_is_believed(settings: Any) -> None:
    settings.SHOPIFY_CLIENT_SECRET = settings.SHOPIFY_CLIENT_SECRET_OLD = ""
    with pytest.raises(BadSignature):
        webhooks.envelope(access(), headers(signed(b"{}", "")), b"{}")


def test_a_delivery_about_another_shop_is_not_this_ones() -> None:
    given = headers(signed(b"{}", SECRET), **{"x-shopify-shop-domain": "other.myshopify.com"})
    with pytest.raises(BadSignature):
        webhooks.envelope(access(), given, b"{}")


@pytest.mark.parametrize("name", ["x-shopify-topic", "x-shopify-shop-domain", "x-shopify-webhook-id"])
def test_a_delivery_without_a_header_is_malformed(name: str) -> None:
    given = {key: value for key, value in headers(signed(b"{}", SECRET)).items() if key != name}
    with pytest.raises(Malformed):
        webhooks.envelope(access(), given, b"{}")


def query(**params: str) -> dict[str, str]:
    given = {"shop": SHOP, "code": "c", "state": "s", "timestamp": str(int(time.time())), **params}
    return {**given, "hmac": oauth.signature(given, SECRET)}


def test_a_query_must_be_signed_and_recent() -> None:
    oauth.verify(query(), [SECRET])
    for wrong in (
        {**query(), "hmac": "0" * 64},
        {**query(), "hmac": "è"},
        {**query(), "code": "other"},
        query(timestamp=str(int(time.time()) - 601)),
        query(timestamp=str(int(time.time()) + 601)),
        query(timestamp="now"),
        {name: value for name, value in query().items() if name != "hmac"},
    ):
        with pytest.raises(Forged):
            oauth.verify(wrong, [SECRET])
    with pytest.raises(Forged):
        oauth.verify(query(), ["", "another"])


@pytest.mark.parametrize(
    ("domain", "address"),
    [
        (SHOP, f"https://{SHOP}"),
        (SHOP.upper(), f"https://{SHOP}"),
        (f"{SHOP}\n", f"https://{SHOP}"),  # what is stripped is not what is believed: the rest is matched whole
        ("127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("evil.com", ""),
        ("x.myshopify.com.evil.com", ""),
        ("evil.com/x.myshopify.com", ""),
        ("-x.myshopify.com", ""),
        ("a.b.myshopify.com", ""),
        ("x.myshopify.com:443", ""),
        ("", ""),
    ],
)
def test_a_shops_domain_is_matched_whole(domain: str, address: str) -> None:
    assert webhooks.shop_address(domain) == address
