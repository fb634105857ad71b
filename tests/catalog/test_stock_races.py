"""Two people at one shelf in the same moment: what each saw when he decided is still so when it is written. Each race
is first run with its guard off."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from catalog import stock
from catalog.errors import CountTooLow, OutOfStock
from catalog.models import Stock, StockMove
from tests.catalog.goods import variant
from tests.catalog.test_stock import figures, moves
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)


def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is read and not locked."""

    def read(_cursor: Any, variant_id: int) -> tuple[int, int]:
        row = Stock.objects.get(pk=variant_id)
        return row.on_hand, row.reserved

    monkeypatch.setattr(stock, "_row", read)


def add_up(variant_id: int) -> bool:
    told = StockMove.objects.filter(variant_id=variant_id)
    return figures(variant_id)[0] == sum(move.on_hand_change for move in told)


@pytest.mark.parametrize("guard", [True, False])
def test_a_count_beside_a_delivery_writes_down_what_it_changed(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    shelf = variant(17)
    if not guard:
        unguarded(monkeypatch)
    met = meet(
        lambda: stock.receive(shelf.pk, 6, by=None, reference="bolla 3"),
        lambda: stock.count(shelf.pk, 11, by=None, reference="conta"),
    )
    assert met.waited
    assert figures(shelf.pk)[:2] == (11, 0)
    assert moves("conta") == [("counted", -12 if guard else -6, 0)]
    assert add_up(shelf.pk) is guard


@pytest.mark.parametrize("guard", [True, False])
def test_what_was_looked_at_to_decide_by_it_stays_so_until_it_is_written(
    monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    """A delivery between the look and the writing."""
    shelf = variant(17)
    if not guard:
        unguarded(monkeypatch)

    def look() -> tuple[int, int]:
        with connection.cursor() as cursor:
            return stock._row(cursor, shelf.pk)

    met = meet(look, lambda: stock.receive(shelf.pk, 6, by=None))
    assert (met.first, met.waited) == ((17, 0), guard)


@pytest.mark.parametrize("guard", [True, False])
def test_a_count_beside_a_sale_does_not_go_below_what_is_promised(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    shelf = variant(17)
    if not guard:
        unguarded(monkeypatch)
    met = meet(
        lambda: stock.reserve({"order:5": {shelf.pk: 9}}, by=None),
        lambda: stock.count(shelf.pk, 8, by=None, reference="conta"),
    )
    assert isinstance(met.second, CountTooLow) is guard  # without it the database's own refusal, and a broken page
    assert figures(shelf.pk)[:2] == (17, 9)
    assert moves("conta") == []
    if guard:
        assert met.second.params == {"sku": shelf.sku, "counted": 8, "reserved": 9}


@pytest.mark.parametrize("guard", [True, False])
def test_a_delivery_that_is_clicked_twice_at_once_counts_once(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    shelf = variant(17)
    if not guard:
        unguarded(monkeypatch)
    met = meet(*[lambda: stock.receive_once(shelf.pk, 6, key="click-1", by=None)] * 2)
    assert (met.first, met.second) == (True, not guard)
    assert figures(shelf.pk)[0] == (23 if guard else 29)
    assert len(moves("click-1")) == (1 if guard else 2)


@pytest.mark.parametrize("end", [stock.release, stock.ship])
def test_a_reservation_that_ends_twice_at_once_ends_once(end: Any) -> None:
    shelf, other = variant(17), variant(8)
    stock.reserve({"order:5": {shelf.pk: 9, other.pk: 3}, "order:6": {shelf.pk: 4}}, by=None)
    met = meet(lambda: end("order:5", by=None), lambda: end("order:5", by=None))
    assert met.waited
    assert (met.first, met.second) == (None, None)
    left = 9 if end is stock.ship else 0
    assert [figures(one.pk)[:2] for one in (shelf, other)] == [(17 - left, 4), (8 - left // 3, 0)]
    assert len(moves("order:5")) == 4


@pytest.mark.parametrize("guard", [True, False])
def test_without_the_lock_a_reservation_ends_twice(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    """The control of the race above."""
    shelf = variant(17)
    stock.reserve({"order:5": {shelf.pk: 5}, "order:6": {shelf.pk: 7}}, by=None)
    if not guard:
        monkeypatch.setattr(stock, "_LOCK_OF_REFERENCE", "SELECT %(reference)s")
    meet(lambda: stock.release("order:5", by=None), lambda: stock.release("order:5", by=None))
    assert figures(shelf.pk)[1] == (7 if guard else 2)


def test_who_comes_second_sees_what_the_first_left() -> None:
    """Where the database alone would not mind: the pieces that are kept back would go."""
    shelf = variant(17)
    stock.arrange(shelf.pk, buffer=4, restock_on=None)
    met = meet(
        lambda: stock.reserve({"order:5": {shelf.pk: 9}}, by=None),
        lambda: stock.reserve({"order:6": {shelf.pk: 6}}, by=None),
    )
    assert met.waited
    assert isinstance(met.second, OutOfStock)
    assert met.second.params["available"] == 4
    assert figures(shelf.pk)[:2] == (17, 9)
    met = meet(lambda: stock.reserve({"order:7": {shelf.pk: 3}}, by=None), lambda: stock.lock([shelf.pk]))
    assert (met.waited, met.second) == (True, {shelf.pk: 1})
