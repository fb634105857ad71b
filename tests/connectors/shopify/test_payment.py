"""The table of payment kinds: COD only by a positive match, never because something is pending."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import connectors.platforms.shopify
from connectors.platforms import payment_words
from connectors.platforms.shopify.orders import read_order
from connectors.platforms.shopify.payment import Facts, classify, is_cod_tag, tag_rule
from core.strict import load_json
from tests.connectors.shopify.stage import SHARED, needs_shared

SAMPLES = Path(connectors.platforms.shopify.__file__).parent / "samples"
PAID = Decimal("44.80")
# The expected classes of the shared cases in our own kinds; live false: nothing to ship.
KINDS = {
    "PREPAID": ("prepaid", True),
    "COD": ("cod", True),
    "REVIEW": ("review", True),
    "WAIT_PAYMENT": ("awaiting", True),
    "PREPAID_AUTHORIZED": ("awaiting", True),
    "CANCELLED": ("review", False),
    "TEST": ("review", True),
    "IGNORE_POS": ("review", True),
}
# Expired waits for another payment; refunded is given up. Mixed with another supplier's goods it is COD for the parser:
# which lines are ours only the inbox knows (test_webhooks.py).
APART = {
    "20_expired_payment": ("awaiting", True),
    "21_refunded": ("review", False),
    "24_multi_supplier_cod": ("cod", True),
}


def verdict(status: str, gateways: list[str], **given: Any) -> tuple[str, str]:
    facts: dict[str, Any] = {
        "marks": [],
        "total": PAID,
        "outstanding": Decimal("0.00") if status in ("PAID", "PARTIALLY_REFUNDED") else PAID,
        "one_currency": True,
        "has_address": True,
    }
    found = classify(Facts(status=status, gateways=gateways, **{**facts, **given}))
    return found.kind, found.reason


@pytest.mark.parametrize(
    ("status", "gateways", "given", "expected"),
    [
        ("PENDING", ["Cash on Delivery (COD)"], {}, ("cod", "cod_gateway")),
        ("PENDING", ["Contrassegno (+ 5,00 €)"], {}, ("cod", "cod_gateway")),
        ("PENDING", ["Pagamento alla consegna"], {}, ("cod", "cod_gateway")),
        ("PENDING", [], {}, ("review", "unknown_method")),
        ("PENDING", ["manual"], {}, ("review", "unknown_method")),
        ("PENDING", ["manual"], {"marks": ["COD", "telefono"]}, ("cod", "cod_tag")),
        ("PENDING", [], {"marks": ["releasit_cod_form"]}, ("cod", "cod_tag")),
        ("PENDING", [], {"marks": ["codice10"]}, ("review", "unknown_method")),
        ("PENDING", ["paypal"], {"marks": ["cod"]}, ("review", "two_methods")),
        ("PENDING", ["Bonifico (no contrassegno)"], {}, ("awaiting", "bank_transfer")),
        ("PENDING", ["Bank Deposit"], {}, ("awaiting", "bank_transfer")),
        ("PENDING", ["Money Order"], {}, ("awaiting", "cheque")),
        ("PENDING", ["Klarna"], {}, ("awaiting", "unpaid")),
        ("PENDING", ["Cash"], {}, ("review", "unknown_method")),
        ("PENDING", ["Plugin X"], {"marks": ["cod"]}, ("review", "unknown_method")),
        ("PENDING", ["Cash on Delivery (COD)"], {"terms": True}, ("review", "payment_terms")),
        ("PENDING", ["Cash on Delivery (COD)"], {"one_currency": False}, ("review", "two_currencies")),
        ("PENDING", ["Cash on Delivery (COD)"], {"outstanding": None}, ("review", "owing_unknown")),
        ("PENDING", ["Cash on Delivery (COD)"], {"has_address": False}, ("review", "no_address")),
        ("PENDING", ["gift_card", "Cash on Delivery (COD)"], {}, ("cod", "cod_gateway")),
        ("PARTIALLY_PAID", ["shopify_payments", "Cash on Delivery (COD)"], {}, ("cod", "partly_paid")),
        ("PARTIALLY_PAID", ["Bonifico", "Cash on Delivery (COD)"], {}, ("review", "two_methods")),
        ("PARTIALLY_PAID", ["Bonifico", "Cash on Delivery (COD)"], {"taken": ["Bonifico"]}, ("cod", "partly_paid")),
        ("PARTIALLY_PAID", ["shopify_payments"], {}, ("awaiting", "unpaid")),
        ("PARTIALLY_PAID", ["Cash on Delivery (COD)"], {}, ("cod", "partly_paid")),
        ("PAID", ["Cash on Delivery (COD)"], {}, ("prepaid", "paid")),
        ("PAID", [], {"total": Decimal("0.00")}, ("prepaid", "free")),
        ("PAID", ["paypal"], {"outstanding": Decimal("5.00")}, ("review", "paid_and_owing")),
        ("PARTIALLY_REFUNDED", ["paypal"], {}, ("prepaid", "paid")),
        ("AUTHORIZED", ["shopify_payments"], {}, ("awaiting", "authorized")),
        ("EXPIRED", ["Klarna"], {}, ("awaiting", "payment_expired")),
        ("REFUNDED", ["paypal"], {}, ("review", "given_up")),
        ("VOIDED", ["Cash on Delivery (COD)"], {}, ("review", "given_up")),
        ("PAID", ["bogus"], {"test": True}, ("review", "test_order")),
        ("PAID", ["cash"], {"point_of_sale": True}, ("review", "point_of_sale")),
        ("PAID", ["paypal"], {"sent": "all"}, ("review", "completed_in_shop")),
        ("A_NEW_WORD", ["Cash on Delivery (COD)"], {}, ("review", "unknown_status")),
        ("", ["Cash on Delivery (COD)"], {}, ("review", "no_status")),
        ("PENDING", ["cash_on_delivery"], {}, ("cod", "cod_gateway")),
        ("PENDING", ["Pagamento al corriere"], {}, ("cod", "cod_gateway")),
        ("PENDING", ["Bonifico bancario oppure contrassegno"], {}, ("review", "cod_among_others")),
        ("PENDING", ["Contrassegno non disponibile"], {}, ("review", "cod_denied")),
        ("PENDING", ["Bonifico bancario (indicare cod. ordine)"], {}, ("awaiting", "bank_transfer")),
        ("PENDING", [], {"marks": ["no-cod"]}, ("review", "unknown_method")),
        ("PENDING", ["Contrassegno"], {"marks": ["cancelled_cod"]}, ("review", "cod_denied")),
        ("PENDING", ["shopify_payments", "Cash on Delivery (COD)"], {}, ("review", "two_methods")),
        ("PENDING", ["Plugin X", "Cash on Delivery (COD)"], {}, ("review", "two_methods")),
        ("PENDING", ["Plugin X", "paypal"], {}, ("review", "several_methods")),
        ("PENDING", ["paypal", "Bonifico"], {}, ("awaiting", "unpaid")),
        ("PARTIALLY_PAID", ["Plugin X", "Contrassegno"], {}, ("review", "two_methods")),
        ("PARTIALLY_PAID", ["Plugin X", "Contrassegno"], {"taken": ["Plugin X"]}, ("cod", "partly_paid")),
        # A gift card took the part, and the card is still waited for.
        ("PARTIALLY_PAID", ["paypal", "Contrassegno"], {"taken": ["gift_card"]}, ("review", "two_methods")),
    ],
)
def test_each_kind_of_order_is_recognised(
    status: str, gateways: list[str], given: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert verdict(status, gateways, **given) == expected


def test_what_is_settled_no_rule_changes() -> None:
    for status, given in (("PAID", {}), ("PENDING", {"test": True}), ("VOIDED", {}), ("PENDING", {"sent": "all"})):
        facts = Facts(status, ["Contrassegno"], [], PAID, Decimal("0.00"), True, True, **given)  # type: ignore[arg-type]
        assert not classify(facts).rule_applies


def test_a_code_is_not_cash_on_delivery() -> None:
    assert payment_words.of_title("Codice sconto").kind != payment_words.COD
    assert payment_words.of_title("Barcode").kind != payment_words.COD
    assert payment_words.of_title("Carta (non contrassegno)").kind != payment_words.COD
    assert not is_cod_tag("codice")
    assert not is_cod_tag("barcode")
    assert payment_words.of_title("C.O.D.").kind == payment_words.COD
    assert is_cod_tag("EasySell COD")


def test_a_rule_hangs_on_the_method_or_on_the_tag_that_said_it() -> None:
    facts = Facts("PENDING", ["manual"], ["telefono", "COD"], PAID, PAID, True, True)
    assert classify(facts).method == tag_rule("cod") == "tag:cod"
    assert classify(Facts("PENDING", ["Alla consegna"], ["COD"], PAID, PAID, True, True)).method == "Alla consegna"


@pytest.mark.parametrize(
    ("status", "gateways", "marks", "method"),
    [
        ("PENDING", ["shopify_payments", "Cash on Delivery (COD)"], [], "Cash on Delivery (COD)"),
        ("PARTIALLY_PAID", ["shopify_payments", "Cash on Delivery (COD)"], [], "Cash on Delivery (COD)"),
        ("PENDING", ["Cash on Delivery (COD)", "Bonifico"], [], "Cash on Delivery (COD)"),
        ("PENDING", ["Cash on Delivery (COD)", "Plugin X"], [], "Plugin X"),
        ("PENDING", ["paypal", "Plugin X"], [], "Plugin X"),
        ("PENDING", ["paypal", "Contrassegno o carta"], [], "Contrassegno o carta"),
        ("PENDING", ["paypal"], ["cod"], "tag:cod"),
        ("PENDING", ["Plugin X"], ["cod"], "Plugin X"),
        ("PENDING", ["manual", "Plugin X"], [], "Plugin X"),
        ("PENDING", ["gift_card", "Plugin X"], [], "Plugin X"),
        ("PENDING", ["manual"], ["telefono"], "manual"),
    ],
)
def test_a_rule_hangs_on_the_method_that_the_question_is_about(
    status: str, gateways: list[str], marks: list[str], method: str
) -> None:
    assert classify(Facts(status, gateways, marks, PAID, PAID, True, True)).method == method


@needs_shared
def test_every_shared_case_is_read_as_it_should_be() -> None:
    index = json.loads((SHARED / "payloads" / "cases" / "INDEX.json").read_text())["cases"]
    assert len(index) >= 20
    for name, case in index.items():
        reading = read_order(load_json((SHARED / "payloads" / "cases" / f"{name}.json").read_bytes()))
        assert (reading.payment, reading.live) == (APART.get(name) or KINDS[case["expected"]]), name
        if reading.payment == "cod":
            owed = reading.total if reading.to_collect is None else reading.to_collect
            assert str(owed) == case["cod_amount"], name


@needs_shared
def test_every_official_order_is_read() -> None:
    for path in sorted((SHARED / "payloads" / "official").glob("orders__*.json")):
        if path.stem not in ("orders__delete", "orders__edited"):
            assert read_order(load_json(path.read_bytes())).external_id == "820982911946154508"
