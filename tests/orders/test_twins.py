"""Orders that may be the same are found without holding each against all: a shop may sell one article all day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from orders.intake import bulk, creation
from orders.models import Order
from orders.questions import twins
from tests.meeting import meet
from tests.orders import stage

pytestmark = pytest.mark.django_db


def told(number: int, **fields: Any) -> creation.OrderData:
    """The same article for another customer each time."""
    address = dataclasses.replace(
        stage.ADDRESS, name=f"Cliente {number}", street=f"Via Roma {number}", phone=f"+39333{number:07d}"
    )
    return stage.data(("SKU-A", 1), **{"address": address, "source": "woocommerce", **fields})


def arrive(dropshipper: Any, found: list[creation.OrderData]) -> list[Order]:
    ids = bulk.numbers(len(found))
    return bulk.create_many(dict(zip(ids, found, strict=True)), dropshipper_id=dropshipper.pk, method_id=None)


def test_the_work_grows_with_the_orders_and_not_with_their_square(
    dropshipper: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.variant("SKU-A")
    looked: list[str] = []
    real = twins.phone_key
    monkeypatch.setattr(twins, "phone_key", lambda text: looked.append(text) or real(text))
    arrive(dropshipper, [told(n) for n in range(60)])
    assert len(looked) <= 60
    looked.clear()
    arrive(dropshipper, [told(n) for n in range(100, 160)])
    assert len(looked) <= 120
    assert not Order.objects.filter(problems__code="possible_duplicate").exists()


def test_other_goods_are_not_even_looked_at(dropshipper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.variant("SKU-A")
    arrive(dropshipper, [told(n) for n in range(20)])
    looked: list[str] = []
    real = twins.place_key
    monkeypatch.setattr(twins, "place_key", lambda address: looked.append(address.name) or real(address))
    arrive(dropshipper, [dataclasses.replace(told(7), lines=[creation.LineData("OTHER", "x", 1)])])
    assert len(looked) == 1


def test_of_many_that_are_alike_the_first_is_named(dropshipper: Any) -> None:
    stage.variant("SKU-A")
    first, *more = arrive(dropshipper, [told(1), told(1), told(1)])
    later = arrive(dropshipper, [told(1)])
    assert not first.problems.exists()
    for order in [*more, *later]:
        assert order.problems.get(code="possible_duplicate").subject == first.number


@pytest.mark.parametrize(
    ("one", "two", "asks"),
    [
        (("Giulia Rossi", "Via Roma 1", "333 1234567"), ("Altro Nome", "Via Po 9", "+393331234567"), True),
        (("Giulia Rossi", "Via Roma 1", "3331234567"), ("giulia  ROSSI", "V. Roma, 1", "3407654321"), True),
        (("Giulia Rossi", "Via Roma 1", "3331234567"), ("Altro Nome", "Via Roma 1", "3407654321"), False),
        (("Giulia Rossi", "Via Roma 1", ""), ("Altro Nome", "Via Roma 1", "3407654321"), True),
        (("Giulia Rossi", "Via Roma 1", "3407654321"), ("Altro Nome", "Via Roma 1", ""), True),
        (("Giulia Rossi", "Via Roma 1", ""), ("Altro Nome", "Via Roma 1", ""), True),
        (("Giulia Rossi", "Via Roma 1", ""), ("Giulia Rossi", "Via Po 9", ""), False),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_who_is_alike(one: Any, two: Any, asks: bool, at_once: bool, dropshipper: Any) -> None:
    stage.variant("SKU-A")
    data = [
        told(1, address=dataclasses.replace(stage.ADDRESS, name=name, street=street, phone=phone))
        for name, street, phone in (one, two)
    ]
    made = arrive(dropshipper, data) if at_once else [arrive(dropshipper, [each])[0] for each in data]
    assert made[1].problems.filter(code="possible_duplicate").exists() is asks


def test_what_lies_between_the_moments_of_a_page_is_left_alone(
    dropshipper: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page with an order of long ago, and one of a clock that is ahead, does not read the years between."""
    stage.variant("SKU-A")
    now = timezone.now()
    arrive(dropshipper, [told(1, placed_at=now - dt.timedelta(days=400))])
    looked: list[str] = []
    real = twins.place_key
    monkeypatch.setattr(twins, "place_key", lambda address: looked.append(address.name) or real(address))
    far = dt.timedelta(days=800)
    arrive(dropshipper, [told(2, placed_at=now - far), told(3, placed_at=now), told(4, placed_at=now + far)])
    assert len(looked) == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_alike_that_arrive_at_once_the_second_asks(dropshipper: Any) -> None:
    """From two of his shops, say. Else both are ready, and the same goods are sent to one person twice."""
    stage.variant("SKU-A")
    met = meet(*[lambda: creation.create(told(1), dropshipper_id=dropshipper.pk)] * 2)
    assert met.waited, met
    assert met.second.problems.get(code="possible_duplicate").params == {"number": met.first.number}
