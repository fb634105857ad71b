"""A SKU that we do not know is matched once, and every order that waits for it goes on."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.errors import NotMatched
from connectors.intake import deliveries
from connectors.matching import single
from orders.models import Order
from tests.connectors.conftest import Deliver, make_shop, order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]


def line(**fields: Any) -> list[dict[str, Any]]:
    return [{**order_body()["line_items"][0], **fields}]


def bring(shop: Any, deliver: Deliver, *numbers: int, **fields: Any) -> None:
    for number in numbers:
        assert deliver(shop, "order.updated", order_body(number, **fields)).status_code == 200
    deliveries.drain()


def test_a_match_frees_every_order_that_waits_and_those_to_come(shop: Any, deliver: Deliver, goods: Any) -> None:
    bring(shop, deliver, 1, 2, 3, line_items=line(sku="trapano-18v", quantity=2))
    assert set(Order.objects.values_list("state", flat=True)) == {"received"}
    assert single.accept(shop, "sku:TRAPANO-18V", goods["MCI-0001"].pk, by=None) == 3
    bring(shop, deliver, 4, line_items=line(sku="Trapano-18V"))
    assert set(Order.objects.values_list("state", flat=True)) == {"ready"}
    assert set(Order.objects.values_list("lines__variant__sku", flat=True)) == {"MCI-0001"}


def test_one_of_theirs_may_be_many_of_ours(shop: Any, deliver: Deliver, goods: Any) -> None:
    bring(shop, deliver, 1, line_items=line(sku="KIT-3", quantity=2))
    assert single.accept(shop, "sku:KIT-3", goods["MCI-0002"].pk, 3, by=None) == 1
    bring(shop, deliver, 2, line_items=line(sku="KIT-3", quantity=4))
    assert list(Order.objects.order_by("id").values_list("lines__quantity", flat=True)) == [6, 12]


def test_a_repeat_of_the_shop_does_not_multiply_again(shop: Any, deliver: Deliver, goods: Any) -> None:
    bring(shop, deliver, 1, line_items=line(sku="KIT-3", quantity=2))
    single.accept(shop, "sku:KIT-3", goods["MCI-0002"].pk, 3, by=None)
    for second in range(1, 4):
        bring(
            shop,
            deliver,
            1,
            line_items=line(sku="KIT-3", quantity=2),
            customer_note=f"{second}",
            date_modified_gmt=f"2026-11-20T10:00:0{second}",
        )
    order = Order.objects.get()
    assert (order.note, order.lines.get().quantity, order.lines.get().variant) == ("3", 6, goods["MCI-0002"])


def test_a_product_without_sku_is_matched_by_its_id(shop: Any, deliver: Deliver, goods: Any) -> None:
    bring(shop, deliver, 1, line_items=line(sku="", product_id=14, variation_id=3))
    [entry] = single.unmatched([shop])
    assert entry.subject == "product:14/3"
    assert single.accept(shop, entry.subject, goods["MCI-0003"].pk, by=None) == 1


def test_what_is_not_ours_is_left_out_and_the_rest_goes(shop: Any, deliver: Deliver, goods: Any) -> None:
    both = [*line(), *line(sku="OWN-77")]
    bring(shop, deliver, 1, line_items=both, payment_method="stripe", date_paid_gmt="2026-11-20T10:00:00")
    assert single.accept(shop, "sku:OWN-77", None, by=None) == 1
    assert list(Order.objects.get().lines.values_list("sku", "ignored")) == [("MCI-0001", False), ("OWN-77", True)]


def test_with_cash_on_delivery_somebody_must_say_what_our_courier_collects(
    shop: Any, deliver: Deliver, goods: Any
) -> None:
    bring(shop, deliver, 1, line_items=[*line(), *line(sku="OWN-77")])
    assert single.accept(shop, "sku:OWN-77", None, by=None) == 0
    assert [problem.code for problem in Order.objects.get().problems.all()] == ["cod_mixed"]


def test_a_match_is_of_one_shop(shop: Any, other_dropshipper: Any, deliver: Deliver, goods: Any) -> None:
    other = make_shop(other_dropshipper, address="http://127.0.0.1:10")
    for one in (shop, other):
        bring(one, deliver, 1, line_items=line(sku="X-1"))
    assert single.accept(shop, "sku:X-1", goods["MCI-0001"].pk, by=None) == 1
    assert Order.objects.get(inbox__shop=other).state == "received"
    assert [entry.shop for entry in single.unmatched([other])] == [other]
    assert single.unmatched([shop]) == []


def test_what_is_unmatched_is_listed_with_how_many_wait(shop: Any, deliver: Deliver) -> None:
    bring(shop, deliver, 1, 2, 3, line_items=line(sku="X-1", quantity=5))
    bring(shop, deliver, 4, line_items=[*line(sku="X-2"), *line(sku="x-1")])
    with CaptureQueriesContext(connection) as queries:
        found = single.unmatched([shop])
    assert len(queries) == 1
    assert [(entry.subject, entry.waiting, entry.pieces) for entry in found] == [("sku:X-1", 4, 16), ("sku:X-2", 1, 1)]


@pytest.mark.parametrize(("subject", "quantity"), [("", 1), ("sku:", 1), ("x:1", 1), ("sku:A", 0), ("sku:A", 10_000)])
def test_nonsense_is_refused(shop: Any, goods: Any, subject: str, quantity: int) -> None:
    with pytest.raises(NotMatched):
        single.accept(shop, subject, goods["MCI-0001"].pk, quantity, by=None)


def test_sent_orders_are_not_touched(shop: Any, deliver: Deliver, goods: Any) -> None:
    bring(shop, deliver, 1, line_items=line(sku="X-1"))
    Order.objects.update(state="cancelled")
    assert single.accept(shop, "sku:X-1", goods["MCI-0001"].pk, by=None) == 0
    assert Order.objects.get().lines.get().variant is None


def shirt(variation: int, look: str, sku: str = "SHIRT") -> list[dict[str, Any]]:
    return line(sku=sku, product_id=30, variation_id=variation, name=f"Maglietta - {look}")


def test_a_sku_that_all_variations_show_is_asked_for_each_of_them(shop: Any, deliver: Deliver, goods: Any) -> None:
    """The shop shows the product's SKU on its variations: what was linked for one is not sent for another."""
    bring(shop, deliver, 1, line_items=shirt(31, "Rosso, M"))
    assert single.accept(shop, "sku:SHIRT", goods["MCI-TSH-M-B"].pk, by=None) == 1
    bring(shop, deliver, 2, line_items=shirt(31, "Rosso, M"))
    bring(shop, deliver, 3, line_items=shirt(32, "Blu, XL"))
    same, other = Order.objects.get(source_number="2"), Order.objects.get(source_number="3")
    assert (same.state, same.lines.get().variant) == ("ready", goods["MCI-TSH-M-B"])
    assert (other.state, other.lines.get().variant) == ("received", None)
    assert other.lines.get().name == "Maglietta - Blu, XL (SKU SHIRT)"
    [asked] = single.unmatched([shop])
    assert single.accept(shop, asked.subject, goods["MCI-TSH-L-X"].pk, by=None) == 1
    bring(shop, deliver, 4, line_items=shirt(32, "Blu, XL"))
    assert Order.objects.get(source_number="4").lines.get().variant == goods["MCI-TSH-L-X"]


def test_variations_with_skus_of_their_own_are_linked_by_them(shop: Any, deliver: Deliver, goods: Any) -> None:
    bring(shop, deliver, 1, line_items=shirt(31, "Rosso, M", "RED-M"))
    bring(shop, deliver, 2, line_items=shirt(32, "Blu, XL", "BLUE-XL"))
    single.accept(shop, "sku:RED-M", goods["MCI-TSH-M-B"].pk, by=None)
    single.accept(shop, "sku:BLUE-XL", goods["MCI-TSH-L-X"].pk, by=None)
    bring(shop, deliver, 3, line_items=shirt(33, "Blu, XL (new)", "BLUE-XL"))  # made anew by the merchant: asked once
    bring(shop, deliver, 4, line_items=shirt(32, "Blu, XL", "BLUE-XL"))
    assert [order.state for order in Order.objects.order_by("source_number")] == ["ready", "ready", "received", "ready"]


def test_to_forget_a_sku_forgets_the_variations_that_carried_it(shop: Any, deliver: Deliver, goods: Any) -> None:
    bring(shop, deliver, 1, line_items=shirt(31, "Rosso, M"))
    single.accept(shop, "sku:SHIRT", goods["MCI-TSH-M-B"].pk, by=None)
    single.forget(shop, "sku:SHIRT")
    bring(shop, deliver, 2, line_items=shirt(31, "Rosso, M"))
    assert Order.objects.get(source_number="2").state == "received"
