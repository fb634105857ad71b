"""Who is forgotten, when, and what of all that is kept of him goes; and that nothing else does."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal as D

import pytest
from django.utils import timezone

from orders import privacy
from orders.fulfilment import parcels
from orders.intake import creation, editing
from orders.models import DispatchItem, DispatchRun, HalfTyped, Order, OrderEvent, Problem
from orders.questions import copies
from shipping.models import Shipment
from tests import cast, differing
from tests.orders.test_readdress_whole import parcel, sent
from tests.orders.whole import LONG_AGO, changed, read, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def by(world: differing.World) -> int:
    return cast.member(world.seller).pk


GONE = {
    **dict.fromkeys(("company", "street", "street2", "postcode", "city", "phone", "email", "note"), ""),
    "name": "–",
    "shop_data": {},
    "fiscal": {},
    "details": [],
    "entry_digest": "",
}
PARAMS = {
    "number": "MCI-1",
    "sku": "A",
    "field": "f",
    "label": "l",
    "method": "m",
    "tracking": "t",
    "kind": "k",
    "alert": "a",
    "status": "s",
    "sections": ["x"],
    "currency": "EUR",
    "courier": "c",
    "from": "f",
    "to": "t",
    "pieces": 7,
    "count": 8,
}


def test_what_may_be_a_customers_becomes_a_dash() -> None:
    assert privacy.impersonal(PARAMS) == PARAMS
    faces = {
        "a": "Via Po 1",
        "b": "12.50",
        "c": "-1.00",
        "d": "1234567890.00",
        "e": "12.5",
        "f": "",
        "g": None,
        "h": True,
    }
    faces |= {"i": 9_999, "j": 10_000, "k": -9_999, "l": -10_000, "m": ["x"], "n": {"x": 1}, "o": 1.5}
    kept = {"a": "–", "b": "12.50", "c": "-1.00", "d": "–", "e": "–", "f": "", "g": None, "h": True}
    kept |= {"i": 9_999, "j": "–", "k": -9_999, "l": "–", "m": [], "n": {}, "o": "–"}
    assert privacy.impersonal(faces) == kept


def test_a_customer_is_taken_out_of_all_that_is_kept_and_nothing_else_goes(world: differing.World, by: int) -> None:
    data = replace(told(world), payment="prepaid", to_collect=None, sale_total=D("82.71"))
    mine, other = (creation.create(data, dropshipper_id=world.seller.pk) for _n in range(2))
    for order in (mine, other):
        Order.objects.filter(pk=order.pk).update(entry_digest="d" * 64, answered=[["archived", "", {}]])
        OrderEvent.objects.create(order=order, code="edited", params={"text": "Via Po 1", "sku": "A"})
        Problem.objects.create(
            order=order, code="changed_in_shop", params={"changes": [["street", "a", "b"]]}, blocking=False
        )
        run = dispatch_run(world, order)
        assert run.params == {"text": "Ada"}
    intact = read(other.pk)
    Order.objects.filter(pk=mine.pk).update(state="cancelled", forget_asked_at=LONG_AGO)
    Order.objects.filter(pk=mine.pk).update(updated_at=LONG_AGO)
    before = read(mine.pk)
    assert privacy.forget([mine.pk, other.pk]) == [mine.pk]
    diff = {name: value for name, value in read(mine.pk).items() if value != before[name]}
    assert timezone.now() - diff.pop("updated_at") < dt.timedelta(minutes=1)
    assert timezone.now() - diff.pop("forgotten_at") < dt.timedelta(minutes=1)
    lines = diff.pop("lines")
    assert [line["attributes"] for line in lines] == [[]] * 4
    assert [line["sku"] for line in lines] == ["DIV-A", "NON-C-E", "", "X-9"]
    assert diff.pop("problems") == [("changed_in_shop", "", {"changes": []}, False)]
    events = [("received", {"label": "Casa Bella"}, None), ("edited", {"text": "–", "sku": "A"}, None)]
    assert diff == {**GONE, "answered": [], "events": [*events, ("forgotten", {}, None)]}
    assert DispatchItem.objects.get(order=mine).params == {"text": "–"}
    after = read(other.pk)
    assert after == intact
    assert DispatchItem.objects.get(order=other).params == {"text": "Ada"}
    assert changed(mine, lambda: privacy.forget([mine.pk])) == ([], {})
    # Only what is over, unless it waited long enough; then it is cancelled with it.
    assert privacy.forget([other.pk]) == []
    assert privacy.forget([other.pk], only_over=False) == [other.pk]
    row = read(other.pk)
    assert (row["state"], row["name"], [event[0] for event in row["events"]][-2:]) == (
        "cancelled",
        "–",
        ["forgotten", "cancelled"],
    )
    on_its_way = sent(world)
    assert privacy.forget([on_its_way.pk], only_over=False) == []
    parcels.mark_shipped(on_its_way.pk, tracking_number="T1", by=None)
    parcels.mark_delivered(on_its_way.pk, by=None)
    assert privacy.forget([on_its_way.pk]) == [on_its_way.pk]
    assert (parcel(on_its_way)["name"], parcel(on_its_way)["street"]) == ("–", "")


def dispatch_run(world: differing.World, order: Order) -> DispatchItem:
    run = DispatchRun.objects.create(dropshipper=world.seller, state="done", key=uuid.uuid4())
    return DispatchItem.objects.create(run=run, order=order, position=0, params={"text": "Ada"})


def test_who_is_due_and_in_which_order(world: differing.World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    month, year = now - dt.timedelta(days=30, minutes=1), now - dt.timedelta(days=365)
    rows = {
        "asked and over": {"state": "cancelled", "forget_asked_at": now},
        "asked draft": {"state": "draft", "forget_asked_at": now},
        "asked a month ago": {"state": "ready", "forget_asked_at": month},
        "asked yesterday": {"state": "ready", "forget_asked_at": now - dt.timedelta(days=29)},
        "old and over": {"state": "cancelled", "placed_at": year},
        "old and open": {"state": "received", "placed_at": year - dt.timedelta(days=1)},
        "old and done": {"state": "cancelled", "placed_at": year, "forgotten_at": now},
        "asked and done": {"state": "cancelled", "forget_asked_at": now, "forgotten_at": now},
        "new": {"state": "cancelled"},
    }
    made = {name: world.order(("DIV-C", 1), placed_at=now) for name in rows}
    for name, fields in rows.items():
        Order.objects.filter(pk=made[name].pk).update(**fields)
    on_its_way = sent(world)
    Order.objects.filter(pk=on_its_way.pk).update(placed_at=year, forget_asked_at=month)

    def due() -> list[str]:
        names = {order.pk: name for name, order in made.items()} | {on_its_way.pk: "on its way"}
        return [names[pk] for pk in privacy.due(older_than=now - dt.timedelta(days=300))]

    asked = ["asked and over", "asked draft", "asked a month ago"]
    assert due() == [*asked, "old and over", "old and open"]
    for state in ("delivered", "returned", "lost", "cancelled"):
        Shipment.objects.filter(order=on_its_way).update(state=state)
        assert due() == [*asked, "old and over", "old and open", "on its way"], state
    Shipment.objects.filter(order=on_its_way).update(state="to_pick")
    for batch, found in ((4, [*asked, "old and open"]), (3, asked), (2, asked[:2])):
        monkeypatch.setattr(privacy, "BATCH", batch)
        assert due() == found


def test_who_asks_is_noted_wherever_he_stands(world: differing.World, by: int) -> None:
    data = told(world)
    shop = creation.create(data, dropshipper_id=world.seller.pk)
    copy = editing.duplicate(shop.pk, by=by)
    Order.objects.filter(pk=copy.pk).update(name="X", phone="", email="", postcode="1")
    typed = world.order(("DIV-B", 1), address=replace(data.address, name="Altro", phone="", postcode="20121"))
    another = world.order(("DIV-B", 2), address=differing.ADDRESSES["sardegna"])
    theirs = world.order(("DIV-B", 2), seller=world.other)
    edits = {}
    for order in (shop, copy, another):
        edits[order.pk] = HalfTyped.objects.create(
            dropshipper=world.seller, user_id=by, order=order, key=uuid.uuid4(), content={"fields": {"name": "Z"}}
        )
    new = HalfTyped.objects.create(
        dropshipper=world.seller, user_id=by, key=uuid.uuid4(), content={"fields": {"email": data.address.email}}
    )
    Order.objects.filter(pk=copy.pk).update(forget_asked_at=LONG_AGO)
    privacy.hold([shop.pk], dropshipper_ids=[world.seller.pk], person=copies.Person(email=data.address.email))
    assert privacy.ask([shop.pk]) == {shop.pk, copy.pk, typed.pk}
    asked = dict(Order.objects.values_list("pk", "forget_asked_at"))
    assert {pk for pk, at in asked.items() if at} == {shop.pk, copy.pk, typed.pk}
    assert asked[copy.pk] == LONG_AGO  # as it was
    assert timezone.now() - (asked[shop.pk] or LONG_AGO) < dt.timedelta(minutes=1)
    assert set(HalfTyped.objects.values_list("pk", flat=True)) == {edits[another.pk].pk}
    assert new.pk not in HalfTyped.objects.values_list("pk", flat=True)
    # What a person typed himself is his own customer's: of it alone only its copies follow.
    assert privacy.ask([another.pk]) == {another.pk}
    assert not HalfTyped.objects.exists()
    assert privacy.ask([]) == set()
    person = copies.Person(name=theirs.name, postcode=theirs.postcode)
    assert privacy.ask_for(world.other.pk, person) == {theirs.pk}
    assert Order.objects.get(pk=theirs.pk).forget_asked_at is not None
