"""What an order costs in a world where nothing is alike by chance: worked out by hand once, then against the model of
tests/reckoning.py, as it is shown before the click, as it is charged, and as it stands in books, parcel and stock."""

from __future__ import annotations

import uuid
from decimal import Decimal as D

import pytest

from orders import dispatch
from orders.models import Order
from tests import differing, reckoning
from tests.orders import stage

pytestmark = pytest.mark.django_db


def test_an_order_by_hand() -> None:
    world = differing.world()
    lines = [("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1)]
    order = world.order(*lines, payment="cod", total="211.37", method="due")
    dispatch.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None, seen=stage.seen(order))
    order = Order.objects.get(pk=order.pk)
    assert order.state == "dispatched"
    # 3 × 12.37 = 37.11 at 22 %, 3 × 7.19 = 21.57 at 10 %; 3,465 g go for 7.03; 2.71 + 0.45 % of 211.37 = 3.66
    assert (order.goods_net, order.shipping_net, order.cod_fee_net) == (D("58.68"), D("7.03"), D("3.66"))
    assert order.vat == D("8.16") + D("2.16") + D("2.24")  # the last: 21 % of 10.69
    assert order.cost == D("81.93")
    assert order.guarantee == D("8.51") + D("11.39")  # out 7.03 and back 9.41, each with its 21 %
    model = reckoning.owed(lines, "due", "terraferma", "211.37")
    assert model is not None
    assert [order.cost, order.guarantee] == [reckoning.euro(model.cost), reckoning.euro(model.guarantee)]
