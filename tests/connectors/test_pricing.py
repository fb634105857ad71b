"""The figures of an inbox: of each row its own price, state and ways out, and the sums over what is ready. Every figure
is worked out by hand beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.intake import figures
from connectors.intake.figures import Sums
from orders import queries
from orders.dispatch import readiness
from orders.intake import follow
from orders.models import Order
from tests.orders import stage

pytestmark = pytest.mark.django_db
D = Decimal


def test_each_row_and_the_sums(dropshipper: Any, other_dropshipper: Any) -> None:
    quick, slow = stage.method("espresso", net="5.00"), stage.method("lento", net="3.10", cod_fee_fixed=D("1.40"))
    poor = stage.method("povero", net="2.00", cod_cap="10.00")
    stage.variant("A", net="12.00", vat="22.00")
    stage.variant("B", net="7.50", vat="10.00", weight_g=700)
    stage.money(dropshipper, "61.00")
    cod = stage.order(dropshipper, ("A", 1), method=quick, payment="cod", total="49.90")
    prepaid = stage.order(dropshipper, ("B", 3), method=slow, payment="prepaid", total="80.00")
    dear = stage.order(dropshipper, ("A", 2), method=quick, payment="prepaid", total="90.00")
    unknown = stage.order(dropshipper, ("A", 1), ("?", 1), method=quick, payment="prepaid", total="20.00")
    gone = stage.order(dropshipper, ("A", 4), method=quick, payment="prepaid", total="99.00")
    follow.withdraw(gone.pk)
    elsewhere = stage.order(other_dropshipper, ("A", 5), method=quick, payment="prepaid", total="99.00")
    mine = [gone.pk, unknown.pk, dear.pk, prepaid.pk, cod.pk]
    found = {order.pk: order for order in queries.for_rows(Order.objects.filter(pk__in=[*mine, elsewhere.pk]))}
    orders = [found[pk] for pk in mine]
    known = readiness.of(dropshipper.pk)
    ready = [cod.pk, prepaid.pk, dear.pk]
    assert set(known.going) <= set(ready)

    rows, sums = figures.rows_and_sums(
        orders, ready, known, dropshipper_id=dropshipper.pk, under_way={cod.pk: "running", dear.pk: "waiting"}
    )

    # (12.00 + 5.00 + 2.00) + 22 %: 23.18. 22.50 + 10 % + 3.10 + 22 %: 28.53. (24.00 + 5.00) + 22 %: 35.38.
    by_order = {row.order.pk: row for row in rows}
    needs = {pk: row.price.wallet_need for pk, row in by_order.items() if row.price}
    assert (needs[prepaid.pk], needs[dear.pk]) == (D("28.53"), D("35.38"))
    assert [row.order.pk for row in rows] == mine
    assert [row.at for row in rows] == ["", "", "waiting", "", "running"]
    assert [row.goes for row in rows] == [pk in known.going for pk in mine]
    assert [row.can_sync for row in rows] == [False, False, False, by_order[prepaid.pk].refusal is None, False]
    assert (by_order[gone.pk].price, by_order[gone.pk].options) == (None, ())
    assert by_order[unknown.pk].refusal is not None
    assert len({row.key for row in rows}) == len(rows)

    # In turn: the oldest first; what one cannot pay is left for those after it.
    left, going, short = D("61.00"), 0, D(0)
    for pk in ready:
        if needs[pk] <= left:
            left, going = left - needs[pk], going + 1
        else:
            short += needs[pk]
    assert short
    assert sums == Sums(3, going, D("61.00") - left, D("61.00"), left, short - left)

    # Shipping, and the fee at the door, with 22 %.
    ways = {pk: {one.method_id: one for one in by_order[pk].options} for pk in (cod.pk, prepaid.pk, unknown.pk)}
    assert {way: one.gross for way, one in ways[cod.pk].items()} == {
        quick.pk: D("8.54"),
        slow.pk: D("5.49"),
        poor.pk: None,
    }
    assert ways[cod.pk][poor.pk].refusal is not None
    assert {way: one.gross for way, one in ways[prepaid.pk].items()} == {
        quick.pk: D("6.10"),
        slow.pk: D("3.78"),
        poor.pk: D("2.44"),
    }
    assert {one.gross for one in ways[unknown.pk].values()} == {None}
    assert {way: one.chosen for way, one in ways[prepaid.pk].items()} == {
        quick.pk: False,
        slow.pk: True,
        poor.pk: False,
    }
    assert ways[cod.pk][quick.pk].label != ways[cod.pk][slow.pk].label != ""

    again, other = figures.rows_and_sums(orders[2:4], [], known, dropshipper_id=dropshipper.pk)
    assert [row.order.pk for row in again] == mine[2:4]
    assert other == Sums(before=D("61.00"), after=D("61.00"))
    assert [row.at for row in again] == ["", ""]
    closed, none = figures.rows_and_sums(orders[:1], [], known, dropshipper_id=dropshipper.pk)
    assert ([row.order.pk for row in closed], none) == ([gone.pk], Sums())
    strange, sums = figures.rows_and_sums([], [elsewhere.pk, prepaid.pk], known, dropshipper_id=dropshipper.pk)
    assert (strange, sums.ready, sums.going) == ([], 1, 1)
