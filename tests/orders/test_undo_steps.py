"""Steps that are taken back one after another, and two parcels that share a number while both are corrected."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.urls import reverse

from catalog.models import Stock
from core.errors import AlreadyDone
from orders.fulfilment import parcels, undo
from orders.models import Order
from shipping.models import Shipment
from shipping.parcels import numbers, tracking
from tests import cast
from tests.orders.test_undo import sent, stands
from tests.threads import ended

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("payment", ["cod", "prepaid"])
def test_all_that_was_done_by_mistake_goes_back_to_be_picked(
    dropshipper: Any, staff: Any, client_for: Any, payment: str
) -> None:
    """After the first step back it could go no further: packed for ever, its address closed to the reseller."""
    order, client = sent(dropshipper, payment), client_for(staff)
    for step, state in (("undelivered", "shipped"), ("unshipped", "packed"), ("unpacked", "to_pick")):
        page = client.get(reverse("orders:desk_order", args=[order.pk])).content.decode()
        assert f'value="{step}"' in page
        undo.take_back(order.pk, step, reason="x", by=staff.pk)
        assert stands(order)[1] == state
        call_command("verify")
    with pytest.raises(AlreadyDone):
        undo.take_back(order.pk, "unpacked", reason="x", by=staff.pk)
    assert undo.step_of(Order.objects.get(pk=order.pk)) == ""
    parcels.cancel(order.pk, by=cast.member(dropshipper).pk)
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (10, 0)
    call_command("verify")


def test_what_was_done_again_is_taken_back_again(dropshipper: Any, staff: Any) -> None:
    order = sent(dropshipper, until="shipped")
    undo.take_back(order.pk, "unshipped", reason="x", by=staff.pk)
    undo.take_back(order.pk, "unpacked", reason="x", by=staff.pk)
    parcels.mark_shipped(order.pk, tracking_number="T9", by=staff.pk, at_the_desk=True)  # without being packed
    undo.take_back(order.pk, "unshipped", reason="x", by=staff.pk)
    assert stands(order)[1] == "to_pick"
    parcels.mark_packed(order.pk, by=staff.pk)
    parcels.mark_shipped(order.pk, tracking_number="T9", by=staff.pk, at_the_desk=True)
    shipment = Shipment.objects.get(order=order)
    tracking.move(shipment, "held", by=None)
    parcels.mark_delivered(order.pk, by=staff.pk)
    undo.take_back(order.pk, "undelivered", reason="x", by=staff.pk)
    assert stands(order)[1] == "held"
    assert undo.step_of(Order.objects.get(pk=order.pk)) == ""
    call_command("verify")


def _old_give_up(shipment: Shipment) -> None:
    """Without the second look at the heir: the negative control."""
    before, shipment.holds = shipment.holds, None
    if before is None:
        return
    shipment.save(update_fields=["holds"])
    same = Shipment.objects.filter(tracking__iexact=shipment.tracking, method__courier=shipment.method.courier)
    heir = same.exclude(pk=shipment.pk).exclude(state=Shipment.State.CANCELLED).order_by("-pk").first()
    if heir is not None:
        Shipment.objects.filter(pk=heir.pk).update(holds=before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_that_share_a_number_and_are_corrected_at_once_hold_their_own(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    dropshipper, clerk = cast.dropshipper(), cast.staff()
    first, second = sent(dropshipper, until="packed"), sent(dropshipper, until="packed")
    for order in (first, second):  # one door: they travel as one
        parcels.mark_shipped(order.pk, tracking_number="BOTH", by=clerk.pk, at_the_desk=True)
    if not guarded:
        monkeypatch.setattr(numbers, "give_up", _old_give_up)
    changed, waits = threading.Event(), threading.Event()

    def other_desk() -> None:
        try:
            with transaction.atomic():
                undo.renumber(second.pk, "HIS", reason="x", by=clerk.pk)
                changed.set()
                waits.wait(timeout=30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=other_desk)
    thread.start()
    assert changed.wait(timeout=30)
    threading.Timer(1.0, waits.set).start()
    undo.renumber(first.pk, "MINE", reason="x", by=clerk.pk)
    ended([thread])
    held = {one.tracking: (one.holds or "").partition(":")[2] for one in Shipment.objects.all()}
    assert (held == {"MINE": "MINE", "HIS": "HIS"}) is guarded, held
