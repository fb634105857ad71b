"""What the customer and the apps wrote for the whole order, and where it goes: which words are which field."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.platforms.base import Doubt
from connectors.platforms.shopify import order_address, order_extras
from connectors.platforms.shopify.order_extras import Extras
from connectors.platforms.shopify.order_words import HIDDEN, Words
from core.address import Address

TAX_CODE, SHORT_TAX_CODE = "RSSMRA80A01H501U", "01234567890"


def read(*pairs: tuple[str, str], **data: Any) -> Extras:
    return order_extras.read(
        {"note_attributes": [{"name": name, "value": worth} for name, worth in pairs], **data}, WEB
    )


WEB, API = Words(False), Words(True)
# Field, what a checkout calls it, what is written, what is kept.
FISCAL = (
    ("tax_code", "Codice fiscale", "rss mra 80a01 h501u", TAX_CODE),
    ("tax_code", "codicefiscale", TAX_CODE, TAX_CODE),
    ("tax_code", "Cod. Fisc. cliente", TAX_CODE, TAX_CODE),
    ("tax_code", "CF", TAX_CODE, TAX_CODE),
    ("tax_code", "C.F.", SHORT_TAX_CODE, SHORT_TAX_CODE),
    ("tax_code", "fiscal code", TAX_CODE, TAX_CODE),
    ("tax_code", "Tax ID", TAX_CODE, TAX_CODE),
    ("tax_code", "tax_credential_it", TAX_CODE, TAX_CODE),
    ("vat_number", "TAX_CREDENTIAL_IT", SHORT_TAX_CODE, SHORT_TAX_CODE),
    ("vat_number", "tax_credential_fr", "FR12345678901", "FR12345678901"),
    ("vat_number", "Partita IVA", "IT 012-345.678/90", SHORT_TAX_CODE),
    ("vat_number", "P. IVA", SHORT_TAX_CODE, SHORT_TAX_CODE),
    ("vat_number", "VAT number", "DE123456789", "DE123456789"),
    ("vat_number", "vat id", "12345678", "12345678"),
    ("vat_number", "C.F. / P.IVA", SHORT_TAX_CODE, SHORT_TAX_CODE),
    ("vat_number", "VAT", "IT1234567X", "IT1234567X"),
    ("sdi_code", "SDI", "abc123", "ABC123"),
    ("sdi_code", "Codice destinatario", "ABC1234", "ABC1234"),
    ("sdi_code", "codice univoco", "ABC1234", "ABC1234"),
    ("sdi_code", "recipient code", "ABC1234", "ABC1234"),
    ("sdi_code", "cod_univoco", "ABC1234", "ABC1234"),
    ("pec", "Indirizzo PEC", "a.b@pec.example.it", "a.b@pec.example.it"),
    ("pec", "TAX_EMAIL_IT", "A@pec.example.it", "A@pec.example.it"),
)
NOT_FISCAL = (
    ("Codice fiscale", "sì"),
    ("Codice fiscale", SHORT_TAX_CODE[:-1]),
    ("cfx", TAX_CODE),
    ("Partita IVA", "no"),
    ("Partita IVA", "IT1234567"),
    ("Partita IVA", "٠1234567890"),
    ("Codice fiscale", "٠1234567890"),
    ("xvat", "IT01234567890"),
    ("SDI", "ABC12"),
    ("SDI", "ABC12345"),
    ("sdix", "ABC1234"),
    ("PEC", "a@b"),
    ("specs", "a@pec.example.it"),
)
TECHNICAL = (
    *("utm_source", "gclid", "fbclid x", "ttclid", "fbp", "fbc", "ga", "IP", "indirizzo ip", "IP address"),
    *("User-Agent", "browser", "landing", "landing page", "Referrer", "referer", "session_id", "Visitor ID"),
    *("click id", "cart_token", "carttoken", "landing_site"),
)
PHONES = (
    *("Telefono", "Tel.", "cellulare", "cell", "Phone number", "mobile", "WhatsApp", "Handy", "telefon", "telephone"),
    *("N. movil",),
)
NOTES = (
    *("Note per il corriere", "nota al corriere", "note della spedizione", "note consegna"),
    *("note di spedizione", "Istruzioni", "istruzioni di consegna", "Delivery notes", "courier instruction"),
    *("shipping note", "Note for the courier", "note to courier"),
)


@pytest.mark.parametrize(("field", "name", "given", "kept"), FISCAL)
def test_each_name_of_a_fiscal_field(field: str, name: str, given: str, kept: str) -> None:
    assert read((name, given)) == Extras([(name, given)], [], {field: kept})
    # The fields of Shopify's checkout are known by their key, whatever they are called there.
    row = {"key": name, "title": "Altro", "value": given}
    for where in ("localizedFields", "localizationExtensions", "localized_fields", "localization_extensions"):
        assert order_extras.read({where: [row]}, API) == Extras([], [], {field: kept})


@pytest.mark.parametrize(("name", "given"), NOT_FISCAL)
def test_what_does_not_look_like_it_is_shown(name: str, given: str) -> None:
    assert read((name, given)) == Extras([(name, given)], [(name, given)])
    row = {"key": name, "title": "Domanda", "value": given}
    assert order_extras.read({"localizedFields": {"nodes": [row]}}, API).details == [("Domanda", given)]
    assert order_extras.read({"localizedFields": {"nodes": [{**row, "title": ""}]}}, API).details == [(name, given)]
    empty = [{**row, "key": ""}, {**row, "value": ""}]
    assert order_extras.read({"localizedFields": {"nodes": empty}}, API) == Extras([], [])


@pytest.mark.parametrize("name", TECHNICAL)
def test_what_is_of_no_use_to_whoever_packs(name: str) -> None:
    assert read((name, "x")) == Extras([(name, "x")], [])
    assert read((f"a {name}", "x")).details == [(f"a {name}", "x")]


@pytest.mark.parametrize("name", PHONES)
def test_a_telephone_of_a_form(name: str) -> None:
    first, second, short = (name, "33 31 11"), (name, "333 9999999"), (name, "33311")
    assert read(short, first, second) == Extras([short, first, second], [short, second], phone="33 31 11")
    assert read((f"x{name}x", "333 111222")).phone == ""


@pytest.mark.parametrize("name", NOTES)
def test_a_note_for_the_courier(name: str) -> None:
    given = [(name, "al bar"), (name, "dal vicino")]
    assert read(*given) == Extras(given, [given[1]], note="al bar")
    assert read(*given, note=" Mia\nnota ") == Extras(given, given, note="Mia nota")
    assert read((name, "n" * 300)).note == "n" * 200
    assert read((f"{name}, 2", "x")).note == ""


def test_the_first_of_a_kind_counts() -> None:
    other = "VRDLGU70B02F205X"
    assert read(("CF", TAX_CODE), ("Codice fiscale", other)).fiscal == {"tax_code": TAX_CODE}


AMAZON, EBAY = "405-1112223-3334445", "12-34567-89012"


@pytest.mark.parametrize("where", ["attribute", "name", "note", "source_identifier"])
def test_the_number_of_a_marketplace_wherever_it_stands(where: str) -> None:
    def details(number: str, **data: Any) -> list[tuple[str, str]]:
        given = {} if where == "attribute" else {where: f"Ordine {number}."}
        return list(read(*([("Ordine", number)] if where == "attribute" else []), **given, **data).details)

    shown = [("Ordine", EBAY)] if where == "attribute" else []
    assert details(AMAZON) == [("Amazon", AMAZON)]
    assert details(EBAY) == shown
    assert details(EBAY, source_name="eBay Italia") == [("eBay", EBAY)]
    assert details(EBAY, tags="x, Ebay") == [("eBay", EBAY)]
    for odd in (f"1{AMAZON}", f"{AMAZON}-1", f"{AMAZON}2", "٤05-1112223-3334445", f"-{AMAZON}"):
        assert ("Amazon", AMAZON) not in details(odd)
        assert [name for name, _worth in details(odd)] == (["Ordine"] if where == "attribute" else [])
    for odd in (f"1{EBAY}", f"{EBAY}-1", f"{EBAY}2", "١2-34567-89012"):
        assert "eBay" not in [name for name, _worth in details(odd, source_name="ebay")]


def test_both_numbers_of_an_order_that_two_marketplaces_know() -> None:
    data = {"sourceIdentifier": EBAY, "sourceName": "ebay", "note": AMAZON}
    assert order_extras.read(data, API) == Extras([], [("Amazon", AMAZON), ("eBay", EBAY)], note=AMAZON)
    named = {"customAttributes": [{"key": "eBay order", "value": EBAY}]}
    assert order_extras.read(named, API).details == [("eBay", EBAY)]
    # One letter more, and it is not read.
    assert order_extras.read({"note": "x" * 285 + " " + EBAY, "tags": "x" * 496 + "ebay"}, API).details == [
        ("eBay", EBAY)
    ]
    for far in (
        {"note": "x" * 286 + " " + EBAY, "tags": "ebay"},
        {"name": "x" * 46 + " " + EBAY, "tags": "ebay"},
        {"sourceIdentifier": "x" * 46 + " " + EBAY, "tags": "ebay"},
        {"note": EBAY, "tags": "x" * 497 + "ebay"},
        {"note": EBAY, "sourceName": "x" * 57 + "ebay"},
    ):
        assert order_extras.read(far, API).details == []


# ---- the address


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
