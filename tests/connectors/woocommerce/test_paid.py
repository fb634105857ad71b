"""What a gateway kept of a payment against what WooCommerce makes of it; and what checkouts keep apart."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.intake import upsert
from tests.connectors.arrivals import PREPAID
from tests.connectors.conftest import order_body
from tests.connectors.woocommerce.test_cases import arrive, line

pytestmark = pytest.mark.django_db


def with_metas(id_: int, metas: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return order_body(id_, **{**PREPAID, **fields}, meta_data=[{"key": k, "value": v} for k, v in metas.items()])


@pytest.mark.parametrize(
    "metas",
    [
        *({"_wcpay_mode": "test"}, {"_ppcp_paypal_payment_mode": "sandbox"}, {"_wc_stripe_mode": "test"}),
        *({"_mollie_payment_mode": "test"}, {"_wc_klarna_environment": "test"}, {"_is_test_order": "yes"}),
        {"_wc_braintree_credit_card_environment": "sandbox"},
    ],
)
def test_a_payment_in_test_mode_is_none(shop: Any, goods: Any, metas: dict[str, Any]) -> None:
    upsert.learn_payment(shop, "stripe", "prepaid", by=None)  # what was said of the method does not make it one
    order = arrive(shop, with_metas(1, metas))
    assert order is not None
    assert (order.state, order.payment, order.payment_reason) == ("received", "review", "test_order")


@pytest.mark.parametrize(
    ("metas", "waits"),
    [
        ({"_stripe_charge_captured": "no"}, True),
        ({"_stripe_charge_captured": "yes"}, False),
        ({"_intention_status": "requires_capture"}, True),
        ({"_intention_status": "succeeded"}, False),
        ({"_ppcp_paypal_intent": "AUTHORIZE", "_ppcp_paypal_captured": "false"}, True),
        ({"_ppcp_paypal_intent": "AUTHORIZE", "_ppcp_paypal_captured": "true"}, False),
        ({"_intention_status": "requires_capture", "_charge_captured": "yes"}, False),
        ({"_wcpay_mode": "prod"}, False),
    ],
)
def test_money_that_is_only_reserved_is_waited_for(shop: Any, goods: Any, metas: dict[str, Any], waits: bool) -> None:
    order = arrive(shop, with_metas(1, metas))
    assert order is not None
    assert (order.state, order.payment) == (("received", "awaiting") if waits else ("ready", "prepaid"))


@pytest.mark.parametrize("fields", [{"created_via": "pos"}, {"created_via": "woocommerce-pos"}, {}])
def test_what_was_sold_over_the_counter_is_asked(shop: Any, goods: Any, fields: dict[str, Any]) -> None:
    order = arrive(shop, with_metas(1, {} if fields else {"_pos": "1"}, **fields))
    assert order is not None
    assert (order.state, order.payment_reason) == ("received", "point_of_sale")
    other = arrive(shop, with_metas(2, {"_position": "1", "_pos": "0"}, created_via="checkout"))
    assert other is not None
    assert other.state == "ready"


@pytest.mark.parametrize(
    "metas",
    [
        *({"_shipping_phone": "333 1110001"}, {"shipping_telefono": "333 1110001"}, {"Cellulare": "3331110001"}),
        *({"_wc_shipping/acme/phone": "333 1110001"}, {"billing_mobile": "333 1110001"}),
        {"_billing_cellulare": "340 0000002", "_shipping_phone": "333 1110001"},  # the recipient's first
    ],
)
def test_a_telephone_that_the_checkout_keeps_apart_is_dialled(shop: Any, goods: Any, metas: dict[str, str]) -> None:
    address = {**order_body()["shipping"], "phone": ""}
    order = arrive(shop, with_metas(1, metas, shipping=address, billing=address))
    assert order is not None
    assert order.phone == "+393331110001"
    known = arrive(shop, with_metas(2, metas))
    assert known is not None
    assert known.phone == "+393331234568"  # the one of the address


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        *(("_billing_cfpiva", "RSSMRA80A01H501U", "tax_code"), ("_billing_ssn", "RSSMRA80A01H501U", "tax_code")),
        *(
            ("_billing_invoice_cf", "RSSMRA80A01H501U", "tax_code"),
            ("_billing_company_vat", "01234567890", "vat_number"),
        ),
        *(
            ("_billing_company_vat_number", "01234567890", "vat_number"),
            ("_billing_user_pi", "01234567890", "vat_number"),
        ),
        *(("_billing_codice_unico", "M5UXCR1", "sdi_code"), ("_billing_nin_code", "M5UXCR1", "sdi_code")),
        ("_billing_it_sdi", "M5UXCR1", "sdi_code"),
    ],
)
def test_more_names_of_what_an_invoice_needs(shop: Any, goods: Any, key: str, value: str, kind: str) -> None:
    order = arrive(shop, with_metas(1, {key: value}))
    assert order is not None
    assert order.fiscal == {kind: value}


def test_what_was_written_for_a_personal_good_reaches_the_packer(shop: Any, goods: Any) -> None:
    """Some plugins keep it in a hidden list alone."""
    options = [{"name": "Testo", "value": "Ciao <b>Ada</b>", "price": 5}, {"name": "Colore", "value": "Oro"}, "x", {}]
    metas = [{"key": "_tmcartepo_data", "value": options}, {"key": "Colore", "value": "Oro"}]
    order = arrive(shop, order_body(1, **PREPAID, line_items=[line(1, "MCI-0001", "28.61", "6.29", meta_data=metas)]))
    assert order is not None
    assert order.lines.get().attributes == [["Colore", "Oro"], ["Testo", "Ciao Ada"]]
