"""Each act on an order of a shop, against the whole of the order: its columns, lines, problems, history. What an act
does not name it does not change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from orders.intake import bulk, creation, editing
from orders.intake.data import ADDRESS
from orders.models import Order
from orders.problems import Doubt
from tests import cast, differing
from tests.orders import whole
from tests.orders.whole import line, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def by(world: differing.World) -> int:
    return cast.member(world.seller).pk


def made(world: differing.World, **fields: Any) -> tuple[Order, creation.OrderData]:
    data = whole.told(world, **fields)
    order = creation.create(data, dropshipper_id=world.seller.pk, method_id=world.methods["due"].pk)
    return Order.objects.get(pk=order.pk), data


LINE_A = line(
    sku="DIV-A",
    name="Targa",
    quantity=2,
    external_id="p/1",
    sale_gross=D("24.18"),
    shop_line="l1",
    shop_quantity=2,
    attributes=[["Incisione", "Ada"]],
    bundle="Cesto",
)
LINE_B = line(
    sku="NON-C-E", name="Vaso", quantity=3, external_id="p/2", sale_gross=D("7.35"), shop_line="l2", shop_quantity=3
)
LINE_C = line(
    name="Senza codice", quantity=5, external_id="p/3", sale_gross=D("11.02"), shop_line="l3", shop_quantity=5
)
LINE_D = line(
    sku="X-9",
    name="D’altri",
    quantity=4,
    external_id="p/4",
    sale_gross=D("40.16"),
    shop_line="l4",
    shop_quantity=4,
    ignored=True,
)
MIXED = ("cod_mixed", "", {"amount": "81.53"}, True)
NO_B = ("unknown_sku", "NON-C-E", {"sku": "NON-C-E"}, True)
NO_C = ("unknown_sku", "p/3", {"sku": "Senza codice"}, True)
TOLD_ADDRESS = ["Giulia Rossi", "Fiori e Fili snc", "Via Garibaldi 12", "Scala C", "10122", "Torino", "TO", "IT"]
TOLD_ADDRESS += ["+393331234567", "giulia@example.com", "Citofono 7"]
TOLD = {
    "address": TOLD_ADDRESS,
    "lines": [
        ["DIV-A", "p/1", "Targa", 2, "24.18", [["Incisione", "Ada"]]],
        ["NON-C-E", "p/2", "Vaso", 3, "7.35"],
        ["", "p/3", "Senza codice", 5, "11.02"],
        ["X-9", "p/4", "D’altri", 4, "40.16"],
    ],
    "payment": ["cod", "cod_gateway", "Contrassegno", "81.53"],
    "total": ["EUR", "82.71"],
}


def kept(world: differing.World, *names: str) -> list[dict[str, Any]]:
    """The lines as they stand after the order came in."""
    ours = {**LINE_A, "variant": world.articles["DIV-A"].pk}
    return [{"a": ours, "b": LINE_B, "c": LINE_C, "d": LINE_D}[name] for name in names or "abcd"]


EMPTY = ("goods_net", "shipping_net", "cod_fee_net", "vat", "cost", "margin", "guarantee", "shipment_id", "entry_key")
EMPTY += ("dispatched_at", "readdressed_at", "forget_asked_at", "forgotten_at")


def test_an_order_comes_in_with_all_that_its_shop_says_by_either_way(world: differing.World) -> None:
    order, data = made(world)
    expected = {
        **dict.fromkeys(EMPTY),
        **dict(zip((*ADDRESS, "note"), TOLD_ADDRESS, strict=True)),
        "id": order.pk,
        "dropshipper_id": world.seller.pk,
        "method_id": world.methods["due"].pk,
        "state": "received",
        "version": 1,
        "source": "woocommerce",
        "source_label": "Casa Bella",
        "source_number": "1001",
        "placed_at": data.placed_at,
        "payment": "cod",
        "payment_reason": "cod_gateway",
        "payment_detail": "Contrassegno",
        "currency": "EUR",
        "sale_total": D("82.71"),
        "to_collect": D("81.53"),
        "fiscal": {"tax_code": "RSSGLI80A41L219X", "pec": "g@pec.it"},
        "details": [["Data", "12/4"]],
        "answered": [],
        "entry_digest": "",
        "shop_data": TOLD,
        "lines": kept(world),
        "problems": [MIXED, NO_B, NO_C],
        "events": [("received", {"label": "Casa Bella"}, None)],
    }
    one = read(order.pk)
    assert {name: one[name] for name in expected} == expected
    assert one.keys() - expected.keys() == {"created_at", "updated_at"}

    # The same of many at once, in whatever else they differ; the same order again is a question.
    address = replace(data.address, name="Ugo Neri", street="Via Po 3", phone="+393330000003")
    ready = replace(data, lines=data.lines[:1], source_number="7", address=address, doubts=[Doubt("archived")])
    plain = replace(ready, doubts=[Doubt("owes_less")], address=replace(address, phone="+39333", street="Via Dora 1"))
    again = replace(data, source_number="1002")
    several = [replace(each, placed_at=data.placed_at) for each in (again, ready, plain)]
    ids = bulk.numbers(3)
    assert len({*ids}) == 3
    method = world.methods["due"].pk
    bulk.create_many(dict(zip(ids, several, strict=True)), dropshipper_id=world.seller.pk, method_id=method)
    other = cast.dropshipper("Terza S.r.l.")
    creation.create(data, dropshipper_id=other.pk)
    singly = [creation.create(each, dropshipper_id=other.pk, method_id=method) for each in several]
    for pk, single in zip(ids, singly, strict=True):
        many, alone = read(pk), read(single.pk)
        for each in (many, alone):
            del each["id"], each["dropshipper_id"], each["created_at"], each["updated_at"]
            each["problems"] = [(code, params and "", blocking) for code, _s, params, blocking in each["problems"]]
        assert many == alone
    assert [Order.objects.get(pk=pk).state for pk in ids] == ["received", "received", "ready"]
    assert read(ids[0])["problems"][1] == ("possible_duplicate", order.number, {"number": order.number}, True)
    assert bulk.create_many({}, dropshipper_id=other.pk, method_id=None) == []


def test_what_is_too_long_is_cut_to_its_column(world: differing.World) -> None:
    _order, data = made(world)
    long = replace(
        data.lines[0], sku="S" * 110, name="n" * 210, external_id="e" * 70, shop_line="s" * 70, bundle="b" * 210
    )
    order = creation.create(
        replace(
            data,
            lines=[long],
            source_label="L" * 130,
            source_number="N" * 70,
            payment_reason="r" * 50,
            payment_detail="d" * 130,
            address=replace(data.address, name="Y" * 130, street="Z" * 210),
            note="w" * 210,
        ),
        dropshipper_id=world.seller.pk,
    )
    row, [cut] = read(order.pk), read(order.pk)["lines"]
    lengths = {"source_label": 120, "source_number": 60, "payment_reason": 40, "payment_detail": 120}
    lengths |= {"name": 120, "street": 200, "note": 200}
    assert {name: len(row[name]) for name in lengths} == lengths
    lengths = {"sku": 100, "name": 200, "external_id": 60, "shop_line": 60, "bundle": 200}
    assert {name: len(cut[name]) for name in lengths} == lengths


def test_a_copy_is_a_draft_by_hand_and_nothing_of_the_past_comes_along(world: differing.World, by: int) -> None:
    order, _data = made(world)
    before, copy = read(order.pk), editing.duplicate(order.pk, by=by)
    assert read(order.pk) == before
    row = read(copy.pk)
    same = ("dropshipper_id", "method_id", "currency", "sale_total", "to_collect", "payment", "name", "street", "phone")
    assert {name: row[name] for name in same} == {name: before[name] for name in same}
    plain = {"external_id": "", "shop_line": "", "shop_quantity": None}
    assert row["lines"] == [{**each, **plain} for each in kept(world, *"abc")]
    fresh = ("state", "source", "source_label", "source_number", "payment_reason", "payment_detail", "shop_data")
    assert [row[name] for name in (*fresh, "fiscal", "details", "version")] == [
        "draft",
        "manual",
        *[""] * 4,
        {},
        {},
        [],
        1,
    ]
    assert row["events"] == [("draft_saved", {}, by), ("duplicated", {"number": order.number}, by)]
    assert row["note"] == "Citofono 7"
    for payment, now in (("awaiting", "prepaid"), ("review", "prepaid"), ("prepaid", "prepaid")):
        Order.objects.filter(pk=order.pk).update(payment=payment, currency="USD")
        row = read(editing.duplicate(order.pk, by=by).pk)
        assert (row["payment"], row["currency"], row["sale_total"], row["to_collect"]) == (now, "EUR", None, None)
        assert [each["sale_gross"] for each in row["lines"]] == [None] * 3
