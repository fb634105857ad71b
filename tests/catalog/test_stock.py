"""catalog/stock.py: promises, releases, shipments and counts of pieces, alone and in a crowd."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog import stock
from catalog.errors import CountTooLow, OutOfStock
from catalog.models import Stock, StockMove
from tests.catalog.goods import variant
from tests.threads import ended


def figures(variant_id: int) -> tuple[int, int, int]:
    row = Stock.objects.get(pk=variant_id)
    return row.on_hand, row.reserved, row.version


def moves(reference: str) -> list[tuple[str, int, int]]:
    return list(
        StockMove.objects.filter(reference=reference)
        .order_by("id")
        .values_list("kind", "on_hand_change", "reserved_change")
    )


@pytest.mark.django_db
def test_reserved_pieces_are_promised_and_written_down_once_per_order() -> None:
    first, second = variant(10), variant(5)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        stock.reserve({"order:1": {first.pk: 2, second.pk: 1}, "order:2": {first.pk: 3}}, by=None)
    assert len(queries) == 1  # whatever the number of orders
    assert figures(first.pk) == (10, 5, 2)
    assert figures(second.pk) == (5, 1, 2)
    assert moves("order:1") == [("reserved", 0, 2), ("reserved", 0, 1)]
    assert stock.open_reservations() == {first.pk: 5, second.pk: 1}


@pytest.mark.django_db
def test_one_lacking_variant_leaves_everything_as_it_was_and_is_named() -> None:
    plenty, short = variant(10), variant(1)
    with pytest.raises(OutOfStock) as refusal:
        stock.reserve({"order:1": {plenty.pk: 1}, "order:2": {short.pk: 2}}, by=None)
    assert refusal.value.params == {"sku": short.sku, "wanted": 2, "available": 1}
    assert figures(plenty.pk) == (10, 0, 1)
    assert figures(short.pk) == (1, 0, 1)
    assert moves("order:1") == moves("order:2") == []


@pytest.mark.django_db
def test_the_pieces_of_several_orders_are_summed_before_they_are_promised() -> None:
    only = variant(3)
    with pytest.raises(OutOfStock):
        stock.reserve({"order:1": {only.pk: 2}, "order:2": {only.pk: 2}}, by=None)
    assert figures(only.pk) == (3, 0, 1)


@pytest.mark.django_db
def test_a_variant_without_stock_row_has_none() -> None:
    nothing = variant(0)
    assert stock.lock([nothing.pk]) == {}
    with pytest.raises(OutOfStock) as refusal:
        stock.reserve({"order:1": {nothing.pk: 1}}, by=None)
    assert refusal.value.params["available"] == 0


@pytest.mark.django_db
def test_the_buffer_is_not_for_sale() -> None:
    kept = variant(10)
    stock.arrange(kept.pk, buffer=8, restock_on=None)
    assert stock.lock([kept.pk]) == {kept.pk: 2}
    with pytest.raises(OutOfStock):
        stock.reserve({"order:1": {kept.pk: 3}}, by=None)
    stock.reserve({"order:1": {kept.pk: 2}}, by=None)
    assert figures(kept.pk)[1] == 2


@pytest.mark.django_db
def test_released_twice_is_released_once() -> None:
    one, two = variant(10), variant(10)
    stock.reserve({"order:1": {one.pk: 4, two.pk: 1}, "order:2": {one.pk: 1}}, by=None)
    stock.release("order:1", by=None)
    stock.release("order:1", by=None)
    assert figures(one.pk)[:2] == (10, 1)
    assert figures(two.pk)[:2] == (10, 0)
    assert stock.open_reservations() == {one.pk: 1}


@pytest.mark.django_db
def test_shipped_pieces_leave_the_house_and_shipped_twice_is_shipped_once() -> None:
    one = variant(10)
    stock.reserve({"order:1": {one.pk: 4}}, by=None)
    stock.ship("order:1", by=None)
    stock.ship("order:1", by=None)
    stock.release("order:1", by=None)
    assert figures(one.pk)[:2] == (6, 0)
    assert moves("order:1") == [("reserved", 0, 4), ("shipped", -4, -4)]


@pytest.mark.django_db
def test_an_order_that_was_released_may_reserve_again() -> None:
    one = variant(10)
    stock.reserve({"order:1": {one.pk: 4}}, by=None)
    stock.release("order:1", by=None)
    stock.reserve({"order:1": {one.pk: 3}}, by=None)
    stock.ship("order:1", by=None)
    assert figures(one.pk)[:2] == (7, 0)


@pytest.mark.django_db
def test_a_count_below_what_is_promised_is_refused_and_changes_nothing() -> None:
    one = variant(10)
    stock.reserve({"order:1": {one.pk: 4}}, by=None)
    with pytest.raises(CountTooLow) as refusal:
        stock.count(one.pk, 3, by=None)
    assert refusal.value.params == {"sku": one.sku, "counted": 3, "reserved": 4}
    assert figures(one.pk) == (10, 4, 2)
    stock.count(one.pk, 7, by=None)
    assert figures(one.pk) == (7, 4, 3)


@pytest.mark.django_db
def test_the_moves_of_a_variant_replayed_give_its_stock() -> None:
    one = variant(10)
    stock.receive(one.pk, 5, by=None)
    stock.reserve({"order:1": {one.pk: 4}, "order:2": {one.pk: 1}}, by=None)
    stock.ship("order:1", by=None)
    stock.count(one.pk, 9, by=None)
    told = StockMove.objects.filter(variant=one)
    assert sum(m.on_hand_change for m in told) == 9
    assert sum(m.reserved_change for m in told) == 1
    assert figures(one.pk)[:2] == (9, 1)


@pytest.mark.django_db
def test_the_database_refuses_a_row_that_promises_more_than_there_is() -> None:
    one = variant(3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(pk=one.pk).update(reserved=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(pk=one.pk).update(reserved=-1)


def in_a_crowd(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs the acts at the same instant, each in its own transaction and connection; their results or errors."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(index: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(20)
            with transaction.atomic():
                results[index] = acts[index]()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    ended(threads)
    return results


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_wanted_by_twenty_goes_to_one() -> None:
    last = variant(1)

    def want(number: int) -> Callable[[], Any]:
        return lambda: stock.reserve({f"order:{number}": {last.pk: 1}}, by=None)

    results = in_a_crowd([want(number) for number in range(20)])
    assert [r for r in results if r is None] == [None]
    assert all(isinstance(r, OutOfStock) for r in results if r is not None)
    assert figures(last.pk) == (1, 1, 2)
    assert StockMove.objects.filter(variant=last, kind="reserved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_the_last_piece_is_sold_more_than_once() -> None:
    """The control: reads, decides, writes. It shows that the race above is a real one."""
    last = variant(1)
    seen = threading.Barrier(4)

    def want() -> bool:
        available = Stock.objects.get(pk=last.pk).available
        seen.wait(20)
        if available < 1:
            return False
        Stock.objects.filter(pk=last.pk).update(reserved=1)
        return True

    assert in_a_crowd([want] * 4).count(True) > 1


@pytest.mark.django_db(transaction=True)
def test_two_batches_that_share_skus_in_opposite_order_do_not_deadlock() -> None:
    shared = [variant(1000).pk for _ in range(12)]

    def batch(number: int) -> Callable[[], Any]:
        order = shared if number % 2 else shared[::-1]
        return lambda: [
            stock.reserve({f"order:{number}:{i}": dict.fromkeys(order, 1)}, by=None)
            or stock.release(f"order:{number}:{i}", by=None)
            for i in range(5)
        ]

    results = in_a_crowd([batch(number) for number in range(8)])
    assert not [r for r in results if isinstance(r, Exception)]
    assert {figures(pk)[:2] for pk in shared} == {(1000, 0)}


@pytest.mark.django_db(transaction=True)
def test_without_the_house_order_of_locks_two_batches_deadlock() -> None:
    """The control: each takes its rows one by one in its own order."""
    one, two = variant(10).pk, variant(10).pk
    first_held = threading.Barrier(2)

    def take(first: int, second: int) -> Callable[[], Any]:
        def act() -> None:
            Stock.objects.filter(pk=first).update(reserved=1)
            first_held.wait(20)
            Stock.objects.filter(pk=second).update(reserved=1)

        return act

    results = in_a_crowd([take(one, two), take(two, one)])
    assert [r for r in results if isinstance(r, DatabaseError)]


@pytest.mark.django_db(transaction=True)
def test_one_reservation_released_by_many_at_once_is_released_once() -> None:
    one = variant(10)
    stock.reserve({"order:1": {one.pk: 4}, "order:2": {one.pk: 5}}, by=None)
    results = in_a_crowd([lambda: stock.release("order:1", by=None)] * 10)
    assert results == [None] * 10
    assert figures(one.pk)[:2] == (10, 5)
    assert StockMove.objects.filter(kind="released").count() == 1
