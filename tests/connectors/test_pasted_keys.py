"""What a shop owner copies from his shop: its address with what stands around it, its keys with their labels."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Dropshipper
from connectors.connect import guessing
from connectors.platforms.homes import typed_address
from connectors.platforms.shopify import forms as shopify
from connectors.platforms.woocommerce import forms as woocommerce

CK, CS = "ck_" + "a1" * 20, "cs_" + "b2" * 20
TOKEN, SECRET = "shpat_" + "a1" * 16, "shpss_" + "c3" * 16


@pytest.mark.parametrize(
    "typed",
    [
        *("miosito.it", " MioSito.it/ ", "https:/miosito.it", "https//miosito.it", "http:miosito.it"),
        *(
            "https://https://miosito.it",
            "«miosito.it»",
            "<https://miosito.it>",
            "miosito.it;",
            "\u200bmiosito.it\ufeff",
        ),
        *('"https://miosito.it/wp-admin/"', "miosito.it.", "miosito.it/#carrello"),
    ],
)
def test_an_address_is_read_as_it_is_meant(typed: str) -> None:
    assert woocommerce.clean_address(typed) == "https://miosito.it"
    with pytest.raises(ValueError, match=r"."):
        shopify.clean_address(typed)  # https//miosito.it is nobody's https.myshopify.com


@pytest.mark.parametrize("typed", ["città.it", "https://www.caffè-roma.it/", "miosito.it.", "https//miosito.it"])
@pytest.mark.django_db
def test_a_name_with_accents_is_an_address_to_the_guess_too(typed: str, dropshipper: Dropshipper) -> None:
    assert guessing.guess(typed, dropshipper).kind == "unknown"


@pytest.mark.parametrize("typed", ["info@miosito.it", "https://user:pw@miosito.it", "javascript:alert(1)", "mio sito"])
def test_what_is_none_stays_none(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        woocommerce.clean_address(typed)


def test_a_host_that_begins_like_a_scheme_is_left() -> None:
    assert [typed_address(host) for host in ("httpbin.org", "https.it", "http-shop.it")] == [
        "httpbin.org",
        "https.it",
        "http-shop.it",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CK, CS),
        (f" {CK}\r\n", f"\u200b{CS}\ufeff"),
        (f"Consumer key: {CK}", f"Consumer secret: {CS}"),
        (CS, CK),
        (f"Consumer key {CK} Consumer secret {CS}", ""),
        (f'"{CK}"', f"«{CS}»"),
    ],
)
def test_the_two_keys_of_woocommerce_find_their_fields(first: str, second: str) -> None:
    form = woocommerce.ConnectForm(keys(consumer_key=first, consumer_secret=second))
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["consumer_key"], form.cleaned_data["consumer_secret"]) == (CK, CS)


@pytest.mark.parametrize(("first", "second"), [(CK, CK), (CK, ""), (f"{CK} {CK[:-1]}z", CS), ("ck_…a1a1", CS)])
def test_what_cannot_be_told_is_refused(first: str, second: str) -> None:
    assert not woocommerce.ConnectForm(keys(consumer_key=first, consumer_secret=second)).is_valid()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TOKEN, SECRET),
        (SECRET, TOKEN),
        (f"Token: {TOKEN}", f"Client secret: {SECRET}"),
        (f"{TOKEN}\u200b", f" {SECRET}"),
    ],
)
def test_the_token_and_the_secret_of_shopify_find_their_fields(first: str, second: str) -> None:
    typed = {"mode": "token", "address": "mio.myshopify.com", "access_token": first, "client_secret": second}
    form = shopify.ConnectForm(typed)
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["access_token"], form.cleaned_data["client_secret"]) == (TOKEN, SECRET)


def keys(**typed: Any) -> dict[str, Any]:
    return {"mode": "keys", "address": "miosito.it", **typed}
