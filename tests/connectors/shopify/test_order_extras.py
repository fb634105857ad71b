"""What the customer and the apps wrote for the whole order, and where it goes: which words are which field."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.platforms.shopify import order_extras
from connectors.platforms.shopify.order_extras import Extras
from connectors.platforms.shopify.order_words import Words

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
