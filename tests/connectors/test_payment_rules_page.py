"""The page on which a reseller says what his payment methods mean, and a platform's own choices beside the rules."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors.models import PaymentRule, Shop
from orders.models import Order
from tests import cast
from tests.connectors.arrivals import arrive
from tests.connectors.conftest import make_shop

pytestmark = pytest.mark.django_db
OTHER = {"payment_method": "plugin_x", "payment_method_title": "Plugin X"}


@pytest.fixture
def portal(client: Client, dropshipper: Any) -> Client:
    cast.sign_in(client, cast.member(dropshipper))
    return client


def test_a_method_is_decided_and_forgotten_with_the_open_orders(portal: Client, shop: Any, goods: Any) -> None:
    order = arrive(shop, 101, **OTHER)
    assert order.payment == "review"
    page = portal.get(f"/shops/{shop.pk}/payments/").content.decode()
    assert 'data-seen="plugin_x"' in page
    answer = portal.post(f"/shops/{shop.pk}/payments/", {"gateway": " plugin_x ", "kind": "cod"})
    assert answer.status_code == 302
    order.refresh_from_db()
    assert (order.payment, order.payment_reason) == ("cod", "rule")
    assert 'data-rule="plugin_x"' in portal.get(f"/shops/{shop.pk}/payments/").content.decode()
    portal.post(f"/shops/{shop.pk}/payments/", {"forget": "plugin_x"})
    order.refresh_from_db()
    assert (order.payment, order.payment_reason) == ("review", "unknown_method")
    assert not PaymentRule.objects.exists()


def test_what_a_person_decided_of_one_order_stays(portal: Client, shop: Any, goods: Any) -> None:
    order = arrive(shop, 101, **OTHER)
    Order.objects.filter(pk=order.pk).update(payment="prepaid", payment_reason="by_hand")
    portal.post(f"/shops/{shop.pk}/payments/", {"gateway": "plugin_x", "kind": "cod"})
    order.refresh_from_db()
    assert order.payment == "prepaid"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"payment_method": "stripe", "date_paid_gmt": "2026-11-24T12:00:00", "transaction_id": "ch_1"}, "prepaid"),
        ({"payment_method": "ppcp-gateway", "date_paid_gmt": "2026-11-24T12:00:00", "transaction_id": ""}, "prepaid"),
        ({"payment_method": "stripe", "date_paid_gmt": None, "transaction_id": ""}, "cod"),
        ({"payment_method": "bacs", "date_paid_gmt": "2026-11-24T12:00:00", "transaction_id": ""}, "cod"),
        ({"payment_method": "paga_x", "date_paid_gmt": "2026-11-24T12:00:00", "transaction_id": "7"}, "cod"),
    ],
    ids=["card", "wallet", "card unpaid", "transfer renamed", "unknown"],
)
@pytest.mark.parametrize("before", [True, False], ids=["the rule first", "the order first"])
def test_who_paid_by_card_is_not_asked_again_at_the_door(
    portal: Client, shop: Any, goods: Any, told: dict[str, Any], kind: str, before: bool
) -> None:
    rule = {"gateway": told["payment_method"], "kind": "cod"}
    if before:
        portal.post(f"/shops/{shop.pk}/payments/", rule)
    order = arrive(shop, 101, status="processing", payment_method_title="Metodo", **told)
    if not before:
        portal.post(f"/shops/{shop.pk}/payments/", rule)
    order.refresh_from_db()
    assert order.payment == kind


def test_nonsense_and_a_strangers_shop_are_refused(portal: Client, shop: Any, other_dropshipper: Any) -> None:
    assert portal.post(f"/shops/{shop.pk}/payments/", {"gateway": "", "kind": "cod"}).status_code == 422
    assert portal.post(f"/shops/{shop.pk}/payments/", {"gateway": "x", "kind": "review"}).status_code == 422
    stranger = make_shop(other_dropshipper, address="https://other.example.it")
    assert portal.get(f"/shops/{stranger.pk}/payments/").status_code == 404
    assert portal.post(f"/shops/{stranger.pk}/payments/", {"gateway": "x", "kind": "cod"}).status_code == 404
    assert not PaymentRule.objects.exists()


def test_a_platforms_own_choices_are_kept_with_the_rules(portal: Client, dropshipper: Any) -> None:
    places = [{"id": "11", "name": "Torino", "online": True}, {"id": "12", "name": "Asti", "online": False}]
    shop = make_shop(dropshipper, platform="shopify", address="https://x.myshopify.com", facts={"locations": places})
    Shop.objects.update(import_since="2026-11-01T00:00:00Z")
    page = portal.get(f"/shops/{shop.pk}/rules/").content.decode()
    assert "Asti" in page
    given = {"since": "2026-11-01", "options-location": "12", "options-mark_paid": "on"}
    assert portal.post(f"/shops/{shop.pk}/rules/", given).status_code == 302
    shop.refresh_from_db()
    assert shop.options == {"location": "12", "notify": False, "mark_paid": True, "cancel": False}
    assert portal.post(f"/shops/{shop.pk}/rules/", {**given, "options-location": "99"}).status_code == 422
    shop.refresh_from_db()
    assert shop.options["location"] == "12"


def test_what_no_method_can_be_called_is_refused(shop: Any, owner: Any, client_for: Any) -> None:
    address = reverse("connectors:payment_rules", args=[shop.pk])
    assert client_for(owner).post(address, {"forget": "\0"}).status_code == 400
