"""All that is written of an order, from the click to the cash and back: timeline, parcel, stock and books, each line in
whole and by the person who did it; and who did a step before is told to who comes too late."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.models import StockMove
from core.errors import AlreadyDone
from orders.dispatch import runs
from orders.errors import NothingToTakeBack, ShippedUnder
from orders.fulfilment import cancel, collect, parcels, undo
from orders.models import Order, OrderEvent
from shipping.models import Shipment, ShipmentEvent
from tests import cast, differing
from wallet.models import Entry, Proposal

pytestmark = pytest.mark.django_db
LINES = [("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1)]


class House:
    """An order, and a person of its own for every act: `who("pack")` packed."""

    def __init__(self, total: str = "53.19", payment: str = "cod") -> None:
        self.world = differing.world()
        self.people: dict[str, User] = {}
        self.order = self.world.order(*LINES, payment=payment, total=total, method="due")
        self.pk = self.order.pk
        self.began = OrderEvent.objects.count()

    def who(self, name: str) -> int:
        if name not in self.people:
            self.people[name] = cast.user(name=name)
        return self.people[name].pk

    def names(self) -> dict[int | None, str]:
        return {person.pk: name for name, person in self.people.items()} | {None: "–"}

    def send(self, name: str = "click") -> None:
        runs.dispatch_now(self.pk, dropshipper_id=self.world.seller.pk, key=uuid.uuid4(), by=self.who(name))

    def now(self) -> Order:
        return Order.objects.select_related("shipment").get(pk=self.pk)

    def timeline(self) -> list[tuple[str, dict[str, Any], str]]:
        names, rows = self.names(), OrderEvent.objects.filter(order=self.pk).order_by("id")[2:]  # created, ready
        return [(row.code, row.params, names[row.by_id]) for row in rows]

    def parcel(self) -> list[tuple[str, str, str, str, str]]:
        names, rows = self.names(), ShipmentEvent.objects.filter(shipment__order=self.pk).order_by("id")
        return [(row.axis, row.from_value, row.to_value, row.note, names[row.by_id]) for row in rows]

    def stock(self) -> list[tuple[str, str, int, int, str]]:
        names, rows = self.names(), StockMove.objects.filter(reference=self.order.reference).order_by("id")
        return [
            (row.variant.sku[4:], row.kind, row.on_hand_change, row.reserved_change, names[row.by_id]) for row in rows
        ]

    def books(self) -> list[tuple[str, str, str]]:
        names, rows = self.names(), Entry.objects.filter(reference=self.order.reference).order_by("id")
        return sorted((row.kind, row.memo, names[row.by_id]) for row in rows)


def test_of_a_cod_order_from_the_click_to_the_cash_and_back() -> None:
    house, staff = House(), {"at_the_desk": True}
    pk, who = house.pk, house.who
    house.send()
    collect.lower(pk, D("40.07"), by=who("less"))
    parcels.mark_packed(pk, by=who("pack"), **staff)
    collect.lower(pk, D("31.17"), by=who("less again"))
    parcels.mark_packed(pk, by=who("pack again"), **staff)
    undo.take_back(pk, "unpacked", reason="Manca B", by=who("unpack"))
    parcels.mark_shipped(pk, tracking_number="TRK000001", by=who("ship"), **staff)
    undo.renumber(pk, "TRK000002", reason="Scambiata", by=who("renumber"))
    undo.take_back(pk, "unshipped", reason="Rimasto qui", by=who("unship"))
    parcels.mark_shipped(pk, tracking_number="TRK000003", by=who("ship again"), **staff)
    parcels.mark_delivered(pk, by=who("deliver"), **staff)
    undo.take_back(pk, "undelivered", reason="Vicino", by=who("undeliver"))
    parcels.mark_delivered(pk, by=who("deliver again"), **staff)
    parcels.mark_remitted(pk, by=who("remit"), **staff)
    assert undo.take_back_cash(pk, reason="Altra distinta", by=who("unremit")) is True
    order = parcels.mark_remitted(pk, by=who("remit again"), **staff)
    assert (order.pk, order.state) == (pk, "completed")
    assert house.timeline() == [
        ("dispatched", {}, "click"),
        ("stock_reserved", {"pieces": 6}, "click"),
        ("cod_booked", {"amount": "53.19"}, "click"),
        ("guarantee_held", {"amount": "19.90"}, "click"),
        ("charged", {"amount": "28.18"}, "click"),  # 81.37 − 53.19
        ("collect_lowered", {"before": "53.19", "amount": "40.07"}, "less"),
        ("packed", {}, "pack"),
        ("collect_lowered", {"before": "40.07", "amount": "31.17"}, "less again"),
        ("packed", {}, "pack again"),
        ("unpacked", {"text": "Manca B"}, "unpack"),
        ("shipped", {"tracking": "TRK000001"}, "ship"),
        ("renumbered", {"tracking": "TRK000002", "used": "TRK000001", "text": "Scambiata"}, "renumber"),
        ("unshipped", {"text": "Rimasto qui", "tracking": "TRK000002"}, "unship"),
        ("shipped", {"tracking": "TRK000003"}, "ship again"),
        ("delivered", {}, "deliver"),
        ("cod_collected", {"amount": "31.17"}, "deliver"),
        ("undelivered", {"text": "Vicino"}, "undeliver"),
        ("delivered", {}, "deliver again"),
        ("cod_collected", {"amount": "31.17"}, "deliver again"),
        ("cod_remitted", {"amount": "0.00"}, "remit"),
        ("completed", {}, "remit"),
        ("cod_unremitted", {"text": "Altra distinta", "amount": "19.90"}, "unremit"),
        ("cod_remitted", {"amount": "0.00"}, "remit again"),
        ("completed", {}, "remit again"),
    ]
    assert house.parcel() == [
        ("state", "", "to_pick", "", "click"),
        ("cash", "", "booked", "", "click"),
        ("cash", "booked", "booked", "53.19 → 40.07", "less"),
        ("state", "to_pick", "packed", "", "pack"),
        ("cash", "booked", "booked", "40.07 → 31.17", "less again"),
        ("state", "packed", "to_pick", "COD 40.07 → 31.17", "less again"),
        ("state", "to_pick", "packed", "", "pack again"),
        ("state", "packed", "to_pick", "↩ Manca B", "unpack"),
        ("state", "to_pick", "shipped", "", "ship"),
        ("tracking", "TRK000001", "TRK000002", "Scambiata", "renumber"),
        ("state", "shipped", "to_pick", "↩ Rimasto qui", "unship"),
        ("tracking", "TRK000002", "", "↩ Rimasto qui", "unship"),
        ("state", "to_pick", "shipped", "", "ship again"),
        ("state", "shipped", "delivered", "", "deliver"),
        ("cash", "booked", "collected", "", "deliver"),
        ("cash", "collected", "booked", "↩ Vicino", "undeliver"),
        ("state", "delivered", "shipped", "↩ Vicino", "undeliver"),
        ("state", "shipped", "delivered", "", "deliver again"),
        ("cash", "booked", "collected", "", "deliver again"),
        ("cash", "collected", "remitted", "", "remit"),
        ("cash", "remitted", "collected", "↩ Altra distinta", "unremit"),
        ("cash", "collected", "remitted", "", "remit again"),
    ]
    assert house.stock() == [
        ("A", "reserved", 0, 3, "click"),
        ("B", "reserved", 0, 3, "click"),
        *(("A", "shipped", -3, -3, "ship"), ("B", "shipped", -3, -3, "ship")),
        *(("A", "shipped", 3, 3, "unship"), ("B", "shipped", 3, 3, "unship")),
        *(("A", "shipped", -3, -3, "ship again"), ("B", "shipped", -3, -3, "ship again")),
    ]
    assert house.books() == [
        ("cod_amendment", "", "less"),
        ("cod_amendment", "", "less again"),
        ("cod_sale", "", "click"),
        ("guarantee", "", "click"),
        ("guarantee_release", "", "remit"),
        ("guarantee_release", "", "remit again"),
        ("remittance", "", "remit"),
        ("remittance", "", "remit again"),
        ("reversal", "Altra distinta", "unremit"),
        ("reversal", "Altra distinta", "unremit"),
    ]
    assert {row.code: row.params for row in order.problems.all()} == {
        "renumbered": {"tracking": "TRK000002", "used": "TRK000001", "text": "Scambiata"}
    }


def test_what_takes_nothing_is_not_written(settings: Any) -> None:
    settings.COD_GUARANTEE = False
    house = House(total="81.37")  # to the cent what it costs
    house.send()
    assert house.timeline() == [
        ("dispatched", {}, "click"),
        ("stock_reserved", {"pieces": 6}, "click"),
        ("cod_booked", {"amount": "81.37"}, "click"),
    ]
    assert house.books() == [("cod_sale", "", "click")]
    order = house.now()
    assert (order.cost, order.margin, order.guarantee) == (D("81.37"), D(0), D(0))


def test_of_a_margin_what_came_into_the_wallet_and_left_it_again() -> None:
    house = House(total="211.37")
    pk, who = house.pk, house.who
    house.send()
    parcels.mark_shipped(pk, tracking_number="TRK000001", by=who("ship"))
    parcels.mark_delivered(pk, by=who("deliver"))
    parcels.mark_remitted(pk, by=who("remit"))
    undo.take_back_cash(pk, reason="Altra distinta", by=who("unremit"))
    assert house.timeline()[-3:] == [
        ("cod_remitted", {"amount": "129.44"}, "remit"),
        ("completed", {}, "remit"),
        ("cod_unremitted", {"text": "Altra distinta", "amount": "149.34"}, "unremit"),
    ]
    assert house.now().state == "dispatched"


def test_of_cash_that_two_people_take_back_the_second_is_named(settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = D("5.00")
    house = House(total="211.37")
    pk, who = house.pk, house.who
    house.send()
    parcels.mark_shipped(pk, tracking_number="TRK000001", by=who("ship"))
    parcels.mark_delivered(pk, by=who("deliver"))
    parcels.mark_remitted(pk, by=who("remit"))
    assert undo.take_back_cash(pk, reason="Altra distinta", by=who("first")) is False
    assert (house.now().state, house.timeline()[-1][0]) == ("completed", "completed")
    order = undo.confirm_cash(pk, Proposal.objects.get().pk, by=who("second"))
    assert (order.pk, house.now().state) == (pk, "dispatched")
    assert house.timeline()[-1] == ("cod_unremitted", {"text": "Altra distinta", "amount": "149.34"}, "second")
    assert house.parcel()[-1] == ("cash", "remitted", "collected", "↩ Altra distinta", "second")
    assert {row[1:] for row in house.books() if row[0] == "reversal"} == {("Altra distinta", "second")}


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
def test_of_a_cancellation_all_that_is_reversed_and_by_whom(payment: str) -> None:
    house = House(payment=payment)
    pk, who, cod = house.pk, house.who, payment == "cod"
    house.send()
    parcels.mark_packed(pk, by=who("pack"))
    parcels.cancel(pk, by=who("cancel"), staff=True)
    assert house.timeline()[-3:] == [("packed", {}, "pack"), ("cancelled", {}, "cancel"), ("reversed", {}, "cancel")]
    cash = [("cash", "booked", "reversed", "", "cancel")] if cod else []
    assert house.parcel()[-3 if cod else -2 :] == [
        ("state", "to_pick", "packed", "", "pack"),
        ("state", "packed", "cancelled", "", "cancel"),
        *cash,
    ]
    assert house.stock()[2:] == [("A", "released", 0, -3, "cancel"), ("B", "released", 0, -3, "cancel")]
    number = house.order.number
    sold = ["cod_sale", "guarantee"] if cod else ["sale"]
    assert house.books() == sorted(
        [(kind, "", "click") for kind in sold] + [("reversal", number, "cancel")] * len(sold)
    )


def test_of_an_open_order_who_cancelled_it_and_took_it_back() -> None:
    house = House(payment="prepaid")
    who = house.who
    done = cancel.cancel(house.pk, by=who("cancel"), shown_open=True)
    again = cancel.cancel(house.pk, by=who("late"), shown_open=True)
    assert (done.done, done.given_back, again.done, again.given_back) == (True, D(0), False, D(0))
    assert cancel.restore(house.pk, by=who("restore")) is True
    assert cancel.restore(house.pk, by=who("late")) is False
    assert house.timeline() == [("cancelled", {}, "cancel"), ("restored", {}, "restore"), ("ready", {}, "restore")]


# ---- who comes too late


def told(act: Callable[[], Any], kind: type[AlreadyDone | ShippedUnder] = AlreadyDone) -> dict[str, Any]:
    with pytest.raises(kind) as refused:
        act()
    return refused.value.params


def dated(rows: Any, **wanted: Any) -> None:
    """The newest row of these was written on 7 March 2026 at 10:05, before it another on another day."""
    newest, *others = rows.filter(**wanted).order_by("-id")
    zone = timezone.get_current_timezone()
    rows.filter(pk__in=[row.pk for row in others]).update(at=dt.datetime(2025, 1, 2, 3, 4, tzinfo=zone))
    rows.filter(pk=newest.pk).update(at=dt.datetime(2026, 3, 7, 10, 5, tzinfo=zone))


AT = "07/03/2026 10:05"


def test_who_comes_late_hears_who_did_it_last_and_when() -> None:
    house, desk = House(total="211.37"), {"at_the_desk": True}
    pk, who = house.pk, house.who
    late = who("late")
    timeline, parcel = (
        OrderEvent.objects.filter(order=pk),
        ShipmentEvent.objects.filter(shipment__reference=f"order:{pk}"),
    )
    house.send()
    for person in ("pack", "pack again"):
        parcels.mark_packed(pk, by=who(person), **desk)
        if person == "pack":
            undo.take_back(pk, "unpacked", reason="x", by=who("unpack"))
    dated(parcel, axis="state", to_value="packed")
    assert told(lambda: parcels.mark_packed(pk, by=late, **desk)) == {"name": "pack again", "at": AT}
    undo.take_back(pk, "unpacked", reason="x", by=who("unpack again"))
    dated(timeline, code="unpacked")
    assert told(lambda: undo.take_back(pk, "unpacked", reason="x", by=late)) == {"name": "unpack again", "at": AT}
    with pytest.raises(NothingToTakeBack) as nothing:  # not what was taken back before, and not by now
        undo.take_back(pk, "unshipped", reason="x", by=late)
    assert nothing.value.params == {"state": house.now().shipment.get_state_display()}  # type: ignore[union-attr]
    parcels.mark_shipped(pk, tracking_number="TRK000001", by=who("ship"), **desk)
    undo.take_back(pk, "unshipped", reason="x", by=who("unship"))
    parcels.mark_shipped(pk, tracking_number="TRK000002", by=who("ship again"), **desk)
    dated(parcel, axis="state", to_value="shipped")
    ship = {"by": late, **desk}
    assert told(lambda: parcels.mark_shipped(pk, tracking_number="TRK000002", **ship)) == {
        "name": "ship again",
        "at": AT,
    }
    assert told(lambda: parcels.mark_shipped(pk, tracking_number="TRK000003", **ship), ShippedUnder) == {
        "tracking": "TRK000002",
        "name": "ship again",
        "at": AT,
    }
    for person in ("deliver", "deliver again"):
        parcels.mark_delivered(pk, by=who(person), **desk)
        if person == "deliver":
            undo.take_back(pk, "undelivered", reason="x", by=who("undeliver"))
    dated(parcel, axis="state", to_value="delivered")
    assert told(lambda: parcels.mark_delivered(pk, by=late, **desk)) == {"name": "deliver again", "at": AT}
    for person in ("remit", "remit again"):
        parcels.mark_remitted(pk, by=who(person), **desk)
        if person == "remit":
            undo.take_back_cash(pk, reason="x", by=who("unremit"))
    dated(parcel, axis="cash", to_value="remitted")
    assert told(lambda: parcels.mark_remitted(pk, by=late, **desk)) == {"name": "remit again", "at": AT}
    undo.take_back_cash(pk, reason="x", by=who("unremit again"))
    dated(timeline, code="cod_unremitted")
    assert told(lambda: undo.take_back_cash(pk, reason="x", by=late)) == {"name": "unremit again", "at": AT}


def test_staff_hear_who_cancelled_it_last() -> None:
    house = House(payment="prepaid")
    for _time in range(2):
        cancel.cancel(house.pk, by=house.who(f"cancel {_time}"), shown_open=True)
        if not _time:
            cancel.restore(house.pk, by=house.who("restore"))
    dated(OrderEvent.objects.filter(order=house.pk), code="cancelled")
    late = house.who("late")
    assert told(lambda: parcels.cancel(house.pk, by=late, staff=True)) == {"name": "cancel 1", "at": AT}
    assert parcels.cancel(house.pk, by=late).pk == house.pk  # a reseller's second tab hears nothing


def test_what_was_sent_before_events_were_kept_says_when_it_was_made() -> None:
    house = House()
    house.send()
    parcels.mark_shipped(house.pk, tracking_number="TRK000001", by=house.who("ship"))
    ShipmentEvent.objects.all().delete()
    zone = timezone.get_current_timezone()
    Shipment.objects.update(created_at=dt.datetime(2026, 3, 7, 10, 5, tzinfo=zone))
    shipment = Shipment.objects.get()
    assert parcels.shipped_under(shipment).params == {"tracking": "TRK000001", "name": "–", "at": AT}
