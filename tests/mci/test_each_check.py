"""Each check of `manage.py verify` sees the damage that is its own, by itself and in words that name it. (The schema's
is in test_old_databases.py.)"""

from __future__ import annotations

import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from catalog import stock
from catalog.models import Stock
from connectors.models import InboxOrder
from mci.verify.invariants import CHECKS
from orders.dispatch import runs
from orders.failed import lost, returned
from orders.failed.reckoning import Found
from orders.fulfilment import collect, parcels, readdress, undo
from orders.models import Order
from orders.warehouse import papers
from tests import cast, differing
from tests.connectors.conftest import LONG_AGO, make_shop
from tests.mci.damages_books import BOOKS
from tests.mci.damages_goods import GOODS
from tests.mci.damages_returns import RETURNS
from tests.orders import stage
from tests.wallet.books import age, hatch
from wallet import adjustments, reversals, topups
from wallet.books.seal import seal_entries
from wallet.models import Entry, Proposal

pytestmark = pytest.mark.django_db
DAMAGES = {**BOOKS, **GOODS, **RETURNS}


@pytest.fixture
def names(db: None) -> dict[str, Any]:
    """Orders in every state that money knows, one of them lowered, one paid after all, one sent elsewhere; top-ups of
    each end; an article of which all is promised, and one that never had any. All is sealed."""
    world = differing.world()
    staff, owner = cast.staff(), cast.member(world.seller)
    orders: dict[str, Order] = {}
    for name in (
        "prepaid",
        "packed",
        "gone",
        "cancelled",
        "cod",
        "collected",
        "remitted",
        "paid_back",
        "lowered",
        "free",
        "elsewhere",
    ):
        payment = "prepaid" if name in ("prepaid", "packed", "gone", "cancelled") else "cod"
        orders[name] = world.order(("DIV-A", 2), ("DIV-B", 2), ("DIV-A", 1), payment=payment, total="211.37")
        runs.dispatch_now(orders[name].pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=owner.pk)
    parcels.mark_packed(orders["packed"].pk, by=staff.pk)
    for name in ("packed", "prepaid"):
        papers.print_one(orders[name].pk, "ddt", by=staff.pk)
    for name in ("gone", "remitted", "collected", "paid_back"):
        parcels.mark_shipped(orders[name].pk, tracking_number=f"TRK-{name}", by=staff.pk)
        parcels.mark_delivered(orders[name].pk, by=staff.pk)
    for name in ("remitted", "paid_back"):
        parcels.mark_remitted(orders[name].pk, by=staff.pk)
    parcels.cancel(orders["cancelled"].pk, by=owner.pk)
    collect.lower(orders["lowered"].pk, D("0.83"), by=owner.pk)
    collect.lower(orders["free"].pk, D("0.00"), by=owner.pk)
    sent_elsewhere(orders["elsewhere"])
    held = Stock.objects.get(variant__sku="DIV-B")
    stock.count(held.variant_id, held.reserved, by=staff.pk)  # not one more than is promised
    never = stage.variant("DIV-F", pieces=0)
    stock.arrange(never.pk, buffer=2, restock_on=None)  # a row without any move
    orders["ready"] = world.order(("DIV-D", 1), ("DIV-E", 2))
    asked = {
        name: topups.request(world.seller.pk, D(amount), key=uuid.uuid4(), by=owner.pk).pk
        for name, amount in (("credited", "61.41"), ("back", "43.87"), ("asked", "57.23"))
    }
    for name in ("credited", "back"):
        topups.credit(asked[name], by=staff.pk)
    reversals.take_back_top_up(asked["back"], reason="Sbagliato", by=staff.pk)
    two = by_two_people(world.seller, orders["paid_back"], staff.pk, owner.pk)
    shop = make_shop(world.seller)
    for number, name in ((7731, "prepaid"), (7732, "gone")):
        values = {"version_at": LONG_AGO, "version_hash": b"x", "raw": b"{}"}
        order = orders[name] if name == "prepaid" else None
        InboxOrder.objects.create(shop=shop, external_id=str(number), order=order, **values)
    more = failed(world, owner.pk, staff.pk)
    age()
    assert seal_entries()
    return {
        "seller": world.seller.pk,
        "other": world.other.pk,
        **{sku[-1]: variant.pk for sku, variant in world.articles.items()},
        "F": never.pk,
        **{name: order.pk for name, order in orders.items()},
        **{
            f"sale_{name}": Entry.objects.get(key=f"order:{orders[name].pk}:sale").pk
            for name in ("prepaid", "cancelled")
        },
        **asked,
        **two,
        **more,
    }


def failed(world: differing.World, owner: int, staff: int) -> dict[str, int]:
    """A parcel that came back, and one that was lost and paid for by its courier; of one article that nobody waits
    for."""
    found = {}
    stage.variant("DIV-G", pieces=9)
    for name, payment in (("came_back", "prepaid"), ("lost", "cod")):
        order = world.order(("DIV-G", 2), payment=payment, total="97.31")
        runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=owner)
        parcels.mark_shipped(order.pk, tracking_number=f"TRK-{name}", by=staff)
        found[name] = order.pk
    back = returned.arrive(found["came_back"], reason="refused", fault="customer", by=staff)
    returned.inspect(back.pk, {back.lines.get().pk: Found(restock=1, scrap=1)}, by=staff)
    figures = returned.preview(back)
    assert figures is not None
    returned.settle(back.pk, shown=figures.mark, by=staff)
    case = lost.lose(found["lost"], by=staff)
    lost.paid(case.claim.pk, amount=D("7.77"), by=staff)
    return found | {"back_case": back.pk, "lost_case": case.pk}


def by_two_people(seller: Any, paid_back: Order, first: int, owner: int) -> dict[str, int]:
    """A large credit, and one that goes back, an adjustment and a remittance, each confirmed by a second person."""
    other, found = cast.staff().pk, {"paid_back": paid_back.pk}
    adjustment = adjustments.adjust(seller.pk, D("1217.19"), reason="Due", key=uuid.uuid4(), by=first)
    assert adjustment
    found["large_adjustment"] = adjustments.confirm(adjustment.pk, by=other).pk
    large = [topups.request(seller.pk, D(amount), key=uuid.uuid4(), by=owner).pk for amount in ("1113.07", "1319.23")]
    for pk in large:
        topups.credit(pk, by=first)
        topups.confirm_credit(Proposal.objects.get(state="waiting").pk, by=other)
    reversals.take_back_top_up(large[1], reason="Due", by=first)
    reversals.confirm_top_up(Proposal.objects.get(state="waiting").pk, by=other)
    with override_settings(SECOND_PERSON_ABOVE=D("1.00")):
        undo.take_back_cash(paid_back.pk, reason="Altra distinta", by=first)
    undo.confirm_cash(paid_back.pk, Proposal.objects.get(state="waiting").pk, by=other)
    return found


def sent_elsewhere(order: Order) -> None:
    order = Order.objects.select_related("shipment__method").get(pk=order.pk)
    proposal = readdress.propose(order, differing.ADDRESSES["sardegna"], "", method_id=None)
    price = proposal.quote.chosen.price
    seen = price.figures if price else ""
    assert readdress.readdress(
        order.pk, proposal.wanted, key=uuid.uuid4(), by=None, version=order.version, seen=seen, method_id=None
    )


def found() -> dict[str, list[str]]:
    answers = {check.title: list(check.find()) for check in CHECKS[1:]}
    return {title: sentences for title, sentences in answers.items() if sentences}


def test_each_check_has_a_damage_and_each_guard_too() -> None:
    assert {check.title for check in CHECKS[1:]} == set(DAMAGES)
    assert len({check.title for check in CHECKS}) == len(CHECKS)


def test_each_damage_is_seen_by_its_own_check(names: dict[str, Any]) -> None:
    assert found() == {}
    missed, checks = [], {check.title: check for check in CHECKS}
    for title, damages in DAMAGES.items():
        for what, (statements, says) in damages.items():
            with transaction.atomic():
                with hatch() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
                    cursor.execute(statements.format(**names))
                told = list(checks[title].find())
                if not any(says.format(**names) in sentence for sentence in told):
                    missed.append((title, what, says.format(**names), told))
                transaction.set_rollback(True)
    assert missed == []
    assert found() == {}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
