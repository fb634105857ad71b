"""The edges of an order: the last piece, the last cent, the highest cash, the most pieces. On the edge it goes, a step
further it does not, and the form, the plan and the click say the same."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog import stock
from catalog.errors import CountTooLow
from catalog.models import Stock, StockMove
from orders.dispatch import plan, runs
from orders.intake import creation
from orders.models import Order
from shipping.models import Courier, Shipment
from tests import cast, differing
from tests.orders import stage
from tests.orders.test_entry_page import filled
from tests.reckoning import euro, owed
from wallet import moves
from wallet.queries import balances

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world(money="1307.91", floor="-31.17")


def outcomes(world: differing.World, data: creation.OrderData, method: str) -> list[tuple[str, dict[str, Any]]]:
    """What the live form, the plan and the click say of it: code of the refusal (or "") and its particulars."""
    method_id = world.methods[method].pk
    shown = plan.preview(data, method_id=method_id, dropshipper_id=world.seller.pk).refusal
    order = creation.create(data, dropshipper_id=world.seller.pk, method_id=method_id)
    planned = plan.plan([order.pk], dropshipper_id=world.seller.pk).rows[0]
    said = [(one.code, one.params) if one else ("", {}) for one in (shown, planned.refusal)]
    assert planned.goes == (planned.refusal is None)
    item = runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    order.refresh_from_db()
    assert (order.state == "dispatched") == (item.code == "")
    return [*said, (item.code, item.params)]


@pytest.mark.parametrize(("second", "more"), [(9, 0), (10, 1)])
def test_the_last_piece_goes_and_one_more_does_not(world: differing.World, second: int, more: int) -> None:
    """16 may be sold of D: 17 are there and one is kept back; the order has two lines of it."""
    data = world.data(("DIV-A", 38), ("DIV-D", 7), ("DIV-D", second), total="980.17")
    said = {"sku": "DIV-D", "wanted": 17, "available": 16} if more else {}
    assert outcomes(world, data, "due") == [("out_of_stock" if more else "", said)] * 3
    row = Stock.objects.get(variant__sku="DIV-D")
    assert (row.on_hand, row.reserved, row.available) == (17, 0 if more else 16, 16 if more else 0)


@pytest.mark.parametrize("cod", [False, True])
@pytest.mark.parametrize("short", [0, 1])
def test_a_balance_of_exactly_the_need_is_enough_and_a_cent_less_is_not(
    world: differing.World, cod: bool, short: int
) -> None:
    lines = [("DIV-B", 3), ("DIV-C", 11), ("DIV-B", 1)]
    collect = "53.19" if cod else None  # below the cost: guarantee and the rest leave the wallet
    model = owed(lines, "due", "terraferma", collect)
    assert model is not None
    assert model.cost > 5319
    moves.adjust(world.seller.pk, euro(model.leaves - short) - balances(world.seller.pk).spendable, "Resto", None)
    data = world.data(*lines, total="53.19", payment="cod" if cod else "prepaid")
    figures = {"missing": "0.01", "needed": f"{euro(model.leaves)}", "available": f"{euro(model.leaves - 1)}"}
    said = ("insufficient_funds", figures) if short else ("", {})
    assert outcomes(world, data, "due") == [said] * 3
    assert balances(world.seller.pk).spendable == (euro(model.leaves - 1) if short else D(0))


def test_the_highest_cash_that_the_law_allows_is_collected_and_a_cent_more_is_not(
    world: differing.World, client_for: Any
) -> None:
    lines = [("DIV-D", 3), ("DIV-A", 2), ("DIV-D", 1)]
    highest = world.data(*lines, total="4999.99", payment="cod")
    assert outcomes(world, highest, "due") == [("", {})] * 3
    parcel = Shipment.objects.get()
    assert (parcel.cod_amount, parcel.cash) == (D("4999.99"), "booked")
    more = world.data(*lines, total="5000.00", payment="cod")
    assert outcomes(world, more, "due") == [("cod_over_law", {"amount": "5000.00"})] * 3
    order = Order.objects.latest("pk")
    assert list(order.problems.values_list("code", "blocking")) == [("cod_over_law", True)]
    # Beyond the courier's own limit it is the courier who refuses, by the cent.
    for amount, code in (("1234.56", ""), ("1234.57", "cod_over_cap")):
        told = {"cap": "1234.56", "amount": amount} if code else {}
        assert outcomes(world, world.data(*lines, total=amount, payment="cod"), "uno") == [(code, told)] * 3
    # The form, by hand: the same edge, by what is to be collected and not by the total.
    client = client_for(cast.member(world.seller))
    form = filled(("DIV-A", 1), payment="cod", method=world.methods["due"].pk, sale_total="6000,00")
    assert client.post(reverse("orders:new"), {**form, "to_collect": "5000,00"}).status_code == 422
    assert client.post(reverse("orders:new"), {**form, "to_collect": "4999,99"}).status_code == 302
    assert Order.objects.latest("pk").to_collect == D("4999.99")
    assert Order.objects.latest("pk").state == "ready"
    # And the database, whoever asks.
    with pytest.raises(IntegrityError, match="orders_order_cod_amount"), transaction.atomic():
        Order.objects.filter(shipment=parcel).update(to_collect=D("5000.00"))
    with pytest.raises(IntegrityError, match="shipping_courier_cap"), transaction.atomic():
        Courier.objects.update(cod_cap=D("5000.00"))


def test_a_line_has_at_most_9999_pieces(world: differing.World, client_for: Any) -> None:
    stage.variant("LEGGERO", net="0.07", vat="10.00", pieces=10_003, weight_g=5)
    moves.adjust(world.seller.pk, D("500.00"), "x", None)
    most = world.data(("LEGGERO", 9_999), total="1311.37")
    assert outcomes(world, most, "due") == [("", {})] * 3
    order = Order.objects.get()
    assert (order.goods_net, order.lines.get().quantity) == (D("699.93"), 9_999)
    assert Shipment.objects.get().weight_g == 49_995
    # One more is sent by nobody cut short: it waits, tied to nothing. Pairs count as what is in them.
    for quantity, pieces in ((10_000, 1), (5_000, 2)):
        told = world.data(("LEGGERO", quantity), total="1311.37", source="woocommerce", source_label="x.it")
        told = replace(told, lines=[replace(told.lines[0], pieces=pieces)])
        order = creation.create(told, dropshipper_id=world.seller.pk, method_id=world.methods["due"].pk)
        line = order.lines.get()
        assert (order.state, line.variant_id, line.quantity) == ("received", None, min(quantity, 9_999))
        assert [row.code for row in order.problems.all()] == ["unknown_sku"]
    client = client_for(cast.member(world.seller))
    for pieces, status in ((10_000, 422), (9_999, 302)):
        assert client.post(reverse("orders:new"), filled(("LEGGERO", pieces))).status_code == status
    for quantity in (0, 10_000):
        with pytest.raises(IntegrityError, match="orders_line_quantity"), transaction.atomic():
            Order.objects.latest("pk").lines.update(quantity=quantity)


@pytest.mark.parametrize(("counted", "refused"), [(11, False), (10, True), (41, False), (0, True)])
def test_a_count_may_be_as_low_as_what_is_promised(world: differing.World, counted: int, refused: bool) -> None:
    data = world.data(("DIV-A", 4), ("DIV-B", 1), ("DIV-A", 7))
    assert outcomes(world, data, "uno") == [("", {})] * 3
    variant = world.articles["DIV-A"]
    before = Stock.objects.values("on_hand", "reserved", "version").get(variant=variant)
    assert before["reserved"] == 11
    moved = StockMove.objects.filter(variant=variant).count()
    if refused:
        with pytest.raises(CountTooLow) as error:
            stock.count(variant.pk, counted, by=None)
        assert error.value.params == {"sku": "DIV-A", "counted": counted, "reserved": 11}
        assert Stock.objects.values(*before).get(variant=variant) == before
        assert StockMove.objects.filter(variant=variant).count() == moved
        return
    stock.count(variant.pk, counted, by=None)
    changed = counted != before["on_hand"]
    after = Stock.objects.values(*before).get(variant=variant)
    assert after == {"on_hand": counted, "reserved": 11, "version": before["version"] + changed}
    move = StockMove.objects.filter(variant=variant).latest("pk")
    assert (move.kind, move.on_hand_change, move.reserved_change) == ("counted", counted - before["on_hand"], 0)


@pytest.mark.parametrize("what", ["article", "product"])
def test_what_was_taken_off_sale_is_said_before_that_there_are_too_few(world: differing.World, what: str) -> None:
    """Ready, and then withdrawn: the last pieces are not sold, and nobody is told to wait for more."""
    data = world.data(("DIV-A", 2), ("DIV-D", 9), ("DIV-D", 8), total="980.17")
    method_id, owner = world.methods["due"].pk, world.seller.pk
    order = creation.create(data, dropshipper_id=owner, method_id=method_id)
    assert order.state == "ready"
    gone = world.articles["DIV-D"]
    thing: Any = gone if what == "article" else gone.product
    thing.active = False
    thing.save()
    shown = plan.preview(data, method_id=method_id, dropshipper_id=owner).refusal
    planned = plan.plan([order.pk], dropshipper_id=owner).rows[0].refusal
    item = runs.dispatch_now(order.pk, dropshipper_id=owner, key=uuid.uuid4(), by=None)
    said = [(one.code, one.params) for one in (shown, planned) if one]
    assert [*said, (item.code, item.params)] == [("off_sale", {"sku": "DIV-D"})] * 3


@pytest.mark.parametrize("missing", ["goods_net", "shipping_net", "cod_fee_net", "vat", "cost"])
def test_a_price_is_frozen_whole_or_not_at_all(dropshipper: Any, missing: str) -> None:
    """Asked of an order that is not sent, of which no other rule wants a cost."""
    stage.variant("INTERO")
    order = Order.objects.filter(pk=stage.order(dropshipper, ("INTERO", 1)).pk)
    whole = {"goods_net": "7.01", "shipping_net": "5.03", "cod_fee_net": "2.07", "vat": "3.11", "cost": "17.22"}
    for figures in ({**whole, missing: None}, {**dict.fromkeys(whole), missing: whole[missing]}):
        with pytest.raises(IntegrityError, match="orders_order_price_whole"), transaction.atomic():
            order.update(**figures)
    order.update(**whole)
    assert str(order.get().cod_fee_net) == "2.07"
