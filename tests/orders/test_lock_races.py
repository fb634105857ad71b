"""Two at once on one order, each reading before the other wrote: what the lock of the order's row is for. With the lock
off each of these races loses something."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from orders.dispatch import decide
from orders.dispatch import runs as dispatch_runs
from orders.entry import typed
from orders.errors import NotEditable, StaleEdit
from orders.fulfilment import parcels
from orders.intake import creation, follow
from orders.intake import editing as order_editing
from orders.models import DispatchRun, Order
from tests import differing
from tests.meeting import halt
from tests.orders.test_races import together
from tests.reckoning import euro, owed
from wallet.queries import balances

pytestmark = pytest.mark.django_db(transaction=True)
PAUSE = 0.15


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture(params=[True, False], ids=["locked", "control"])
def locked(request: Any, monkeypatch: Any) -> bool:
    """Whoever has read an order waits before he writes, who edits it longer than the others. Without the lock the
    other reads meanwhile: the negative control, in which the tests below must see the harm."""
    real, stay = creation.lock, halt(2, guarded=request.param)

    def slowly(pause: float) -> Callable[[int], Order]:
        def lock(order_id: int) -> Order:
            order = real(order_id) if request.param else Order.objects.get(pk=order_id)
            stay()
            time.sleep(pause)
            return order

        return lock

    for room, pause in ((creation, PAUSE if request.param else 4 * PAUSE), (follow, 0), (parcels, 0)):
        monkeypatch.setattr(room, "lock", slowly(pause))
    return bool(request.param)


def editing(order: Order, **fields: Any) -> Callable[[], Order]:
    """A person's edit, of the form that was opened before the other began."""
    data = replace(typed.data_of(Order.objects.get(pk=order.pk)), **fields)
    return lambda: order_editing.edit(order.pk, data, version=order.version, by=None, method_id=order.method_id)


def test_of_two_edits_of_one_form_the_second_is_told(world: differing.World, locked: bool) -> None:
    order = world.order(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1))
    results = together(editing(order, note="Da Anna"), editing(order, note="Da Ugo"))
    told = sum(isinstance(result, StaleEdit) for result in results)
    order.refresh_from_db()
    kept = [result.note for result in results if isinstance(result, Order)]
    assert ((told, order.version, kept == [order.note]) == (1, 2, True)) == locked, results


def test_what_was_cancelled_is_not_brought_back_by_an_edit(world: differing.World, locked: bool) -> None:
    order = world.order(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1))
    results = together(lambda: parcels.cancel(order.pk, by=None), editing(order, note="Suonare forte"))
    cancelled, edited = results
    assert isinstance(cancelled, Order)
    now = Order.objects.get(pk=order.pk)
    fine = now.state == "cancelled" and (isinstance(edited, NotEditable) or now.note == "Suonare forte")
    assert fine == locked, results


def test_what_the_shop_and_a_person_change_at_once_is_both_kept(world: differing.World, locked: bool) -> None:
    lines = (("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1))
    shop = {"source": "woocommerce", "source_label": "casabella.it", "placed_at": None, "note": ""}
    data = world.data(*lines, **shop)
    order = creation.create(data, dropshipper_id=world.seller.pk, method_id=world.methods["uno"].pk)
    moved = replace(data, address=replace(data.address, phone="+393470000001"))
    results = together(
        editing(order, address=replace(order.address, email="nuova@example.com")),
        lambda: follow.refresh(order.pk, moved),
    )
    now = Order.objects.get(pk=order.pk)
    # The person's form was opened before: either he was told so, or both changes stand.
    told = isinstance(results[0], StaleEdit) and now.phone == "+393470000001"
    both = (now.email, now.phone) == ("nuova@example.com", "+393470000001")
    assert (told or both) == locked, results


@pytest.mark.parametrize("guarded", [True, False], ids=["locked", "control"])
def test_what_is_charged_is_what_the_order_says_when_an_edit_was_under_way(
    world: differing.World, monkeypatch: Any, guarded: bool
) -> None:
    order = world.order(("DIV-A", 2), ("DIV-B", 3), ("DIV-A", 1))
    new = [creation.LineData("DIV-D", "", 5), creation.LineData("DIV-C", "", 4), creation.LineData("DIV-D", "", 2)]
    real, begun, clicked = creation.lock, threading.Event(), threading.Event()

    def slow(order_id: int) -> Order:
        locked = real(order_id)
        begun.set()
        clicked.wait(PAUSE if guarded else 10)  # a click that waits for the lock does not come to its end meanwhile
        return locked

    monkeypatch.setattr(creation, "lock", slow)
    if not guarded:
        monkeypatch.setattr(decide, "_LOCK_ORDERS", decide._LOCK_ORDERS.replace("FOR NO KEY UPDATE OF o", ""))
    edit = editing(order, lines=new)

    def click() -> Any:
        begun.wait(10)
        try:
            return dispatch_runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
        finally:
            clicked.set()

    edited, item = together(edit, click)
    assert isinstance(edited, Order)
    model = owed([("DIV-D", 5), ("DIV-C", 4), ("DIV-D", 2)], "uno", "terraferma", None)
    assert model is not None
    now = Order.objects.get(pk=order.pk)
    charged = D("1307.91") - balances(world.seller.pk).available
    frozen = set(now.lines.values_list("sku", "unit_net"))
    fine = (
        getattr(item, "result", "") == "dispatched"
        and (now.state, now.cost, charged) == ("dispatched", euro(model.cost), euro(model.cost))
        and frozen == {("DIV-D", D("28.61")), ("DIV-C", D("3.05"))}
    )
    assert fine == guarded, (item, now.state, now.cost, charged, frozen)


@pytest.mark.parametrize("guarded", [True, False], ids=["locked", "control"])
def test_two_clicks_on_one_list_open_one_run(world: differing.World, monkeypatch: Any, guarded: bool) -> None:
    orders = [world.order(("DIV-A", n + 1), ("DIV-B", n + 2)).pk for n in range(3)]
    create, stay = DispatchRun.objects.create, halt(3, guarded=guarded)

    def slow(**fields: Any) -> DispatchRun:  # whoever comes here has seen no run under way
        stay()
        return create(**fields)

    def start(ids: list[int]) -> Any:
        return dispatch_runs.start(ids, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None, source="manual").pk

    with monkeypatch.context() as patch:
        patch.setattr(DispatchRun.objects, "create", slow)
        if not guarded:
            patch.setattr(decide, "one_starter", lambda _dropshipper_id: None)
        results = together(lambda: start(orders), lambda: start(orders[::-1]), lambda: start(orders[:1]))
    runs = DispatchRun.objects.count()
    assert (runs == 1 and len(set(results)) == 1) == guarded, results
    # Another's click, and another list's, waits for nobody.
    other = world.order(("DIV-C", 3), seller=world.other).pk
    dispatch_runs.start([other], dropshipper_id=world.other.pk, key=uuid.uuid4(), by=None, source="manual")
    dispatch_runs.start(orders, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None, source="woocommerce")
    assert DispatchRun.objects.count() == runs + 2
