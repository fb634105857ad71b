"""Which pieces of an order are to be sent: each once, without what was given back, at the price that was paid."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.base import IncomingOrder
from connectors.platforms.woocommerce.orders import read_order
from tests.connectors.conftest import order_body

KIT, DRILL, BITS = 61, 11, 12


def read(*lines: dict[str, Any], **fields: Any) -> IncomingOrder:
    reading = read_order(json.loads(json.dumps(order_body(line_items=list(lines), **fields))))
    assert reading is not None
    return reading


def line(
    id_: int,
    sku: str | None,
    gross: str = "0.00",
    *,
    product: int = DRILL,
    variation: int = 0,
    quantity: Any = 1,
    name: str = "",
    meta: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name or f"Articolo {id_}",
        "product_id": product,
        "variation_id": variation,
        "quantity": quantity,
        "total": gross,
        "total_tax": "0.00",
        "sku": sku,
        "meta_data": [{"id": n, "key": key, "value": value} for n, (key, value) in enumerate((meta or {}).items())],
        **fields,
    }


def sent(reading: IncomingOrder) -> list[tuple[str, int, str]]:
    return [(one.sku, one.quantity, str(one.sale_gross)) for one in reading.lines]


def codes(reading: IncomingOrder) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.subject) for doubt in reading.doubts]


def bundle(parent: dict[str, Any], child: dict[str, Any], **extra: Any) -> list[dict[str, Any]]:
    """A kit at 99.00 with a drill and two sets of bits; `parent` and `child` tie them."""
    kit = line(1, "MCI-0001", "99.00", product=KIT, name="Kit officina", **parent)
    drill = line(2, "MCI-0001", product=DRILL, **child)
    bits = line(3, "MCI-0002", product=BITS, quantity=2, **child)
    return [kit, drill, bits]


BUNDLES = {
    "rest fields": ({"bundled_items": [2, 3], "bundled_by": ""}, {"bundled_by": 1, "bundled_items": []}),
    "product bundles": ({"meta": {"_bundle_cart_key": "k1", "_stamp": {"1": {}}}}, {"meta": {"_bundled_by": "k1"}}),
    "composites": ({"meta": {"_composite_cart_key": "k1"}}, {"meta": {"_composite_parent": "k1"}}),
    "composites by rest": ({"composite_children": [2, 3]}, {"composite_parent": 1}),
    "mix and match": ({"meta": {"_mnm_cart_key": "k1", "_mnm_config": {"a": 1}}}, {"meta": {"_mnm_container": "k1"}}),
    "mix and match by rest": ({"mnm_child_items": [2, 3]}, {"mnm_child_of": 1}),
    "wpc bundles": ({"meta": {"_woosb_ids": "11/1,12/2"}}, {"meta": {"_woosb_parent_id": str(KIT)}}),
    "wpc composites": ({"meta": {"_wooco_ids": "11/1"}}, {"meta": {"wooco_parent_id": KIT}}),
    "yith": ({"meta": {"_yith_bundle_cart_key": "k1", "_cartstamp": [1]}}, {"meta": {"_bundled_by": "k1"}}),
    "yith without a key": ({"meta": {"_cartstamp": {"1": {"qty": 1}}}}, {"meta": {"_bundled_by": "k-unknown"}}),
}


@pytest.mark.parametrize("kind", BUNDLES)
def test_a_bundle_sends_its_parts_once_and_its_price_stays_whole(kind: str) -> None:
    reading = read(*bundle(*BUNDLES[kind]))
    assert [(one.sku, one.quantity) for one in reading.lines] == [("MCI-0001", 1), ("MCI-0002", 2)]
    assert sum(one.sale_gross or 0 for one in reading.lines) == Decimal("99.00")
    assert all(one.sale_gross for one in reading.lines)  # a part at 0.00 would be a loss on the margin card
    assert {one.bundle for one in reading.lines} == {"Kit officina"}
    assert codes(reading) == []
    assert all(one.attributes == [] for one in reading.lines)  # the plugin's own keys are for nobody's eyes


def test_only_the_children_list_is_enough_when_the_parent_names_them() -> None:
    reading = read(*bundle({"bundled_items": [2, 3]}, {}))
    assert [(one.sku, one.quantity) for one in reading.lines] == [("MCI-0001", 1), ("MCI-0002", 2)]


def test_a_part_with_a_price_of_its_own_keeps_it_beside_its_share() -> None:
    kit, drill, bits = bundle({}, {"bundled_by": 1})
    drill["total"] = "30.00"
    assert sent(read(kit, drill, bits)) == [("MCI-0001", 1, "63.00"), ("MCI-0002", 2, "66.00")]


def test_two_kits_of_one_product_have_each_their_parts() -> None:
    first = bundle(*BUNDLES["wpc bundles"])
    second = [{**one, "id": one["id"] + 10, "total": "50.00" if one["id"] == 1 else "0.00"} for one in first]
    reading = read(*first, *second)
    assert [str(one.sale_gross) for one in reading.lines] == ["33.00", "66.00", "16.67", "33.33"]


def test_a_bundle_in_a_bundle_goes_down_to_the_goods() -> None:
    outer = line(1, "", "90.00", product=60, name="Cassetta")
    inner = line(2, "", "0.00", product=61, name="Kit", bundled_by=1)
    parts = [line(3, "MCI-0001", bundled_by=2), line(4, "MCI-0002", product=BITS, bundled_by=1)]
    reading = read(outer, inner, *parts)
    assert sent(reading) == [("MCI-0001", 1, "45.00"), ("MCI-0002", 1, "45.00")]
    assert {one.bundle for one in reading.lines} == {"Cassetta"}


UNSURE = {
    "sent put together": bundle({}, {"meta": {"_bundled_by": "k", "_bundled_item_needs_shipping": "no"}}),
    "parts without sku": [
        line(1, "MCI-0001", "99.00", product=KIT, bundled_items=[2]),
        line(2, "", product=DRILL, bundled_by=1),
    ],
    "parts not in the order": [line(1, "MCI-0001", "99.00", product=KIT, meta={"_woosb_ids": "11/1"})],
    "a part without its parent": [line(2, "MCI-0001", meta={"_woosb_parent_id": "77"})],
    "chained": [line(1, "MCI-0001", "99.00"), line(2, "MCI-0002", product=BITS, meta={"_chained_product_of": DRILL})],
    "a plugin that we do not know": [
        line(1, "MCI-0001", "99.00", product=KIT),
        line(2, "MCI-0001", product=DRILL, meta={"_superkit_parent_id": KIT}),
    ],
    "a circle": [line(1, "MCI-0001", "5.00", bundled_by=2), line(2, "MCI-0002", product=BITS, bundled_by=1)],
}
UNSURE["sent put together"][0]["meta_data"] = [{"key": "_bundle_cart_key", "value": "k"}]


@pytest.mark.parametrize("kind", UNSURE)
def test_a_bundle_that_cannot_be_told_is_asked_with_all_its_lines(kind: str) -> None:
    reading = read(*UNSURE[kind])
    assert "bundle_double" in {code for code, _subject in codes(reading)}
    assert len(reading.lines) == len(UNSURE[kind])
    doubt = next(one for one in reading.doubts if one.code == "bundle_double")
    assert doubt.params["sku"]


def test_what_was_bought_together_at_its_own_price_is_no_bundle() -> None:
    beside = line(2, "MCI-0002", "24.90", product=BITS, meta={"_woobt_parent_id": DRILL})
    reading = read(line(1, "MCI-0001", "89.00"), beside)
    assert sent(reading) == [("MCI-0001", 1, "89.00"), ("MCI-0002", 1, "24.90")]
    assert codes(reading) == []


def variation(id_: int, variation_id: int, name: str, sku: str = "MCI-0003", **meta: Any) -> dict[str, Any]:
    return line(id_, sku, "29.00", product=30, variation=variation_id, name=name, meta=meta)


def test_two_variations_with_their_products_sku_are_two_articles() -> None:
    reading = read(variation(1, 31, "Maglia - Rosso, M"), variation(2, 32, "Maglia - Blu, XL"))
    assert [(one.sku, one.external_id, one.name) for one in reading.lines] == [
        ("", "30/31", "Maglia - Rosso, M (SKU MCI-0003)"),
        ("", "30/32", "Maglia - Blu, XL (SKU MCI-0003)"),
    ]


def test_one_variation_twice_and_two_products_with_one_sku_keep_it() -> None:
    twice = read(variation(1, 31, "Rosso"), variation(2, 31, "Rosso"))
    assert {one.sku for one in twice.lines} == {"MCI-0003"}
    copies = read(line(1, "MCI-0001", product=11), line(2, "MCI-0001", product=12))
    assert {one.sku for one in copies.lines} == {"MCI-0001"}


def test_size_and_colour_stand_in_the_name_even_where_the_shop_leaves_them_out() -> None:
    metas = [
        {"key": "pa_taglia", "value": "m", "display_key": "Taglia", "display_value": "M"},
        {"key": "pa_colore", "value": "rosso", "display_key": "Colore", "display_value": "Rosso"},
    ]
    one = read({**variation(1, 31, "Maglia " * 40), "meta_data": metas}, variation(2, 32, "Maglia")).lines[0]
    assert one.name.endswith(" (SKU MCI-0003)")
    assert len(one.name) <= 200
    short = read({**variation(1, 31, "Maglia"), "meta_data": metas}).lines[0]
    assert short.name == "Maglia – Taglia: M – Colore: Rosso"  # the M of “Maglia” is no size
    assert short.attributes == [("Taglia", "M"), ("Colore", "Rosso")]


def test_engravings_reach_the_packer_and_private_keys_do_not() -> None:
    metas = [
        {"key": "Incisione", "value": "Giulia ❤", "display_key": "Incisione", "display_value": "<b>Giulia ❤</b>"},
        {"key": "Carattere", "value": "Corsivo &amp; bello"},
        {"key": "_preview", "value": "https://x/1.png", "display_key": "_preview", "display_value": "x"},
        {"key": "Backordered", "value": "1"},
        {"key": "dati", "value": {"a": 1}},
        {"key": 7, "value": "x"},
    ]
    first = {**line(1, "MCI-0006", "19.00"), "meta_data": metas}
    second = {**line(2, "MCI-0006", "19.00"), "meta_data": [{"key": "Incisione", "value": "Nonno Ugo"}]}
    lines = read(first, second).lines
    assert lines[0].attributes == [("Incisione", "Giulia ❤"), ("Carattere", "Corsivo & bello")]
    assert lines[1].attributes == [("Incisione", "Nonno Ugo")]
    assert [one.line_id for one in lines] == ["1", "2"]
    assert lines[0].name == "Articolo 1"


def test_a_name_loses_its_entities_once() -> None:
    assert read(line(1, "X", name="Caff&egrave; &amp; C. &amp;amp;")).lines[0].name == "Caffè & C. &amp;"


def test_six_decimals_are_rounded_once_at_the_end() -> None:
    three = [line(n, f"MCI-000{n}", "8.333333", product=n, total_tax="1.833333") for n in (1, 2, 3)]
    lines = read(*three, total="30.500000").lines
    assert sum(one.sale_gross or 0 for one in lines) == Decimal("30.50")  # each alone would make 30.51
    assert [str(one.sale_gross) for one in lines] == ["10.17", "10.16", "10.17"]


@pytest.mark.parametrize(("quantity", "pieces"), [(2.0, 2), (1.0, 1)])
def test_a_shop_that_sells_by_the_metre_writes_whole_pieces_with_a_point(quantity: float, pieces: int) -> None:
    reading = read(line(1, "MCI-0001", quantity=quantity))
    assert (reading.lines[0].quantity, codes(reading)) == (pieces, [])


def test_a_line_that_is_no_object_is_asked_and_one_that_php_renumbered_is_read() -> None:
    odd = read(line(1, "MCI-0001"), "x")  # type: ignore[arg-type]
    assert (codes(odd), len(odd.lines)) == ([("bad_quantity", "#2")], 1)
    listed = read_order(order_body(line_items={"1": line(1, "MCI-0001"), "3": line(3, "MCI-0002", product=BITS)}))
    assert listed is not None
    assert [one.sku for one in listed.lines] == ["MCI-0001", "MCI-0002"]


def refunded(*back: tuple[int, int, str], amount: str, ids: tuple[int, ...] = (90,)) -> dict[str, Any]:
    """The fields of an order with a refund of these (line, pieces, gross)."""
    items = [
        {"quantity": -pieces, "total": f"-{gross}", "total_tax": "0.00"}
        | {"meta_data": [{"key": "_refunded_item_id", "value": str(id_)}]}
        for id_, pieces, gross in back
    ]
    return {
        "refunds": [{"id": 90, "reason": "", "total": f"-{amount}"}],
        "mciRefunds": [{"id": id_, "line_items": items} for id_ in ids],
    }


def test_only_what_was_not_given_back_is_sent() -> None:
    goods = line(1, "MCI-0001", "60.00", quantity=2), line(2, "MCI-0002", "24.90", product=BITS)
    reading = read(*goods, total="84.90", **refunded((1, 1, "30.00"), (2, 1, "24.90"), amount="54.90"))
    assert sent(reading) == [("MCI-0001", 1, "30.00")]
    assert (reading.total, reading.live) == (Decimal("30.00"), True)
    assert [(doubt.code, dict(doubt.params)) for doubt in reading.doubts] == [
        ("partly_refunded", {"amount": "54.90", "pieces": "2"})
    ]


def test_money_given_back_without_pieces_takes_no_piece() -> None:
    reading = read(line(1, "MCI-0001", "60.00", quantity=2), total="60.00", **refunded((1, 0, "5.00"), amount="5.00"))
    assert sent(reading) == [("MCI-0001", 2, "55.00")]
    assert codes(reading) == [("partly_refunded", "")]


def test_pieces_of_a_bundle_that_was_given_back_are_not_sent() -> None:
    kit, drill, bits = bundle({}, {"bundled_by": 1})
    kit["quantity"], drill["quantity"], bits["quantity"] = 2, 2, 4
    reading = read(kit, drill, bits, total="99.00", **refunded((1, 1, "49.50"), amount="49.50"))
    assert [(one.sku, one.quantity) for one in reading.lines] == [("MCI-0001", 1), ("MCI-0002", 2)]


UNKNOWN = {
    "no details": {"mciRefunds": None},
    "of another refund": {"mciRefunds": [{"id": 91, "line_items": []}]},
    "of one of two": {"refunds": [{"id": 90, "total": "-5.00"}, {"id": 91, "total": "-5.00"}]},
    "a line that is not told": {"mciRefunds": [{"id": 90, "line_items": [{"quantity": -1, "total": "-5.00"}]}]},
    "text": {"mciRefunds": "x"},
    "entries": {"mciRefunds": [1, None]},
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_without_the_details_a_part_refund_is_asked_with_all_pieces(kind: str) -> None:
    fields = {**refunded((1, 1, "5.00"), amount="5.00"), **UNKNOWN[kind]}
    reading = read(line(1, "MCI-0001", "60.00", quantity=2), total="60.00", **fields)
    assert [one.quantity for one in reading.lines] == [2]
    assert codes(reading) == [("partly_refunded", "")]
    assert "pieces" not in reading.doubts[0].params  # an answer to this question is none to the one with pieces


@pytest.mark.parametrize(
    ("total", "back", "live"),
    [
        ("96.90", "96.90", False),
        ("96.90", "96.89", False),  # the shop's own rounding
        ("96.900000", "96.900001", False),
        ("12391", "12390", False),  # a shop that shows no cents
        ("96.90", "96.80", True),
        ("33", "32", True),
        ("0.00", "0.00", True),
    ],
)
def test_a_whole_refund_withdraws_the_order_whatever_its_status(total: str, back: str, live: bool) -> None:
    reading = read(line(1, "MCI-0001"), total=total, refunds=[{"id": 9, "total": f"-{back}"}])
    assert reading.live is live
    assert reading.total is not None
    assert reading.total >= 0


def test_a_refund_that_cannot_be_read_leaves_no_total() -> None:
    for bad in ({"id": 1, "total": "x"}, {"id": 1}, 7, None):
        reading = read(line(1, "MCI-0001"), refunds=[bad])
        assert (reading.total, codes(reading)) == (None, [("bad_price", "refund")])
