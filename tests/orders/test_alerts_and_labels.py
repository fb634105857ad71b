"""Of a sent order: what somebody has to look at, until he did and no longer; which label is
right."""

from __future__ import annotations

import hashlib
import json
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from orders import problems
from orders.dispatch import runs
from orders.errors import (
    CollectChanged,
    LabelChanged,
    NotInPreview,
    PackAgain,
    StaleEdit,
    TooLate,
)
from orders.fulfilment import collect, parcels, undo
from orders.models import Order
from orders.questions import alerts, questions
from shipping.errors import TrackingUnusual
from shipping.models import Courier, Shipment
from tests import cast, differing

pytestmark = pytest.mark.django_db
SHOP = {"source": "woocommerce", "source_label": "casabella.it", "source_number": "7731"}


@pytest.fixture
def world() -> differing.World:
    return differing.world()


def sent(world: differing.World, payment: str = "cod", **fields: Any) -> Order:
    order = world.order(("DIV-A", 2), ("DIV-B", 1), payment=payment, total="97.31", **SHOP, **fields)
    item = runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    assert item.result == "dispatched"
    return now(order)


def now(order: Order) -> Order:
    return Order.objects.select_related("shipment__method__courier").get(pk=order.pk)


def parcel(order: Order) -> Shipment:
    return Shipment.objects.get(pk=order.shipment_id)


# ---- alerts


def open_alerts(order: Order) -> dict[tuple[str, str], Any]:
    return {(row.code, row.subject): row.params for row in order.problems.all()}


def test_who_looked_takes_one_alert_away_and_is_named(world: differing.World) -> None:
    order, by = sent(world), cast.member(world.seller)
    question = {"kind": "partly_refunded", "of": "x", "amount": "7.31"}
    problems.alert(order, "asked_in_shop", question, subject="partly_refunded:x")
    problems.alert(order, "asked_in_shop", {"kind": "risk_high", "of": ""}, subject="risk_high:")
    problems.alert(order, "owes_less", {"owed": "5.29", "collect": "97.31"})
    problems.alert(order, "readdressed", {"changes": []})
    problems.alert(order, "renumbered")
    everything = open_alerts(order)
    assert everything.pop(("renumbered", "")) == {}
    assert set(order.problems.values_list("blocking", flat=True)) == {False}
    for code in ("readdressed", "risk_high", "of_tomorrow"):  # the warehouse's, a question, nobody's
        assert alerts.seen(order.pk, code, by=by.pk) is False
    assert alerts.seen(order.pk, "owes_less", by=by.pk, subject="x") is False
    with pytest.raises(StaleEdit):
        alerts.seen(order.pk, "owes_less", by=by.pk, seen="0123456789abcdef")
    mark = questions.mark(order.problems.get(code="owes_less"))
    assert alerts.seen(order.pk, "owes_less", by=by.pk, seen=mark) is True
    del everything["owes_less", ""]
    assert alerts.seen(order.pk, "asked_in_shop", by=by.pk, subject="partly_refunded:x") is True
    del everything["asked_in_shop", "partly_refunded:x"]
    assert open_alerts(order) == {**everything, ("renumbered", ""): {}}
    assert now(order).answered == [["partly_refunded", "x", {"amount": "7.31"}]]
    assert alerts.seen(order.pk, "asked_in_shop", by=by.pk, subject="risk_high:") is True
    assert now(order).answered == [["partly_refunded", "x", {"amount": "7.31"}], ["risk_high", "", {}]]
    names = [problems.name("owes_less"), *[problems.name("asked_in_shop")] * 2]
    events = order.events.filter(code="alert_seen").order_by("id")
    assert [(event.params, event.by_id) for event in events] == [({"alert": name}, by.pk) for name in names]
    alerts.drop(order)
    assert not order.problems.exists()


def test_an_alert_again_is_one_with_its_newest_word(world: differing.World) -> None:
    order = sent(world)
    for params in ({"owed": "5.29"}, {"owed": "4.11"}, None):
        problems.alert(order, "owes_less", params)
    assert open_alerts(order) == {("owes_less", ""): {"owed": "4.11"}}
    order.problems.create(code="phone_missing", blocking=False)
    alerts.drop(order)
    assert open_alerts(order) == {("phone_missing", ""): {}}


def changes(order: Order) -> list[list[str]] | None:
    row = order.problems.filter(code="changed_in_shop").first()
    return row.params["changes"] if row else None


def heard(order: Order, phone: str) -> Order:
    """The shop's last word has another telephone."""
    told = order.shop_data
    told["address"][8] = phone
    Order.objects.filter(pk=order.pk).update(shop_data=told)
    return now(order)


def test_what_the_shop_changed_is_told_until_it_is_as_it_goes(world: differing.World) -> None:
    order = sent(world)
    order.problems.create(code="owes_less", params={"owed": "5.29"}, blocking=False)
    order = heard(order, "+393470000001")
    alerts.changed_in_shop(order, [("phone", order.phone, "+393470000001"), ("line:DIV-A", "2", "5")])
    order = heard(order, "+393470000002")
    alerts.changed_in_shop(order, [("phone", "+393470000001", "+393470000002"), ("total", "97.31", "81.17")])
    told = [["phone", order.phone, "+393470000002"], ["line:DIV-A", "2", "5"], ["total", "97.31", "81.17"]]
    assert changes(order) == told
    # The shop takes a word back: what is as it goes is told no more.
    order = heard(order, order.phone)
    alerts.changed_in_shop(order, [("phone", "+393470000002", order.phone), ("total", "81.17", "97.31")])
    assert changes(order) == [["line:DIV-A", "2", "5"]]
    alerts.changed_in_shop(order, [("line:DIV-A", "5", "2")])
    assert changes(order) is None
    assert order.problems.filter(code="owes_less").exists()


def test_after_a_change_here_the_alert_is_held_against_what_goes_now(world: differing.World) -> None:
    order = sent(world)
    alerts.changed_here(order)
    assert changes(order) is None
    order = heard(order, "+393470000001")
    alerts.changed_in_shop(
        order, [("phone", order.phone, "+393470000001"), ("total", "97.31", "81.17"), ("payment", "cod", "prepaid")]
    )
    collect.lower(order.pk, D("90.01"), by=None)
    phone = ["phone", differing.ADDRESSES["terraferma"].phone, "+393470000001"]
    assert changes(order) == [phone, ["total", "90.01", "81.17"], ["payment", "cod", "prepaid"]]
    Order.objects.filter(pk=order.pk).update(phone="+393470000001")
    collect.lower(order.pk, D("81.17"), by=None)
    assert changes(order) == [["payment", "cod", "prepaid"]]
    # A row of an earlier version does not say what changed.
    order.problems.filter(code="changed_in_shop").update(params={})
    alerts.changed_in_shop(now(order), [("line:DIV-A", "2", "5")])
    assert changes(order) == [["line:DIV-A", "2", "5"]]
    order.problems.filter(code="changed_in_shop").update(params={})
    alerts.changed_here(now(order))
    assert changes(order) is None


# ---- labels


def mark(order: Order, amount: str) -> str:
    names = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")
    label = json.dumps([*(getattr(order, name) for name in names), order.note, order.method_id])
    return f"{amount}@{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def test_what_a_label_says_is_the_amount_and_the_address_that_was_changed(world: differing.World) -> None:
    order, paid, open_one = sent(world), sent(world, "prepaid"), Order(payment="cod")
    assert [parcels.collect_mark(one) for one in (order, paid, open_one)] == ["97.31", "", ""]
    Order.objects.update(readdressed_at=timezone.now())
    order, paid = now(order), now(paid)
    assert parcels.collect_mark(order) == mark(order, "97.31")
    assert parcels.collect_mark(paid) == mark(paid, "")
    order.problems.create(code="readdressed", blocking=False)
    order.problems.create(code="renumbered", blocking=False)
    other = sent(world)
    other.problems.create(code="readdressed", blocking=False)
    shown = parcels.collect_mark(order)
    for wrong, error in ((f"90.00@{shown[-8:]}", CollectChanged), ("97.31@00000000", LabelChanged)):
        with pytest.raises(error):
            parcels.mark_packed(order.pk, by=None, shown=wrong)
        with pytest.raises(error):
            parcels.mark_shipped(order.pk, tracking_number="TRK000001", by=None, shown=wrong)
    ship: dict[str, Any] = {"tracking_number": "TRK000001", "by": None, "at_the_desk": True}
    with pytest.raises(LabelChanged):  # a list shows no address
        parcels.mark_shipped(order.pk, **ship)
    with pytest.raises(NotInPreview):
        parcels.mark_shipped(order.pk, expected="packed", shown=shown, **ship)
    parcels.mark_packed(order.pk, by=None, shown=shown)
    assert open_alerts(order) == {("renumbered", ""): {}}
    parcels.mark_shipped(order.pk, expected="packed", **ship)
    parcels.mark_shipped(other.pk, tracking_number="TRK000002", by=None)  # loaded: nobody is asked
    assert (parcel(other).state, open_alerts(other)) == ("shipped", {})
    with pytest.raises(TooLate) as late:
        parcels.mark_packed(Order.objects.create(dropshipper=world.seller).pk, by=None)
    assert late.value.params["number"] == Order.objects.latest("pk").number


def test_a_label_that_is_not_right_any_more_is_printed_again(world: differing.World) -> None:
    order, ship = sent(world), {"tracking_number": "TRK000001", "by": None}
    assert not parcels.must_be_packed_again(parcel(order))
    parcels.mark_packed(order.pk, by=None)
    assert not parcels.must_be_packed_again(parcel(order))
    undo.take_back(order.pk, "unpacked", reason="x", by=cast.staff().pk)  # it has no label
    assert not parcels.must_be_packed_again(parcel(order))
    parcels.mark_packed(order.pk, by=None)
    collect.lower(order.pk, D("90.01"), by=None)
    assert parcels.must_be_packed_again(parcel(order))
    with pytest.raises(PackAgain):
        parcels.mark_shipped(order.pk, at_the_desk=True, **ship)  # type: ignore[arg-type]
    Courier.objects.update(tracking_shapes="999999999")
    parcels.mark_packed(order.pk, by=None)
    with pytest.raises(TrackingUnusual):
        parcels.mark_shipped(order.pk, at_the_desk=True, **ship)  # type: ignore[arg-type]
    parcels.mark_shipped(order.pk, at_the_desk=True, unusual=True, **ship)  # type: ignore[arg-type]
    with pytest.raises(TrackingUnusual):
        undo.renumber(order.pk, "TRK000002", reason="x", by=cast.staff().pk)
    undo.renumber(order.pk, "TRK000002", reason="x", by=cast.staff().pk, unusual=True)
    assert parcel(order).tracking == "TRK000002"
