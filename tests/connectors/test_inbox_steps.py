"""One order in a shop's life and in ours, step by step against a simple model: what the shop changes, its deliveries
late, doubled and in any order, what the reseller writes himself, Sincronizza and cancel in between."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from catalog import stock
from connectors import inbox
from connectors.models import InboxOrder
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder
from orders import amend, cancelling, conflicts, dispatch
from orders.data import LineData, OrderData
from orders.errors import NotRestored
from orders.models import Order
from shipping.models import Shipment
from tests import cast
from tests.connectors.conftest import make_goods, make_shop, order_body
from tests.orders import stage
from wallet.queries import balances

TEXTS = {
    "note": ["", "Citofono 3", "Dopo le 18"],
    "phone": ["+393331234501", "+393331234502", "+393331234503"],
    "street": ["Via Po 7", "Corso Francia 11", "Piazza Statuto 13"],
}
TOTALS = ["39.90", "52.75", "61.20"]
PAID = {"payment_method": "stripe", "payment_method_title": "Carta", "date_paid_gmt": "2026-11-20T10:00:01"}
PAYMENTS = {  # with the kind that each is
    "cod": ({"status": "processing"}, "cod"),
    "card": ({"status": "processing", **PAID}, "prepaid"),
    "transfer": ({"status": "on-hold", "payment_method": "bacs", "payment_method_title": "Bonifico"}, "awaiting"),
}
START = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Said:
    """What the order is in the shop."""

    at: dt.datetime
    note: str = ""
    phone: str = "+393331234501"
    street: str = "Via Po 7"
    total: str = "39.90"
    pieces: int = 1
    payment: str = "cod"
    cancelled: bool = False

    @property
    def kind(self) -> str:
        return PAYMENTS[self.payment][1]

    def read(self) -> tuple[IncomingOrder, bytes]:
        place = {**order_body()["shipping"], "address_1": self.street, "phone": self.phone}
        fields = {
            **PAYMENTS[self.payment][0],
            **({"status": "cancelled"} if self.cancelled else {}),
            "date_created_gmt": f"{START:%Y-%m-%dT%H:%M:%S}",
            "date_modified_gmt": f"{self.at:%Y-%m-%dT%H:%M:%S}",
            "customer_note": self.note,
            "total": self.total,
            "shipping": place,
            "billing": {**place, "email": "ada@example.it"},
            "line_items": [{**order_body()["line_items"][0], "quantity": self.pieces}],
        }
        body = json.dumps(order_body(7, **fields)).encode()
        reading = platform("woocommerce").read("order.updated", body, facts={})
        assert isinstance(reading, IncomingOrder)
        return reading, body


@dataclass
class Row:
    """Of the inbox: the version that counts, whether the order is in the bin, when we last asked and last heard so."""

    version: tuple[dt.datetime, bytes]
    gone: bool = False
    read: dt.datetime | None = None
    binned: dt.datetime | None = None


class Life(RuleBasedStateMachine):
    """`told`: the shop's last word that counted; `mine`: what stands here; `open`: fields where both differ, with
    theirs. `state`: "" (no order yet) | open | in_shop (cancelled there) | by_hand (cancelled here) | sent | undone."""

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
        self.life = [Said(START)]
        self.events: list[tuple[str, dt.datetime, Said | None]] = []
        self.row: Row | None = None
        self.told: Said | None = None
        self.mine: dict[str, Any] = {}
        self.open: dict[str, str] = {}
        self.net: dict[str, tuple[str, str]] = {}
        self.state, self.gone_there, self.owes, self.by_hand = "", False, "", False
        self.money = self.start = balances(seller.pk).available
        self.happens("webhook")

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # ---- the shop

    def tick(self) -> None:
        self.now += dt.timedelta(seconds=1)

    def happens(self, kind: str) -> None:
        """A message comes, or an answer: it may be taken in now, later, twice, after younger ones."""
        self.tick()
        self.events.append((kind, self.now, None if kind == "deleted" else self.life[-1]))

    def changes(self, *, same_second: bool, **fields: Any) -> None:
        if not same_second:
            self.tick()
        self.life.append(replace(self.life[-1], at=self.life[-1].at if same_second else self.now, **fields))

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
            assert self.told == last

    def take(self, kind: str, at: dt.datetime, said: Said | None) -> None:
        if said is None:
            inbox.withdraw(self.shop, "7", at=at)
            if self.withdrawn(at):
                self.over_there()
            return
        reading, body = said.read()
        version = (reading.version_at, inbox.version_of(reading))
        news = self.is_news(kind, at, version)
        found = inbox.upsert(
            self.shop, reading, body, via=inbox.WEBHOOK, truth=kind == "truth", restored=kind == "restored", at=at
        )
        assert (found is not None) is news
        if not news:
            return
        row = self.row or Row(version)
        if row.gone and kind == "restored":
            row.binned = at
        row.version, row.gone, row.read = version, False, max(filter(None, (row.read, at)))
        self.row = row
        if said.cancelled:
            self.over_there()
        else:
            self.lives_there(said)

    def is_news(self, kind: str, at: dt.datetime, version: tuple[dt.datetime, bytes]) -> bool:
        row = self.row
        if row is None:
            return True
        if kind == "truth":
            older = version[0] <= row.version[0] and row.read is not None and at < row.read
            return not older and (row.gone or version != row.version)
        if kind == "restored" and row.gone:
            return row.binned is None or at >= row.binned
        return version > row.version

    def withdrawn(self, at: dt.datetime) -> bool:
        if self.row is None:
            self.row = Row((at, b""), gone=True, binned=at)
        elif self.row.binned is not None and at < self.row.binned:
            return False
        elif not self.row.gone:
            read = max(filter(None, (self.row.read, at)))
            self.row = Row((max(at, self.row.version[0]), b""), gone=True, read=read, binned=at)
        return True

    def over_there(self) -> None:
        if self.state == "open":
            self.state = "in_shop"
        elif self.state == "sent":
            self.gone_there = True

    def lives_there(self, said: Said) -> None:
        if self.state == "":
            self.state = "open"
            self.mine = {"note": said.note, "phone": said.phone, "street": said.street, "pieces": said.pieces}
            self.mine |= {"total": said.total, "kind": said.kind, "collect": said.total if said.kind == "cod" else None}
            self.told = said
            return
        before, self.told = self.told, said
        assert before is not None
        if self.state == "in_shop":
            self.state = "open"
        if self.state == "open":
            self.merge(before, said)
        elif self.state == "sent":
            self.gone_there = False
            self.alarm(before, said)

    def merge(self, before: Said, said: Said) -> None:
        texts = {name: (getattr(before, name), getattr(said, name)) for name in TEXTS}
        if any(old != new for old, new in texts.values()):
            for name, (old, new) in texts.items():
                if self.mine[name] == new:
                    self.open.pop(name, None)
                elif old != new and self.mine[name] == old:
                    self.mine[name] = new
                    self.open.pop(name, None)
                elif old != new:
                    self.open[name] = new
        was, amount = self.mine["kind"], self.mine["collect"]
        if before.payment != said.payment and not self.by_hand:
            self.mine["kind"] = said.kind
        if before.total != said.total:
            self.mine["total"] = said.total
        if before.pieces != said.pieces:
            self.mine["pieces"] = said.pieces
        if self.mine["kind"] != "cod":
            self.mine["collect"] = None
        elif was != "cod" or amount in (None, before.total):
            self.mine["collect"] = said.total
        elif amount == said.total:
            self.open.pop("to_collect", None)
        elif before.total != said.total:
            self.open["to_collect"] = said.total

    def alarm(self, before: Said, said: Said) -> None:
        named = {name: (getattr(before, name), getattr(said, name)) for name in [*TEXTS, "total"]}
        named["line:MCI-0001"] = (str(before.pieces), str(said.pieces))
        found = {name: pair for name, pair in named.items() if pair[0] != pair[1]}
        if found:
            net = dict(self.net)
            for name, (old, new) in found.items():
                net[name] = (net[name][0] if name in net else old, new)
            self.net = {
                name: pair
                for name, pair in net.items()
                if pair[0] != pair[1] and not (name in TEXTS and getattr(said, name) == self.mine[name])
            }
        if self.mine["kind"] == "cod" and (before.total, before.payment) != (said.total, said.payment):
            owed = Decimal(0) if said.kind == "prepaid" else Decimal(said.total)
            self.owes = str(owed) if owed < Decimal(self.mine["collect"]) else ""

    # ---- the reseller

    def order(self) -> Order:
        return Order.objects.get(inbox__shop=self.shop)

    @rule(what=st.sampled_from(sorted(TEXTS)), n=st.integers(0, 2))
    def he_writes(self, what: str, n: int) -> None:
        if self.state != "open":
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
        amend.edit(order.pk, data, version=order.version, by=self.by.pk, method_id=order.method_id)
        self.mine[what] = value
        if self.open.get(what) == value:
            del self.open[what]

    @rule(kind=st.sampled_from(["cod", "prepaid"]))
    def he_says_how_it_is_paid(self, kind: str) -> None:
        if self.state != "open":
            return
        amend.decide_payment(self.order().pk, kind, by=self.by.pk)
        if self.mine["kind"] != kind:
            self.mine["collect"] = self.mine["total"] if kind == "cod" else None
        self.mine["kind"], self.by_hand = kind, True

    @rule(what=st.sampled_from([*sorted(TEXTS), "to_collect"]), mine=st.booleans())
    def he_chooses(self, what: str, mine: bool) -> None:
        if self.state != "open":
            return
        side = conflicts.MINE if mine else conflicts.THEIRS
        assert conflicts.take(self.order().pk, what, side, by=self.by.pk) is (what in self.open)
        if what in self.open and self.told is not None and not mine:
            theirs = self.told.total if self.mine["kind"] == "cod" else None
            self.mine["collect" if what == "to_collect" else what] = (
                theirs if what == "to_collect" else getattr(self.told, what)
            )
        self.open.pop(what, None)

    def is_ready(self) -> bool:
        return self.state == "open" and not self.open and self.mine["kind"] in ("cod", "prepaid")

    @rule()
    def sincronizza(self) -> None:
        if self.state == "":
            return
        order, key = self.order(), uuid.uuid4()
        item = dispatch.dispatch_now(
            order.pk, dropshipper_id=order.dropshipper_id, key=key, by=self.by.pk, seen=stage.seen(order)
        )
        assert (item.result == "dispatched") is self.is_ready(), item.params
        if self.is_ready():
            self.state, self.money = "sent", balances(order.dropshipper_id).available
            assert self.money < self.start

    @rule()
    def he_cancels_or_takes_back(self) -> None:
        if self.state == "":
            return
        pk = self.order().pk
        if self.state in ("open", "sent"):
            cancelling.cancel(pk, by=self.by.pk, shown_open=self.state == "open")
            self.state = "by_hand" if self.state == "open" else "undone"
            self.money = self.start
        elif self.state == "by_hand":
            cancelling.restore(pk, by=self.by.pk)
            self.state = "open"
        else:
            with pytest.raises(NotRestored), transaction.atomic():
                cancelling.restore(pk, by=self.by.pk)

    # ---- what is so

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        row = InboxOrder.objects.filter(shop=self.shop).first()
        assert (row is None) is (self.row is None)
        if row is None or self.row is None:
            return
        known = ((row.version_at, bytes(row.version_hash)), row.status == "deleted", row.read_at, row.binned_at)
        assert known == (self.row.version, self.row.gone, self.row.read, self.row.binned)
        assert (row.order_id is None) is (self.state == "")
        assert Shipment.objects.count() == (1 if self.state in ("sent", "undone") else 0)
        assert balances(self.shop.dropshipper_id).available == self.money
        if row.order_id is None:
            return
        order = self.order()
        ready = "ready" if self.is_ready() else "received"
        states = {"open": ready, "in_shop": "cancelled", "by_hand": "cancelled", "sent": "dispatched"}
        assert order.state == states.get(self.state, "cancelled")
        shown = {"note": order.note, "phone": order.phone, "street": order.street, "kind": order.payment}
        shown |= {"pieces": order.lines.get().quantity, "total": str(order.sale_total)}
        shown["collect"] = None if order.to_collect is None else str(order.to_collect)
        assert shown == self.mine
        problems = {
            problem.code if problem.code != "conflict" else problem.subject: problem for problem in order.problems.all()
        }
        if self.state == "open":
            assert {
                name: problem.params["theirs"]
                for name, problem in problems.items()
                if problem.blocking and problem.code == "conflict"
            } == self.open
        if self.state == "sent":
            changes = problems["changed_in_shop"].params["changes"] if "changed_in_shop" in problems else []
            assert {name: (old, new) for name, old, new in changes} == self.net
            assert ("cancelled_in_shop" in problems) is self.gone_there
            owes = problems["owes_less"].params["owed"] if "owes_less" in problems else ""
            assert Decimal(owes or -1) == Decimal(self.owes or -1)


@pytest.mark.django_db
def test_an_order_is_what_its_two_lives_made_of_it() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=18, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
