"""What went wrong in the field, from the shop's body to the order and what it asks: each an input of our own making."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.intake import deliveries, upsert
from connectors.models import InboxOrder, Shop
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder
from orders.models import Order
from tests.connectors.arrivals import PREPAID
from tests.connectors.conftest import Ticking, order_body
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


def arrive(shop: Shop, body: dict[str, Any] | bytes) -> Order | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    reading = platform("woocommerce").read("order.updated", raw, facts={})
    assert isinstance(reading, IncomingOrder)
    upsert.upsert(shop, reading, raw, via=upsert.WEBHOOK)
    row = InboxOrder.objects.filter(shop=shop, external_id=reading.external_id).first()
    return row.order if row else None


def goods(order: Order | None) -> list[tuple[str, str, int]]:
    assert order is not None
    return [(line.sku, line.variant.sku if line.variant else "", line.quantity) for line in order.lines.all()]


def asks(order: Order | None) -> set[str]:
    assert order is not None
    order.refresh_from_db()
    return set(order.problems.filter(blocking=True).values_list("code", flat=True))


def line(id_: int, sku: str, net: str, vat: str, **fields: Any) -> dict[str, Any]:
    base = order_body()["line_items"][0]
    return {**base, "id": id_, "sku": sku, "total": net, "total_tax": vat, "product_id": 10 + id_, **fields}


def test_w1_a_bundle_sends_each_piece_once_and_is_ready(shop: Any, goods: Any) -> None:
    kit = line(1, "MCI-0001", "81.15", "17.85", name="Kit trapano", bundled_items=[2, 3])
    drill = line(2, "MCI-0001", "0.00", "0.00", bundled_by=1)
    bits = line(3, "MCI-0002", "0.00", "0.00", bundled_by=1)
    order = arrive(shop, order_body(total="106.90", line_items=[kit, drill, bits]))
    assert order is not None
    assert [(one.sku, one.quantity, one.bundle) for one in order.lines.all()] == [
        ("MCI-0001", 1, "Kit trapano"),
        ("MCI-0002", 1, "Kit trapano"),
    ]
    assert sum(one.sale_gross or 0 for one in order.lines.all()) == Decimal("99.00")
    assert (order.state, order.to_collect) == ("ready", Decimal("106.90"))


def test_w2_a_marketplaces_suborder_and_its_parent_are_never_both_ready(shop: Any, goods: Any) -> None:
    parent = order_body(310, **PREPAID, meta_data=[{"key": "has_sub_order", "value": "1"}])
    one, other = arrive(shop, parent), arrive(shop, order_body(311, **PREPAID, parent_id=310))
    assert [asks(one), asks(other)] == [{"split_order"}, {"split_order"}]
    assert other is not None
    assert other.problems.get().params == {"parent": "310"}
    renewal = order_body(312, **PREPAID, parent_id=310, meta_data=[{"key": "_subscription_renewal", "value": "9"}])
    assert asks(arrive(shop, renewal)) == set()  # its goods are due again


@pytest.mark.parametrize("key", ["has_sub_order", "_has_sub_order", "has_mvx_sub_order", "has_wcmp_sub_order"])
def test_w2_the_marks_of_each_marketplace_are_known(shop: Any, goods: Any, key: str) -> None:
    marked = order_body(1, **PREPAID, meta_data=[{"key": key, "value": True}, {"key": "x", "value": "y"}])
    assert "split_order" in asks(arrive(shop, order_body(2, **PREPAID, parent_id="1")))
    reading = platform("woocommerce").read("order.updated", json.dumps(marked).encode(), facts={})
    assert isinstance(reading, IncomingOrder)
    assert [doubt.code for doubt in reading.doubts] == (["split_order"])
    none = order_body(3, **PREPAID, meta_data=[{"key": key, "value": ""}])
    assert asks(arrive(shop, none)) == set()


def test_w3_two_variations_with_one_sku_are_not_one_article(shop: Any, goods: Any) -> None:
    red = line(1, "MCI-0003", "23.77", "5.23", product_id=30, variation_id=31, name="Maglia - Rosso, M")
    blue = line(2, "MCI-0003", "23.77", "5.23", product_id=30, variation_id=32, name="Maglia - Blu, XL")
    order = arrive(shop, order_body(total="65.90", line_items=[red, blue]))
    assert order is not None
    assert asks(order) == {"unknown_sku"}
    said = {problem.params["sku"] for problem in order.problems.all()}
    assert said == {"Maglia - Rosso, M (SKU MCI-0003)", "Maglia - Blu, XL (SKU MCI-0003)"}


def test_w4_an_edit_that_keeps_its_date_reads_as_another_version(shop: Any, goods: Any) -> None:
    before = platform("woocommerce").read("order.updated", json.dumps(order_body(1)).encode(), facts={})
    edited = order_body(1, total="274.90", line_items=[line(1, "MCI-0001", "218.85", "48.15", quantity=3)])
    after = platform("woocommerce").read("order.updated", json.dumps(edited).encode(), facts={})
    assert isinstance(before, IncomingOrder)
    assert isinstance(after, IncomingOrder)
    assert before.version_at == after.version_at
    assert upsert.version_of(before) != upsert.version_of(after)
    arrive(shop, order_body(1))
    upsert.upsert(shop, after, json.dumps(edited).encode(), via=upsert.PULL, truth=True)
    order = Order.objects.get()
    assert (order.lines.get().quantity, order.to_collect) == (3, Decimal("274.90"))


def test_w5_a_reading_says_which_order_of_one_id_it_is(shop: Any) -> None:
    body = order_body(340, order_key="wc_order_prova340")
    reading = platform("woocommerce").read("order.updated", json.dumps(body).encode(), facts={})
    assert isinstance(reading, IncomingOrder)
    assert (reading.identity, reading.placed_at) == ("wc_order_prova340", dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ({"_wc_shipment_tracking_items": [{"tracking_id": "abc"}, {"tracking_id": "mci-1"}]}, True),
        ({"_wc_shipment_tracking_items": '[{"tracking_id":"mci-1"}]'}, True),
        ({"_wc_shipment_tracking_items": [{"tracking_id": "abc"}, "x", None]}, False),
        ({"_wc_shipment_tracking_items": ""}, False),
        ({"_mci_tracking": "TRK"}, True),
        ({"_mci_state": "shipped"}, True),
        ({"_mci_cash_in": ""}, False),
        ({}, False),
    ],
)
def test_an_order_that_carries_what_mci_wrote_says_so(meta: dict[str, Any], told: bool) -> None:
    body = order_body(meta_data=[{"key": key, "value": value} for key, value in meta.items()])
    reading = platform("woocommerce").read("order.updated", json.dumps(body).encode(), facts={})
    assert isinstance(reading, IncomingOrder)
    assert reading.told is told


def test_w7_six_price_decimals_are_read_to_the_cent(shop: Any, goods: Any) -> None:
    bits = line(1, "MCI-0002", "20.409836", "4.490164")
    order = arrive(shop, order_body(total="32.800000", line_items=[bits]))
    assert order is not None
    assert (order.state, order.sale_total, order.to_collect) == ("ready", Decimal("32.80"), Decimal("32.80"))
    assert order.lines.get().sale_gross == Decimal("24.90")


def test_w8_an_order_refunded_in_full_does_not_go_though_its_status_stays(shop: Any, goods: Any) -> None:
    order = arrive(shop, order_body(1, **PREPAID))
    assert order is not None
    assert order.state == "ready"
    later = {"date_modified_gmt": "2026-11-20T11:00:00", "refunds": [{"id": 9, "total": "-39.90"}]}
    arrive(shop, order_body(1, **PREPAID, **later))
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert arrive(shop, order_body(2, **PREPAID, refunds=[{"id": 9, "total": "-39.90"}])) is None


def test_w10_a_locker_named_in_metadata_is_asked_with_its_point(shop: Any, goods: Any) -> None:
    lines = [{"method_id": "inpost_italy_locker", "method_title": "Ritiro in Locker", "total": "6.48"}]
    meta = [{"key": "_parcel_machine_id", "value": "ITTOR01234L"}]
    order = arrive(shop, order_body(**PREPAID, shipping_lines=lines, meta_data=meta))
    assert order is not None
    assert asks(order) == {"locker"}
    assert order.problems.get().params == {"method": "Ritiro in Locker", "point": "ITTOR01234L"}


def test_w12_the_billing_street_is_taken_and_said(shop: Any, goods: Any) -> None:
    half = {"first_name": "", "address_1": "", "city": "Torino", "postcode": "10121", "state": "TO", "country": "IT"}
    order = arrive(shop, order_body(shipping=half))
    assert order is not None
    assert (order.state, order.street, order.name) == ("ready", "Via Roma 1", "Ada Neri")
    assert list(order.problems.values_list("code", "blocking")) == [("billing_street", False)]
    elsewhere = arrive(shop, order_body(2, shipping={**half, "city": "Asti", "postcode": "14100", "state": "AT"}))
    assert "address_incomplete" in asks(elsewhere)


def test_w13_a_number_that_nobody_reads_may_be_as_long_as_it_likes(shop: Any, goods: Any) -> None:
    body = json.dumps(order_body(meta_data=[{"key": "_click", "value": {"tt": 0}}])).encode()
    order = arrive(shop, body.replace(b'"tt": 0', b'"tt": 7345678901234567890, "n": [' + b"1" * 900 + b"]"))
    assert order is not None
    assert order.state == "ready"


def test_an_old_order_without_a_creation_date_is_not_new(shop: Any, goods: Any) -> None:
    today = "2026-11-28T10:00:00"
    bare = {"date_created_gmt": None, "date_created": None, "date_modified_gmt": today}
    asked = arrive(shop, order_body(1, **bare))
    assert asks(asked) == {"age_unknown"}
    by_shop_clock = arrive(shop, order_body(2, **{**bare, "date_created": "2026-11-20T11:00:00"}))
    assert by_shop_clock is not None
    assert (by_shop_clock.state, by_shop_clock.placed_at.day) == ("ready", 20)
    Shop.objects.filter(pk=shop.pk).update(import_since=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    shop.refresh_from_db()
    assert arrive(shop, order_body(3, **{**bare, "date_created": "2019-03-01T11:00:00"})) is None
    sent = {**bare, "status": "completed", "date_completed_gmt": None}
    assert arrive(shop, order_body(4, **sent)) is None  # was sent, nobody knows when: history


def test_the_customers_numbers_wishes_and_engravings_stand_on_the_order(shop: Any, goods: Any) -> None:
    engraved = line(1, "MCI-0001", "28.61", "6.29", meta_data=[{"key": "Incisione", "value": "Giulia ❤"}])
    meta = {"_billing_cf": "RSSMRA80A01H501U", "_billing_sdi": "M5UXCR1", "_billing_citofono": "Neri"}
    metas = [{"key": key, "value": value} for key, value in meta.items()]
    order = arrive(shop, order_body(line_items=[engraved], meta_data=metas))
    assert order is not None
    assert order.fiscal == {"tax_code": "RSSMRA80A01H501U", "sdi_code": "M5UXCR1"}
    assert order.details == [["Citofono", "Neri"]]
    assert order.lines.get().attributes == [["Incisione", "Giulia ❤"]]
    assert order.lines.get().shop_line == "1"


def test_part_refunds_take_off_their_pieces_in_the_pull_and_in_the_re_read(connected: Any, fake: Ticking) -> None:
    sold = fake.place_order([("SCN-00001", 2), ("SCN-00002", 1)], payment="stripe")
    first, second = sold["line_items"]
    fake.flush()
    deliveries.drain()
    order = Order.objects.get()
    assert order.state == "ready"
    fake.tick()
    fake.orders.refund(sold["id"], "10.00", lines={first["id"]: 1, second["id"]: 1})
    fake.flush()
    deliveries.drain()
    assert [(one.sku, one.quantity) for one in order.lines.all()] == [("SCN-00001", 1)]
    assert asks(order) == {"partly_refunded"}
    visit(connected)  # the pull reads it the same way: nothing flaps
    assert [(one.sku, one.quantity) for one in order.lines.all()] == [("SCN-00001", 1)]
    assert order.problems.get(code="partly_refunded").params["pieces"] == "2"


def test_a_shop_that_does_not_tell_the_pieces_still_has_its_orders_read(connected: Any, fake: Ticking) -> None:
    sold = fake.place_order([("SCN-00001", 2)], payment="stripe")
    fake.orders.refund(sold["id"], "10.00", lines={sold["line_items"][0]["id"]: 1})
    other = fake.place_order([("SCN-00002", 1)], payment="stripe")
    fake.faults.add(f"orders/{sold['id']}/refunds", status=500, times=9)
    visit(connected)
    found = {row.external_id: row.order for row in InboxOrder.objects.all()}
    asked = found[str(sold["id"])]
    assert asks(asked) == {"partly_refunded"}
    assert asked is not None
    assert asked.lines.get().quantity == 2
    assert found[str(other["id"])] is not None


def test_the_fakes_bundle_suborder_decimals_and_locker_go_the_whole_way(connected: Any, fake: Ticking) -> None:
    fake.decimals = 6
    kit = fake.place_order([{"sku": "KIT", "price": "99.00", "parts": [("MCI-0001", 1), ("MCI-0002", 2)]}])
    locker = [{"method_id": "inpost_italy_locker", "method_title": "Locker", "total": "6.48"}]
    boxed = fake.place_order([("MCI-0001", 1)], shipping_lines=locker, meta={"_parcel_machine_id": "ITTOR01234L"})
    sold = fake.place_order([("MCI-0001", 1), ("MCI-0002", 1)], payment="stripe")
    [part] = fake.orders.split(sold["id"], [[sold["line_items"][0]["id"]]])
    fake.flush()
    deliveries.drain()
    found = {row.external_id: row.order for row in InboxOrder.objects.all()}
    order = found[str(kit["id"])]
    assert order is not None
    assert (order.state, [(one.sku, one.quantity) for one in order.lines.all()]) == (
        "ready",
        [("MCI-0001", 1), ("MCI-0002", 2)],
    )
    assert order.sale_total == Decimal("106.91")  # 99.00 and 6.48 net of shipping
    assert sum(one.sale_gross or 0 for one in order.lines.all()) == Decimal("99.00")
    assert asks(found[str(boxed["id"])]) == {"locker"}
    assert asks(found[str(sold["id"])]) == {"split_order"}
    assert asks(found[str(part["id"])]) == {"split_order"}
