"""Of an order that was sent, every act after every other: what it becomes, what is refused and in which words, and that
a refusal, or the same act again, leaves no trace in orders, parcels, stock and books."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction

from catalog.models import Stock, StockMove
from core.errors import DomainError
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.models import Order, OrderEvent
from shipping.models import Shipment, ShipmentEvent
from tests import cast, differing
from tests.reckoning import Owed, euro, owed
from tests.wallet.books import books
from wallet.queries import balances

pytestmark = pytest.mark.django_db
ACTS = ("cancel", "cancel by staff", "pack", "ship", "ship as another", "deliver", "remit")
SAME = "same"
# State → what each of the acts makes of it: the next state, SAME, or the code of a refusal.
PREPAID = {
    "to pick": ("cancelled", "cancelled", "packed", "shipped", "shipped", "bad_transition", "bad_transition"),
    "packed": ("too_late", "cancelled", SAME, "shipped", "shipped", "bad_transition", "bad_transition"),
    "shipped": ("too_late", "too_late", "bad_transition", SAME, "bad_transition", "delivered", "bad_transition"),
    "delivered": ("too_late", "too_late", *["bad_transition"] * 3, SAME, "bad_transition"),
    "cancelled": (SAME, "already_done", *["too_late"] * 5),
}
COD = PREPAID | {
    "delivered": ("too_late", "too_late", *["bad_transition"] * 3, SAME, "remitted"),
    "remitted": ("too_late", "too_late", *["bad_transition"] * 3, SAME, SAME),
}
WAY = {
    "to pick": (),
    "packed": ("pack",),
    "shipped": ("pack", "ship"),
    "delivered": ("pack", "ship", "deliver"),
    "remitted": ("pack", "ship", "deliver", "remit"),
    "cancelled": ("cancel",),
}
PARCEL = {"to pick": "to_pick", "remitted": "delivered"}
MONEY = D("1307.91")
LINES = [("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1)]


class House:
    def __init__(self, cod: bool) -> None:
        self.world, self.cod = differing.world(), cod
        self.owner, self.staff = cast.member(self.world.seller).pk, cast.staff().pk
        order = self.world.order(*LINES, payment="cod" if cod else "prepaid", total="53.19", method="due")
        other = self.world.order(("DIV-C", 7), ("DIV-A", 5), payment="cod", total="97.31", method="uno")
        for one in (order, other):  # the other is never touched
            runs.dispatch_now(one.pk, dropshipper_id=self.world.seller.pk, key=uuid.uuid4(), by=self.owner)
        self.pk, self.other = order.pk, other.pk
        apart = owed([("DIV-C", 7), ("DIV-A", 5)], "uno", "terraferma", "97.31")
        model = owed(LINES, "due", "terraferma", "53.19" if cod else None)
        assert model is not None
        assert apart is not None
        self.owed: Owed = model
        self.apart: Owed = apart

    def act(self, name: str) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "cancel": lambda: parcels.cancel(self.pk, by=self.owner),
            "cancel by staff": lambda: parcels.cancel(self.pk, by=self.staff, staff=True),
            "pack": lambda: parcels.mark_packed(self.pk, by=self.staff),
            "ship": lambda: parcels.mark_shipped(self.pk, tracking_number="TRK53190001", by=self.staff),
            "ship as another": lambda: parcels.mark_shipped(self.pk, tracking_number="TRK53190002", by=self.staff),
            "deliver": lambda: parcels.mark_delivered(self.pk, by=self.staff),
            "remit": lambda: parcels.mark_remitted(self.pk, by=self.staff),
        }
        acts[name]()

    def all_there_is(self) -> list[Any]:
        counts = [model.objects.count() for model in (OrderEvent, ShipmentEvent, StockMove)]
        rows = [list(model.objects.order_by("pk").values_list()) for model in (Order, Shipment, Stock)]
        return [books(), counts, rows]

    def check(self, state: str, tracking: str) -> None:
        """What the state says of each room."""
        order = Order.objects.select_related("shipment").get(pk=self.pk)
        parcel = order.shipment
        assert parcel is not None
        assert parcel.state == PARCEL.get(state, state)
        done = state == "remitted" or (state == "delivered" and not self.cod)
        assert order.state == ("cancelled" if state == "cancelled" else "completed" if done else "dispatched")
        cash = {"delivered": "collected", "remitted": "remitted", "cancelled": "reversed"}.get(state, "booked")
        assert parcel.cash == (cash if self.cod else "")
        assert parcel.tracking == tracking
        assert (parcel.shipped_at is not None) == (state in ("shipped", "delivered", "remitted"))
        assert (parcel.delivered_at is not None) == (state in ("delivered", "remitted"))
        gone, held = state in ("shipped", "delivered", "remitted"), state in ("to pick", "packed")
        for sku, pieces, there, besides in (("DIV-A", 3, 41, 5), ("DIV-B", 3, 29, 0), ("DIV-C", 0, 67, 7)):
            row = Stock.objects.get(variant__sku=sku)
            assert (row.on_hand, row.reserved) == (there - pieces * gone, pieces * held + besides)
        wallet, one, left = balances(self.world.seller.pk), self.owed, state != "cancelled"
        apart = euro(self.apart.leaves)
        if state == "remitted":
            assert wallet.available == MONEY - apart + euro(one.collect - one.cost)
        else:
            assert wallet.available == MONEY - apart - (euro(one.leaves) if left else 0)
        is_open = left and state != "remitted"
        assert wallet.held == euro(self.apart.guarantee + one.guarantee * is_open)
        assert wallet.cod_due == euro(self.apart.to_come + one.to_come * is_open)


@pytest.mark.parametrize("cod", [False, True], ids=["prepaid", "cod"])
def test_every_act_after_every_other(cod: bool) -> None:
    house = House(cod)
    assert (house.owed.cost > house.owed.collect) is True  # a part of it leaves the wallet at once
    for state, outcomes in (COD if cod else PREPAID).items():
        with transaction.atomic():
            for name in WAY[state]:
                house.act(name)
            tracking = "TRK53190001" if "ship" in WAY[state] else ""
            house.check(state, tracking)
            for name, outcome in zip(ACTS, outcomes, strict=True):
                before, code = house.all_there_is(), ""
                with transaction.atomic():
                    try:
                        house.act(name)
                    except DomainError as error:
                        code = error.code
                    if code or outcome == SAME:
                        assert (code or SAME, house.all_there_is()) == (outcome, before), (state, name)
                    else:
                        number = {"ship": "TRK53190001", "ship as another": "TRK53190002"}.get(name, tracking)
                        house.check(outcome, number)
                    transaction.set_rollback(True)
            transaction.set_rollback(True)
