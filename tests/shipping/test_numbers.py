"""What a courier's number looks like, and how the numbers of before come under the constraint."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from shipping.models import Courier, Shipment
from shipping.parcels import numbers
from tests.shipping.parcels import parcel

MIGRATION = import_module("shipping.migrations.0005_numbers_are_one_parcels")


@pytest.mark.parametrize(
    ("shapes", "number", "usual"),
    [
        ("", "whatever-1", True),
        ("999999999, XX999999999", "123456789", True),
        ("999999999, XX999999999", "m1123456789", True),
        ("999999999, XX999999999", "12345678", False),
        ("999999999", "12345678A", False),
        ("EN999IT", "EN123IT", True),
        ("EN999IT", "FR123IT", False),
        ("999", "\u0967\u0968\u0969", False),
        (" , ", "1", True),
    ],
)
def test_a_number_that_does_not_look_like_the_couriers_is_unusual(shapes: str, number: str, usual: bool) -> None:
    assert numbers.is_usual(Courier(tracking_shapes=shapes), number) is usual


def test_an_example_is_a_number_that_fits() -> None:
    courier = Courier(tracking_shapes="999999999, XX999999999, EN999IT")
    assert all(numbers.is_usual(courier, numbers.example(mask)) for mask in numbers.shapes_of(courier))


@pytest.mark.django_db
def test_two_parcels_that_have_one_number_already_keep_it_and_the_newest_holds_it(dropshipper: Any) -> None:
    made = [parcel(dropshipper, tracking=number, state="shipped") for number in ("A1", "a1", "A2", "")]
    gone = parcel(dropshipper, tracking="A1", state="cancelled")
    Shipment.objects.update(holds=None)
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.HELD)
        cursor.execute(MIGRATION.HELD)  # a deployment that is tried again
    held = dict(Shipment.objects.values_list("pk", "holds"))
    courier = made[0].method.courier_id
    assert [held[one.pk] for one in (*made, gone)] == [None, f"{courier}:A1", f"{courier}:A2", None, None]


@pytest.mark.django_db
def test_the_couriers_whose_manuals_say_it_get_their_shapes_and_nobody_loses_his() -> None:
    Courier.objects.create(name="BRT", code="brt")
    Courier.objects.create(name="GLS", code="gls-italy", tracking_shapes="99")
    Courier.objects.create(name="Altro", code="altro")
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.SHAPES)
    shapes = dict(Courier.objects.values_list("code", "tracking_shapes"))
    assert (shapes["brt"].count("9"), shapes["gls-italy"], shapes["altro"]) == (45, "99", "")
