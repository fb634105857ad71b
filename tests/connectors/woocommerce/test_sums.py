"""An order that does not add up is a question: whole orders as WooCommerce sends them, and what plugins do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.arrivals import PREPAID
from tests.connectors.conftest import order_body
from tests.connectors.woocommerce.test_cases import arrive, asks

pytestmark = pytest.mark.django_db
SHIPPING = {"id": 2, "method_id": "flat_rate", "method_title": "Corriere", "total": "4.10", "total_tax": "0.90"}


def whole(id_: int = 1, **fields: Any) -> dict[str, Any]:
    """28.61 + 6.29 for the article, 4.10 + 0.90 for its shipping: 39.90."""
    return order_body(id_, **{"shipping_lines": [SHIPPING], "fee_lines": [], **fields})


@pytest.mark.parametrize("method", [{}, PREPAID], ids=["cod", "card"])
@pytest.mark.parametrize("total", ["3.99", "139.90", "34.90", "40.00"])
def test_a_total_that_is_not_the_sum_of_its_parts_is_asked(
    shop: Any, goods: Any, method: dict[str, Any], total: str
) -> None:
    order = arrive(shop, whole(total=total, **method))
    assert order is not None
    assert (order.state, asks(order)) == ("received", {"sums_differ"})
    assert order.problems.get().params == {"total": total, "sum": "39.90"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"total": "39.91"},  # their rounding
        {"total": "39.90", "fee_lines": []},
        {"total": "43.56", "fee_lines": [{"name": "Contrassegno", "total": "3.00", "total_tax": "0.66"}]},
        {"total": "29.90", "fee_lines": [{"name": "Buono", "total": "-10.00", "total_tax": "0.00"}]},
        {"total": "29.90", "meta_data": [{"key": "_ywgc_applied_gift_cards", "value": {"AB-12": 10}}]},
        {"total": "29.90", "gift_cards": [{"id": 1, "code": "AB", "amount": 4}, {"id": 2, "amount": "6.00"}]},
        {"total": "29.90", "meta_data": [{"key": "smart_coupons_contribution", "value": '{"ab": 10}'}]},
    ],
)
def test_what_adds_up_or_says_why_not_is_ready(shop: Any, goods: Any, fields: dict[str, Any]) -> None:
    order = arrive(shop, whole(**fields))
    assert order is not None
    assert (order.state, order.to_collect) == ("ready", Decimal(fields.get("total", "39.90")))


def test_no_cents_and_taxes_of_the_whole_alone_add_up_too(shop: Any, goods: Any) -> None:
    article = {**order_body()["line_items"][0], "total": "29", "total_tax": "6"}
    bare = {**SHIPPING, "total": "4", "total_tax": "1"}
    assert asks(arrive(shop, whole(1, total="40", line_items=[article], shipping_lines=[bare]))) == set()
    untaxed = {**order_body()["line_items"][0], "total_tax": "0.00"}
    fields = {"line_items": [untaxed], "shipping_lines": [{**SHIPPING, "total_tax": "0.00"}], "total_tax": "7.19"}
    assert asks(arrive(shop, whole(2, **fields))) == set()


def test_once_it_adds_up_it_is_ready(shop: Any, goods: Any) -> None:
    assert asks(arrive(shop, whole(total="139.90"))) == {"sums_differ"}
    order = arrive(shop, whole(date_modified_gmt="2026-11-20T11:00:00"))
    assert order is not None
    assert order.state == "ready"
