"""Orders of which only a part was paid: neither prepaid, nor collected in full at the door, nor sent twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders.intake import editing
from tests.connectors.arrivals import PREPAID
from tests.connectors.conftest import order_body
from tests.connectors.woocommerce.test_cases import arrive, asks, line

pytestmark = pytest.mark.django_db


def metas(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def deposit(plugin: str, *, rest_paid: str, paid: str = "yes") -> list[dict[str, Any]]:
    """As the plugins of this family keep it."""
    return metas(
        **{
            f"_{plugin}_deposits_order_has_deposit": "yes",
            f"_{plugin}_deposits_deposit_paid": paid,
            f"_{plugin}_deposits_second_payment_paid": rest_paid,
            f"_{plugin}_deposits_deposit_amount": "9.90",
            f"_{plugin}_deposits_second_payment": "30",
        }
    )


@pytest.mark.parametrize("plugin", ["wc", "awcdp"])
@pytest.mark.parametrize("method", [PREPAID, {}], ids=["card", "cod"])
def test_a_deposit_alone_is_no_payment(shop: Any, goods: Any, plugin: str, method: dict[str, Any]) -> None:
    order = arrive(shop, order_body(1, **method, meta_data=deposit(plugin, rest_paid="no")))
    assert order is not None
    assert (order.state, order.payment, order.payment_reason) == ("received", "review", "part_paid")
    order = editing.decide_payment(order.pk, "cod", by=None)
    assert (order.state, order.to_collect) == ("ready", Decimal("30.00"))  # never the whole


@pytest.mark.parametrize("plugin", ["wc", "awcdp"])
def test_with_its_rest_paid_it_is_what_it_says(shop: Any, goods: Any, plugin: str) -> None:
    card = arrive(shop, order_body(1, **PREPAID, meta_data=deposit(plugin, rest_paid="yes")))
    door = arrive(shop, order_body(2, meta_data=deposit(plugin, rest_paid="yes")))
    none = arrive(shop, order_body(3, **PREPAID, meta_data=metas(_wc_deposits_order_has_deposit="no")))
    assert card is not None
    assert door is not None
    assert none is not None
    assert (card.state, card.payment) == (none.state, none.payment) == ("ready", "prepaid")
    assert (door.state, door.payment_reason) == ("received", "cod_and_paid")


@pytest.mark.parametrize(
    "meta",
    [
        {"_partial_cod_advance_paid": "9.90", "_partial_cod_remaining": "30.00"},
        {"_cod_guard_advance_amount": "9.90", "_cod_guard_remaining_amount": "30.00"},
        {"acconto": "9.90"},
        {"_amount_due": "30.00"},
        {"_advance_payment": 9.9},
        {"_balance_due": "30"},
    ],
)
def test_a_part_paid_before_the_door_is_a_question(shop: Any, goods: Any, meta: dict[str, Any]) -> None:
    order = arrive(shop, order_body(1, meta_data=metas(**meta)))
    assert asks(order) == {"payment_review"}


@pytest.mark.parametrize(
    "meta",
    [
        {"_deposit_type": "percent", "_advance_enabled": "1", "_stripe_balance": "12.00"},
        {"_remaining_amount": "0"},
        {"_amount_due": "39.90"},
        {"_cod_amount": "39.90"},
        {"is_deposit": "no"},
        {"_deposit_amount": "0.25", "_remaining_balance_paid": "1"},
        {"_account_balance": "7.50", "_points_balance": "120"},
    ],
)
def test_what_speaks_of_no_part_is_none(shop: Any, goods: Any, meta: dict[str, Any]) -> None:
    assert asks(arrive(shop, order_body(1, **PREPAID, meta_data=metas(**meta)))) == set()


@pytest.mark.parametrize(
    ("meta", "open_"),
    [
        ({"_is_deposit": "yes", "_deposit_full_amount": "89.00"}, True),
        ({"_is_deposit": "yes", "_remaining_balance_paid": "1"}, False),
        ({"_deposit": "1", "_deposit_balance": "69", "_full_payment_id": "5001"}, True),
        ({"wc_deposit_meta": {"enable": "no"}, "_deposit": ""}, False),
    ],
)
def test_a_line_may_be_priced_by_its_deposit(shop: Any, goods: Any, meta: dict[str, Any], open_: bool) -> None:
    item = line(1, "MCI-0001", "28.61", "6.29", meta_data=metas(**meta))
    order = arrive(shop, order_body(1, **PREPAID, line_items=[item]))
    assert asks(order) == ({"payment_review"} if open_ else set())


@pytest.mark.parametrize(
    "fields",
    [
        {"created_via": "wc_deposits"},
        {"created_via": "yith_wcdp_balance_order"},
        {"line_items": [line(1, "MCI-0001", "28.61", "6.29", meta_data=metas(_original_order_id="77"))]},
    ],
)
def test_an_order_that_collects_a_rest_does_not_send_the_goods_again(
    shop: Any, goods: Any, fields: dict[str, Any]
) -> None:
    assert asks(arrive(shop, order_body(1, **PREPAID, **fields))) == {"split_order"}
    assert asks(arrive(shop, order_body(2, **PREPAID, created_via="checkout"))) == set()
