"""Reading an order: what cannot be believed becomes a doubt, never a guess."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.base import IncomingOrder, Muted, Unreadable, Withdrawn
from connectors.platforms.woocommerce.orders import read_event, read_order
from tests.connectors.conftest import order_body


def read(**fields: Any) -> IncomingOrder:
    reading = read_order(json.loads(json.dumps(order_body(**fields))))
    assert reading is not None
    return reading


def codes(reading: IncomingOrder) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.subject) for doubt in reading.doubts]


def with_line(**fields: Any) -> list[dict[str, Any]]:
    return [{**order_body()["line_items"][0], **fields}]


def test_entities_of_the_block_checkout_are_undone_once_and_only_whole_ones() -> None:
    address = {
        **order_body()["shipping"],
        "company": "Caff&egrave; &amp; C.",
        "address_1": "Via R&D 1",
        "city": "&amp;amp;",
    }
    reading = read(shipping=address, customer_note="B &lt; C &copyright")
    assert (reading.address.company, reading.address.street, reading.address.city) == (
        "Caffè & C.",
        "Via R&D 1",
        "&amp;",
    )
    assert reading.note == "B < C &copyright"


def test_without_a_shipping_address_the_billing_one_is_used() -> None:
    reading = read(shipping={"first_name": "", "address_1": "", "city": "", "phone": ""})
    assert reading.address.street == "Via Roma 1"
    assert reading.address.phone == "3331234567"
    assert reading.address.email == "ada@example.it"


def test_provinces_lose_the_country_before_them() -> None:
    assert read(shipping={**order_body()["shipping"], "state": "DE-BY", "country": "DE"}).address.province == "BY"
    assert read(shipping={**order_body()["shipping"], "state": "it-to"}).address.province == "it-to"


def test_refunds_are_taken_off_what_the_customer_pays() -> None:
    reading = read(total="111.41", refunds=[{"id": 1, "total": "-24.50"}])
    assert reading.total == Decimal("86.91")
    assert codes(reading) == [("partly_refunded", "")]


def test_a_line_costs_what_the_customer_pays_with_vat() -> None:
    assert read().lines[0].sale_gross == Decimal("34.90")


@pytest.mark.parametrize(
    "total",
    ["-10.00", "1_000", " 12.50\n", "٣", "1,50", "1e3000000", "NaN", "Infinity", "", None, True, [], {}, 39.9, 12],
)
def test_a_total_that_is_not_an_amount_is_unknown_and_said(total: Any) -> None:
    reading = read(total=total)
    assert reading.total is None
    assert ("bad_price", "total") in codes(reading)


@pytest.mark.parametrize("quantity", [0, -1, 2**31, 10**9, "2", 1.5, None, True, 10_000])
def test_an_impossible_quantity_is_said(quantity: Any) -> None:
    reading = read(line_items=with_line(quantity=quantity))
    assert reading.lines[0].quantity == 1
    assert codes(reading) == [("bad_quantity", "MCI-0001")]


@pytest.mark.parametrize("price", ["-1.00", "x", None, "9999999999"])
def test_an_impossible_price_is_said(price: Any) -> None:
    reading = read(line_items=with_line(total=price))
    assert reading.lines[0].sale_gross is None
    assert codes(reading) == [("bad_price", "MCI-0001")]


def test_too_many_lines_are_said() -> None:
    reading = read(line_items=with_line() * 501)
    assert len(reading.lines) == 500
    assert codes(reading) == [("too_many_lines", "")]


def test_an_address_of_400_characters_is_cut_and_said() -> None:
    reading = read(shipping={**order_body()["shipping"], "address_1": "Via Lunga " * 40})
    assert len(reading.address.street) <= 200
    assert codes(reading) == [("text_cut", "street")]


def test_control_and_invisible_characters_do_not_reach_a_column() -> None:
    address = {**order_body()["shipping"], "last_name": "Ne\u0000ri\u202e\u200b\ud800", "address_1": "Via\nRoma\t1"}
    reading = read(shipping=address)
    assert reading.address.name == "Ada Neri?"
    assert reading.address.street == "Via Roma 1"


def test_drafts_and_other_topics_do_not_concern_us() -> None:
    for status in ("checkout-draft", "auto-draft"):
        assert read_order(order_body(status=status)) is None
    assert read_event("product.updated", b"\xff not even read") is None


def test_a_deletion_and_an_order_that_was_gone_before_it_was_sent() -> None:
    assert read_event("order.deleted", b'{"id":26}') == Withdrawn("26")
    gone = b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}'
    assert read_event("order.created", gone) is None
    assert read_event("order.created", gone.replace(b"shop_order_invalid_id", b"cannot_view")) == Muted()
    with pytest.raises(Unreadable):
        read_event("order.created", gone.replace(b"shop_order_invalid_id", b"something_else"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"text"',
        b"null",
        b'{"id":true,"status":"processing"}',
        b'{"id":1}',
        b'{"id":1,"status":"processing"}',
        b'{"id":1,"id":2,"status":"processing"}',
        b'{"id":' + b"9" * 5000 + b"}",
        b'{"id":1,"total":NaN}',
        b'{"id":1,"total":1e400}',
        b'{"a":' * 100_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        '{"id":1,"status":"processing"}'.encode("utf-16"),
        b"\xef\xbb\xbf" + b'{"id":1}',
        b'{"id":1,"status":"\xe8"}',
        json.dumps(order_body(date_modified_gmt=None, date_created_gmt="0000-00-00T00:00:00")).encode(),
    ],
)
def test_what_is_not_an_order_is_unreadable_and_nothing_worse(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_event("order.updated", body)


@pytest.mark.parametrize("status", ["cancelled", "refunded", "failed", "trash"])
def test_what_the_shop_gave_up_is_not_live(status: str) -> None:
    assert not read(status=status).live
