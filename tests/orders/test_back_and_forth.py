"""The shop changes a sent order, somebody here follows it, and the shop goes back to its first word: what goes is not
what the shop says, and somebody is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from orders import timeline
from orders.fulfilment import collect
from orders.intake import follow
from orders.models import Order
from orders.questions import alerts
from tests.orders.test_follow import sent
from tests.orders.test_readdress import change

pytestmark = pytest.mark.django_db
HOME, AWAY, THIRD = "Via Garibaldi 12", "Corso Francia 9", "Via Po 1"


def told(order: Order) -> list[list[str]]:
    row = order.problems.filter(code="changed_in_shop").first()
    return list(row.params["changes"]) if row else []


def at(data: Any, street: str) -> Any:
    return replace(data, address=replace(data.address, street=street))


@pytest.mark.parametrize("looked", [False, True])
def test_followed_and_taken_back_is_told(dropshipper: Any, owner: Any, looked: bool) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, at(data, AWAY))
    assert told(order) == [["street", HOME, AWAY]]
    if looked:
        alerts.seen(order.pk, "changed_in_shop", by=owner.pk)
    change(order, replace(order.address, street=AWAY))
    assert told(order) == []  # what it asked for is done
    follow.refresh(order.pk, data)
    assert told(order) == [["street", AWAY, HOME]]
    follow.refresh(order.pk, at(data, AWAY))
    assert told(order) == []


def test_what_was_sent_to_a_third_place_is_held_against_that(dropshipper: Any) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, at(data, AWAY))
    change(order, replace(order.address, street=THIRD))
    assert told(order) == [["street", THIRD, AWAY]]
    follow.refresh(order.pk, data)
    assert told(order) == [["street", THIRD, HOME]]
    follow.refresh(order.pk, at(data, THIRD))
    assert told(order) == []


def test_what_was_not_followed_and_taken_back_is_no_change(dropshipper: Any) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, at(data, AWAY))
    assert told(order) != []
    follow.refresh(order.pk, data)
    assert told(order) == []


@pytest.mark.parametrize("first", ["shop", "here"])
def test_an_amount_that_was_lowered_and_is_owed_again_is_told(dropshipper: Any, first: str) -> None:
    """The courier would collect 29.90 of the 39.90 that the customer owes."""
    order, data = sent(dropshipper)
    less = replace(data, sale_total=D("29.90"))
    if first == "here":
        collect.lower(order.pk, D("29.90"), by=None)
    follow.refresh(order.pk, less)
    if first == "shop":
        assert told(order) == [["total", "39.90", "29.90"]]
        collect.lower(order.pk, D("29.90"), by=None)
    assert not order.problems.exists()
    follow.refresh(order.pk, data)
    assert told(order) == [["total", "29.90", "39.90"]]


def test_paid_after_all_and_then_not_is_told(dropshipper: Any) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, replace(data, payment="prepaid"))
    collect.lower(order.pk, D("0.00"), by=None)
    assert not order.problems.exists()
    follow.refresh(order.pk, data)
    assert told(order) == [["payment", "prepaid", "cod"]]
    assert timeline.changes({"changes": told(order)})[0][1:] == ("Prepagato", "COD")
    follow.refresh(order.pk, replace(data, payment="prepaid"))
    assert told(order) == []
