"""What a sent order would cost elsewhere, and less at its door, in a world where nothing is alike by chance: all offers
against the model of tests/reckoning.py; order, parcel, alerts and timeline after the amount was lowered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal as D
from typing import Any

import pytest

from orders.dispatch import runs
from orders.errors import NotLowered, OrderCancelled, TooLate
from orders.fulfilment import collect, requote
from orders.models import Order
from shipping.models import Method, Rate, Shipment, Zone
from shipping.parcels import tracking
from tests import differing, reckoning
from tests.reckoning import euro, owed
from wallet.queries import balances

pytestmark = pytest.mark.django_db
LINES = [("DIV-A", 2), ("DIV-B", 1), ("DIV-E", 3)]
GRAMS = 2 * 310 + 845 + 3 * 53
PLACE = ("country", "province", "postcode")
ISLAND = {"due": "12.41", "tre": "3.17"}  # to Sardinia, beside the 17.71 of “uno”


@pytest.fixture
def world() -> differing.World:
    return differing.world()


def sent(world: differing.World, *, cod: str | None = None, method: str = "uno", **fields: Any) -> Order:
    """With a line that is not ours and has no price."""
    told = {"payment": "cod", "total": "131.07", "collect": cod} if cod else {"total": "131.07"}
    order = world.order(*LINES, ("DIV-D", 1), method=method, **{**told, **fields})
    order.lines.filter(sku="DIV-D").update(ignored=True)
    order.problems.all().delete()
    Order.objects.filter(pk=order.pk).update(state="ready")
    item = runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    assert item.result == "dispatched", item.code
    return Order.objects.select_related("shipment__method").get(pk=order.pk)


def wanted(zone: str, **changes: str) -> Mapping[str, str]:
    address = differing.ADDRESSES[zone]
    return {name: getattr(address, name) for name in PLACE} | changes


def asked(order: Order, to: Mapping[str, str], method_id: int | None = None) -> requote.Requote:
    assert order.shipment is not None
    return requote.requote(order, order.shipment, to, method_id=method_id)


def told(offer: requote.Offer) -> tuple[Any, ...]:
    price = offer.price
    figures = price and (price.goods_net, price.shipping_net, price.cod_fee_net, price.vat, price.cost, price.collect)
    rest = price and (price.margin, price.guarantee, price.wallet_need)
    return offer.method_id, offer.label, figures, rest, offer.refusal and offer.refusal.code, offer.leaves


def expected(world: differing.World, code: str, net: str, cod: str | None, before: D) -> tuple[Any, ...]:
    """An offer to Sardinia, where the way costs `net`."""
    way = differing.METHODS[code]
    saved, differing.METHODS[code] = (
        way,
        differing.Way(way.vat, way.back, way.fee, way.cap, way.most_g, {"sardegna": ((99_000, net),)}),
    )
    try:
        one = owed(LINES, code, "sardegna", cod)
    finally:
        differing.METHODS[code] = saved
    assert one is not None
    cents = (one.goods, one.shipping, one.fee, one.vat, one.cost, one.collect)
    margin = D(cod or "131.07") - euro(one.cost)
    label = f"Corriere {code} {code.title()}"
    rest = (margin, euro(one.guarantee), euro(one.leaves))
    return world.methods[code].pk, label, tuple(map(euro, cents)), rest, None, euro(one.leaves) - before


@pytest.mark.parametrize("cod", [None, "61.03"])
def test_every_method_to_another_zone(world: differing.World, cod: str | None) -> None:
    for code, net in ISLAND.items():
        zone = Zone.objects.get(code="sardegna")
        Rate.objects.create(method=world.methods[code], zone=zone, max_weight_g=30_000, net=D(net))
    order = sent(world, cod=cod)
    first = owed(LINES, "uno", "terraferma", cod)
    assert first is not None
    found = asked(order, wanted("sardegna"))
    leaves = euro(first.leaves)
    names = ("goods_net", "shipping_net", "cod_fee_net", "vat", "cost", "margin")
    assert {name: getattr(found.now, name) for name in names} == {name: getattr(order, name) for name in names}
    assert found.now.wallet_need == leaves
    offers = {code: expected(world, code, net, cod, leaves) for code, net in {"uno": "17.71", **ISLAND}.items()}
    assert told(found.chosen) == offers["uno"]
    others = sorted((offers["due"], offers["tre"]), key=lambda one: one[-1])
    assert [told(one) for one in found.others] == others
    assert found.others[0].method_id == world.methods["tre"].pk  # the cheapest first, whatever the supplier's order
    other = asked(order, wanted("sardegna"), world.methods["due"].pk)
    assert told(other.chosen) == offers["due"]
    assert {one.method_id for one in other.others} == {world.methods["uno"].pk, world.methods["tre"].pk}


def test_in_the_same_zone_it_costs_what_it_cost_and_where_nobody_goes_it_is_refused(world: differing.World) -> None:
    order = sent(world)
    Rate.objects.update(net=D("77.77"))
    uno = world.methods["uno"]
    same = (uno.pk, "Corriere uno Uno", None)
    for to in (wanted("terraferma"), wanted("terraferma", postcode="20121", province="MI")):
        found = asked(order, to)
        assert (found.chosen.method_id, found.chosen.label, found.chosen.refusal) == same
        assert (found.chosen.price, found.chosen.leaves) == (found.now, D(0))
        due = next(one for one in found.others if one.method_id == world.methods["due"].pk)
        assert due.price is not None
        assert due.price.shipping_net == D("77.77")  # another method's is today's
        assert due.leaves == due.price.wallet_need - found.now.wallet_need
    abroad = asked(order, wanted("francia"))
    assert told(abroad.chosen) == (uno.pk, "Corriere uno Uno", None, None, "country_not_served", D(0))
    assert [one.method_id for one in abroad.others] == [world.methods["due"].pk]
    # From one place that no method knows to another is no short way; to stay there is.
    Shipment.objects.update(country="DE", province="", postcode="10115")
    order = Order.objects.select_related("shipment__method").get(pk=order.pk)
    nowhere = {"country": "PL", "province": "", "postcode": "00950"}
    assert told(asked(order, nowhere).chosen)[4] == "country_not_served"
    still = asked(order, {"country": "DE", "province": "", "postcode": "10115"})
    assert (still.chosen.price, still.chosen.leaves) == (still.now, D(0))


def test_a_method_that_is_gone_still_names_itself(world: differing.World) -> None:
    order = sent(world)
    Method.objects.filter(pk=world.methods["uno"].pk).update(active=False)
    gone = asked(order, wanted("sardegna"))
    assert (gone.chosen.label, gone.chosen.price) == (str(world.methods["uno"]), None)
    assert gone.chosen.refusal is not None
    assert gone.chosen.refusal.code == "method_gone"
    same = asked(order, wanted("terraferma"))
    assert (same.chosen.label, same.chosen.price) == (str(world.methods["uno"]), same.now)


def test_a_heavy_parcel_is_priced_as_one(world: differing.World) -> None:
    order = sent(world)
    assert order.shipment is not None
    assert order.shipment.weight_g == GRAMS
    assert reckoning.bracket("uno", "sardegna", GRAMS) == 1771
    Shipment.objects.update(weight_g=1_199)
    order = Order.objects.select_related("shipment__method").get(pk=order.pk)
    price = asked(order, wanted("sardegna")).chosen.price
    assert price is not None
    assert price.shipping_net == D("9.29")


# ---- less at the door


def test_lowered_it_stands_so_everywhere(world: differing.World) -> None:
    order = sent(world, cod="97.31", method="due")
    version, cost = order.version, order.cost
    assert cost is not None
    owes = {"owed": "61.03", "collect": "97.31"}
    order.problems.create(code="owes_less", params=owes, blocking=False)
    order.problems.create(code="renumbered", params={}, blocking=False)
    for amount, alert in (("61.04", True), ("61.03", False)):
        done = collect.lower(order.pk, D(amount), by=None)
        assert (done.pk, done.to_collect) == (order.pk, D(amount))
        now = Order.objects.select_related("shipment").get(pk=order.pk)
        version += 1
        assert (now.version, now.payment, now.to_collect, now.cost) == (version, "cod", D(amount), cost)
        assert now.margin == D(amount) - cost
        assert now.problems.filter(code="owes_less").exists() is alert
        assert now.problems.filter(code="renumbered").exists()
    assert collect.lower(order.pk, D("61.03"), by=None).version == version


@pytest.mark.parametrize("total", ["131.07", None])
def test_lowered_to_nothing_it_is_prepaid_and_its_fee_is_given_back(world: differing.World, total: str | None) -> None:
    order = sent(world, cod="97.31", method="due", total=total)
    free = owed(LINES, "due", "terraferma", None)
    with_fee = owed(LINES, "due", "terraferma", "97.31")
    assert free is not None
    assert with_fee is not None
    assert order.cost == euro(with_fee.cost)
    order.problems.create(code="owes_less", params={"owed": "0.00", "collect": "97.31"}, blocking=False)
    version = order.version
    collect.lower(order.pk, D("0.00"), by=None)
    now = Order.objects.select_related("shipment").get(pk=order.pk)
    stands = (now.payment, now.payment_reason, now.to_collect, now.version)
    assert stands == ("prepaid", "paid_after_all", None, version + 1)
    assert (now.cod_fee_net, now.vat, now.cost) == (D(0), euro(free.vat), euro(free.cost))
    assert now.margin == (None if total is None else D(total) - euro(free.cost))
    assert not now.problems.exists()
    assert balances(world.seller.pk).available == D("1307.91") - euro(free.cost)
    again = collect.lower(order.pk, D("0.00"), by=None)
    assert (again.version, again.events.filter(code="collect_lowered").count()) == (version + 1, 1)
    with pytest.raises(TooLate):
        collect.lower(order.pk, D("0.01"), by=None)


def test_what_cannot_be_lowered_says_why(world: differing.World) -> None:
    order = sent(world, cod="97.31")
    for amount in ("97.32", "-0.01", "12.345"):
        with pytest.raises(NotLowered) as refused:
            collect.lower(order.pk, D(amount), by=None)
        assert refused.value.params == {"amount": amount, "collect": "97.31"}
    ready = world.order(("DIV-C", 1), payment="cod", total="33.07")
    prepaid = world.order(("DIV-C", 1))
    paid = sent(world)
    on_the_road = sent(world, cod="83.29")
    tracking.move(Shipment.objects.get(order=on_the_road), "shipped", by=None, tracking="TRK000001")
    for one, amount in ((ready, "1.00"), (prepaid, "0.00"), (paid, "1.00"), (on_the_road, "1.00")):
        with pytest.raises(TooLate) as late:
            collect.lower(one.pk, D(amount), by=None)
        assert late.value.params == {"number": one.number}
    Order.objects.filter(pk=ready.pk).update(state="cancelled")
    with pytest.raises(OrderCancelled):
        collect.lower(ready.pk, D("1.00"), by=None)
