"""Every field of an order as a plugin may leave it: null, missing, of another type, strange, empty, very long; alone
and together. Nothing but Unreadable comes of it, and no order is COD or prepaid by default."""

from __future__ import annotations

import copy
import cProfile
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.platforms.base import IncomingOrder, Unreadable
from connectors.platforms.woocommerce.orders import read_event
from orders.problems import CATALOGUE
from tests.connectors.conftest import order_body

KINDS = {"prepaid", "cod", "awaiting", "review"}
META = {
    "id": 1,
    "key": "_billing_cf",
    "value": "RSSMRA80A01H501U",
    "display_key": "CF",
    "display_value": "RSSMRA80A01H501U",
}


def whole() -> dict[str, Any]:
    """An order with every field of the schema that is read, and some that are not."""
    body = order_body(
        7,
        parent_id=0,
        order_key="wc_order_a",
        created_via="checkout",
        date_created="2026-11-20T11:00:00",
        date_completed_gmt=None,
        customer_id=0,
        prices_include_tax=True,
        meta_data=[META, {"id": 2, "key": "_wc_shipment_tracking_items", "value": [{"tracking_id": "x"}]}],
        shipping_lines=[
            {"id": 3, "method_id": "flat_rate", "method_title": "Corriere", "total": "6.48", "meta_data": [META]}
        ],
        fee_lines=[{"id": 4, "name": "Sconto", "total": "-2.00", "total_tax": "-0.44"}],
        coupon_lines=[],
        tax_lines=[],
        refunds=[{"id": 9, "reason": "", "total": "-1.00"}],
        mciRefunds=[
            {
                "id": 9,
                "line_items": [
                    {
                        "quantity": -1,
                        "total": "-0.82",
                        "total_tax": "-0.18",
                        "meta_data": [{"key": "_refunded_item_id", "value": "1"}],
                    }
                ],
            }
        ],
    )
    body["billing"] = {**body["billing"], "company": "C", "address_2": "", "fiscal_code": "x"}
    line = {**body["line_items"][0], "quantity": 2, "bundled_by": "", "bundled_items": [], "parent_name": None}
    child = {**line, "id": 2, "bundled_by": 1, "meta_data": [{"key": "_bundled_by", "value": "k"}]}
    body["line_items"] = [{**line, "meta_data": [META, {"key": "_bundle_cart_key", "value": "k"}]}, child]
    return body


STRANGE: list[Any] = [
    None, True, False, 0, -1, 1, 1.5, 10**17, "", " ", "0", "-1", "x", "è" * 3000, "\x00", "\ud800", "null", "[]", "{",
    '{"a":1}', [], [None], [[]], [{}], ["x"], [1] * 600, {}, {"a": None}, {"1": {}}, {"a": {"b": {"c": [1, {}]}}},
]  # fmt: skip
AMOUNTS = ["1e3", "NaN", "Infinity", "-Infinity", " 12", "12 ", "12,50", "1.234,56", "1,234.56", "+5", "--5", "0x10",
           "12.", ".5", "1_000", "٣", "9999999999", "1.1234567890123", "", " ", 12.5, 12, 0, True, False, None, [], {},
           "-0.01", "€ 5", "5 EUR", "1" * 900]  # fmt: skip
DATES = ["", "0000-00-00T00:00:00", "2026-13-01T00:00:00", "2026-02-30T00:00:00", "1999-01-01T00:00:00", "yesterday",
         "2026-11-20", "2026-11-20T25:00:00", "20261120T100000", 1764547200, 1.5, None, True, [], {},
         "2026-11-20T10:00", "2026-11-20T10:00:00+99:99", "2100-01-01T00:00:00", "٢٠٢٦-11-20T10:00:00"]  # fmt: skip
GOOD_DATES = {
    "2026-11-20T10:00:00": "2026-11-20T10:00:00+00:00",
    "2026-11-20T10:00:00Z": "2026-11-20T10:00:00+00:00",
    "2026-11-20T10:00:00.000Z": "2026-11-20T10:00:00+00:00",
    "2026-11-20 10:00:00": "2026-11-20T10:00:00+00:00",
    "2026-11-20T11:00:00+01:00": "2026-11-20T10:00:00+00:00",
    "2026-11-20T11:00:00+0100": "2026-11-20T10:00:00+00:00",
}


def read(body: Any) -> IncomingOrder | None:
    """Through the bytes, as they come; None for what is no order."""
    try:
        reading = read_event("order.updated", json.dumps(body).encode())
    except Unreadable:
        return None
    assert reading is None or isinstance(reading, IncomingOrder)
    if reading is not None:
        check(reading)
    return reading


def check(reading: IncomingOrder) -> None:
    """What holds for every reading, whatever it was made from."""
    assert reading.payment in KINDS
    for amount in (reading.total, *(line.sale_gross for line in reading.lines)):
        assert amount is None or (type(amount) is Decimal and amount >= 0 and -amount.as_tuple().exponent == 2)  # type: ignore[operator]
    assert all(type(line.quantity) is int and 1 <= line.quantity <= 9999 for line in reading.lines)
    assert all(len(line.name) <= 200 and len(line.sku) <= 100 and len(line.external_id) <= 60 for line in reading.lines)
    assert reading.version_at.tzinfo is dt.UTC
    assert reading.placed_at.utcoffset() == dt.timedelta()
    assert len(reading.currency) == 3
    assert len(reading.address.country) == 2
    for doubt in reading.doubts:  # its sentence can be said
        assert str(CATALOGUE[doubt.code].words) % dict(doubt.params)
        assert len(doubt.subject) <= 100
    assert len(reading.doubts) < 2100
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in reading.details)
    repr(reading).encode("utf-8")  # no half of a letter is left


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every field, the containers too."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*at, key)
        yield from paths(inner, (*at, key))


PATHS = list(paths(whole()))


def put(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        try:
            body = body[key]
        except (KeyError, IndexError, TypeError):
            return  # an outer field was changed before
    if isinstance(body, dict) or (isinstance(body, list) and isinstance(path[-1], int) and path[-1] < len(body)):
        body[path[-1]] = value


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_each_field_null_missing_and_of_every_other_type(path: tuple[Any, ...]) -> None:
    for value in STRANGE:
        body = whole()
        put(body, path, value)
        read(body)
    body = whole()
    holder: Any = body
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    read(body)


def test_the_work_for_a_body_full_of_ties_grows_with_it_and_not_faster() -> None:
    """Counted in calls, which no other load changes."""
    tie = [{"key": "_bundled_by", "value": "k"}] * 150

    def calls(lines: int) -> int:
        body = order_body(
            line_items=[{**order_body()["line_items"][0], "id": n, "meta_data": tie} for n in range(1, lines + 1)]
        )
        counted = cProfile.Profile()
        assert counted.runcall(read, body) is not None
        return sum(row.callcount for row in counted.getstats())

    assert calls(400) < 5 * calls(100)  # four times the lines


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from([*STRANGE, *AMOUNTS, *DATES])), max_size=25))
def test_many_fields_at_once(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    body = whole()
    for path, value in changes:
        put(body, path, copy.deepcopy(value))
    read(body)


def test_everything_null_at_once_is_unreadable_and_with_id_status_and_date_a_question() -> None:
    nothing = dict.fromkeys(whole())
    assert read(nothing) is None
    reading = read({**nothing, "id": 1, "status": "processing", "date_modified_gmt": "2026-11-20T10:00:00"})
    assert reading is not None
    assert (reading.payment, reading.total, list(reading.lines)) == ("review", None, [])
    assert {doubt.code for doubt in reading.doubts} >= {"bad_price", "age_unknown"}


@pytest.mark.parametrize("field", ["total"])
@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
def test_a_strange_total_is_no_total(field: str, amount: Any) -> None:
    reading = read(order_body(**{field: amount}))
    assert reading is not None
    assert reading.total is None
    assert any(doubt.code == "bad_price" for doubt in reading.doubts)


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
@pytest.mark.parametrize("field", ["total", "total_tax"])
def test_a_strange_price_of_a_line_is_no_price(field: str, amount: Any) -> None:
    reading = read(order_body(line_items=[{**order_body()["line_items"][0], field: amount}]))
    assert reading is not None
    if amount == "-0.01" and field == "total_tax":
        return  # a cent of rounding, with a price that stays above zero
    assert reading.lines[0].sale_gross is None
    assert any(doubt.code == "bad_price" for doubt in reading.doubts)


@pytest.mark.parametrize("value", DATES, ids=repr)
def test_a_strange_date_is_none(value: Any) -> None:
    paid = {"payment_method": "stripe", "payment_method_title": "Carta", "transaction_id": "pi_1"}
    unpaid = read(order_body(**paid, date_paid_gmt=value))
    assert unpaid is not None
    assert unpaid.payment != "prepaid"  # nothing says that it was paid
    created = read(order_body(date_created_gmt=value))
    assert created is not None
    assert any(doubt.code == "age_unknown" for doubt in created.doubts)
    changed = read(order_body(date_modified_gmt=value))
    assert changed is not None
    assert changed.version_at == dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)  # the creation's
    assert read(order_body(date_modified_gmt=value, date_created_gmt=value)) is None


@pytest.mark.parametrize(("written", "meant"), GOOD_DATES.items())
def test_a_date_with_a_zone_or_a_fraction_is_what_it_says(written: str, meant: str) -> None:
    reading = read(order_body(date_created_gmt=written, date_modified_gmt=written))
    assert reading is not None
    assert reading.version_at.isoformat() == reading.placed_at.isoformat() == meant


@pytest.mark.parametrize("gone", [None, "", " ", 0, False, [], {}, 7, "\x00"], ids=repr)
def test_without_what_decides_the_payment_nothing_is_cod_or_prepaid(gone: Any) -> None:
    nameless = {"payment_method": gone, "payment_method_title": gone, "transaction_id": gone}
    unpaid = read(order_body(**nameless, date_paid_gmt=None))
    assert unpaid is None or unpaid.payment in ("review", "awaiting")
    free = read(order_body(**nameless, total=gone, date_paid_gmt=None))
    assert free is None or free.payment in ("review", "awaiting")
    for status in (gone, "some-plugin-status"):
        odd = read(order_body(status=status, payment_method="stripe", date_paid_gmt="2026-11-20T10:00:00"))
        assert odd is None or odd.payment == "review"


LISTS = [("line_items",), ("shipping_lines",), ("refunds",), ("mciRefunds",), ("meta_data",), ("fee_lines",),
         ("line_items", 0, "meta_data"), ("shipping_lines", 0, "meta_data"), ("line_items", 0, "bundled_items"),
         ("mciRefunds", 0, "line_items")]  # fmt: skip


@pytest.mark.parametrize("path", LISTS, ids=str)
def test_every_list_empty_and_long(path: tuple[Any, ...]) -> None:
    body = whole()
    holder: Any = body
    for key in path[:-1]:
        holder = holder[key]
    entries = holder[path[-1]]
    for value in ([], entries * 1500, [{}] * 3000, list(range(3000)), ["x" * 100] * 1000):
        put(body, path, value)
        read(body)
