"""Real threads on a real PostgreSQL. Each race is first shown to bite with its guard off."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from catalog.models import Stock
from orders.dispatch import runs as dispatch_runs
from orders.models import DispatchItem, Order
from shipping.models import Shipment
from tests import cast
from tests.orders import stage
from tests.threads import ended
from wallet.queries import balances

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Runs the acts at the same moment, each on its own connection; results or exceptions in order."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def one(index: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            results[index] = act()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(index, act), daemon=True) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    ended(threads)
    return results


def click(order: Order) -> str:
    """A click of its own; what became of it."""
    item = dispatch_runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=uuid.uuid4(), by=None)
    return item.code or item.result


def clicks(orders: list[Order]) -> list[Any]:
    return together(*[lambda order=order: click(order) for order in orders])  # type: ignore[misc]


def test_ten_simultaneous_clicks_are_one_dispatch_and_one_charge() -> None:
    seller = cast.dropshipper()
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(seller, "500.00")
    order = stage.order(seller, ("MCI-1", 1), method=method)

    results = clicks([order] * 10)

    assert sorted(results) == ["already"] * 9 + ["dispatched"]
    assert Shipment.objects.count() == 1
    assert balances(seller.pk).available == Decimal("479.26")
    assert Stock.objects.get().reserved == 1


def test_the_same_key_ten_times_at_once_is_one_item() -> None:
    seller = cast.dropshipper()
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(seller, "500.00")
    order = stage.order(seller, ("MCI-1", 1), method=method)
    key = uuid.uuid4()

    results = together(
        *[lambda: dispatch_runs.dispatch_now(order.pk, dropshipper_id=seller.pk, key=key, by=None).pk] * 10
    )

    assert len(set(results)) == 1
    assert DispatchItem.objects.count() == 1
    assert balances(seller.pk).available == Decimal("479.26")


def _without_lock(order: Order) -> bool:
    """A dispatch that looks before it writes, without the row lock: the negative control."""
    with transaction.atomic():
        state = Order.objects.get(pk=order.pk).state
        if state != Order.State.READY:
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        Order.objects.filter(pk=order.pk).update(version=order.version + 1)
    return True


def test_without_the_row_lock_the_same_order_would_go_several_times() -> None:
    seller = cast.dropshipper()
    order = stage.order(seller, ("NO-SUCH", 1))
    Order.objects.filter(pk=order.pk).update(state="ready")
    assert sum(result is True for result in together(*[lambda: _without_lock(order)] * 5)) > 1


def test_the_last_piece_wanted_by_twenty_goes_to_one() -> None:
    sellers = [cast.dropshipper() for _ in range(20)]
    method = stage.method()
    stage.variant("MCI-1", pieces=1)
    orders = []
    for seller in sellers:
        stage.money(seller, "100.00")
        orders.append(stage.order(seller, ("MCI-1", 1), method=method))

    results = clicks(orders)

    assert sorted(results) == ["dispatched"] + ["out_of_stock"] * 19
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (1, 1)
    assert sum(balances(seller.pk).available == Decimal("79.26") for seller in sellers) == 1


def test_one_wallet_with_money_for_five_pays_exactly_five_of_twenty() -> None:
    seller = cast.dropshipper()
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(seller, "110.00")
    orders = [stage.order(seller, ("MCI-1", 1), method=method) for _ in range(20)]

    results = clicks(orders)

    assert sorted(results) == ["dispatched"] * 5 + ["insufficient_funds"] * 15
    assert balances(seller.pk).available == Decimal("6.30")
    assert Shipment.objects.count() == 5


def test_two_runs_over_the_same_orders_and_skus_in_opposite_order_never_deadlock() -> None:
    seller = cast.dropshipper()
    method = stage.method()
    skus = [stage.variant(f"MCI-{n}").sku for n in range(6)]
    stage.money(seller, "9000.00")
    orders = [
        stage.order(seller, *[(sku, 1) for sku in (skus if n % 2 else skus[::-1])], method=method) for n in range(20)
    ]
    ids = [order.pk for order in orders]
    runs = [
        dispatch_runs.start(
            ids if n % 2 else ids[::-1], dropshipper_id=seller.pk, key=uuid.uuid4(), by=None, source=str(n)
        )
        for n in range(4)
    ]

    results = together(*[lambda run=run: dispatch_runs.advance(run.pk).state for run in runs])  # type: ignore[misc]

    assert results == ["done"] * 4
    assert DispatchItem.objects.filter(result="dispatched").count() == 20
    assert DispatchItem.objects.filter(result="already").count() == 60
    assert Shipment.objects.count() == 20


def test_a_run_whose_worker_died_is_taken_up_and_nothing_is_done_twice() -> None:
    seller = cast.dropshipper()
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(seller, "500.00")
    orders = [stage.order(seller, ("MCI-1", 1), method=method) for _ in range(3)]
    run = dispatch_runs.start([order.pk for order in orders], dropshipper_id=seller.pk, key=uuid.uuid4(), by=None)
    dispatch_runs.dispatch_now(orders[0].pk, dropshipper_id=seller.pk, key=uuid.uuid4(), by=None)
    with connection.cursor() as cursor:  # what a killed worker leaves: running, with a lease that has ended
        cursor.execute(
            "UPDATE orders_dispatchrun SET state = 'running', lease_token = gen_random_uuid(),"
            " lease_until = now() - interval '1 second' WHERE id = %s",
            [run.pk],
        )

    assert dispatch_runs.advance_due() == 1

    run.refresh_from_db()
    assert run.state == "done"
    assert sorted(run.items.values_list("result", flat=True)) == ["already", "dispatched", "dispatched"]
    assert balances(seller.pk).available == Decimal("437.78")


def test_a_hundred_wallets_charged_at_once_pay_exactly_what_they_can_and_the_books_are_right() -> None:
    method = stage.method()
    skus = [stage.variant(f"MCI-{n}", pieces=1000).sku for n in range(8)]
    sellers = [cast.dropshipper() for _ in range(100)]
    orders = []
    for n, seller in enumerate(sellers):
        stage.money(seller, "41.48")  # two of its three orders of 20.74
        orders += [stage.order(seller, (skus[(n + m) % 8], 1), method=method) for m in range(3)]
    random.Random(7).shuffle(orders)

    results: list[str] = []
    lanes = [orders[lane::8] for lane in range(8)]
    for lane in together(*[lambda lane=lane: [click(order) for order in lane] for lane in lanes]):  # type: ignore[misc]
        assert isinstance(lane, list), lane  # an exception here is a deadlock or a lost row
        results += lane

    assert sorted(results) == ["dispatched"] * 200 + ["insufficient_funds"] * 100
    assert all(balances(seller.pk).available == 0 for seller in sellers)
    assert Shipment.objects.count() == 200
    assert sum(Stock.objects.values_list("reserved", flat=True)) == 200
    call_command("verify")
