"""Which step of a sent order may be taken back, and until when; which cancellation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import OwnMatter
from accounts.models import Member
from core.errors import DomainError, ReasonMissing
from orders.errors import (
    CashPaidOver,
    LongGone,
    NothingToTakeBack,
    NotRestored,
    SameTracking,
    SentMeanwhile,
    TooLate,
)
from orders.fulfilment import cancel, parcels, undo
from orders.models import Order
from shipping.models import Shipment
from shipping.parcels import tracking
from tests import cast, differing
from tests.orders.test_alerts_and_labels import now, parcel, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world()


def test_which_step_can_be_taken_back(world: differing.World) -> None:
    order, by = sent(world), cast.staff().pk
    assert undo.step_of(Order(state="ready")) == ""
    found = [undo.step_of(now(order))]
    acts: list[Callable[[], Any]] = [
        lambda: parcels.mark_packed(order.pk, by=None),
        lambda: parcels.mark_shipped(order.pk, tracking_number="TRK000001", by=None),
        lambda: tracking.move(parcel(order), "held", by=None),
        lambda: parcels.mark_delivered(order.pk, by=None),
        lambda: parcels.mark_remitted(order.pk, by=None),
    ]
    for act in acts:
        act()
        found.append(undo.step_of(now(order)))
    assert found == ["", "unpacked", "unshipped", "", "undelivered", ""]
    with pytest.raises(CashPaidOver):
        undo.take_back(order.pk, "undelivered", reason="x", by=by)
    undo.take_back_cash(order.pk, reason="x", by=by)
    assert undo.step_of(now(order)) == "undelivered"
    gone = sent(world)
    parcels.mark_packed(gone.pk, by=None)
    Order.objects.filter(pk=gone.pk).update(state="cancelled")
    assert undo.step_of(now(gone)) == ""


def test_a_handing_over_is_taken_back_for_three_days(world: differing.World) -> None:
    order, by = sent(world), cast.staff().pk
    parcels.mark_shipped(order.pk, tracking_number="TRK000001", by=None)
    soon, late = (timezone.now() - dt.timedelta(days=3) + dt.timedelta(seconds=n) for n in (60, -1))
    Shipment.objects.update(shipped_at=late)
    assert undo.step_of(now(order)) == ""
    with pytest.raises(LongGone) as long_gone:
        undo.take_back(order.pk, "unshipped", reason="x", by=by)
    assert long_gone.value.params == {"days": 3}
    Shipment.objects.update(shipped_at=None)
    assert undo.step_of(now(order)) == ""
    Shipment.objects.update(shipped_at=soon)
    assert undo.step_of(now(order)) == "unshipped"
    undo.take_back(order.pk, "unshipped", reason="x", by=by)
    assert parcel(order).state == "to_pick"


def test_what_cannot_be_taken_back_leaves_all_as_it_is(world: differing.World) -> None:
    order, by, ready = sent(world), cast.staff().pk, world.order(("DIV-C", 1))
    refused: list[tuple[Callable[[], Any], type[DomainError], Any]] = []

    def label(one: Shipment | Order) -> str:
        return one.get_state_display() if isinstance(one, Order) else one.get_cash_display()

    for act in (undo.take_back_cash, lambda pk, **more: undo.renumber(pk, "TRK000009", **more)):
        refused.append((lambda act=act: act(ready.pk, reason="x", by=by), NothingToTakeBack, {"state": label(ready)}))  # type: ignore[misc]
        refused.append((lambda act=act: act(order.pk, reason=" ", by=by), ReasonMissing, {}))  # type: ignore[misc]
    refused += [
        (lambda: undo.take_back(ready.pk, "unpacked", reason="x", by=by), NothingToTakeBack, {"state": label(ready)}),
        (lambda: undo.take_back(order.pk, "unpacked", reason=" ", by=by), ReasonMissing, {}),
        (lambda: undo.take_back_cash(order.pk, reason="x", by=by), NothingToTakeBack, {"state": label(parcel(order))}),
        (
            lambda: undo.renumber(order.pk, "TRK000009", reason="x", by=by),
            NothingToTakeBack,
            {"state": parcel(order).get_state_display()},
        ),
    ]
    for refusal, error, params in refused:
        with pytest.raises(error) as found:
            refusal()
        assert found.value.params == params
    parcels.mark_shipped(order.pk, tracking_number="TRK000001", by=None)
    with pytest.raises(SameTracking) as same:
        undo.renumber(order.pk, "trk000001", reason="x", by=by)
    assert same.value.params == {"tracking": "trk000001"}
    for state in ("out_for_delivery", "held", "returning"):  # on the road a number may be wrong too
        tracking.move(parcel(order), state, by=None)
        undo.renumber(order.pk, f"TRK-{state}", reason="x", by=by)
    tracking.move(parcel(order), "lost", by=None)
    with pytest.raises(NothingToTakeBack):
        undo.renumber(order.pk, "TRK000009", reason="x", by=by)


# ---- cancelled, and taken back


def test_a_cancellation_tells_what_comes_back_and_whether_it_was_this_click(world: differing.World) -> None:
    order, by = sent(world), cast.member(world.seller).pk
    with pytest.raises(SentMeanwhile) as meanwhile:
        cancel.cancel(order.pk, by=by, shown_open=True)
    assert meanwhile.value.params == {"number": order.number}
    guarantee = order.guarantee
    assert guarantee
    assert cancel.cancel(order.pk, by=by, shown_open=False) == cancel.Cancelled(True, guarantee)
    assert cancel.cancel(order.pk, by=by, shown_open=False) == cancel.Cancelled(False, guarantee)
    with pytest.raises(NotRestored) as refused:
        cancel.restore(order.pk, by=by)
    assert refused.value.params == {"number": order.number}


@pytest.mark.parametrize(
    ("events", "forgotten", "may"),
    [
        (["cancelled"], False, True),
        (["cancelled"], True, False),
        (["cancelled_in_shop"], False, False),
        (["cancelled", "restored", "cancelled_in_shop"], False, False),
        (["cancelled_in_shop", "restored_in_shop", "cancelled", "edited"], False, True),
        (["edited"], False, False),
    ],
)
def test_which_cancellation_may_be_taken_back(
    world: differing.World, events: list[str], forgotten: bool, may: bool
) -> None:
    order = world.order(("DIV-C", 1))
    assert not cancel.may_restore(order)
    for code in events:
        order.events.create(code=code)
    at = timezone.now() if forgotten else None
    Order.objects.filter(pk=order.pk).update(state="cancelled", forgotten_at=at)
    assert cancel.may_restore(now(order)) is may


def test_nobody_does_for_the_house_what_is_his_own_companys_matter(world: differing.World) -> None:
    order, other = sent(world), sent(world)
    inside, outside = cast.staff().pk, cast.staff().pk
    Member.objects.create(user_id=inside, dropshipper=world.seller, role="accounting")
    elsewhere = cast.staff().pk
    Member.objects.create(user_id=elsewhere, dropshipper=world.other, role="owner")
    acts: list[Callable[[int], Any]] = [
        lambda by: parcels.cancel(order.pk, by=by, staff=True),
        lambda by: parcels.mark_remitted(order.pk, by=by),
        lambda by: undo.take_back_cash(order.pk, reason="x", by=by),
        lambda by: undo.confirm_cash(order.pk, 1, by=by),
    ]
    for act in acts:
        with pytest.raises(OwnMatter):
            act(inside)
    assert (now(order).state, parcel(order).cash) == ("dispatched", "booked")
    assert parcels.cancel(order.pk, by=elsewhere, staff=True).state == "cancelled"
    assert parcels.cancel(order.pk, by=inside).state == "cancelled"  # as the reseller: nothing any more
    assert parcels.cancel(other.pk, by=inside).state == "cancelled"
    with pytest.raises(TooLate) as late:
        parcels.mark_remitted(other.pk, by=outside)
    assert late.value.params == {"number": other.number}


@pytest.mark.parametrize(
    ("until", "staff", "may"), [("pack", False, False), ("pack", True, True), ("ship", True, False)]
)
def test_until_when_a_sent_order_may_be_cancelled(world: differing.World, until: str, staff: bool, may: bool) -> None:
    order = sent(world)
    parcels.mark_packed(order.pk, by=None)
    if until == "ship":
        parcels.mark_shipped(order.pk, tracking_number="TRK000001", by=None)
    if may:
        assert parcels.cancel(order.pk, by=None, staff=staff).state == "cancelled"
        return
    with pytest.raises(TooLate) as late:
        parcels.cancel(order.pk, by=None, staff=staff)
    assert late.value.params == {"number": order.number}
