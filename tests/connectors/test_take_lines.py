"""Articles that were changed here and in the shop: either is taken by one click, with the links of the reseller."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from connectors.intake import upsert
from connectors.models import InboxOrder, Match
from connectors.platforms import platform
from orders.entry import typed
from orders.intake import editing
from orders.models import Order
from tests import cast
from tests.connectors.arrivals import PREPAID, arrive
from tests.connectors.conftest import order_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(shop: Any, goods: Any) -> Order:
    """The shop sold a pair (2 pieces of ours), a person made it 3 pieces, the shop then made it two pairs."""
    Match.objects.create(shop=shop, subject="sku:COPPIA", variant=goods["MCI-0001"], quantity=2)
    order = arrive(shop, 7, sku="COPPIA", **PREPAID)
    assert order.lines.get().quantity == 2
    from dataclasses import replace

    data = typed.data_of(order)
    editing.edit(order.pk, replace(data, lines=[replace(data.lines[0], quantity=3)]), version=order.version, by=None)
    line = {**order_body()["line_items"][0], "sku": "COPPIA", "quantity": 2}
    body = json.dumps(order_body(7, line_items=[line], date_modified_gmt="2026-11-21T10:00:00", **PREPAID)).encode()
    reading: Any = platform("woocommerce").read("order.updated", body, facts={})
    upsert.upsert(shop, reading, body, via=upsert.PULL, truth=True)
    order.refresh_from_db()
    assert order.lines.get().quantity == 3
    assert order.problems.filter(code="conflict", subject="lines").exists()
    return order


def test_the_shops_articles_are_taken_with_their_links(both: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    address = reverse("connectors:take_lines", args=["woocommerce", both.pk])
    page = client.get(reverse("orders:detail", args=[both.pk])).content.decode()
    assert f'formaction="{address}"' in page

    for _click in range(2):
        assert client.post(address).url == reverse("orders:detail", args=[both.pk])

    line = both.lines.get()
    assert (line.quantity, line.shop_quantity, line.variant.sku) == (4, 2, "MCI-0001")
    assert not both.problems.filter(code="conflict").exists()
    assert both.events.filter(code="conflict_taken").count() == 1


def test_ours_are_kept(both: Order, owner: Any, client_for: Any) -> None:
    client_for(owner).post(reverse("orders:take", args=[both.pk]), {"field": "lines", "side": "mine"})
    assert both.lines.get().quantity == 3
    assert not both.problems.filter(code="conflict").exists()


def test_what_the_shop_wrote_may_be_gone_and_the_form_may_be_old(both: Order, owner: Any, client_for: Any) -> None:
    client, address = client_for(owner), reverse("connectors:take_lines", args=["woocommerce", both.pk])
    client.post(address, {"seen": "0123456789abcdef"})
    InboxOrder.objects.update(raw=b"")
    client.post(address)
    assert both.lines.get().quantity == 3
    assert both.problems.filter(code="conflict").exists()


def test_not_by_strangers_nor_by_accounting(both: Order, other_dropshipper: Any, client_for: Any) -> None:
    address = reverse("connectors:take_lines", args=["woocommerce", both.pk])
    assert client_for(cast.member(other_dropshipper)).post(address).status_code == 404
    assert client_for(cast.member(both.dropshipper, role="accounting")).post(address).status_code == 403
    assert both.lines.get().quantity == 3
