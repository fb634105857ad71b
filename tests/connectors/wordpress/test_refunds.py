"""The plugin tells which pieces of an order were refunded: only the others are sent."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.intake import deliveries
from demo.shops.wordpress import FakeShop
from orders.models import Order
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


def test_pieces_that_were_refunded_are_not_sent(wp: FakeShop, wp_shop: Any) -> None:
    sold = wp.place_order([("SCN-00001", 3)], payment="stripe")
    wp.orders.refund(sold["id"], "10.00", lines={sold["line_items"][0]["id"]: 2})
    wp.flush()
    deliveries.drain()
    order = Order.objects.get()
    assert order.lines.get().quantity == 1
    assert order.problems.get().code == "partly_refunded"
    assert order.problems.get().params["pieces"] == "2"
    visit(wp_shop)
    assert order.lines.get().quantity == 1
