"""What is found wrong with an order: of each fault the whole list, with its particulars, and what a new reading writes
of it and leaves."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from catalog.models import Product, Variant
from core.models import Place
from orders import problems
from orders.intake import creation
from orders.models import Order, OrderLine, Problem
from orders.problems import Doubt
from shipping.models import Courier, Method
from tests import cast, differing

pytestmark = pytest.mark.django_db
TURIN = {
    "name": "Giulia Rossi",
    "street": "Via Garibaldi 12",
    "postcode": "10122",
    "city": "Torino",
    "province": "TO",
    "phone": "+393331234567",
}
FERMO = {"street": "Fermo posta Torino 4"}


def place(postcode: str, city: str, province: str) -> None:
    Place.objects.create(postcode=postcode, city=city, city_key=city.lower(), province=province)


@pytest.fixture
def world() -> differing.World:
    place("10122", "Torino", "TO")
    place("20121", "Milano", "MI")
    return differing.world()


def told(doubts: Any) -> list[tuple[str, str, dict[str, Any]]]:
    return [(one.code, one.subject, dict(one.params)) for one in doubts]


def missing(field: str) -> tuple[str, str, dict[str, str]]:
    return "address_incomplete", field, {"field": field}


ABROAD = ("postcode_abroad", "", {"postcode": "47890", "country": "SM"})
MARINO = {"postcode": "47890", "city": "San Marino", "province": "RN"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        *(({name: " "}, [missing(name)]) for name in ("name", "street", "postcode", "city", "province")),
        ({"name": "", "city": ""}, [missing("name"), missing("city")]),
        ({"country": "FR", "province": "", "postcode": "1"}, []),
        ({"country": "FR", "province": "", "phone": "0612345678"}, []),
        ({"phone": ""}, [("phone_missing", "", {})]),
        ({"phone": " 333 "}, [("phone_missing", "", {"given": "333"})]),
        ({"postcode": " 1012 "}, [("postcode_malformed", "", {"value": "1012"})]),
        ({"province": " ZZ "}, [("province_unknown", "", {"value": "ZZ"})]),
        ({"province": "ZZ", "country": "FR"}, []),
        ({"postcode": "10123"}, [("address_mismatch", "", {})]),
        ({"street": "Via Garibaldi"}, [("street_number_missing", "", {})]),
        (
            {"street": "Via Garibaldi", "city": "Milano"},
            [("address_mismatch", "", {}), ("street_number_missing", "", {})],
        ),
        ({"street": "Via Garibaldi", "name": ""}, [missing("name")]),
        ({"street": "Via Garibaldi", "province": "ZZ"}, [("province_unknown", "", {"value": "ZZ"})]),
        (MARINO, [ABROAD]),
        ({**MARINO, "province": "RSM"}, [ABROAD]),
        (
            {**MARINO, "province": "RSM", "answered": [list(ABROAD)]},
            [ABROAD, ("province_unknown", "", {"value": "RSM"})],
        ),
        (FERMO, [("locker", "", {"method": "Fermo posta Torino 4", "point": "10122 Torino"})]),
        ({"street": "Fermo posta"}, [("locker", "", {"method": "Fermo posta", "point": "10122 Torino"})]),
        (
            {**FERMO, "postcode": " ", "city": ""},
            [
                *(missing("postcode"), missing("city")),
                ("locker", "", {"method": "Fermo posta Torino 4", "point": "–"}),
            ],
        ),
        ({**FERMO, "source": "woocommerce"}, []),
        ({"payment": "awaiting"}, [("payment_awaiting", "", {})]),
        ({"payment": "review"}, [("payment_review", "", {})]),
        ({"payment": "cod"}, [("cod_amount", "", {})]),
        ({"payment": "cod", "to_collect": D("0.00")}, [("cod_amount", "", {})]),
        ({"payment": "cod", "to_collect": D("4999.99")}, []),
        ({"payment": "cod", "to_collect": D("5000.00")}, [("cod_over_law", "", {})]),
        ({"payment": "cod", "to_collect": D("97.31"), "currency": "USD"}, [("cod_currency", "", {"currency": "USD"})]),
        ({"to_collect": D("5000.00"), "currency": "USD"}, []),
    ],
)
def test_each_fault_of_an_order(world: differing.World, changes: dict[str, Any], found: list[Any]) -> None:
    order = Order(**{**TURIN, "payment": "prepaid", **changes})
    line = OrderLine(sku="DIV-A", quantity=1, variant=world.articles["DIV-A"])
    assert told(problems.find(order, [line])) == found
    assert {doubt.code: doubt.blocking for doubt in problems.find(order, [line])} == {
        code: problems.CATALOGUE[code].blocking for code, _subject, _params in found
    }
    address = [row for row in found if not row[0].startswith(("cod_", "payment_"))]
    assert told(problems.of_address(order)) == address
    # With something that is not ours, what is collected is asked; the rest is as it was.
    other = OrderLine(sku="X", quantity=1, ignored=True)
    cod = order.payment == "cod" and found == []
    mixed = [("cod_mixed", "", {"amount": str(order.to_collect)})] if cod else []
    assert told(problems.find(order, [line, other])) == [*found, *mixed]


def test_each_fault_of_its_lines(world: differing.World) -> None:
    order = Order(**TURIN)
    Variant.objects.filter(sku="DIV-B").update(active=False)
    Product.objects.filter(variants__sku="DIV-C").update(active=False)
    articles = {variant.sku: variant for variant in Variant.objects.select_related("product")}
    plain: dict[str, Any] = {"quantity": 1, "position": 7}
    lines = [
        OrderLine(sku="scritto", variant=articles["DIV-A"], **plain),
        OrderLine(sku="tolto", variant=articles["DIV-B"], **plain),
        OrderLine(sku="", variant=articles["DIV-C"], **plain),
        OrderLine(sku="ALIENO", name="Vaso", external_id="9", **plain),
        OrderLine(name="Vaso", external_id="9", **plain),
        OrderLine(name="Tazza", **plain),
        OrderLine(sku="Y" * 100, name="Z", **plain),
        OrderLine(sku="NOSTRO", ignored=True, **plain),
    ]
    assert told(problems.find(order, lines)) == [
        ("discontinued", "DIV-B", {"sku": "DIV-B"}),
        ("discontinued", "DIV-C", {"sku": "DIV-C"}),
        ("unknown_sku", "ALIENO", {"sku": "ALIENO"}),
        ("unknown_sku", "9", {"sku": "Vaso"}),
        ("unknown_sku", "7", {"sku": "Tazza"}),
        ("unknown_sku", "Y" * 100, {"sku": "Y" * 100}),
    ]
    for none in ([], lines[-1:]):
        assert told(problems.find(order, none)) == [("no_lines", "", {})]


def test_what_a_courier_cannot_take_is_told_of_the_one_that_is_chosen(world: differing.World) -> None:
    Courier.objects.filter(code="corriere-uno").update(name="Uno Express", name_limit=5, city_limit=4, note_limit=9)
    Courier.objects.filter(code="corriere-due").update(name="Due Express", street_limit=20)
    long = replace(differing.ADDRESSES["terraferma"], street="Via Santa Maria del Suffragio e San Vincenzo 157")
    first, second, third = (world.order(("DIV-A", 1), method=code, address=long) for code in ("uno", "uno", "due"))

    def cut(order: Order) -> set[tuple[str, str, str]]:
        rows = order.problems.filter(code="courier_text")
        return {(row.subject, row.params["field"], row.params["courier"]) for row in rows}

    uno = {(name, name, "Uno Express") for name in ("name", "company", "city", "note")}
    due = {("street", "street", "Due Express")}
    assert [cut(order) for order in (first, second, third)] == [uno, uno, due]
    Problem.objects.create(order=first, code="phone_missing", blocking=False)
    orders = list(Order.objects.filter(pk__in=[first.pk, second.pk]))
    for order in orders:
        order.method_id = world.methods["due"].pk
    problems.of_courier(orders, Method.objects.get(code="due"))
    assert [cut(order) for order in (first, second, third)] == [due] * 3
    assert first.problems.filter(code="phone_missing").exists()
    assert set(Problem.objects.filter(code="courier_text").values_list("blocking", flat=True)) == {False}
    problems.of_courier(orders[:1], Method.objects.get(code="tre"))
    assert [cut(order) for order in (first, second)] == [set(), due]


# ---- a new reading


def rows(order: Order) -> dict[tuple[str, str], tuple[int, dict[str, Any], bool]]:
    return {(row.code, row.subject): (row.pk, row.params, row.blocking) for row in order.problems.all()}


def test_a_reading_keeps_mends_adds_and_takes_away(world: differing.World) -> None:
    by = cast.member(world.seller)
    refund, name = Doubt("partly_refunded", "", {"amount": "5.29"}), Doubt("text_cut", "name", {"field": "name"})
    data = world.data(("DIV-A", 1), ("NEGOZIO-X", 2), source="woocommerce", doubts=[refund, name])
    order = creation.create(data, dropshipper_id=world.seller.pk, method_id=world.methods["uno"].pk)
    before = rows(order)
    assert set(before) == {("partly_refunded", ""), ("text_cut", "name"), ("unknown_sku", "NEGOZIO-X")}
    order.lines.filter(sku="NEGOZIO-X").update(sku="NEGOZIO-Y")
    order = Order.objects.get(pk=order.pk)
    order.answered = [["risk_high", "", {}]]
    order.phone = "333"
    more = Doubt("partly_refunded", "", {"amount": "10.58"})
    problems.recompute(order, doubts=[more, name, Doubt("risk_high"), Doubt("archived")], by=by.pk)
    after = rows(order)
    assert {key: row[1:] for key, row in after.items()} == {
        ("partly_refunded", ""): ({"amount": "10.58"}, True),
        ("text_cut", "name"): ({"field": "name"}, True),
        ("unknown_sku", "NEGOZIO-Y"): ({"sku": "NEGOZIO-Y"}, True),
        ("archived", ""): ({}, True),
        ("phone_missing", ""): ({"given": "333"}, False),
    }
    for key in (("partly_refunded", ""), ("text_cut", "name")):
        assert after[key][0] == before[key][0]
    assert order.state == "received"
    # Nobody hears the shop again: what it doubted stays, and holds.
    order.lines.filter(sku="NEGOZIO-Y").delete()
    problems.recompute(order, by=by.pk)
    held = {("partly_refunded", ""), ("text_cut", "name"), ("archived", ""), ("phone_missing", "")}
    assert (set(rows(order)), order.state) == (held, "received")
    problems.recompute(order, doubts=[], by=by.pk)
    assert (set(rows(order)), order.state) == ({("phone_missing", "")}, "ready")
    problems.recompute(order, doubts=[name], by=None)
    assert order.state == "received"
    events = order.events.order_by("id").values_list("code", "by")
    assert list(events)[-2:] == [("ready", by.pk), ("to_fix", None)]


@pytest.mark.parametrize("state", ["draft", "dispatched", "cancelled"])
def test_a_reading_moves_only_what_waits(world: differing.World, state: str) -> None:
    order = world.order(("DIV-A", 1))
    order.state = state
    events = order.events.count()
    problems.recompute(order, doubts=[Doubt("archived")])
    assert (order.state, order.events.count(), set(rows(order))) == (state, events, {("archived", "")})


def test_the_questions_of_two_words_are_brought_up_to_date(world: differing.World) -> None:
    order, other = world.order(("DIV-A", 1)), world.order(("DIV-A", 1))
    problems.settle_conflicts(other, {"city": ("Torino", "Ivrea")})
    problems.settle_conflicts(order, {"city": ("Torino", "Rivoli"), "phone": ("1", "2"), "name": None})
    problems.settle_conflicts(order, {"city": ("Torino", "Asti"), "phone": None})
    city = {"field": "city", "mine": "Torino", "theirs": "Asti"}
    assert [row[1:] for row in rows(order).values()] == [(city, True)]
    assert set(rows(other)) == {("conflict", "city")}
    order.problems.create(code="archived", subject="city", params={})
    problems.settle_conflicts(order, {"city": None})
    assert set(rows(order)) == {("archived", "city")}


def test_an_answer_is_to_what_was_asked_and_is_over_when_it_is_not_asked_any_more(world: differing.World) -> None:
    order = world.order(("DIV-A", 1))
    asked, other = Doubt("risk_high", "x", {"amount": "7.31"}), Doubt("outside_customs", "", {"city": "Livigno"})
    order.answered = [["risk_high", "x", {"amount": "7.31"}], ["outside_customs", "", {"city": "Livigno"}]]
    order.answered += [["of_tomorrow", "", {}], ["archived", "", {}]]
    assert [problems.is_answered(order, one) for one in (asked, other)] == [True, True]
    for doubt in (
        Doubt("risk_high", "x", {"amount": "7.32"}),
        Doubt("risk_high", "y", {"amount": "7.31"}),
        Doubt("archived", "x", {}),
    ):
        assert not problems.is_answered(order, doubt)
    problems.forget_answers(order, [asked])
    assert order.answered == [
        ["risk_high", "x", {"amount": "7.31"}],
        ["outside_customs", "", {"city": "Livigno"}],
        ["of_tomorrow", "", {}],
    ]
