"""Another address for a sent order, against the whole of the order, of its parcel and of its proposal."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Refused
from orders import problems
from orders.dispatch import runs
from orders.errors import OrderCancelled, PackedMeanwhile, SameAddress, StaleEdit, TooLate, Undeliverable
from orders.fulfilment import parcels, readdress
from orders.intake import creation
from orders.models import Order
from shipping.models import Shipment
from tests import cast, differing
from tests.orders.whole import changed, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def by(world: differing.World) -> int:
    return cast.member(world.seller).pk


def sent(world: differing.World, method: str = "uno", **fields: Any) -> Order:
    """Two of A and three of B, COD 97.31, or as it is said."""
    order = world.order(("DIV-A", 2), ("DIV-B", 3), method=method, **{"payment": "cod", "total": "97.31", **fields})
    item = runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    assert item.result == "dispatched", item.code
    return Order.objects.select_related("shipment__method__courier").get(pk=order.pk)


def parcel(order: Order) -> dict[str, Any]:
    return Shipment.objects.filter(pk=order.shipment_id).values().get()


def test_to_another_zone_everything_is_said_and_written_once(world: differing.World, by: int) -> None:
    order = sent(world)
    there = differing.ADDRESSES["sardegna"]
    proposal = readdress.propose(order, there, "Suonare")
    wanted = {**{name: getattr(there, name) for name in creation.kept(there, "") if name != "note"}, "note": "Suonare"}
    old = {name: getattr(order, name) for name in wanted}
    changes = [[name, old[name], new] for name, new in wanted.items() if old[name] != new]
    assert (proposal.wanted, sorted(proposal.changes), proposal.asked, proposal.warned) == (
        wanted,
        sorted(changes),
        [],
        [],
    )
    offer = proposal.quote.chosen
    assert offer.price is not None
    assert (proposal.quote.now.cost, offer.price.cost, offer.method_id) == (order.cost, D("78.98"), order.method_id)
    key, before = uuid.uuid4(), parcel(order)
    said: dict[str, Any] = {"version": order.version, "seen": offer.price.figures, "key": key, "by": by}
    given, diff = changed(order, lambda: readdress.readdress(order.pk, proposal.wanted, **said))
    dated = diff.pop("readdressed_at")
    assert timezone.now() - dated < dt.timedelta(minutes=1)
    price = offer.price
    new_fields = {name: new for name, _old, new in changes}
    assert (given, diff) == (
        True,
        {
            **new_fields,
            "updated_at": True,
            "shipping_net": price.shipping_net,
            "vat": price.vat,
            "cost": price.cost,
            "margin": price.margin,
            "guarantee": price.guarantee,
            "version": order.version + 1,
            "problems": [("readdressed", "", {"changes": proposal.changes}, False)],
            "events": [
                ("readdressed", {"changes": proposal.changes, "key": str(key)}, by),
                ("shipping_repriced", {"before": str(order.cost), "amount": str(price.cost)}, by),
            ],
        },
    )
    assert (price.cod_fee_net, price.shipping_net, price.guarantee) == (
        order.cod_fee_net,
        D("17.71"),
        diff["guarantee"],
    )
    after = parcel(order)
    assert {name: value for name, value in after.items() if value != before[name]} == {
        **new_fields,
        **({"updated_at": after["updated_at"]} if "updated_at" in after else {}),
    }
    # The same click again, whatever it says now, does nothing; another one is of an older page.
    assert changed(order, lambda: readdress.readdress(order.pk, {}, **said)) == (False, {})
    with pytest.raises(StaleEdit) as stale:
        readdress.readdress(order.pk, wanted | {"note": "x"}, **said | {"key": uuid.uuid4()})
    assert stale.value.params == {"number": order.number}
    # A second change: the packer is told from the first old place to the last new one.
    order = Order.objects.select_related("shipment__method__courier").get(pk=order.pk)
    again = readdress.propose(order, replace(there, phone="+393330000009"), "Citofono 1")
    assert again.quote.chosen.price is not None
    said |= {"version": order.version, "key": uuid.uuid4(), "seen": again.quote.chosen.price.figures, "by": None}
    _given, diff = changed(order, lambda: readdress.readdress(order.pk, again.wanted, **said))
    rows = {name: (was, now) for name, was, now in diff["problems"][0][2]["changes"]}
    assert rows["phone"] == (old["phone"], "+393330000009")
    assert ("note" in rows, [event[0] for event in diff["events"]]) == (False, ["readdressed"])


def test_a_prepaid_order_holds_no_guarantee_and_another_method_may_take_it(world: differing.World, by: int) -> None:
    order = sent(world, payment="prepaid")
    france = differing.ADDRESSES["francia"]
    proposal = readdress.propose(order, france, "")
    assert (proposal.quote.chosen.price, proposal.quote.chosen.method_id) == (None, order.method_id)
    due = world.methods["due"].pk
    assert [one.method_id for one in proposal.quote.others] == [due]
    refusal = proposal.quote.chosen.refusal
    assert refusal is not None
    said: dict[str, Any] = {"version": order.version, "seen": "", "key": uuid.uuid4(), "by": by}
    before = read(order.pk)
    with pytest.raises(type(refusal)):
        readdress.readdress(order.pk, proposal.wanted, **said)
    assert read(order.pk) == before
    other = readdress.propose(order, france, "", method_id=due).quote.chosen
    assert other.price is not None
    said["seen"] = other.price.figures
    _given, diff = changed(order, lambda: readdress.readdress(order.pk, proposal.wanted, method_id=due, **said))
    assert (diff["method_id"], diff["cost"], diff["country"]) == (due, other.price.cost, "FR")
    assert "guarantee" not in diff
    assert parcel(order)["method_id"] == due


def test_a_place_that_is_doubted_is_asked_about_and_its_answer_kept(world: differing.World, by: int) -> None:
    order = sent(world)
    assert problems.CATALOGUE["postcode_abroad"].answerable
    doubted = replace(order.address, postcode="47891", city="Serravalle", province="RSM")
    proposal = readdress.propose(order, doubted, order.note)
    assert [doubt.code for doubt in proposal.asked] == ["postcode_abroad"]
    assert not any(doubt.blocking for doubt in proposal.warned)
    with pytest.raises(Undeliverable) as refused:
        readdress.propose(order, replace(order.address, street=""), "")
    assert refused.value.params["why"]
    with pytest.raises(SameAddress) as same:
        readdress.propose(order, order.address, order.note)
    assert same.value.params == {"number": order.number}
    # Who said that it is in Italy all the same has said that his province is one of ours.
    order.answered = [[doubt.code, doubt.subject, dict(doubt.params)] for doubt in proposal.asked]
    with pytest.raises(Undeliverable):
        readdress.propose(order, doubted, order.note)


def test_what_may_be_changed_and_why_not(world: differing.World) -> None:
    order = sent(world)

    def said() -> tuple[bool, Any]:
        one = Order.objects.select_related("shipment").get(pk=order.pk)
        if readdress.may(one):
            readdress.check_may(one)
            return True, None
        with pytest.raises(Refused) as refused:
            readdress.check_may(one)
        assert refused.value.params == {"number": order.number}
        return False, type(refused.value)

    assert said() == (True, None)
    parcels.mark_packed(order.pk, by=None)
    assert said() == (False, PackedMeanwhile)
    parcels.mark_shipped(order.pk, tracking_number="T1", by=None)
    assert said() == (False, TooLate)
    Shipment.objects.filter(order=order).update(state="to_pick")
    Order.objects.filter(pk=order.pk).update(state="completed")
    assert said() == (False, TooLate)
    Order.objects.filter(pk=order.pk).update(state="cancelled")
    assert said() == (False, OrderCancelled)
    open_ = world.order(("DIV-A", 1))
    with pytest.raises(TooLate):
        readdress.check_may(open_)
    assert not readdress.may(open_)
