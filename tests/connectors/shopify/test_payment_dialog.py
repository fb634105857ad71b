"""What a reseller decides of an order with several methods: the question names the one that it is about, and the rule
hangs on that one."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from connectors.intake import deliveries
from connectors.models import PaymentRule
from connectors.platforms.shopify.orders import read_order
from core.strict import load_json
from demo.shops.shopify import FakeShop
from orders.models import Order
from tests.connectors.shopify.test_orders import SAMPLES

pytestmark = pytest.mark.django_db
COD = "Cash on Delivery (COD)"
TWO = {"gateway": "shopify_payments", "status": "PENDING", "part": "5.00", "rest": COD}


def arrived(fake: FakeShop) -> Order:
    fake.flush()
    deliveries.drain()
    order = Order.objects.order_by("-pk").first()
    assert order is not None
    return order


def url(order: Order) -> str:
    return reverse("connectors:payment", args=["shopify", order.pk])


def remembers(page: str) -> str:
    """The words beside the box that remembers; "" where there is none."""
    found = re.search(r'<label[^>]*for="id_remember"[^>]*>(.*?)</label>', page, re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "", found[1])).strip() if found else ""


def test_the_question_names_the_method_and_the_rule_hangs_on_it(
    fake: FakeShop, connected: Any, place: Any, owner: Any, client_for: Any
) -> None:
    place(payment=TWO)
    order = arrived(fake)
    assert (order.payment, order.payment_reason) == ("review", "two_methods")
    assert order.payment_detail == f"shopify_payments, {COD}"
    client = client_for(owner)
    page = client.get(url(order)).content.decode()
    assert f"<dd data-about>{COD}</dd>" in page
    assert COD in remembers(page)
    assert "shopify_payments" not in remembers(page)

    client.post(url(order), {"kind": "cod", "remember": "on"})

    assert list(PaymentRule.objects.values_list("gateway", "kind")) == [(COD, "cod")]
    place(payment="card")
    assert arrived(fake).payment == "prepaid"
    place(payment={"gateway": "shopify_payments", "status": "PENDING"})
    assert arrived(fake).payment == "awaiting"  # the card is not what was decided
    place(payment=TWO)
    assert arrived(fake).payment == "cod"


def test_an_unknown_method_beside_a_known_one_is_what_is_asked(
    fake: FakeShop, connected: Any, place: Any, owner: Any, client_for: Any
) -> None:
    place(payment={**TWO, "rest": "Metodo X"})
    order = arrived(fake)
    assert (order.payment, order.payment_reason) == ("review", "several_methods")
    client = client_for(owner)
    assert "Metodo X" in remembers(client.get(url(order)).content.decode())
    client.post(url(order), {"kind": "cod", "remember": "on"})
    assert PaymentRule.objects.get().gateway == "Metodo X"


def test_a_tag_beside_a_known_method_is_named_as_a_tag(
    fake: FakeShop, connected: Any, place: Any, owner: Any, client_for: Any
) -> None:
    place(payment="paypal_pending", tags=["COD"])
    order = arrived(fake)
    assert (order.payment, order.payment_reason) == ("review", "two_methods")
    client = client_for(owner)
    page = client.get(url(order)).content.decode()
    assert "cod" in remembers(page)
    assert "paypal" not in remembers(page).lower()
    client.post(url(order), {"kind": "cod", "remember": "on"})
    assert PaymentRule.objects.get().gateway == "tag:cod"
    place(payment="paypal_pending")
    assert arrived(fake).payment == "awaiting"


def test_one_method_is_named_once(fake: FakeShop, connected: Any, place: Any, owner: Any, client_for: Any) -> None:
    place(payment="cod")
    page = client_for(owner).get(url(arrived(fake))).content.decode()
    assert "data-about" not in page
    assert COD in remembers(page)


@pytest.mark.parametrize("status", [None, "", "SOMETHING_NEW"])
def test_without_a_financial_status_nothing_is_assumed(status: str | None) -> None:
    body = load_json(json.loads((SAMPLES / "order-cod-builtin-en.delivery.json").read_text())["body"].encode())
    assert isinstance(body, dict)
    found = read_order({**body, "financial_status": status})
    assert (found.payment, found.rule_applies) == ("review", False)
    assert found.payment_reason == ("unknown_status" if status else "no_status")
    del body["financial_status"]
    assert read_order(body).payment == "review"
