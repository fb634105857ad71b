"""What a plan and the live box of the form say, in whole: each row with its method, price and refusal, whatever lines
are not ours, unknown or of a stranger; and which method is chosen when nobody chose one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from catalog.models import Product
from orders.dispatch import plan
from orders.models import Order, Problem
from shipping.models import Method, Rate
from shipping.tariffs.quotes import Tariff
from tests import differing
from tests.reckoning import Owed, euro, owed
from wallet import moves
from wallet.queries import balances

pytestmark = pytest.mark.django_db
MONEY = D("1307.91")


@pytest.fixture
def world() -> differing.World:
    return differing.world()


def said(refusal: Any) -> tuple[str, dict[str, Any]] | None:
    return (refusal.code, refusal.params) if refusal else None


def plain(quotes: Any) -> list[Any]:
    return [(replace(quote, refusal=None), said(quote.refusal)) for quote in quotes]


def model(lines: list[tuple[str, int]], method: str, collect: str | None = None) -> Owed:
    found = owed(lines, method, "terraferma", collect)
    assert found is not None
    return found


def test_each_row_of_a_plan(world: differing.World) -> None:
    lines = [("DIV-A", 2), ("DIV-B", 3)]
    plain = world.order(*lines, method="due")
    not_ours = world.order(*lines, ("DIV-D", 4), method="due")
    not_ours.lines.filter(sku="DIV-D").update(ignored=True)
    no_method = world.order(*lines, method=None)
    empty = world.order(("DIV-C", 1))
    empty.lines.all().delete()
    blocked = world.order(*lines)
    Problem.objects.create(order=blocked, code="phone_missing", blocking=False)
    Problem.objects.create(order=blocked, code="risk_high", blocking=True)
    minded = world.order(*lines)
    Problem.objects.create(order=minded, code="phone_missing", blocking=False)
    abroad = world.order(*lines, zone="francia")
    cash = world.order(*lines, payment="cod", total="97.31")
    foreign = world.order(("DIV-A", 1), seller=world.other)
    Order.objects.filter(pk=abroad.pk).update(state="ready")
    ids = [foreign.pk, *Order.objects.filter(dropshipper=world.seller).order_by("-pk").values_list("pk", flat=True)]
    planned = plan.plan(ids, dropshipper_id=world.seller.pk)
    rows = [(row.order.pk, row.quote and row.quote.method_id, said(row.refusal), row.goes) for row in planned.rows]
    uno, due = world.methods["uno"].pk, world.methods["due"].pk
    assert rows == [
        (plain.pk, due, None, True),
        (not_ours.pk, due, None, True),
        (no_method.pk, None, ("method_missing", {}), False),
        (empty.pk, None, ("method_missing", {}), False),
        (blocked.pk, uno, ("has_problems", {}), False),
        (minded.pk, uno, None, True),
        (abroad.pk, uno, ("country_not_served", {"country": "FR"}), False),
        (cash.pk, uno, None, True),
    ]
    paid, taken = model(lines, "due"), model(lines, "uno", "97.31")
    prices = [row.price and (row.price.cost, row.price.wallet_need) for row in planned.rows]
    mine = (euro(paid.cost), euro(paid.leaves))
    other = (euro(model(lines, "uno").cost),) * 2
    assert prices == [mine, mine, None, None, other, other, None, (euro(taken.cost), euro(taken.leaves))]
    # What is blocked is told before what the courier says, and a method for all does not mend it.
    Order.objects.filter(pk=abroad.pk).update(state="received")
    found = plan.plan([abroad.pk, no_method.pk], dropshipper_id=world.seller.pk, method_id=due)
    assert [said(row.refusal) for row in found.rows] == [None, ("has_problems", {})]
    assert [row.quote and row.quote.method_id for row in found.rows] == [due, due]
    alone = plan.plan(ids, dropshipper_id=world.seller.pk, alone=True).totals
    assert (alone.charge, alone.collect, alone.margin, alone.guarantee, alone.wallet_after) == (*[D(0)] * 4, MONEY)


def test_a_plan_asks_the_tariff_that_it_is_given(world: differing.World) -> None:
    order, tariff = world.order(("DIV-A", 2)), Tariff.load()
    Rate.objects.update(net=D("99.99"))

    def cost(**given: Any) -> D:
        (row,) = plan.plan([order.pk], dropshipper_id=world.seller.pk, **given).rows
        assert row.price is not None
        return row.price.shipping_net

    assert (cost(tariff=tariff), cost()) == (D("6.11"), D("99.99"))
    type(world.seller).objects.filter(pk=world.seller.pk).update(status="suspended")
    assert said(plan.plan([order.pk], dropshipper_id=world.seller.pk).rows[0].refusal) == ("dropshipper_inactive", {})


def live(world: differing.World, data: Any, method: str | None = "due", **more: Any) -> plan.Preview:
    method_id = world.methods[method].pk if method else None
    found = plan.preview(data, method_id=method_id, dropshipper_id=world.seller.pk, **more)
    assert balances(world.seller.pk).spendable == MONEY
    assert found.wallet_before == MONEY
    return found


LINES = [("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1)]


@pytest.mark.parametrize(
    ("changes", "code", "params", "need"),
    [
        ({}, "", {}, ("due", None)),
        ({"currency": "USD"}, "", {}, ("due", None)),
        ({"payment": "cod", "total": "97.31"}, "", {}, ("due", "97.31")),
        ({"payment": "cod", "total": "97.31", "collect": "83.29"}, "", {}, ("due", "83.29")),
        ({"payment": "cod", "total": "97.31", "currency": "USD"}, "cod_amount_unknown", {}, None),
        ({"payment": "cod", "total": None}, "cod_amount_unknown", {}, None),
        ({"payment": "cod", "total": "97.31", "collect": "0.00"}, "cod_amount_unknown", {}, None),
        ({"payment": "cod", "total": "5000.00"}, "cod_over_law", {"amount": "5000.00"}, None),
        ({"payment": "awaiting"}, "", {}, ("due", None)),
        ({"method": None}, "method_missing", {}, None),
        ({"zone": "sardegna"}, "no_rate", {"place": "09124 CA"}, None),
    ],
)
def test_the_live_box(
    world: differing.World, changes: dict[str, Any], code: str, params: dict[str, str], need: tuple[str, Any] | None
) -> None:
    asked = dict(changes)
    way = {"method": asked.pop("method")} if "method" in asked else {}
    data = world.data(*LINES, **asked)
    found = live(world, data, **way)
    refusal = said(found.refusal)
    assert refusal == ((code, params) if code else None)
    address = data.address
    collect = data.to_collect if data.to_collect is not None else data.sale_total or D(0)
    tariff = Tariff.load()
    quotes = tariff.quotes(
        country=address.country,
        province=address.province,
        postcode=address.postcode,
        weight_g=3 * 310 + 3 * 845,
        collect=collect if data.payment == "cod" else None,
    )
    assert plain(found.quotes) == plain(quotes)
    assert set(found.prices) == {quote.method_id for quote in found.quotes if quote.refusal is None}
    assert (found.quote.method_id if found.quote else None) == (world.methods["due"].pk if not way else None)
    if need is None:
        assert (found.price, found.wallet_after) == (None, MONEY)
    else:
        one = model(LINES, *need)
        assert found.price is not None
        assert (found.price.cost, found.price.wallet_need) == (euro(one.cost), euro(one.leaves))
        assert (found.price.margin is None) == (data.currency == "USD")
        assert found.wallet_after == MONEY - euro(one.leaves)
        assert found.prices[world.methods["due"].pk] == found.price


def test_of_what_is_typed_what_is_not_ours_and_what_nobody_knows(world: differing.World) -> None:
    data = world.data(*LINES)
    extra = [
        replace(data.lines[0], sku="div-e ", quantity=5, pieces=3),
        replace(data.lines[0], sku="MAI-VISTO"),
        replace(data.lines[0], sku="DIV-D", ignored=True),
        replace(data.lines[0], sku="ALTRO", ignored=True),
    ]
    found = live(world, replace(data, lines=[*data.lines, *extra]))
    one = model([*LINES, ("DIV-E", 15)], "due")
    assert list(found.unknown) == ["MAI-VISTO"]
    assert found.price is not None
    assert found.price.cost == euro(one.cost)
    # Nothing that is ours: nothing is priced, whatever is chosen.
    nothing = live(world, replace(data, lines=extra[1:]))
    assert (nothing.prices, nothing.price, nothing.refusal, nothing.wallet_after) == ({}, None, None, MONEY)
    # What is withdrawn is told before what lacks.
    Product.objects.filter(variants__sku="DIV-B").update(active=False)
    many = world.data(("DIV-A", 39), ("DIV-B", 1))
    assert said(live(world, many).refusal) == ("off_sale", {"sku": "DIV-B"})
    lacks = {"sku": "DIV-A", "wanted": 39, "available": 38}
    assert said(live(world, world.data(("DIV-A", 39))).refusal) == ("out_of_stock", lacks)


def test_which_method_is_chosen_when_nobody_chose(world: differing.World) -> None:
    pk = {code: method.pk for code, method in world.methods.items()}

    def chosen(data: Any, **more: Any) -> str | None:
        found = live(world, data, None, preselect=True, **more)
        codes = {method_id: code for code, method_id in pk.items()}
        return codes[found.quote.method_id] if found.quote else None

    light = world.data(("DIV-A", 1))
    assert [owed([("DIV-A", 1)], code, "terraferma", None).shipping for code in pk] == [611, 487, 539]  # type: ignore[union-attr]
    assert chosen(light) == "due"
    assert chosen(light, usual=pk["uno"]) == "uno"
    assert chosen(light, usual=987654) == "due"
    # At the door what a method costs is its way and its fee: 6.11 + 2.03, 4.87 + 3.19, 5.39 + 1.01.
    cash = world.data(("DIV-A", 1), payment="cod", total="17.43")
    assert chosen(cash) == "tre"
    # The usual one does not go there, the only one that does is taken; where none does it stays the usual one.
    assert chosen(world.data(("DIV-A", 1), zone="sardegna"), usual=pk["due"]) == "uno"
    heavy = world.data(("DIV-D", 30))
    assert (chosen(heavy, usual=pk["uno"]), chosen(heavy)) == ("uno", None)
    assert live(world, light, "uno", usual=pk["tre"]).quote.method_id == pk["uno"]  # type: ignore[union-attr]
    Method.objects.filter(code="due").update(active=False)
    assert chosen(light, usual=pk["due"]) == "tre"


@pytest.mark.parametrize("short", [0, 1])
def test_what_the_balance_just_pays_goes_and_a_cent_more_does_not(world: differing.World, short: int) -> None:
    need = euro(model([("DIV-A", 2)], "uno").leaves)
    moves.adjust(world.seller.pk, need - MONEY - D(short) / 100, "Resto", None)
    first, second = world.order(("DIV-A", 2)), world.order(("DIV-A", 2))
    data = world.data(("DIV-A", 2))
    found = plan.preview(data, method_id=world.methods["uno"].pk, dropshipper_id=world.seller.pk)
    alone = plan.plan([first.pk], dropshipper_id=world.seller.pk)
    both = plan.plan([first.pk, second.pk], dropshipper_id=world.seller.pk)
    left = D(0) if not short else need - D("0.01")
    lacks = {"missing": "0.01", "needed": str(need), "available": str(need - D("0.01"))}
    refusal = ("insufficient_funds", lacks) if short else None
    assert [said(found.refusal), said(alone.rows[0].refusal)] == [refusal] * 2
    assert found.wallet_after == -D(short) / 100
    assert (alone.totals.wallet_after, alone.totals.missing) == (left, D(short) / 100)
    gap = {"missing": str(need), "needed": str(need), "available": "0.00"}
    assert said(both.rows[1].refusal) == ("insufficient_funds", lacks if short else gap)
    assert both.totals.missing == (2 * need - left if short else need)
    assert both.totals.ready == 1 - short
