"""Whatever is done to a shelf, step by step against a simple model: the figures, the moves, and the version, which each
change raises by one and nothing else does: by it the shops are told."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from catalog import stock
from catalog.errors import CountTooLow, OutOfStock
from catalog.models import Stock, StockMove, Variant
from tests import cast
from tests.catalog.goods import variant

few, many = st.integers(1, 13), st.integers(0, 40)
exactly = st.sampled_from(["", "same", "promised", "below"])
which, whose = st.integers(0, 2), st.sampled_from(["order:1", "order:2", "order:3"])


class Shelves(RuleBasedStateMachine):
    """Three shelves; the third has no row yet. Model: on hand, buffer, version, day of return; pieces by order."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.ids = [variant(11).pk, variant(23).pk, variant(0).pk]
        self.on_hand, self.buffer, self.version = [11, 23, 0], [0, 0, 0], [1, 1, 0]
        self.restock: list[Any] = [None, None, None]
        self.held: dict[tuple[str, int], int] = {}
        self.sent: dict[tuple[str, int], int] = {}
        self.keys: set[tuple[int, str]] = set()
        self.people = [cast.staff().pk, cast.staff().pk, None]
        self.by: int | None = None
        self.told: list[tuple[Any, ...]] = [(pk, "received", pieces, 0, "", None)
                                            for pk, pieces in zip(self.ids, (11, 23), strict=False)]  # fmt: skip

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def reserved(self, n: int) -> int:
        return sum(pieces for (_order, at), pieces in self.held.items() if at == n)

    def tell(self, n: int, kind: str, on_hand: int, reserved: int, reference: str) -> None:
        """A move that must be written down; the next one is another person's."""
        self.told.append((self.ids[n], kind, on_hand, reserved, reference, self.by))

    @rule(who=st.integers(0, 2))
    def another_person_comes(self, who: int) -> None:
        self.by = self.people[who]

    def change(self, n: int, on_hand: int = 0) -> None:
        self.on_hand[n] += on_hand
        self.version[n] += 1

    @rule(one=few, two=few, n=which, order=whose)
    def reserve(self, one: int, two: int, n: int, order: str) -> None:
        m = (n + 1) % 3
        wanted = {order: {self.ids[n]: one}, "order:9": {self.ids[n]: 2, self.ids[m]: two}}
        needs = {n: one + 2, m: two}
        free = {at: max(0, self.on_hand[at] - self.reserved(at) - self.buffer[at]) for at in needs}
        lacking = [at for at in sorted(needs, key=lambda at: self.ids[at]) if free[at] < needs[at]]
        if lacking:
            with pytest.raises(OutOfStock) as refused, transaction.atomic():
                stock.reserve(wanted, by=self.by)
            sku = Variant.objects.get(pk=self.ids[lacking[0]]).sku
            assert refused.value.params == {"sku": sku, "wanted": needs[lacking[0]], "available": free[lacking[0]]}
            return
        stock.reserve(wanted, by=self.by)
        for key, pieces in (((order, n), one), (("order:9", n), 2), (("order:9", m), two)):
            self.held[key] = self.held.get(key, 0) + pieces
            self.tell(key[1], "reserved", 0, pieces, key[0])
        for at in needs:
            self.change(at)

    @rule(order=st.one_of(whose, st.just("order:9")), ship=st.booleans())
    def end(self, order: str, ship: bool) -> None:
        (stock.ship if ship else stock.release)(order, by=self.by)
        for key in [key for key in self.held if key[0] == order]:
            pieces = self.held.pop(key)
            self.change(key[1], -pieces if ship else 0)
            self.tell(key[1], "shipped" if ship else "released", -pieces if ship else 0, -pieces, key[0])
            if ship:
                self.sent[key] = self.sent.get(key, 0) + pieces

    @rule(order=st.one_of(whose, st.just("order:9")))
    def unship(self, order: str) -> None:
        stock.unship(order, by=self.by)
        for key in [key for key in self.sent if key[0] == order]:
            pieces = self.sent.pop(key)
            self.change(key[1], pieces)
            self.tell(key[1], "shipped", pieces, pieces, key[0])
            self.held[key] = self.held.get(key, 0) + pieces

    @rule(n=which, pieces=few, reference=st.sampled_from(["", "bolla", "order:1"]))
    def receive(self, n: int, pieces: int, reference: str) -> None:
        named = {"reference": reference} if reference else {}
        stock.receive(self.ids[n], pieces, by=self.by, **named)  # a return of the order's, as new
        self.change(n, pieces)
        self.tell(n, "received", pieces, 0, reference)

    @rule(one=few, two=few, n=which, reference=st.sampled_from(["", "bolla"]))
    def receive_many(self, one: int, two: int, n: int, reference: str) -> None:
        named = {"reference": reference} if reference else {}
        m, nothing = (n + 1) % 3, (n + 2) % 3
        stock.receive_all({self.ids[nothing]: 0, self.ids[m]: two, self.ids[n]: one}, by=self.by, **named)
        for at, pieces in ((n, one), (m, two)):
            self.change(at, pieces)
            self.tell(at, "received", pieces, 0, reference)

    @rule(n=which, pieces=few, key=st.sampled_from(["a", "b"]))
    def receive_once(self, n: int, pieces: int, key: str) -> None:
        new = (n, key) not in self.keys
        assert stock.receive_once(self.ids[n], pieces, key=f"click:{key}", by=self.by) is new
        self.keys.add((n, key))
        if new:
            self.change(n, pieces)
            self.tell(n, "received", pieces, 0, f"click:{key}")

    @rule(n=which, pieces=many, exact=exactly, reference=st.sampled_from(["", "giro"]))
    def count(self, n: int, pieces: int, exact: str, reference: str) -> None:
        pieces = {
            "": pieces, "same": self.on_hand[n], "promised": self.reserved(n), "below": self.reserved(n) - 1
        }[exact]  # fmt: skip
        if pieces < 0:
            with pytest.raises(ValueError, match=r"^A count is not negative.$"):
                stock.count(self.ids[n], pieces, by=self.by)
            return
        if pieces < self.reserved(n):
            with pytest.raises(CountTooLow) as refused, transaction.atomic():
                stock.count(self.ids[n], pieces, by=self.by)
            sku = Variant.objects.get(pk=self.ids[n]).sku
            assert refused.value.params == {"sku": sku, "counted": pieces, "reserved": self.reserved(n)}
            return
        named = {"reference": reference} if reference else {}
        stock.count(self.ids[n], pieces, by=self.by, **named)
        self.tell(n, "counted", pieces - self.on_hand[n], 0, reference)
        if pieces != self.on_hand[n]:
            self.change(n, pieces - self.on_hand[n])

    @rule(n=which, buffer=st.sampled_from([0, 3, 8]), days=st.sampled_from([None, 5, 9]))
    def arrange(self, n: int, buffer: int, days: int | None) -> None:
        restock = None if days is None else dt.date(2026, 12, days)
        stock.arrange(self.ids[n], buffer=buffer, restock_on=restock)
        if buffer != self.buffer[n]:
            self.change(n)
        self.buffer[n], self.restock[n] = buffer, restock

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        rows = {row.pk: row for row in Stock.objects.filter(pk__in=self.ids)}
        for n, pk in enumerate(self.ids):
            row = rows.get(pk, Stock(pk=pk))
            told = (row.on_hand, row.reserved, row.buffer, row.version, row.restock_on)
            assert told == (
                self.on_hand[n],
                self.reserved(n),
                self.buffer[n],
                self.version[n],
                self.restock[n],
            )
        written = ("variant", "kind", "on_hand_change", "reserved_change", "reference", "by")
        assert Counter(StockMove.objects.values_list(*written)) == Counter(self.told)
        assert stock.open_reservations() == {pk: self.reserved(n) for n, pk in enumerate(self.ids) if self.reserved(n)}
        free = {
            pk: max(0, self.on_hand[n] - self.reserved(n) - self.buffer[n])
            for n, pk in enumerate(self.ids)
            if pk in rows
        }
        assert stock.lock(self.ids) == free


@pytest.mark.django_db
def test_pieces_that_are_none_are_no_move_and_less_than_none_are_refused() -> None:
    one = variant(0).pk
    for act in (
        lambda pieces: stock.reserve({"order:1": {one: pieces}}, by=None),
        lambda pieces: stock.receive(one, pieces, by=None),
        lambda pieces: stock.receive_all({one: pieces}, by=None),
    ):
        with CaptureQueriesContext(connection) as queries:
            act(0)
            with pytest.raises(ValueError, match=r"^A quantity of pieces is not negative.$"):
                act(-1)
        assert len(queries) == 0
    assert not Stock.objects.exists()


@pytest.mark.django_db
def test_a_shelf_is_what_the_steps_made_of_it() -> None:
    run_state_machine_as_test(
        Shelves,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
