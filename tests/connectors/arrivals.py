"""Orders that arrived from a shop, for the tests of the pages."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

from connectors.intake import upsert
from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder
from orders.models import Order
from shipping.models import Method
from tests.connectors.conftest import order_body
from tests.orders import stage

_EARLIEST = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
PREPAID = {"payment_method": "stripe", "payment_method_title": "Carta", "date_paid_gmt": "2026-11-20T10:00:00"}
TRANSFER = {"payment_method": "bacs", "payment_method_title": "Bonifico bancario", "status": "on-hold"}


def arrive(shop: Shop, number: int, *, sku: str = "MCI-0001", quantity: int = 1, **fields: Any) -> Order:
    """One order of the shop in the inbox; COD over 39.90 unless `fields` say otherwise."""
    line = {**order_body()["line_items"][0], "sku": sku, "quantity": quantity}
    body = json.dumps(order_body(number, **{"line_items": [line], **fields})).encode()
    reading = platform("woocommerce").read("order.created", body, facts={})
    assert isinstance(reading, IncomingOrder)
    row = upsert.upsert(shop, reading, body, via=upsert.WEBHOOK)
    assert row is not None
    assert row.order is not None
    return row.order


def ready_shop(shop: Shop, *, money: str = "500.00") -> Method:
    """The shop with a usual shipping, its dropshipper with money, MCI-0001 in stock at 12.00 net."""
    method = stage.method()
    Shop.objects.filter(pk=shop.pk).update(method=method, last_pull_at=dt.datetime.now(dt.UTC))
    shop.refresh_from_db()
    stage.variant("MCI-0001")
    if Decimal(money):
        stage.money(shop.dropshipper, money)
    return method


def rows(answer: Any) -> list[int]:
    """The orders that a page lists."""
    return [int(pk) for pk in re.findall(r'<tr id="o\d+" data-order="(\d+)"', answer.content.decode())]


def attribute(answer: Any, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', answer.content.decode())
    assert found, name
    return found[1]


def field(answer: Any, name: str) -> str:
    """The value of the first hidden field with this name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found, name
    return found[1]
