"""What the reseller says of an order's payment, and what is remembered of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from connectors.models import PaymentRule
from orders.fulfilment import parcels
from orders.models import Order
from tests.connectors.arrivals import TRANSFER, arrive, ready_shop

pytestmark = pytest.mark.django_db


def url(order: Order) -> str:
    return reverse("connectors:payment", args=["woocommerce", order.pk])


def test_a_decision_frees_the_order_and_is_told_on_its_timeline(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, **TRANSFER)
    assert order.state == Order.State.RECEIVED
    page = client_for(owner).get(url(order))
    assert page.status_code == 200
    assert "Bonifico bancario" in page.content.decode()
    answer = client_for(owner).post(url(order), {"kind": "prepaid", "next": "/inbox/woocommerce/?tab=fix"})
    assert answer["Location"] == "/inbox/woocommerce/?tab=fix"
    order.refresh_from_db()
    assert (order.state, order.payment, order.payment_reason) == ("ready", "prepaid", "by_hand")
    assert order.events.filter(code="payment_decided", by=owner).count() == 1
    assert not PaymentRule.objects.exists()


def test_a_remembered_decision_holds_for_waiting_and_later_orders(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    strange = {"payment_method": "negozio", "payment_method_title": "Pagamento in negozio"}
    first, second = arrive(shop, 1, **strange), arrive(shop, 2, **strange)
    other = arrive(shop, 3)
    client_for(owner).post(url(first), {"kind": "prepaid", "remember": "on"})
    later = arrive(shop, 4, **strange)
    for order in (first, second, later):
        order.refresh_from_db()
        assert (order.payment, order.state) == ("prepaid", "ready")
    other.refresh_from_db()
    assert other.payment == "cod"
    assert PaymentRule.objects.get().by == owner


def test_that_one_transfer_has_come_lets_no_other_one_go(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    first, second = arrive(shop, 1, **TRANSFER), arrive(shop, 2, **TRANSFER)
    client_for(owner).post(url(first), {"kind": "prepaid", "remember": "on"})
    later = arrive(shop, 3, **TRANSFER)
    for order in (first, second, later):
        order.refresh_from_db()
    assert [order.payment for order in (first, second, later)] == ["prepaid", "awaiting", "awaiting"]
    assert not PaymentRule.objects.exists()


def test_cod_by_decision_collects_all_that_the_customer_pays(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, **TRANSFER)
    client_for(owner).post(url(order), {"kind": "cod"})
    order.refresh_from_db()
    assert str(order.to_collect) == "39.90"


@pytest.mark.parametrize("kind", ["", "review", "gold"])
def test_nonsense_is_refused_in_place(kind: str, shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, **TRANSFER)
    assert client_for(owner).post(url(order), {"kind": kind}).status_code == 422
    order.refresh_from_db()
    assert order.payment == "awaiting"


def test_the_payment_of_a_closed_order_is_not_changed(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, **TRANSFER)
    parcels.cancel(order.pk, by=None)
    assert client_for(owner).post(url(order), {"kind": "prepaid", "remember": "on"}).status_code == 422
    order.refresh_from_db()
    assert order.payment == "awaiting"
    assert not PaymentRule.objects.exists()
