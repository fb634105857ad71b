"""What an order costs, in a world where nothing is alike by chance: once by hand, then whatever the figures are."""

from __future__ import annotations

import uuid
from collections import defaultdict
from decimal import Decimal as D
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from orders.dispatch import runs
from orders.dispatch.price import Goods, price
from orders.models import Order
from shipping.tariffs.quotes import Quote
from tests import differing, reckoning
from tests.orders import stage
from tests.reckoning import euro
from wallet.queries import balances


@pytest.mark.django_db
def test_an_order_by_hand() -> None:
    world = differing.world()
    order = world.order(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1), payment="cod", total="211.37", method="due")
    runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None, seen=stage.seen(order))
    order = Order.objects.get(pk=order.pk)
    assert order.state == "dispatched"
    # 3 × 12.37 = 37.11 at 22 %, 3 × 7.19 = 21.57 at 10 %; 3,465 g go for 7.03; 2.71 + 0.45 % of 211.37 = 3.66
    assert (order.goods_net, order.shipping_net, order.cod_fee_net) == (D("58.68"), D("7.03"), D("3.66"))
    assert order.vat == D("8.16") + D("2.16") + D("2.24")  # the last: 21 % of 10.69
    assert (order.cost, order.margin) == (D("81.93"), D("129.44"))
    assert order.guarantee == D("8.51") + D("11.39")  # out 7.03 and back 9.41, each with its 21 %
    assert balances(world.seller.pk).available == D("1307.91") - D("19.90")
    assert order.shipment is not None
    assert (order.shipment.weight_g, order.shipment.cod_amount) == (3 * 310 + 3 * 845, D("211.37"))


cents = st.integers(0, 99_999).map(euro)
rates = st.sampled_from([D(0), D("4.00"), D("5.00"), D("10.00"), D("17.50"), D("22.00")])


@given(
    lines=st.lists(st.tuples(cents, rates, st.integers(1, 9_999)), min_size=1, max_size=4),
    quote=st.tuples(cents, rates, cents, cents),
    collect=st.none() | st.integers(1, 499_999).map(euro),
    sale=st.none() | cents,
    currency=st.sampled_from(["EUR", "USD"]),
    guaranteed=st.booleans(),
)
@examples(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=150,
    phases=[Phase.generate],
)
def test_a_price_is_what_the_rules_say(
    settings: Any, lines: Any, quote: Any, collect: D | None, sale: D | None, currency: str, guaranteed: bool
) -> None:
    settings.COD_GUARANTEE = guaranteed
    out, rate, fee, back = quote
    fee = fee if collect is not None else D(0)
    goods = [Goods(n, f"S{n}", pieces, net, vat, 7 * n + 5) for n, (net, vat, pieces) in enumerate(lines)]
    found = price(goods, Quote(1, "", 1, 2, out, rate, fee, back), collect=collect, sale_total=sale, currency=currency)
    nets: dict[D, Fraction] = defaultdict(Fraction)
    nets[rate] = Fraction(out + fee)
    for net, vat, pieces in lines:
        nets[vat] += Fraction(net) * pieces
    goods_net = sum(Fraction(net) * pieces for net, _vat, pieces in lines)
    vat_sum = sum(reckoning.half_up(net * Fraction(vat)) for vat, net in nets.items())
    cost = reckoning.half_up((goods_net + Fraction(out + fee)) * 100) + vat_sum
    held = 0
    if collect is not None and guaranteed:
        held = sum(reckoning.half_up(Fraction(way) * (100 + Fraction(rate))) for way in (out, back))
    taken = 0 if collect is None else int(collect * 100)
    assert (found.goods_net, found.shipping_net, found.cod_fee_net) == (goods_net, out, fee)
    assert (found.vat, found.cost, found.guarantee) == (euro(vat_sum), euro(cost), euro(held))
    assert found.collect == euro(taken)
    assert found.wallet_need == euro(cost if collect is None else held + max(0, cost - taken))
    paid = sale if collect is None else collect
    assert found.margin == (None if paid is None or currency != "EUR" else paid - euro(cost))
    assert found.figures == f"{euro(cost):.2f}/{euro(held):.2f}/{euro(taken):.2f}"
