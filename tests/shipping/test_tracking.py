"""shipping/parcels/tracking.py: where a parcel and its cash may go next."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from shipping.errors import BadTransition
from shipping.models import Shipment, ShipmentEvent
from shipping.parcels import tracking
from tests.shipping import prices


def a_parcel(dropshipper: Any, **fields: Any) -> Shipment:
    fields = {
        "reference": "order:1",
        "method": prices.method(),
        "weight_g": 800,
        "cash": "booked",
        "cod_amount": 10,
        **fields,
    }
    return Shipment.objects.create(dropshipper=dropshipper, **fields)


@pytest.mark.django_db
def test_a_parcel_goes_its_way_and_each_step_is_written_down(dropshipper: Any, staff: Any) -> None:
    parcel = a_parcel(dropshipper)
    tracking.move(parcel, "packed", by=staff.pk)
    tracking.move(parcel, "shipped", by=staff.pk, tracking="1Z999", note="x" * 300)
    tracking.move(parcel, "delivered", by=staff.pk)
    tracking.move_cash(parcel, "collected", by=staff.pk)
    tracking.move_cash(parcel, "remitted", by=None)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.cash, parcel.tracking) == ("delivered", "remitted", "1Z999")
    assert parcel.shipped_at
    assert parcel.delivered_at
    assert list(parcel.events.order_by("id").values_list("axis", "from_value", "to_value")) == [
        ("state", "to_pick", "packed"),
        ("state", "packed", "shipped"),
        ("state", "shipped", "delivered"),
        ("cash", "booked", "collected"),
        ("cash", "collected", "remitted"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "to"), [("delivered", "cancelled"), ("shipped", "to_pick"), ("cancelled", "shipped")]
)
def test_a_refused_step_changes_nothing(dropshipper: Any, before: str, to: str) -> None:
    parcel = a_parcel(dropshipper, state=before)
    with pytest.raises(BadTransition):
        tracking.move(parcel, to, by=None, tracking="1Z999")
    parcel.refresh_from_db()
    assert (parcel.state, parcel.tracking, parcel.events.count()) == (before, "", 0)


@pytest.mark.django_db
def test_a_prepaid_parcel_has_no_cash_to_move(dropshipper: Any) -> None:
    parcel = a_parcel(dropshipper, cash="", cod_amount=0)
    with pytest.raises(BadTransition):
        tracking.move_cash(parcel, "collected", by=None)


def test_every_value_has_its_line_in_the_table_and_every_end_can_be_reached() -> None:
    assert set(tracking.STATES) == set(Shipment.State.values)
    assert set(tracking.CASH) == set(Shipment.Cash.values)
    reached, todo = set(), ["to_pick"]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo.extend(tracking.STATES[state])
    assert reached == set(Shipment.State.values)


@pytest.mark.django_db
def test_a_step_that_leads_nowhere_is_refused(dropshipper: Any) -> None:
    """The parcel's page names where each step led; only cash may come to nothing."""
    parcel = a_parcel(dropshipper)
    with pytest.raises(IntegrityError, match="shipping_event_to"), transaction.atomic():
        ShipmentEvent.objects.create(shipment=parcel, from_value="to_pick", to_value="")
    ShipmentEvent.objects.create(shipment=parcel, axis="cash", from_value="booked", to_value="")
    assert parcel.events.count() == 1
