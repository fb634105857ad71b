"""What a plugin noted on an order and means that it has left, is not there yet, or is sent by somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.models import InboxOrder
from tests.connectors.arrivals import PREPAID
from tests.connectors.conftest import order_body
from tests.connectors.woocommerce.test_cases import arrive, asks, line

pytestmark = pytest.mark.django_db


def with_meta(id_: int, key: str, value: Any, **fields: Any) -> dict[str, Any]:
    return order_body(id_, **PREPAID, meta_data=[{"key": key, "value": value}], **fields)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_wc_shipment_tracking_items", [{"tracking_provider": "BRT", "tracking_number": "123", "tracking_id": "ab"}]),
        ("_wc_shipment_tracking_items", '[{"tracking_number": "0123456"}]'),
        ("_aftership_tracking_number", "RR123456IT"),
        ("ywot_tracking_code", "RR123456IT"),
        ("_tracking_number", "1Z999AA10123456784"),
        ("brt_tracking", "063012345678"),
        ("_gls_tracking_number", "GL123456"),
        ("numero_spedizione", "MI 123456"),
        ("_sendcloud_parcel_tracking_number", "3SABC12345"),
        ("_fulfillment_status", "fulfilled"),
    ],
)
def test_an_order_with_somebodys_parcel_asks_whether_it_was_sent(shop: Any, goods: Any, key: str, value: Any) -> None:
    assert asks(arrive(shop, with_meta(1, key, value))) == {"tracked_in_shop"}


def test_an_order_of_which_the_shop_sent_a_part_asks_what_is_left(shop: Any, goods: Any) -> None:
    assert asks(arrive(shop, with_meta(1, "_fulfillment_status", "partially_fulfilled"))) == {"partly_sent"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_wc_shipment_tracking_items", []),
        ("_wc_order_attribution_tracking", "utm123456"),
        ("_ga_tracking_id", "UA-1234567"),
        ("tracking_consent", "2026-11-20"),
        ("_tracking_number", ""),
        ("brt_tracking", "no"),
        ("_fulfillment_status", "unfulfilled"),
        ("_shipment_items", '{"1": 12345678}'),
    ],
)
def test_what_is_no_parcel_asks_nothing(shop: Any, goods: Any, key: str, value: Any) -> None:
    assert asks(arrive(shop, with_meta(1, key, value))) == set()


def test_our_own_tracking_is_no_question(shop: Any, goods: Any) -> None:
    """It is known instead, and makes no second order."""
    rows = [{"tracking_number": "TRK1234567", "tracking_id": "mci-1"}]
    assert arrive(shop, with_meta(1, "_wc_shipment_tracking_items", rows)) is None
    assert InboxOrder.objects.get().elsewhere


@pytest.mark.parametrize(
    ("key", "value", "asked"),
    [
        ("_wc_pre_orders_is_pre_order", "1", True),
        ("_ywpo_order_has_preorder", "yes", True),
        ("_is_pre_order", "no", False),
        ("_pre_order_message", "Arriva presto", False),
    ],
)
def test_a_pre_order_waits(shop: Any, goods: Any, key: str, value: str, asked: bool) -> None:
    assert asks(arrive(shop, with_meta(1, key, value))) == ({"on_hold_in_shop"} if asked else set())


def test_a_pre_ordered_line_waits_and_what_was_released_does_not(shop: Any, goods: Any) -> None:
    item = line(1, "MCI-0001", "28.61", "6.29", meta_data=[{"key": "_ywpo_item_preorder", "value": "yes"}])
    assert asks(arrive(shop, order_body(1, **PREPAID, line_items=[item]))) == {"on_hold_in_shop"}
    over = [{"key": "_wc_pre_orders_is_pre_order", "value": "1"}, {"key": "_wc_pre_orders_completed", "value": "1"}]
    assert asks(arrive(shop, order_body(2, **PREPAID, meta_data=over))) == set()


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"meta_data": [{"key": "_wpla_fulfillment_channel", "value": "AFN"}]}, True),
        ({"meta_data": [{"key": "_wpla_fulfillment_channel", "value": "MFN"}]}, False),
        ({"payment_method_title": "Amazon FBA"}, True),
        ({"payment_method_title": "Amazon"}, False),
        ({"shipping_lines": [{"method_id": "amazon", "method_title": "Fulfilled by Amazon", "total": "0"}]}, True),
    ],
)
def test_what_the_marketplace_sends_is_asked(shop: Any, goods: Any, fields: dict[str, Any], asked: bool) -> None:
    order = arrive(shop, order_body(1, **{**PREPAID, "transaction_id": "x12345", **fields}))
    assert asks(order) == ({"sent_elsewhere"} if asked else set())


def test_one_sku_on_two_products_of_which_one_is_free_is_asked(shop: Any, goods: Any) -> None:
    """A bundle by a plugin that ties its lines by nothing that we know."""
    kit = line(1, "MCI-0001", "28.61", "6.29", product_id=100, name="Kit")
    part = line(2, "MCI-0001", "0.00", "0.00", product_id=101)
    other = line(3, "MCI-0002", "0.00", "0.00", product_id=102)
    assert asks(arrive(shop, order_body(1, **PREPAID, line_items=[kit, part, other]))) == {"bundle_double"}
    second = line(2, "MCI-0001", "0.00", "0.00", product_id=100)  # one paid, one for free
    gift = line(3, "MCI-0002", "0.00", "0.00", product_id=102)
    assert asks(arrive(shop, order_body(2, **PREPAID, line_items=[kit, second, gift]))) == set()


def test_a_free_part_of_some_bundle_is_asked_where_the_bundle_is_ours_too(shop: Any, goods: Any) -> None:
    kit = line(1, "MCI-0001", "28.61", "6.29", meta_data=[{"key": "_abc_bundle_items", "value": "101,102"}])
    part = line(2, "MCI-0002", "0.00", "0.00", meta_data=[{"key": "_abc_bundled_in", "value": "no id"}])
    assert asks(arrive(shop, order_body(1, **PREPAID, line_items=[kit, part]))) == {"bundle_double"}
    alone = line(1, "MCI-0001", "28.61", "6.29")
    assert asks(arrive(shop, order_body(2, **PREPAID, line_items=[alone, part]))) == set()


@pytest.mark.parametrize("names", [("date_modified", "date_created"), ("date_created",), ("date_paid",)])
def test_an_order_without_dates_in_utc_is_not_lost(shop: Any, goods: Any, names: tuple[str, ...]) -> None:
    none = dict.fromkeys(("date_created_gmt", "date_modified_gmt"))
    order = arrive(shop, order_body(1, **PREPAID, **none, **dict.fromkeys(names, "2026-11-20T11:00:00")))
    assert order is not None
    assert order.state == "ready"
