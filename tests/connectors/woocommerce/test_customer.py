"""The numbers of an Italian invoice and the wishes that checkout plugins keep in metadata."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.platforms.woocommerce.customer import details, fiscal

CF, PIVA, SDI, PEC = "RSSMRA80A01H501U", "01234567897", "M5UXCR1", "ditta@pec.example.it"


def data(*pairs: tuple[str, Any], billing: dict[str, Any] | None = None) -> dict[str, Any]:
    metas = [{"id": n, "key": key, "value": value} for n, (key, value) in enumerate(pairs)]
    return {"meta_data": metas, "billing": billing or {}}


WHOLE = {"tax_code": CF, "vat_number": PIVA, "sdi_code": SDI, "pec": PEC}
PLUGINS = {
    "plain": ("_billing_cf", "_billing_piva", "_billing_sdi", "_billing_pec"),
    "no underscore": ("billing_cf", "billing_piva", "billing_sdi", "billing_pec"),
    "words": ("_billing_codice_fiscale", "_billing_partita_iva", "_billing_codice_destinatario", "_billing_pec_email"),
    "fattura24": ("_billing_fiscalcode", "_billing_vatcode", "_billing_recipientcode", "_billing_pecaddress"),
    "aruba": (
        "_billing_codice_fiscale_aruba_fe",
        "_billing_partita_iva_aruba_fe",
        "_billing_sdi_aruba_fe",
        "_billing_pec_aruba_fe",
    ),
    "fatture in cloud": ("billing_cod_fisc", "billing_partita_iva", "billing_codice_destinatario", "billing_pec_email"),
    "nin": ("_billing_cf", "_billing_piva", "_billing_nin", "_billing_PEC"),
    "english": ("_billing_fiscal_code", "_billing_vat_number", "_billing_sdi_code", "_billing_pec"),
    "blocks": (
        "_wc_billing/negozio/codice-fiscale",
        "_wc_billing/negozio/partita-iva",
        "_wc_other/fatture/codice-univoco",
        "_wc_other/fatture/pec",
    ),
    "labels": ("Codice Fiscale", "P.IVA", "Codice SDI", "PEC"),
    "vat plugins": ("_cf", "_vat_number", "sdi", "pec"),
    "wc-piva-cf": ("_billing_wc_piva_cf_cf", "_billing_wc_piva_cf_piva", "codice_univoco", "indirizzo_pec"),
    "camel": ("codiceFiscale", "partitaIva", "codiceDestinatario", "pec"),
}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_four_numbers_are_read_from_the_keys_of_each_plugin(plugin: str) -> None:
    values = (CF, PIVA, SDI, PEC)
    assert fiscal(data(*zip(PLUGINS[plugin], values, strict=True))) == WHOLE


def test_they_are_read_from_the_billing_block_too_and_written_in_one_form() -> None:
    billing = {
        "fiscal_code": "rss mra 80a01 h501u",
        "vat_number": "it 01234567897",
        "email": "a@b.it",
        "pec": f" {PEC} ",
    }
    assert fiscal(data(billing=billing)) == {"tax_code": CF, "vat_number": f"IT{PIVA}", "pec": PEC}


def test_one_field_for_two_things_is_read_by_what_stands_in_it() -> None:
    assert fiscal(data(("_billing_sdi_pec", PEC))) == {"pec": PEC}
    assert fiscal(data(("_billing_sdi_pec", SDI.lower()))) == {"sdi_code": SDI}
    assert fiscal(data(("_billing_pec", SDI))) == {"sdi_code": SDI}
    assert fiscal(data(("_billing_vat", CF))) == {"tax_code": CF}
    assert fiscal(data(("_billing_cf", PIVA), ("_billing_cf2", CF))) == {"tax_code": CF, "vat_number": PIVA}
    assert fiscal(data(("_billing_cf", "80012345678"))) == {"tax_code": "80012345678"}  # a body has eleven digits


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_billing_vat", "yes"),
        ("is_vat_exempt", "no"),
        ("_billing_cf", ""),
        ("_billing_cf", None),
        ("_billing_cf", ["x"]),
        ("_billing_cf", {"a": CF}),
        ("_billing_cf", True),
        ("_billing_sdi", "0"),
        ("_billing_pec", "non ce l'ho"),
        ("_stripe_pi", "pi_3ABCDEFG"),
        ("_billing_invoice_type", "invoice"),
    ],
)
def test_what_is_no_number_is_left_out(key: str, value: Any) -> None:
    assert fiscal(data((key, value))) == {}


def test_what_the_customer_wrote_for_the_order_is_shown_and_the_plugins_own_is_not() -> None:
    found = details(
        data(
            ("_billing_citofono", "Bianchi, 3° piano"),
            ("billing_note_corriere", "Chiamare prima &amp; suonare"),
            ("_shipping_orario_consegna", "9-12"),
            ("Telefono alternativo", "347 1110002"),
            ("_wc_other/negozio/gift-message", "Auguri!"),
            ("delivery_date", "2026-12-24"),
            ("Biglietto", "Con affetto"),
            ("regalo", "1"),
            ("_mci_reference", "MCI-1"),
            ("_delivery_note", "private"),
            ("is_vat_exempt", "no"),
            ("_billing_cf", CF),
            ("_billing_email", "a@b.it"),
            ("utm_source", "fb"),
            ("mailchimp_woocommerce_landing_site", "https://x"),
            ("_shipping_hash", "0c03"),
            ("_wc_order_attribution_utm_source", "x"),
            ("note_count", "3"),
            ("_stripe_note", "x"),
            ("note_html", {"a": 1}),
        )
    )
    assert found == [
        ("Citofono", "Bianchi, 3° piano"),
        ("Note corriere", "Chiamare prima & suonare"),
        ("Orario consegna", "9-12"),
        ("Telefono alternativo", "347 1110002"),
        ("Gift message", "Auguri!"),
        ("Delivery date", "2026-12-24"),
        ("Biglietto", "Con affetto"),
    ]


def test_ten_thousand_fields_are_not_ten_thousand_rows() -> None:
    many = [(f"Campo {n}", "x" * 5000) for n in range(10_000)]
    found = details(data(*many))
    assert len(found) == 20
    assert {len(value) for _name, value in found} == {200}
