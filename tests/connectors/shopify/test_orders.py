"""Reading an order in its two forms: what cannot be believed becomes a doubt, never a guess."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import connectors.platforms.shopify
from connectors.platforms.base import Unreadable
from connectors.platforms.shopify.orders import HIDDEN, read_order
from core.strict import load_json

SAMPLES = Path(connectors.platforms.shopify.__file__).parent / "samples"


def body(**fields: Any) -> dict[str, Any]:
    sample = json.loads((SAMPLES / "order-cod-builtin-en.delivery.json").read_text())
    data = load_json(sample["body"].encode())
    assert isinstance(data, dict)
    return {**data, **fields}


def line(**fields: Any) -> list[dict[str, Any]]:
    return [{**body()["line_items"][0], **fields}]


def money(amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {
        "shopMoney": {"amount": amount, "currencyCode": "EUR"},
        "presentmentMoney": {"amount": amount, "currencyCode": currency},
    }


def node(**fields: Any) -> dict[str, Any]:
    """An order of the API: COD, one article of ours, 44.80, with amounts in its own spelling ("44.8")."""
    item = {
        "id": "gid://shopify/LineItem/14000000000002",
        "name": "Prodotto 2",
        "sku": "MCI-0002",
        "quantity": 1,
        "currentQuantity": 1,
        "requiresShipping": True,
        "isGiftCard": False,
        "product": {"id": "gid://shopify/Product/9100000000002"},
        "variant": {"id": "gid://shopify/ProductVariant/47000000000002"},
        "discountedUnitPriceAfterAllDiscountsSet": money("39.9"),
        "taxLines": [],
    }
    address = {
        "firstName": "Giulia",
        "lastName": "Esempio",
        "company": None,
        "address1": "Via Prova 12",
        "address2": "Scala B",
        "city": "Torino",
        "zip": "10121",
        "provinceCode": "TO",
        "countryCodeV2": "IT",
        "phone": "+390000000000",
    }
    return {
        "id": "gid://shopify/Order/6100000000002",
        "name": "#IT1002",
        "createdAt": "2026-11-23T09:15:00Z",
        "processedAt": "2026-11-23T09:14:58Z",
        "updatedAt": "2026-11-23T09:15:02Z",
        "cancelledAt": None,
        "test": False,
        "sourceName": "web",
        "tags": [],
        "note": None,
        "email": "cliente@example.com",
        "phone": None,
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "EUR",
        "taxesIncluded": True,
        "displayFinancialStatus": "PENDING",
        "displayFulfillmentStatus": "UNFULFILLED",
        "paymentGatewayNames": ["Cash on Delivery (COD)"],
        "shippingAddress": address,
        "billingAddress": address,
        "currentTotalPriceSet": money("44.8"),
        "totalOutstandingSet": money("44.8"),
        "totalRefundedSet": money("0.0"),
        "lineItems": {"nodes": [item], "pageInfo": {"hasNextPage": False, "endCursor": None}},
        **fields,
    }


def codes(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.subject) for doubt in read_order(data).doubts]


def test_both_forms_of_one_order_are_the_same_reading() -> None:
    assert read_order(node()) == read_order(body())


def test_ids_keep_their_64_bits() -> None:
    assert read_order(body(id=820982911946154508, admin_graphql_api_id=None)).external_id == "820982911946154508"
    rounded = body(id=820982911946154500, admin_graphql_api_id="gid://shopify/Order/820982911946154508")
    assert read_order(rounded).external_id == "820982911946154508"


def test_what_is_not_shipped_is_no_line() -> None:
    fee = {**line()[0], "sku": "", "name": "Contrassegno", "requires_shipping": False}
    assert [item.sku for item in read_order(body(line_items=[*line(), fee])).lines] == ["MCI-0002"]
    assert read_order(body(line_items=line(current_quantity=0))).lines == []
    assert read_order(body(line_items=line(gift_card=True))).lines == []


def test_an_edited_line_counts_as_it_is_now() -> None:
    read = read_order(body(line_items=line(quantity=3, current_quantity=2))).lines[0]
    assert (read.quantity, read.sale_gross) == (2, Decimal("79.80"))


def test_vat_that_is_not_in_the_price_is_added() -> None:
    tax = {"price_set": {"presentment_money": {"amount": "8.78", "currency_code": "EUR"}}}
    read = read_order(body(taxes_included=False, line_items=line(tax_lines=[tax]))).lines[0]
    assert read.sale_gross == Decimal("48.68")


def test_a_discount_is_taken_off_its_line() -> None:
    cut = {"amount_set": {"presentment_money": {"amount": "9.90", "currency_code": "EUR"}}}
    assert read_order(body(line_items=line(discount_allocations=[cut]))).lines[0].sale_gross == Decimal("30.00")


def test_a_deposit_leaves_the_rest_to_collect() -> None:
    read = read_order(node(displayFinancialStatus="PARTIALLY_PAID", totalOutstandingSet=money("34.8")))
    assert (read.payment, read.payment_reason) == ("cod", "partly_paid")
    assert (read.total, read.to_collect) == (Decimal("44.80"), Decimal("34.80"))


def test_a_webhook_in_two_currencies_does_not_say_what_is_owed() -> None:
    read = read_order(body(presentment_currency="CHF"))
    assert (read.payment, read.payment_reason, read.currency) == ("review", "owing_unknown", "CHF")


def test_no_address_is_not_the_billing_address() -> None:
    read = read_order(node(shippingAddress=None))
    assert (read.address.street, read.address.city) == ("", "")
    assert codes(node(shippingAddress=None)) == [("no_shipping", "")]


def test_an_address_that_is_kept_from_us_is_not_no_address() -> None:
    hidden = node(shippingAddress=None, **{HIDDEN: ["shippingAddress"]})
    assert codes(hidden) == [("customer_hidden", "")]


def test_a_part_that_was_sent_in_the_shop_is_said() -> None:
    assert codes(node(displayFulfillmentStatus="PARTIALLY_FULFILLED")) == [("partly_sent", "")]
    assert read_order(node(displayFulfillmentStatus="FULFILLED")).finished


def test_a_cancelled_order_is_not_live() -> None:
    read = read_order(node(cancelledAt="2026-11-23T12:00:00Z"))
    assert (read.live, read.status, read.rule_applies) == (False, "cancelled", False)


def test_a_new_word_of_shopifys_is_for_a_person() -> None:
    assert read_order(node(displayFinancialStatus="HALF_PAID", displayFulfillmentStatus="NEW")).payment == "review"


@pytest.mark.parametrize("quantity", [-1, 2**31, "2", 1.5, None, True, 10_000])
def test_an_impossible_quantity_is_said(quantity: Any) -> None:
    assert codes(body(line_items=line(current_quantity=quantity))) == [("bad_quantity", "MCI-0002")]


@pytest.mark.parametrize("total", ["-10.00", "1_000", "NaN", "", None, 39.9])
def test_a_total_that_is_not_an_amount_is_unknown_and_said(total: Any) -> None:
    bag = {"presentment_money": {"amount": total, "currency_code": "EUR"}}
    read = read_order(body(current_total_price_set=bag))
    assert read.total is None
    assert ("bad_price", "total") in [(doubt.code, doubt.subject) for doubt in read.doubts]


@pytest.mark.parametrize(
    "fields", [{"id": 0, "admin_graphql_api_id": ""}, {"updated_at": "yesterday"}, {"updated_at": None}]
)
def test_what_is_not_an_order_is_unreadable(fields: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_order(body(**fields))
