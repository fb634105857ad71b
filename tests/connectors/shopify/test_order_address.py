"""Where an order of Shopify goes: which telephone, name, street and country are taken, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.platforms.base import Doubt
from connectors.platforms.shopify import order_address
from connectors.platforms.shopify.order_words import HIDDEN, Words
from core.address import Address

WEB = Words(False)


def address(*, form: str = "", **data: Any) -> tuple[Address, str, list[Doubt]]:
    doubts: list[Doubt] = []
    found, extension = order_address.read(data, WEB, form, doubts)
    return found, extension, doubts


def test_the_first_telephone_that_is_given() -> None:
    place = {"phone": "01"}
    given: dict[str, Any] = {"phone": "02", "billing_address": {"phone": "03"}, "customer": {"phone": "05"}}

    def phone(**data: Any) -> str:
        return address(form=data.pop("form", "04"), **data)[0].phone

    assert phone(**given, shipping_address=place) == "01"
    assert phone(**given, shipping_address={}) == "02"
    assert phone(**{**given, "phone": " "}) == "03"
    assert phone(**{**given, "phone": None, "billing_address": None}) == "04"
    assert phone(customer=given["customer"], form="") == "05"
    assert phone(form="") == ""


@pytest.mark.parametrize(
    ("given", "phone", "extension"),
    [
        ("+39 011 1112223 int. 4", "+39 011 1112223", "4"),
        ("+39 011 1112223, interno: 45", "+39 011 1112223", "45"),
        ("0111112223 (est 7)", "0111112223", "7"),
        ("0111112223x89", "0111112223", "89"),
        ("0111112223 # 12345678", "0111112223", "12345678"),
        ("0111112223; extension 9", "0111112223", "9"),
        ("0111112223 x 8 ext 8 x 9", "0111112223", "8, 9"),
        ("0111112223 ext 123456789", "0111112223 ext 123456789", ""),
        ("011111 int 7", "011111", "7"),
        ("01111 int 7", "01111 int 7", ""),
        ("0111112223 text 5", "0111112223 text 5", ""),
    ],
)
def test_an_extension_is_no_part_of_the_number(given: str, phone: str, extension: str) -> None:
    found, inner, doubts = address(shipping_address={"phone": given})
    assert (found.phone, inner, doubts) == (phone, extension, [])


def test_of_a_telephone_that_is_too_long_the_first_number_stays() -> None:
    def kept(phone: str) -> tuple[int, list[str]]:
        found, _extension, doubts = address(shipping_address={"phone": phone})
        return len(found.phone), [doubt.subject for doubt in doubts]

    for tie in (" / ", " | ", "; ", ", ", " (", " o ", " oppure ", " OR ", " ext 1-", " interno x"):
        assert kept("0111112223" + tie + "n" * 100) == (80, [])
    assert kept("011111 / " + "n" * 100) == (80, [])
    assert kept("01111 / " + "n" * 100) == (30, ["phone"])
    assert kept("012345678901234 / " + "n" * 100) == (80, [])
    assert kept("0123456789012345 / " + "n" * 100) == (30, ["phone"])
    assert kept("0123456789" + "n" * 20 + "/n" + "n" * 100) == (80, [])
    assert kept("0123456789" + "n" * 21 + "/n" + "n" * 100) == (30, ["phone"])


def test_what_is_hidden_is_not_missing() -> None:
    def said(hidden: Any, **data: Any) -> list[str]:
        return [doubt.code for doubt in address(**data, **{HIDDEN: hidden})[2]]

    for field in ("shippingAddress", "billingAddress", "email", "phone", "customer"):
        assert said([field]) == ["customer_hidden"]
        assert said([field, 7], shipping_address={}) == ["customer_hidden"]
    assert said(["tags"]) == ["customer_hidden", "no_shipping"]
    assert said(["fulfillmentOrders"]) == ["no_shipping"]
    assert said("email") == said(None) == said([]) == ["no_shipping"]
    assert said(["fulfillmentOrders"], shipping_address={}) == []


def test_the_name_of_whoever_takes_it() -> None:
    def name(**place: Any) -> tuple[str, str]:
        found = address(shipping_address=place)[0]
        return found.name, found.company

    assert name(first_name="A", last_name=" B ", name="C", company="D") == ("A B", "D")
    assert name(first_name=None, last_name="B", name="C", company="D") == ("B", "D")
    assert name(first_name=" ", last_name=7, name="C", company="D") == ("C", "D")
    assert name(company="D") == ("D", "D")


def test_the_street_and_the_country_at_home() -> None:
    def place(**fields: Any) -> tuple[str, str, str]:
        found = address(shipping_address=fields)[0]
        return found.street, found.street2, found.country

    assert place(address1="A", address2="B", country_code="fr") == ("A", "B", "FR")
    assert place(address1="", address2="B", country_code="F1") == ("B", "", "IT")
    assert place(country_code="fra") == ("", "", "FR")
    assert place(country_code="f") == ("", "", "IT")


def test_the_email_of_the_order_or_of_the_contact() -> None:
    assert address(email="a@x.it", contact_email="b@x.it")[0].email == "a@x.it"
    assert address(email=None, contact_email="b@x.it")[0].email == "b@x.it"
    long, fits = "e" * 290, "e" * 254
    assert address(email=fits, shipping_address={})[2] == []
    assert address(email=long, shipping_address={})[2] == [Doubt("text_cut", "email", {"field": "email"})]
