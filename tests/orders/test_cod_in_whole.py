"""The COD page in a world where nothing is alike by chance: every row, every sum and every cell of the file against the
model of tests/reckoning.py; and the days, to the second."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from orders.dispatch import runs
from orders.fulfilment import cod, collect, parcels
from orders.models import Order
from shipping.models import Shipment, ShipmentEvent
from shipping.parcels import tracking
from tests import differing
from tests.reckoning import Owed, euro, owed

pytestmark = pytest.mark.django_db
# Name → lines, amount at the door, method. Of each state a parcel that earns and one that is below its cost.
PARCELS: dict[str, tuple[list[tuple[str, int]], str, str]] = {
    "booked": ([("DIV-A", 2)], "97.31", "uno"),
    "booked loss": ([("DIV-B", 3)], "11.13", "due"),
    "collected": ([("DIV-C", 4)], "83.29", "tre"),
    "collected loss": ([("DIV-D", 1)], "23.57", "uno"),
    "remitted": ([("DIV-A", 1), ("DIV-E", 5)], "71.19", "due"),
    "remitted loss": ([("DIV-B", 2), ("DIV-C", 1)], "13.37", "tre"),
    "cancelled": ([("DIV-E", 7)], "59.83", "uno"),
    "cancelled loss": ([("DIV-D", 2)], "17.41", "due"),
    "refused": ([("DIV-C", 9)], "93.61", "tre"),
}
STATE = {"cancelled": "reversed", "refused": "reversed"}


class House:
    def __init__(self) -> None:
        self.world = differing.world()
        self.orders: dict[str, Order] = {}
        self.owed: dict[str, Owed] = {}
        for name, (lines, total, method) in PARCELS.items():
            self.orders[name] = self.send(*lines, total=total, method=method, payment="cod", source_number=f"#{name}")
            model = owed(lines, method, "terraferma", total)
            assert model is not None
            self.owed[name] = model
        self.send(("DIV-A", 1))  # prepaid: no parcel of the page
        self.world.order(("DIV-A", 1), payment="cod", total="33.07")  # not sent
        self.send(("DIV-B", 1), payment="cod", total="37.93", seller=self.world.other)
        for name, order in self.orders.items():
            state = name.partition(" ")[0]
            if state == "cancelled":
                parcels.cancel(order.pk, by=None)
            elif state != "booked":
                parcels.mark_shipped(order.pk, tracking_number=f"TRK{order.pk}", by=None)
                if state == "refused":
                    self.refuse(order)
                    continue
                parcels.mark_delivered(order.pk, by=None)
                if state == "remitted":
                    parcels.mark_remitted(order.pk, by=None)

    def send(self, *lines: tuple[str, int], **fields: Any) -> Order:
        order = self.world.order(*lines, **fields)
        item = runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=uuid.uuid4(), by=None)
        assert item.result == "dispatched"
        return Order.objects.get(pk=order.pk)

    @staticmethod
    def refuse(order: Order) -> None:
        """At the door: the parcel comes back, its cash never comes."""
        parcel = Shipment.objects.get(pk=order.shipment_id)
        tracking.move(parcel, "returning", by=None)
        tracking.move_cash(parcel, "reversed", by=None)

    def found(self, **wanted: Any) -> list[str]:
        names = {order.pk: name for name, order in self.orders.items()}
        return [names[order.pk] for order in cod.find(self.world.seller, cod.Find(**wanted)).order_by("pk")]


@pytest.fixture
def house() -> House:
    return House()


def sum_of(house: House, *states: str) -> cod.Sums:
    """By the model: what is reversed brings nothing and holds nothing, what is paid over holds nothing."""
    whole = cod.Sums(0, D(0), D(0), D(0), D(0), D(0))
    for name, one in house.owed.items():
        state = STATE.get(name.partition(" ")[0], name.partition(" ")[0])
        if state not in states:
            continue
        margin = 0 if state == "reversed" else one.collect - one.cost
        held = one.guarantee if state in ("booked", "collected") else 0
        cents = (one.collect, one.cost, max(0, margin), min(0, margin), held)
        whole = cod.Sums(whole.count + 1, *(a + euro(b) for a, b in zip(_amounts(whole), cents, strict=True)))
    return whole


def _amounts(sums: cod.Sums) -> tuple[D, D, D, D, D]:
    return sums.collect, sums.cost, sums.due, sums.short, sums.held


def test_of_each_state_every_sum(house: House) -> None:
    every = ("booked", "collected", "remitted", "reversed")
    assert cod.sums(house.world.seller, cod.Find()) == {
        **{state: sum_of(house, state) for state in every},
        "all": sum_of(house, *every),
        "open": sum_of(house, "booked", "collected"),
    }
    none = cod.Sums()
    assert (none.count, *_amounts(none)) == (0, D(0), D(0), D(0), D(0), D(0))
    nothing = cod.sums(house.world.seller, cod.Find(text="nessuno"))
    assert nothing == dict.fromkeys((*every, "all", "open"), none)
    courier = cod.sums(house.world.seller, cod.Find(courier="corriere-due"))
    assert [courier[state].count for state in every] == [1, 0, 1, 1]


def test_each_row_and_each_cell_of_the_file(house: House) -> None:
    words = {
        "booked": "Da incassare",
        "collected": "Presso il corriere",
        "remitted": "Rimesso",
        "cancelled": "Stornato",
        "refused": "Rifiutato",
    }
    rows = {}
    for order in cod.with_parcels(cod.find(house.world.seller, cod.Find())):
        rows[order.source_number[1:]] = cod.row_of(order)
    assert rows.keys() == PARCELS.keys()
    for name, row in rows.items():
        one, state = house.owed[name], name.partition(" ")[0]
        cash = STATE.get(state, state)
        margin = one.collect - one.cost
        shown = (row.margin, row.held, row.account, row.cash, row.is_refused, row.words)
        assert shown == (
            None if cash == "reversed" else euro(margin),
            euro(one.guarantee if cash in ("booked", "collected") else 0),
            "cod_due" if margin > 0 else "wallet",
            cash,
            state == "refused",
            words[state],
        ), name
    # A minute before and after midnight in Rome, which is the day before in Greenwich.
    night = dt.datetime(2026, 3, 7, 23, 30, tzinfo=dt.UTC)
    ShipmentEvent.objects.filter(axis="cash").update(at=night)
    text = "".join(cod.export(cod.find(house.world.seller, cod.Find()))).removeprefix("\ufeff")
    _head, *lines = csv.reader(text.splitlines(), delimiter=";")
    assert [line[1][1:] for line in lines] == list(PARCELS)[::-1]
    for line in lines:
        name = line[1].lstrip("'")[1:]
        one, order, row = house.owed[name], house.orders[name], rows[name]
        state = name.partition(" ")[0]
        amounts = [one.collect, one.goods, one.shipping, one.fee, one.vat, one.cost]
        assert line == [
            order.number,
            f"#{name}",
            "Giulia Rossi",
            "Torino",
            f"Corriere {PARCELS[name][2]}",
            "" if state in ("booked", "cancelled") else f"TRK{order.pk}",
            words[state],
            "08/03/2026",
            *(f"{euro(cents):.2f}".replace(".", ",") for cents in amounts),
            "" if row.margin is None else f"{row.margin:.2f}".replace(".", ","),
            f"{row.held:.2f}".replace(".", ","),
        ]


def test_a_day_begins_and_ends_at_its_midnight(house: House) -> None:
    zone = timezone.get_current_timezone()
    first, second = dt.datetime(2026, 3, 7, tzinfo=zone), dt.datetime(2026, 3, 8, tzinfo=zone)
    tick = dt.timedelta(microseconds=1)
    came = {"booked": first, "booked loss": second - tick, "collected": first - tick, "collected loss": second}
    for name, order in house.orders.items():
        cash = ShipmentEvent.objects.filter(shipment=order.shipment_id, axis="cash").order_by("id")
        cash.update(at=second + dt.timedelta(days=9))
        ShipmentEvent.objects.filter(pk=cash.last().pk).update(at=came.get(name, second + dt.timedelta(days=3)))  # type: ignore[union-attr]
        # Where the parcel is, and what was lowered, does not move its cash.
        ShipmentEvent.objects.filter(shipment=order.shipment_id, axis="state").update(at=first + tick)
    day = first.date()
    assert house.found(first=day, last=day) == ["booked", "booked loss"]
    assert house.found(last=day) == ["booked", "booked loss", "collected"]
    assert house.found(first=day) == [name for name in PARCELS if name != "collected"]
    collect.lower(house.orders["booked"].pk, D("90.01"), by=None)
    assert house.found(first=day, last=day) == ["booked", "booked loss"]
    narrowed = cod.sums(house.world.seller, cod.Find(first=day, last=day))
    assert (narrowed["all"].count, narrowed["open"].collect) == (2, D("90.01") + D("11.13"))
    # A parcel of which nothing was noted came to its state when it was sent.
    ShipmentEvent.objects.filter(shipment=house.orders["remitted"].shipment_id).delete()
    Order.objects.filter(pk=house.orders["remitted"].pk).update(dispatched_at=first)
    assert house.found(first=day, last=day) == ["booked", "booked loss", "remitted"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"state": "booked"}, ["booked", "booked loss"]),
        ({"state": "collected"}, ["collected", "collected loss"]),
        ({"state": "remitted"}, ["remitted", "remitted loss"]),
        ({"state": "reversed"}, ["cancelled", "cancelled loss", "refused"]),
        ({}, list(PARCELS)),
        ({"courier": "corriere-tre"}, ["collected", "remitted loss", "refused"]),
        ({"courier": "corriere-tre", "state": "reversed"}, ["refused"]),
        ({"text": "#refused", "courier": "corriere-uno"}, []),
    ],
)
def test_what_the_list_shows(house: House, wanted: dict[str, str], names: list[str]) -> None:
    assert house.found(**wanted) == names
    assert house.found(text=f"  {house.orders['remitted'].number} ") == ["remitted"]


@pytest.mark.parametrize(
    ("wanted", "narrowed"),
    [
        ({}, False),
        ({"state": "booked"}, False),
        ({"text": " "}, False),
        ({"text": " x"}, True),
        ({"courier": "x"}, True),
        ({"first": dt.date(2026, 3, 7)}, True),
        ({"last": dt.date(2026, 3, 7)}, True),
    ],
)
def test_what_a_list_is_narrowed_by(wanted: dict[str, Any], narrowed: bool) -> None:
    assert cod.Find(**wanted).narrowed is narrowed
