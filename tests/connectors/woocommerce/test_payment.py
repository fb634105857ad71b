"""The table of payment kinds: the platform's own COD first, never by its payment date; then what is known by its id;
then words, date and number together. The names are in tests/connectors/test_payment_words.py."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connectors.platforms import payment_words
from connectors.platforms.woocommerce.payment import classify, is_cod_id

PAID = dt.datetime(2026, 11, 23, 20, 52, tzinfo=dt.UTC)
LATER = PAID + dt.timedelta(days=2)


def verdict(gateway: str, status: str, **given: Any) -> tuple[str, str]:
    facts: dict[str, Any] = {
        "title": "",
        "paid_at": None,
        "completed_at": None,
        "transaction": "",
        "total_is_zero": False,
    }
    found = classify(gateway=gateway, status=status, **{**facts, **given})
    return found.kind, found.reason


@pytest.mark.parametrize(
    ("gateway", "status", "given", "expected"),
    [
        ("cod", "processing", {}, ("cod", "cod_gateway")),
        ("cod", "processing", {"paid_at": PAID}, ("cod", "cod_gateway")),  # set by the CLI, importers
        ("cod", "pending", {}, ("awaiting", "unpaid")),
        ("cod", "on-hold", {}, ("awaiting", "on_hold")),
        ("cod", "completed", {"paid_at": PAID, "completed_at": PAID}, ("review", "completed_in_shop")),
        ("contrassegno", "processing", {}, ("cod", "cod_gateway")),
        # WooCommerce sets the date for every gateway but its own: once a person must say what it means.
        ("contrassegno", "processing", {"paid_at": PAID}, ("review", "cod_marked_paid")),
        ("contrassegno", "completed", {"paid_at": PAID, "completed_at": PAID}, ("review", "completed_in_shop")),
        ("contrassegno", "on-hold", {}, ("awaiting", "on_hold")),
        ("smart_cod", "processing", {}, ("cod", "cod_gateway")),
        ("plugin_x", "processing", {"title": "Paga alla consegna"}, ("cod", "cod_words")),
        ("plugin_x", "processing", {"title": "Paga alla consegna", "paid_at": PAID}, ("review", "cod_marked_paid")),
        (
            "plugin_x",
            "processing",
            {"title": "Contrassegno", "paid_at": PAID, "transaction": "tx_1"},
            ("review", "cod_and_paid"),
        ),
        ("stripe", "processing", {"paid_at": PAID, "transaction": "ch_1"}, ("prepaid", "paid")),
        ("stripe", "processing", {"title": "Carta (non contrassegno)", "paid_at": PAID}, ("prepaid", "paid")),
        ("ppcp-gateway", "processing", {}, ("awaiting", "unpaid")),
        ("ppcp-gateway", "processing", {"total_is_zero": True}, ("prepaid", "free")),
        ("plugin_x", "completed", {"paid_at": PAID, "completed_at": PAID}, ("review", "paid_unproven")),
        (
            "plugin_x",
            "completed",
            {"paid_at": PAID, "completed_at": PAID, "transaction": "tx_1"},
            ("prepaid", "paid_with_number"),
        ),
        ("plugin_x", "on-hold", {"title": "Bonifico bancario"}, ("awaiting", "bank_transfer")),
        ("bacs", "processing", {}, ("awaiting", "bank_transfer")),
        ("stripe", "completed", {"paid_at": PAID, "completed_at": PAID}, ("prepaid", "paid")),
        ("stripe", "completed", {"paid_at": PAID, "completed_at": LATER}, ("review", "completed_in_shop")),
        ("stripe", "on-hold", {"paid_at": PAID}, ("awaiting", "on_hold")),
        ("stripe", "pending", {}, ("awaiting", "unpaid")),
        ("bacs", "on-hold", {}, ("awaiting", "bank_transfer")),
        ("bacs", "on-hold", {"title": "Bonifico, non alla consegna"}, ("awaiting", "bank_transfer")),
        ("bacs", "processing", {"paid_at": PAID}, ("prepaid", "paid")),
        ("cheque", "on-hold", {}, ("awaiting", "cheque")),
        ("", "processing", {"paid_at": PAID}, ("review", "no_method")),  # made by hand: the date is always set
        ("", "processing", {"paid_at": PAID, "transaction": "tx_1"}, ("prepaid", "paid_with_number")),
        ("", "processing", {"paid_at": PAID, "total_is_zero": True}, ("prepaid", "free")),
        ("stripe", "in-lavorazione", {"paid_at": PAID}, ("review", "unknown_status")),
    ],
)
def test_each_kind_of_order_is_recognised(
    gateway: str, status: str, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert verdict(gateway, status, **given) == expected


def test_a_code_is_not_cash_on_delivery() -> None:
    assert not is_cod_id("codice_sconto")
    assert not is_cod_id("barcode")
    assert payment_words.of_title("Paga con codice QR").kind != payment_words.COD
    assert payment_words.of_title("Carta di credito").kind != payment_words.COD


@pytest.mark.parametrize(
    "gateway", ["cod", "wc_cod", "cod-poste", "contrassegno", "contrassegno_brt", "cash_on_delivery"]
)
def test_names_of_cash_on_delivery_gateways_are_known(gateway: str) -> None:
    assert is_cod_id(gateway)


@pytest.mark.parametrize(
    "title", ["Contrassegno", "Pagamento alla consegna", "Cash on delivery", "Pay on delivery", "C.O.D.", "COD (+3 €)"]
)
def test_titles_of_cash_on_delivery_are_known(title: str) -> None:
    assert payment_words.of_title(title).kind == payment_words.COD


def test_what_a_reseller_taught_of_a_gateway_does_not_send_what_is_on_hold() -> None:
    facts: dict[str, Any] = {"paid_at": None, "completed_at": None, "transaction": "", "total_is_zero": False}
    for title in ("Bonifico bancario", "Plugin X", "Bonifico bancario oppure contrassegno"):
        assert not classify(gateway="plugin_x", title=title, status="on-hold", **facts).rule_applies
        assert classify(gateway="plugin_x", title=title, status="processing", **facts).rule_applies
