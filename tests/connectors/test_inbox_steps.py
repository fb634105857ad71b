"""One order in a shop's life and in ours, step by step against a simple model: what the shop changes, its deliveries
late, doubled and in any order, what the reseller writes himself, Sincronizza and cancel in between."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from catalog import stock
from connectors.intake import upsert
from connectors.models import InboxOrder
from orders.dispatch import runs
from orders.errors import NotRestored
from orders.fulfilment import cancel
from orders.intake import editing
from orders.intake.data import LineData, OrderData
from orders.models import Order
from orders.questions import conflicts
from shipping.models import Shipment
from tests import cast
from tests.connectors.conftest import make_goods, make_shop
from tests.connectors.inbox_model import PAYMENTS, START, TEXTS, TOTALS, Model, Said
from tests.orders import stage
from wallet.queries import balances


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        seller = cast.dropshipper()
        stage.money(seller, "300.00")
        self.shop = make_shop(seller, method=stage.method())
        self.by = cast.member(seller)
        stock.receive(make_goods()["MCI-0001"].pk, 99, by=None)
        self.now, self.binned = START, False
        self.ahead = dt.timedelta()  # of the shop's clock
        self.life = [Said(START)]
        self.events: list[tuple[str, dt.datetime, Said | None]] = []
        self.model = Model()
        self.money = self.start = balances(seller.pk).available
        self.happens("webhook")

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # ---- the shop

    @initialize(at_once=st.sampled_from([True, True, True, False]), ahead=st.sampled_from([0, 0, 20]))
    def begins(self, at_once: bool, ahead: int) -> None:
        self.ahead = dt.timedelta(seconds=ahead)
        if at_once:
            self.take(*self.events[0])

    def tick(self) -> None:
        self.now += dt.timedelta(seconds=1)

    def happens(self, kind: str) -> None:
        """A message comes, or an answer: it may be taken in now, later, twice, after younger ones."""
        self.tick()
        self.events.append((kind, self.now, None if kind == "deleted" else self.life[-1]))

    def changes(self, *, same_second: bool, **fields: Any) -> None:
        if not same_second:
            self.tick()
        self.life.append(
            replace(self.life[-1], at=self.life[-1].at if same_second else self.now + self.ahead, **fields)
        )

    @rule(what=st.sampled_from(sorted(TEXTS)), n=st.integers(0, 2), same_second=st.sampled_from([False, False, True]))
    def shop_writes(self, what: str, n: int, same_second: bool) -> None:
        self.changes(same_second=same_second, **{what: TEXTS[what][n]})
        self.happens("webhook")

    @rule(total=st.sampled_from(TOTALS), pieces=st.integers(1, 3), payment=st.sampled_from(sorted(PAYMENTS)))
    def shop_sells_otherwise(self, total: str, pieces: int, payment: str) -> None:
        self.changes(same_second=False, total=total, pieces=pieces, payment=payment)
        self.happens("webhook")

    @rule()
    def shop_cancels_or_takes_back(self) -> None:
        self.changes(same_second=False, cancelled=not self.life[-1].cancelled)
        self.happens("webhook")

    @rule()
    def shop_bins_or_restores(self) -> None:
        self.binned = not self.binned
        self.happens("deleted" if self.binned else "restored")

    @rule()
    def we_ask(self) -> None:
        self.happens("deleted" if self.binned else "truth")

    # ---- what comes in

    @rule(n=st.integers(0, 30), latest=st.booleans())
    def comes_in(self, n: int, latest: bool) -> None:
        self.take(*self.events[-1 if latest else n % len(self.events)])

    @rule()
    def all_comes_in_and_we_ask_at_last(self) -> None:
        for event in reversed(self.events[-4:]):
            self.take(*event)
        self.we_ask()
        self.take(*self.events[-1])
        shown, last = Order.objects.filter(inbox__shop=self.shop).first(), self.life[-1]
        if self.binned or last.cancelled:
            assert shown is None or shown.state in ("cancelled", "dispatched")
        elif shown is not None and shown.is_open:
            assert (shown.sale_total, shown.lines.get().quantity) == (Decimal(last.total), last.pieces)
            assert self.model.told == last

    def take(self, kind: str, at: dt.datetime, said: Said | None) -> None:
        if said is None:
            upsert.withdraw(self.shop, "7", at=at)
            self.model.binned(at)
            return
        reading, body = said.read()
        news = self.model.takes(kind, at, said, (reading.version_at, upsert.version_of(reading)))
        found = upsert.upsert(
            self.shop, reading, body, via=upsert.WEBHOOK, truth=kind == "truth", restored=kind == "restored", at=at
        )
        assert (found is not None) is news

    # ---- the reseller

    def order(self) -> Order:
        return Order.objects.get(inbox__shop=self.shop)

    @rule(what=st.sampled_from(sorted(TEXTS)), n=st.integers(0, 2))
    def he_writes(self, what: str, n: int) -> None:
        if self.model.state != "open":
            return
        order, value = self.order(), TEXTS[what][n]
        [line] = order.lines.all()
        kept = LineData(line.sku, line.name, line.quantity, line.variant_id, line.external_id, line.sale_gross)
        data = OrderData(
            address=order.address if what == "note" else replace(order.address, **{what: value}),
            note=value if what == "note" else order.note,
            lines=[kept],
            payment=order.payment,
            sale_total=order.sale_total,
            to_collect=order.to_collect,
        )
        editing.edit(order.pk, data, version=order.version, by=self.by.pk, method_id=order.method_id)
        self.model.mine[what] = value
        if self.model.open.get(what) == value:
            del self.model.open[what]

    @rule(kind=st.sampled_from(["cod", "prepaid"]))
    def he_says_how_it_is_paid(self, kind: str) -> None:
        if self.model.state != "open":
            return
        editing.decide_payment(self.order().pk, kind, by=self.by.pk)
        if self.model.mine["kind"] != kind:
            self.model.mine["collect"] = self.model.mine["total"] if kind == "cod" else None
        self.model.mine["kind"], self.model.by_hand = kind, True

    @rule(what=st.sampled_from([*sorted(TEXTS), "to_collect"]), mine=st.booleans())
    def he_chooses(self, what: str, mine: bool) -> None:
        if self.model.state != "open":
            return
        side = conflicts.MINE if mine else conflicts.THEIRS
        assert conflicts.take(self.order().pk, what, side, by=self.by.pk) is (what in self.model.open)
        if what in self.model.open and self.model.told is not None and not mine:
            theirs = self.model.told.total if self.model.mine["kind"] == "cod" else None
            self.model.mine["collect" if what == "to_collect" else what] = (
                theirs if what == "to_collect" else getattr(self.model.told, what)
            )
        self.model.open.pop(what, None)

    @rule()
    def sincronizza(self) -> None:
        if self.model.state == "":
            return
        order, key = self.order(), uuid.uuid4()
        item = runs.dispatch_now(
            order.pk, dropshipper_id=order.dropshipper_id, key=key, by=self.by.pk, seen=stage.seen(order)
        )
        assert (item.result == "dispatched") is self.model.is_ready(), item.params
        if self.model.is_ready():
            self.model.state, self.money = "sent", balances(order.dropshipper_id).available
            assert self.money < self.start

    @rule()
    def he_cancels_or_takes_back(self) -> None:
        if self.model.state == "":
            return
        pk = self.order().pk
        if self.model.state in ("open", "sent"):
            cancel.cancel(pk, by=self.by.pk, shown_open=self.model.state == "open")
            self.model.state = "by_hand" if self.model.state == "open" else "undone"
            self.money = self.start
        elif self.model.state == "by_hand":
            cancel.restore(pk, by=self.by.pk)
            self.model.state = "open"
        else:
            with pytest.raises(NotRestored), transaction.atomic():
                cancel.restore(pk, by=self.by.pk)

    # ---- what is so

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        row = InboxOrder.objects.filter(shop=self.shop).first()
        assert (row is None) is (self.model.row is None)
        if row is None or self.model.row is None:
            return
        known = ((row.version_at, bytes(row.version_hash)), row.status == "deleted", row.read_at, row.binned_at)
        assert known == (self.model.row.version, self.model.row.gone, self.model.row.read, self.model.row.binned)
        assert (row.order_id is None) is (self.model.state == "")
        assert Shipment.objects.count() == (1 if self.model.state in ("sent", "undone") else 0)
        assert balances(self.shop.dropshipper_id).available == self.money
        if row.order_id is None:
            return
        order = self.order()
        ready = "ready" if self.model.is_ready() else "received"
        states = {"open": ready, "in_shop": "cancelled", "by_hand": "cancelled", "sent": "dispatched"}
        assert order.state == states.get(self.model.state, "cancelled")
        shown = {"note": order.note, "phone": order.phone, "street": order.street, "kind": order.payment}
        shown |= {"pieces": order.lines.get().quantity, "total": str(order.sale_total)}
        shown["collect"] = None if order.to_collect is None else str(order.to_collect)
        assert shown == self.model.mine
        problems = {
            problem.code if problem.code != "conflict" else problem.subject: problem for problem in order.problems.all()
        }
        if self.model.state == "open":
            assert {
                name: problem.params["theirs"]
                for name, problem in problems.items()
                if problem.blocking and problem.code == "conflict"
            } == self.model.open
        if self.model.state == "sent":
            changes = problems["changed_in_shop"].params["changes"] if "changed_in_shop" in problems else []
            assert {name: (old, new) for name, old, new in changes} == self.model.net
            assert ("cancelled_in_shop" in problems) is self.model.gone_there
            owes = problems["owes_less"].params["owed"] if "owes_less" in problems else ""
            assert Decimal(owes or -1) == Decimal(self.model.owes or -1)


@pytest.mark.django_db
def test_an_order_is_what_its_two_lives_made_of_it() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=18, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.django_db
def test_a_bin_that_is_told_again_after_the_way_back() -> None:
    """A path that chance seldom goes: binned, restored, and the first word repeated; then binned anew."""
    life = Life()
    try:
        life.begins(at_once=True, ahead=0)
        for _time in range(2):
            life.shop_bins_or_restores()
            life.comes_in(0, latest=True)
            life.all_is_as_the_model_says()
            assert life.order().state == "cancelled"
            life.shop_bins_or_restores()
            life.comes_in(0, latest=True)
            life.comes_in(1, latest=False)  # the first word of the bin, once more
            life.all_is_as_the_model_says()
            assert life.order().state == "ready"
    finally:
        life.teardown()


@pytest.mark.django_db
def test_the_way_back_from_the_bin_is_found_by_asking() -> None:
    """Its message was lost, and the order's date is of before the bin."""
    life = Life()
    try:
        life.begins(at_once=True, ahead=0)
        life.shop_bins_or_restores()
        life.comes_in(0, latest=True)
        life.shop_bins_or_restores()
        life.we_ask()
        life.comes_in(0, latest=True)
        life.all_is_as_the_model_says()
        assert life.order().state == "ready"
    finally:
        life.teardown()


@pytest.mark.django_db
def test_a_late_edit_of_a_shop_whose_clock_is_ahead_does_not_undo_the_bin() -> None:
    life = Life()
    try:
        life.begins(at_once=True, ahead=20)
        for n in (1, 2):
            life.shop_writes("note", n, same_second=False)
            life.comes_in(0, latest=True)
        life.shop_bins_or_restores()
        life.comes_in(0, latest=True)
        life.all_is_as_the_model_says()
        life.comes_in(1, latest=False)  # the first edit, once more: dated after the bin
        life.all_is_as_the_model_says()
        assert life.order().state == "cancelled"
    finally:
        life.teardown()
