"""What keeps a problem, and what takes it away: a reading of the order, the shop's next word, a person's answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from orders import problems
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.intake import creation, editing, follow
from orders.models import Order, Problem
from orders.problems import CATALOGUE, Doubt
from orders.questions import conflicts, questions
from tests import cast, differing
from wallet.models import Posting

pytestmark = pytest.mark.django_db
SHOP = {"source": "woocommerce", "source_label": "casabella.it", "source_number": "7731"}
NONE: list[Doubt] = []


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def ready(world: differing.World) -> Order:
    order = world.order(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1), **SHOP)
    assert (order.state, order.problems.count()) == ("ready", 0)
    return order


def stays(code: str, doubts: list[Doubt] | None) -> bool:
    kind = CATALOGUE[code]
    return kind.alert or kind.sticky or (kind.from_shop and doubts is None)


@pytest.mark.parametrize("said", [None, "nothing", "another", "the same"])
def test_of_every_kind_a_reading_takes_away_only_what_it_may(ready: Order, said: str | None) -> None:
    """None: nobody heard the shop again, as when a person answers another question."""
    for code, kind in CATALOGUE.items():
        doubts = {
            None: None,
            "nothing": NONE,
            "another": [Doubt("text_cut", "name", {"field": "name"})],
            "the same": [Doubt(code, "x", {"field": "name", "amount": "7.31"})],
        }[said]
        with transaction.atomic():
            ready.problems.create(code=code, subject="x", params={"field": "name"}, blocking=kind.blocking)
            Order.objects.filter(pk=ready.pk).update(state="received" if kind.blocking else "ready")
            order = Order.objects.get(pk=ready.pk)
            problems.recompute(order, doubts=doubts)
            expected: dict[tuple[str, str], dict[str, str]] = {}
            if stays(code, doubts):
                expected[code, "x"] = {"field": "name"}
            expected |= {(one.code, one.subject): dict(one.params) for one in doubts or ()}
            assert {(row.code, row.subject): row.params for row in order.problems.all()} == expected, code
            held = any(CATALOGUE[left].blocking for left, _subject in expected)
            order.refresh_from_db()
            assert order.state == ("received" if held else "ready"), code
            transaction.set_rollback(True)


def later_answer(order: Order, by: int, world: differing.World) -> None:
    assert questions.answer(order.pk, "partly_refunded", "", by=by)


def later_question(order: Order, by: int, world: differing.World) -> None:
    follow.ask(order.pk, Doubt("id_reused"))
    assert questions.answer(order.pk, "id_reused", "", by=by)


def later_method(order: Order, by: int, world: differing.World) -> None:
    assert editing.choose_method([order.pk], world.methods["due"].pk, dropshipper_id=world.seller.pk, by=by) == 1


def later_payment(order: Order, by: int, world: differing.World) -> None:
    editing.decide_payment(order.pk, "cod", by=by)
    editing.decide_payment(order.pk, "prepaid", by=by)


def later_conflict(order: Order, by: int, world: differing.World) -> None:
    params = {"field": "phone", "mine": order.phone, "theirs": order.phone}
    Problem.objects.create(order=order, code="conflict", subject="phone", params=params)
    conflicts.take(order.pk, "phone", "mine", by=by)


def later_match(order: Order, by: int, world: differing.World) -> None:
    line = order.lines.all()[1]
    line.sku, line.variant = "NEGOZIO-B", None
    line.save()
    variant_id = world.articles["DIV-B"].pk
    assert editing.match([order.pk], sku="NEGOZIO-B", variant_id=variant_id, by=by) == 0


@pytest.mark.parametrize("code", ["bad_price", "partly_sent"])
@pytest.mark.parametrize(
    "act", [later_answer, later_question, later_method, later_payment, later_conflict, later_match]
)
def test_what_the_shop_doubts_holds_the_order_whatever_else_is_settled(
    world: differing.World, code: str, act: Callable[..., None]
) -> None:
    """Two steps: a doubt of the shop's word, and then an act that has nothing to do with it. Nothing goes."""
    doubts = [Doubt(code, "", {"value": "-3.17"}), Doubt("partly_refunded", "", {"amount": "5.29"})]
    data = world.data(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1), doubts=doubts, **SHOP)
    order = creation.create(data, dropshipper_id=world.seller.pk, method_id=world.methods["uno"].pk)
    act(order, cast.member(world.seller).pk, world)
    order.refresh_from_db()
    assert order.state == "received"
    assert order.problems.get(code=code).params == {"value": "-3.17"}
    item = runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    assert item.code in ("has_problems", "payment_not_sure")
    assert not Posting.objects.filter(entry__reference=order.reference).exists()
    # The shop takes its word back: only then it goes.
    follow.refresh(order.pk, replace(data, doubts=[]))
    order.refresh_from_db()
    assert order.state == "ready"


# What the shop says of a COD order that was sent: what is owed now, or None where nothing is asked.
LATER: dict[str, tuple[dict[str, Any], str | None]] = {
    "paid in the shop": ({"payment": "prepaid"}, "0.00"),
    "a lower total": ({"total": "181.17"}, "181.17"),
    "a higher total": ({"total": "231.53"}, None),
    "another currency": ({"total": "181.17", "currency": "USD"}, None),
    "less at the door than the total": ({"collect": "143.71"}, "143.71"),
    "nothing known of the total": ({"total": None}, None),
}


@pytest.mark.parametrize("parcel", ["to_pick", "shipped", "delivered"])
@pytest.mark.parametrize("what", LATER)
def test_what_the_shop_says_while_the_courier_goes_to_collect(world: differing.World, what: str, parcel: str) -> None:
    changes, owed = LATER[what]
    told: dict[str, Any] = {"payment": "cod", "total": "211.37", **SHOP}
    when = {"placed_at": None, "note": "Citofono"}
    data = world.data(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1), **told, **when)
    order = creation.create(data, dropshipper_id=world.seller.pk, method_id=world.methods["uno"].pk)
    item = runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    assert item.result == "dispatched"
    if parcel != "to_pick":
        parcels.mark_shipped(order.pk, tracking_number="TRK7731", by=None)
    if parcel == "delivered":
        parcels.mark_delivered(order.pk, by=None)
        owed = None  # the cash is in the courier's hand
    before = Order.objects.values("payment", "to_collect", "sale_total", "cost", "currency", "state").get(pk=order.pk)

    def alarms() -> dict[str, dict[str, str]]:
        return {row.subject: row.params for row in order.problems.filter(code="owes_less")}

    changed = world.data(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1), **{**told, **changes}, **when)
    assert follow.refresh(order.pk, changed)
    assert alarms() == ({} if owed is None else {"": {"owed": owed, "collect": "211.37"}})
    assert order.problems.filter(code="changed_in_shop").exists() == bool({"total", "currency"} & set(changes))
    assert Order.objects.values(*before).get(pk=order.pk) == before
    assert order.events.filter(code="owes_less").count() == (owed is not None)
    assert follow.refresh(order.pk, data)  # as it was: nothing is owed less any more
    assert alarms() == {}


@pytest.mark.parametrize("field", ["phone", "to_collect", "lines"])
def test_who_settles_a_conflict_that_is_not_there_takes_no_other_question_away(ready: Order, field: str) -> None:
    ready.problems.create(code="text_cut", subject=field, params={"field": field})
    person = cast.member(ready.dropshipper, email="altra@example.com").pk
    assert conflicts.take(ready.pk, field, "mine", by=person) is False
    if field == "lines":
        assert conflicts.take_lines(ready.pk, [], by=person) is False
    assert [(row.code, row.subject) for row in ready.problems.all()] == [("text_cut", field)]
