"""Any order, any table and any way in which its pieces fail: the reseller pays what the table says and no more than was
promised or charged, reckoned here anew. That the books end with nothing open is test_any_sequence.py's."""

from __future__ import annotations

from decimal import ROUND_HALF_UP
from decimal import Decimal as D
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import CENT
from orders.failed import reckoning
from orders.models import Case, CaseLine, Order, OrderLine, WhoPays
from shipping.models import Method, Shipment

PAYERS = st.sampled_from(["supplier", "courier", "reseller"])
NETS = st.decimals("0.01", "400.00", places=2)
RATES = st.sampled_from([D("22.00"), D("10.00"), D("4.00")])
PARTS = ("goods", "goods_unpaid", "way_out", "way_back", "storage", "handling")


def vat(net: D, rate: D) -> D:
    return (net * rate / 100).quantize(CENT, rounding=ROUND_HALF_UP)


@st.composite
def worlds(draw: Any) -> SimpleNamespace:
    lines = [
        OrderLine(pk=n, quantity=draw(st.integers(1, 4)), unit_net=draw(NETS), vat_rate=draw(RATES))
        for n in range(1, draw(st.integers(1, 3)) + 1)
    ]
    ship, back, rate = draw(NETS), draw(NETS), draw(RATES)
    rule = WhoPays(
        **{part: draw(PAYERS) for part in PARTS},
        handling_net=draw(NETS),
        second_choice=draw(st.sampled_from([D(0), D(37), D(100)])),
    )
    goods = sum((line.unit_net * line.quantity for line in lines), D("0.00"))
    by_rate: dict[D, D] = {rate: ship}
    for line in lines:
        by_rate[line.vat_rate] = by_rate.get(line.vat_rate, D(0)) + line.unit_net * line.quantity
    vat_sum = sum((vat(net, of) for of, net in by_rate.items()), D("0.00"))
    guarantee = ship + vat(ship, rate) + back + vat(back, rate)
    order = Order(goods_net=goods, shipping_net=ship, cod_fee_net=D("0.00"), vat=vat_sum, cost=goods + ship + vat_sum)
    method = Method(vat_rate=rate, return_net=back)
    pieces = [tuple(draw(st.integers(0, 3)) for _way in range(4)) for _line in lines]
    return SimpleNamespace(
        lines=lines, order=order, method=method, rule=rule, guarantee=guarantee, back=back, rate=rate, pieces=pieces,
        storage=draw(st.sampled_from([D("0.00"), D("3.17")])),
    )  # fmt: skip


def found(world: SimpleNamespace) -> list[CaseLine]:
    """All pieces of the order, found in the drawn proportions."""
    rows = []
    for line, weights in zip(world.lines, world.pieces, strict=True):
        left, how = line.quantity, []
        for weight in weights[:3]:
            how.append(min(left, weight))
            left -= how[-1]
        restock, second, scrap = how
        rows.append(
            CaseLine(
                pk=line.pk, line=line, pieces=line.quantity, restock=restock, second=second, scrap=scrap, missing=left
            )
        )
    return rows


def figures(world: SimpleNamespace, *, unpaid: bool) -> reckoning.Figures:
    order, shipment = world.order, Shipment(method=world.method)
    order.payment, order.guarantee, shipment.cash = "prepaid", D("0.00"), ""
    if unpaid:
        order.payment, order.guarantee, shipment.cash = "cod", world.guarantee, "booked"
        order.to_collect = D("99.00")
    case = Case(kind="back", storage_net=world.storage)
    return reckoning.reckon(case, order, shipment, world.rule, found(world), sent=world.lines, earlier=[])


def salvage(world: SimpleNamespace) -> D:
    return sum(
        (
            row.line.unit_net * row.restock
            + (row.line.unit_net * row.second * world.rule.second_choice / 100).quantize(CENT, rounding=ROUND_HALF_UP)
            for row in found(world)
        ),
        D("0.00"),
    )


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_of_a_parcel_that_nobody_paid_the_reseller_pays_no_more_than_was_said(world: SimpleNamespace) -> None:
    got = figures(world, unpaid=True)
    rule, rate = world.rule, world.rate
    said = D("0.00")
    if rule.way_out == "reseller":
        said += world.order.shipping_net + vat(world.order.shipping_net, rate)
    if rule.way_back == "reseller":
        said += world.back + vat(world.back, rate)
    assert -(got.part("way_out").gross + got.part("way_back").gross) == said <= world.guarantee
    for part, net in (("storage", world.storage), ("handling", rule.handling_net)):
        assert -got.part(part).gross == (net + vat(net, rate) if getattr(rule, part) == "reseller" else 0)
    bad = world.order.goods_net - salvage(world)
    theirs = rule.goods_unpaid == "reseller"
    assert (-got.part("goods").net, got.lost_net) == ((bad, 0) if theirs else (0, bad))
    assert got.held + got.total == got.released


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_of_what_was_paid_no_more_is_credited_than_was_charged(world: SimpleNamespace) -> None:
    got = figures(world, unpaid=False)
    rule, good = world.rule, salvage(world)
    theirs = rule.goods == "reseller"
    assert got.part("goods").net == (good if theirs else world.order.goods_net)
    assert got.lost_net == (0 if theirs else world.order.goods_net - good)
    assert got.part("way_out").net == (0 if rule.way_out == "reseller" else world.order.shipping_net)
    credited = got.part("goods").gross + got.part("way_out").gross
    assert 0 <= credited <= world.order.cost
    if not theirs and rule.way_out != "reseller":
        assert credited == world.order.cost
    charged = sum((got.part(code).gross for code in ("way_back", "storage", "handling")), D("0.00"))
    assert charged <= 0
    assert got.total == credited + charged
