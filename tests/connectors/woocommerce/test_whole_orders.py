"""Whole orders of WooCommerce, in which nothing is alike by chance, and all that is read of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.base import Doubt, IncomingLine, IncomingOrder, Muted, Unreadable, Withdrawn
from connectors.platforms.woocommerce import refunds
from connectors.platforms.woocommerce.orders import read_event, read_order
from core.address import Address

UTC = dt.UTC


def meta(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def data(**fields: Any) -> dict[str, Any]:
    """By card, in part given back, with an article of which two pieces went back and one that has variations."""
    mug = {
        "id": 41,
        "name": "Tazza &egrave; bella",
        "product_id": 71,
        "variation_id": 72,
        "quantity": 7,
        "total": "70.35",
        "total_tax": "15.48",
        "sku": "TAZ-1",
        "meta_data": [
            {"key": "pa_colore", "value": "blu", "display_key": "Colore", "display_value": "<b>Blu</b>"},
            {"key": "Incisione", "value": "Anna", "display_key": "Incisione", "display_value": ""},
            {"key": "_reduced_stock", "value": "7"},
            {"key": "Backordered", "value": "3"},
            {"key": "_tmcartepo_data", "value": '[{"label": "Nastro", "value": "rosso"}, {"value": "x"}]'},
        ],
    }
    spoon = {**mug, "id": 42, "name": "Cucchiaio", "product_id": 73, "variation_id": 0, "quantity": 3.0, "sku": ""}
    spoon |= {"total": "6.00", "total_tax": "0.60", "meta_data": []}
    gone = {**spoon, "id": None, "name": "Tolto", "product_id": 0, "quantity": 2, "total": "1.11", "total_tax": "0.25"}
    return {
        "id": 4711,
        "parent_id": 0,
        "number": "2026-4711",
        "order_key": "wc_order_abc",
        "status": "wc-processing",
        "currency": "chf",
        "created_via": "checkout",
        "date_created": "2026-10-01T10:00:00",
        "date_created_gmt": "2026-10-01T08:00:01",
        "date_modified": "2026-10-03T12:20:30",
        "date_modified_gmt": "2026-10-03T10:20:30",
        "date_paid_gmt": "2026-10-01T08:05:00",
        "date_completed_gmt": None,
        "payment_method": "stripe",
        "payment_method_title": "Carta &amp; co",
        "transaction_id": "pi_77",
        "customer_note": "Al\nportiere",
        "total": "99.79",
        "total_tax": "16.33",
        "billing": {"first_name": "Berta", "email": "anna@example.it", "phone": "+39 06 999888", "country": "IT"},
        "shipping": {
            "first_name": "Anna",
            "last_name": "Prova",
            "company": "Bottega",
            "address_1": "Via Lunga 7",
            "address_2": "Scala C",
            "city": "Como",
            "state": "CO",
            "postcode": "22100",
            "country": "CH",
            "phone": "",
        },
        "line_items": [mug, spoon, gone],
        "shipping_lines": [
            {"method_id": "flat_rate", "method_title": "Corriere", "total": "5.00", "total_tax": "0.00"}
        ],
        "fee_lines": [{"name": "Regalo", "total": "1.00", "total_tax": "0.00"}],
        "refunds": [{"id": 91, "total": "-21.80"}, {"id": 92, "total": "-2.20"}],
        refunds.HIDDEN: [
            {"id": 91, "line_items": [back(41, -2, "-18.00", "-3.80")]},
            {"id": 92, "line_items": [back(42, -1, "-1.00", "-0.20"), back(42, 0, "-1.00", "0.00")]},
        ],
        "meta_data": meta(_billing_cf="RSSMRA80A01H501U", citofono="Prova B"),
        **fields,
    }


def back(line: Any, quantity: Any, total: Any, tax: Any) -> dict[str, Any]:
    ties = meta(other=9, _refunded_item_id=str(line))
    return {"quantity": quantity, "total": total, "total_tax": tax, "meta_data": ties}


READ = IncomingOrder(
    external_id="4711",
    number="2026-4711",
    status="processing",
    live=True,
    version_at=dt.datetime(2026, 10, 3, 10, 20, 30, tzinfo=UTC),
    placed_at=dt.datetime(2026, 10, 1, 8, 0, 1, tzinfo=UTC),
    currency="CHF",
    total=Decimal("75.79"),
    payment="prepaid",
    payment_reason="paid",
    gateway="stripe",
    gateway_title="Carta & co",
    address=Address(
        name="Anna Prova",
        company="Bottega",
        street="Via Lunga 7",
        street2="Scala C",
        postcode="22100",
        city="Como",
        province="CO",
        country="CH",
        phone="+39 06 999888",
        email="anna@example.it",
    ),
    note="Al portiere",
    lines=[
        IncomingLine(
            external_id="71/72",
            sku="TAZ-1",
            name="Tazza è bella – Colore: Blu",
            quantity=5,
            sale_gross=Decimal("64.03"),
            line_id="41",
            attributes=[("Colore", "Blu"), ("Incisione", "Anna"), ("Nastro", "rosso")],
        ),
        IncomingLine(
            external_id="73/0",
            sku="",
            name="Cucchiaio",
            quantity=2,
            sale_gross=Decimal("4.40"),
            line_id="42",
            attributes=[],
        ),
        IncomingLine(external_id="", sku="", name="Tolto", quantity=2, sale_gross=Decimal("1.36"), attributes=[]),
    ],
    doubts=[Doubt("partly_refunded", "", {"amount": "24.00", "pieces": "3"})],
    identity="wc_order_abc",
    fiscal={"tax_code": "RSSMRA80A01H501U"},
    details=[("Citofono", "Prova B")],
)


def read(**fields: Any) -> IncomingOrder:
    found = read_order(data(**fields))
    assert found is not None
    return found


def test_all_that_an_order_says_is_read() -> None:
    assert read() == READ
    assert read(refunds=[], status="on-hold", payment_method="bacs").payment_reason == "bank_transfer"


def test_what_a_message_may_be_instead_of_an_order() -> None:
    def said(topic: str, body: str) -> Any:
        return read_event(topic, body.encode())

    assert said("product.updated", "?") is None
    assert said("order.deleted", '{"id": 5}') == Withdrawn("5")
    assert said("order.updated", '{"code": "woocommerce_rest_shop_order_invalid_id"}') is None
    assert said("order.updated", '{"code": "woocommerce_rest_cannot_view"}') == Muted()
    whys = {
        '{"code": "%s"}' % ("c" * 70): "c" * 60,
        "?": "not JSON (Expecting value)",
        "[]": "not an object",
        '{"id": 0, "status": "processing"}': "no id",
        '{"id": 5}': "no status",
        '{"id": 5, "status": "processing", "code": "x"}': "no date",
        '{"code": 7}': "no id",
    }
    for body, why in whys.items():
        with pytest.raises(Unreadable) as caught:
            said("order.created", body)
        assert caught.value.params == {"reason": why}
    with pytest.raises(Unreadable) as caught:
        read_order([])
    assert caught.value.params == {"reason": "not an object"}
    for draft in ("checkout-draft", "auto-draft", "draft", "new", "wc-checkout-draft"):
        assert read_order(data(status=draft)) is None


def test_what_is_longer_than_our_columns_is_cut() -> None:
    long = "m" * 900
    item = {**data()["line_items"][0], "name": long, "sku": long, "meta_data": [*meta(**{long: long})]}
    item["meta_data"] += meta(_wapf_meta=[{"name": long, "value": "n" * 900}])
    found = read(
        number=long,
        status=long,
        order_key=long,
        currency="euro",
        payment_method=long,
        payment_method_title=long,
        customer_note=long,
        transaction_id="-" * 100 + "x",
        line_items=[item],
    )
    assert (len(found.number), len(found.identity), found.currency) == (60, 80, "EUR")
    assert found.status == "m" * 40
    assert (len(found.gateway), len(found.gateway_title), len(found.note)) == (100, 120, 200)
    (line,) = found.lines
    assert (len(line.name), len(line.sku)) == (200, 100)
    assert [(len(name), len(worth)) for name, worth in line.attributes] == [(60, 200), (60, 200)]
    assert read(currency="eu").currency == "XXX"
    assert read(number="", payment_method_title="").number == "4711"
    assert read(number="", payment_method_title="").gateway_title == "stripe"


def test_of_too_many_the_first_are_taken() -> None:
    item = {**data()["line_items"][1], "meta_data": meta(**{f"Nome {number}": str(number) for number in range(30)})}
    rows = [{"name": f"Riga {number}", "value": str(number)} for number in range(30)]
    items = [{**item, "id": number, "sku": f"S{number}"} for number in range(1, 503)]
    options = {**item, "id": 503, "meta_data": meta(_tmdata=rows)}
    found = read(line_items=items)
    assert [line.sku for line in found.lines] == [f"S{number}" for number in range(1, 501)]
    assert found.lines[0].attributes == [(f"Nome {number}", str(number)) for number in range(20)]
    assert [doubt.params for doubt in found.doubts if doubt.code == "too_many_lines"] == [{"count": "502"}]
    whole = read(line_items=[*items[:499], options])
    assert "too_many_lines" not in [doubt.code for doubt in whole.doubts]
    assert whole.lines[-1].attributes == [(f"Riga {number}", str(number)) for number in range(20)]


def test_a_line_that_cannot_be_read_is_said_by_its_sku_or_its_place() -> None:
    good = data()["line_items"][0]

    def doubts(**fields: Any) -> list[Doubt]:
        found = read(line_items=[good, {**good, **fields}])
        return [doubt for doubt in found.doubts if doubt.code.startswith("bad_")]

    assert doubts() == []
    for wrong in (0, 10_000, 1.5, True, "2", -1):
        assert doubts(quantity=wrong) == [Doubt("bad_quantity", "TAZ-1", {"value": str(wrong)})]
    assert doubts(quantity=9_999) == []
    assert doubts(quantity="q" * 50, sku="") == [Doubt("bad_quantity", "#2", {"value": "q" * 40})]
    assert doubts(total="9" * 50 + "x") == [Doubt("bad_price", "TAZ-1", {"value": "9" * 40})]
    assert doubts(total_tax=None, sku=None) == [Doubt("bad_price", "#2", {"value": "None"})]
    assert doubts(total="-0.02", total_tax="0.01") == [Doubt("bad_price", "TAZ-1", {"value": "-0.02"})]
    assert doubts(total="1.00", total_tax="-1.01") == [Doubt("bad_price", "TAZ-1", {"value": "-0.01"})]
    assert doubts(total="0.00", total_tax="0.00") == []
    found = read(line_items=["y" * 50, {**good, "quantity": None, "total": "x"}])
    assert [doubt for doubt in found.doubts if doubt.code == "bad_quantity"] == [
        Doubt("bad_quantity", "#1", {"value": "y" * 40}),
        Doubt("bad_quantity", "TAZ-1", {"value": "None"}),
    ]
    assert [(line.quantity, line.sale_gross) for line in found.lines] == [(1, None)]
    items = [{**good, "total": "x"}, *data()["line_items"][1:]]
    first = read(line_items=items).lines[0]
    assert (first.quantity, first.sale_gross) == (5, None)


def test_each_line_is_rounded_so_that_the_sum_stands() -> None:
    item = {**data()["line_items"][1], "total": "0.335", "total_tax": "0.0000"}
    found = read(line_items=[{**item, "id": number} for number in (1, 2, 3)])
    assert [line.sale_gross for line in found.lines] == [Decimal("0.34"), Decimal("0.33"), Decimal("0.34")]
    mixed = read(line_items=[{**item, "id": 1}, {**item, "id": 2, "total": "?"}, {**item, "id": 3}])
    assert [line.sale_gross for line in mixed.lines] == [Decimal("0.34"), None, Decimal("0.33")]


def test_two_variations_with_one_sku_are_two_articles() -> None:
    one = {**data()["line_items"][1], "sku": "Taz", "variation_id": 5}
    two = {**one, "id": 43, "sku": "TAZ", "variation_id": 6, "name": "n" * 300}
    other = {**one, "id": 44, "product_id": 99, "variation_id": 7}
    found = [(line.sku, line.name) for line in read(line_items=[one, two, other]).lines]
    assert found == [("", "Cucchiaio (SKU Taz)"), ("", "n" * 190 + " (SKU TAZ)"), ("Taz", "Cucchiaio")]
    long = [{**one, "sku": "S" * 150}, {**two, "sku": "S" * 150}]
    assert [len(line.name) for line in read(line_items=long).lines] == [9 + 107, 200]
    same = [one, {**two, "variation_id": 5}]
    assert [line.sku for line in read(line_items=same).lines] == ["Taz", "TAZ"]


def test_an_option_that_the_name_says_already_is_not_said_twice() -> None:
    def name(said: str, variation: int = 5, **options: str) -> str:
        item = {**data()["line_items"][1], "name": said, "variation_id": variation, "meta_data": meta(**options)}
        return read(line_items=[item]).lines[0].name

    assert name("Maglia", pa_taglia="M") == "Maglia – pa_taglia: M"
    assert name("Maglia – m, blu", pa_taglia="M") == "Maglia – m, blu"
    assert name("Maglia XM", pa_taglia="M", pa_colore="+") == "Maglia XM – pa_taglia: M – pa_colore: +"
    assert name("Maglia", variation=0, pa_taglia="M") == "Maglia"
    assert name("Maglia", Dedica="Anna") == "Maglia"
