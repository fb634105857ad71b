"""Whatever is done to sent orders and to top-ups, in whatever order: what is refused leaves no trace, `verify` finds
nothing after each act, and nobody gains or loses by going there and back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from core.money import ZERO
from mci.verify.invariants import CHECKS
from orders.dispatch import runs
from orders.failed import cases, lost, returned, who_pays
from orders.failed.reckoning import Found
from orders.fulfilment import collect, parcels, readdress, undo
from orders.models import Case, Claim, Order
from shipping.models import Method, Rate, Shipment
from tests import cast
from tests.orders import stage
from tests.orders.test_readdress import CAGLIARI, LYON, MILAN, NEAR, TURIN, zone
from tests.wallet.books import books
from wallet import moves, reversals, topups
from wallet.models import Entry, Posting, TopUp
from wallet.queries import balances

PLACES = [TURIN, MILAN, CAGLIARI, NEAR, LYON, replace(TURIN, phone="+393330000000")]
which = st.integers(0, 3)
# Of an order: all that one of its people may do to it.
ACTS = [
    *("readdress", "readdress", "readdress", "lower", "to_nothing", "cancel", "cancel_staff", "pack", "ship"),
    "deliver",
    *("remit", "unpacked", "unshipped", "undelivered", "cash_back", "renumber", "twice"),
    *("ship", "arrive", "inspect", "settle", "lose", "credit", "claim_paid", "found_delivered", "found_back"),
    *("open_case", "decide", "receive", "inspect", "settle"),
]


class AnySequence(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.staff = cast.staff()
        self.who = cast.dropshipper("Uno")
        self.owner = cast.member(self.who)
        stage.money(self.who, "300.00")
        self.methods = [stage.method(cod_cap="4000.00"), stage.method("lento", net="3.00", cod_cap="4000.00")]
        for method in self.methods:
            zone("sardegna", net="9.00", method=method, provinces=("CA", "SS", "NU", "OR", "SU"))
            zone("milano", net="3.50", method=method, provinces=("MI",))
            zone("francia", net="14.00", method=method, country="FR")
        stage.variant("MCI-1", pieces=40)
        stage.variant("MCI-2", pieces=40, net="7.33", vat="4.00")
        self.orders: list[int] = []
        self.top_ups: list[int] = []
        self.keys: list[tuple[int, uuid.UUID, Any, Any]] = []
        for payment, total in (("cod", "89.90"), ("prepaid", "39.90"), ("cod", "9.99")):
            self.send(payment, total)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def send(self, payment: str, total: str) -> None:
        order = stage.order(self.who, ("MCI-1", 1), ("MCI-2", 2), method=self.methods[0], payment=payment, total=total)
        runs.dispatch_now(order.pk, dropshipper_id=self.who.pk, key=uuid.uuid4(), by=None, seen=stage.seen(order))
        order.refresh_from_db()
        if order.state == "dispatched":
            self.orders.append(order.pk)

    def attempt(self, act: Callable[[], Any]) -> Any:
        before = self.all_there_is()
        try:
            with transaction.atomic():
                return act()
        except DomainError:
            assert self.all_there_is() == before
            return None

    @staticmethod
    def all_there_is() -> list[Any]:
        orders = Order.objects.order_by("pk").values_list("version", "state", "cost", "payment", "to_collect", "city")
        parcels = Shipment.objects.order_by("pk").values_list("state", "cash", "tracking", "holds", "city")
        failed = Case.objects.order_by("pk").values_list("pk", "state", "total")
        return [*books(), *orders, *parcels, *failed, *TopUp.objects.order_by("pk").values_list("pk", "status")]

    @rule(payment=st.sampled_from(["cod", "prepaid"]), total=st.sampled_from(["19.90", "59.00", "120.00"]))
    def another(self, payment: str, total: str) -> None:
        if len(self.orders) < 5:
            self.send(payment, total)

    @rule(net=st.sampled_from(["0.00", "2.50", "9.99", "21.00"]), at=which)
    def tariff(self, net: str, at: int) -> None:
        ids = list(Rate.objects.order_by("pk").values_list("pk", flat=True))
        Rate.objects.filter(pk=ids[at % len(ids)]).update(net=D(net))

    @rule(fee=st.sampled_from(["0.00", "2.00", "4.50"]))
    def fee(self, fee: str) -> None:
        Method.objects.update(cod_fee_fixed=D(fee))

    @rule(
        at=which, act=st.sampled_from(ACTS), to=st.sampled_from(PLACES), other=st.booleans(), share=st.integers(1, 99)
    )
    def act(self, at: int, act: str, to: Any, other: bool, share: int) -> None:
        if not self.orders:
            return
        pk = self.orders[at % len(self.orders)]
        self.attempt(lambda: getattr(self, f"do_{act}")(pk, to=to, other=other, share=share))

    def do_readdress(self, pk: int, *, to: Any, other: bool, **_rest: Any) -> None:
        order = Order.objects.select_related("shipment__method").get(pk=pk)
        method_id = self.methods[1].pk if other else None
        proposal = readdress.propose(order, to, "", method_id=method_id)
        offer, key = proposal.quote.chosen, uuid.uuid4()
        before = balances(self.who.pk).available
        args = {"version": order.version, "seen": offer.price.figures if offer.price else "", "method_id": method_id}
        assert readdress.readdress(pk, proposal.wanted, key=key, by=None, **args)
        assert balances(self.who.pk).available == before - offer.leaves
        self.keys.append((pk, key, proposal.wanted, args))

    def do_twice(self, pk: int, **_rest: Any) -> None:
        for known, key, wanted, args in self.keys:
            if known == pk:
                before = books()
                assert not readdress.readdress(pk, wanted, key=key, by=None, **args)
                assert books() == before

    def do_lower(self, pk: int, *, share: int, **_rest: Any) -> None:
        order = Order.objects.get(pk=pk)
        amount = ((order.to_collect or ZERO) * share / 100).quantize(D("0.01"))
        collect.lower(pk, amount or D("0.01"), by=None)

    def do_to_nothing(self, pk: int, **_rest: Any) -> None:
        collect.lower(pk, ZERO, by=None)

    def do_cancel(self, pk: int, **_rest: Any) -> None:
        parcels.cancel(pk, by=self.owner.pk)

    def do_cancel_staff(self, pk: int, **_rest: Any) -> None:
        parcels.cancel(pk, by=self.staff.pk, staff=True)

    def do_pack(self, pk: int, **_rest: Any) -> None:
        parcels.mark_packed(pk, by=self.staff.pk, at_the_desk=True)

    def do_ship(self, pk: int, *, share: int, **_rest: Any) -> None:
        parcels.mark_shipped(pk, tracking_number=f"TRK{share}", by=self.staff.pk, at_the_desk=share % 2 == 0)

    def do_deliver(self, pk: int, **_rest: Any) -> None:
        parcels.mark_delivered(pk, by=self.staff.pk)

    def do_remit(self, pk: int, **_rest: Any) -> None:
        parcels.mark_remitted(pk, by=self.staff.pk)

    def do_unpacked(self, pk: int, **_rest: Any) -> None:
        undo.take_back(pk, "unpacked", reason="x", by=self.staff.pk)

    def do_unshipped(self, pk: int, **_rest: Any) -> None:
        undo.take_back(pk, "unshipped", reason="x", by=self.staff.pk)

    def do_undelivered(self, pk: int, **_rest: Any) -> None:
        undo.take_back(pk, "undelivered", reason="x", by=self.staff.pk)

    def do_cash_back(self, pk: int, **_rest: Any) -> None:
        undo.take_back_cash(pk, reason="x", by=self.staff.pk)

    def do_renumber(self, pk: int, *, share: int, **_rest: Any) -> None:
        undo.renumber(pk, f"NEW{share}", reason="x", by=self.staff.pk)

    def do_arrive(self, pk: int, *, share: int, **_rest: Any) -> None:
        reason, fault = [("refused", "customer"), ("refused", "supplier"), ("damaged", "courier")][share % 3]
        returned.arrive(pk, reason=reason, fault=fault, by=self.staff.pk)

    @staticmethod
    def case(pk: int, *states: str) -> Case:
        found = Case.objects.filter(order=pk, state__in=states).order_by("pk").last()
        return found or Case.objects.filter(order=pk).last() or Case(pk=0)

    def do_inspect(self, pk: int, *, share: int, **_rest: Any) -> None:
        case, found = self.case(pk, "arrived"), {}
        for line in case.lines.all() if case.pk else ():
            bad = min(share % 3, line.pieces)
            good = line.pieces - bad
            found[line.pk] = [Found(restock=good, scrap=bad), Found(restock=good, second=bad), Found(missing=1)][
                share % 3
            ]
        if case.pk:
            returned.inspect(case.pk, found, by=self.staff.pk, storage_net=D(share % 2))

    def do_settle(self, pk: int, *, share: int, **_rest: Any) -> None:
        case = self.case(pk, "arrived")
        figures = returned.preview(case) if case.pk and case.state == "arrived" else None
        if case.pk:
            shown = figures.mark if figures and share % 7 else "0.00/0.00"
            returned.settle(case.pk, shown=shown, by=self.staff.pk)

    def do_lose(self, pk: int, *, other: bool, **_rest: Any) -> None:
        rule = who_pays.in_force("lost", "courier")
        wanted = "at_once" if other else "on_decision"
        if rule.credit != wanted:
            values = {name: getattr(rule, name) for name in who_pays.EDITED} | {"credit": wanted}
            who_pays.change(rule.pk, values, since=timezone.localdate(), by=self.staff.pk)
        lost.lose(pk, by=self.staff.pk)

    def do_credit(self, pk: int, **_rest: Any) -> None:
        if case := Case.objects.filter(order=pk, kind="lost").first():
            lost.decide(case.pk, by=self.staff.pk)

    def do_claim_paid(self, pk: int, *, share: int, **_rest: Any) -> None:
        if claim := Claim.objects.filter(case__order=pk).first():
            lost.paid(claim.pk, amount=D(share), by=self.staff.pk)

    def do_found_delivered(self, pk: int, **_rest: Any) -> None:
        lost.delivered_after_all(pk, by=self.staff.pk)

    def do_found_back(self, pk: int, *, share: int, **_rest: Any) -> None:
        case = self.case(pk, "settled")
        again = {line.pk: share % (line.pieces + 2) for line in case.lines.all()} if case.pk else {}
        lost.back_after_all(pk, again, by=self.staff.pk)

    def do_open_case(self, pk: int, *, share: int, **_rest: Any) -> None:
        pieces = {line.pk: share % 3 for line in Order.objects.get(pk=pk).lines.all()}
        reason = ["wrong_goods", "change_of_mind", "damaged"][share % 3]
        cases.open_case(pk, pieces, reason=reason, note="", key=None, by=self.owner.pk)

    def do_decide(self, pk: int, *, share: int, **_rest: Any) -> None:
        case, fault = self.case(pk, "asked"), ["supplier", "customer", "courier"][share % 3]
        if case.pk and share % 5:
            cases.approve(case.pk, fault=fault, answer="", by=self.staff.pk)
        elif case.pk:
            cases.refuse(case.pk, answer="No", by=self.staff.pk)

    def do_receive(self, pk: int, **_rest: Any) -> None:
        case = self.case(pk, "approved")
        if case.pk:
            cases.receive(case.pk, by=self.staff.pk)

    @rule(amount=st.sampled_from(["25.00", "3.10"]))
    def ask(self, amount: str) -> None:
        made = self.attempt(lambda: topups.request(self.who.pk, D(amount), key=uuid.uuid4(), by=self.owner.pk))
        if made is not None:
            self.top_ups.append(made.pk)

    @rule(at=which, act=st.sampled_from(["credit", "reject", "withdraw", "reopen", "back", "back"]))
    def top_up(self, at: int, act: str) -> None:
        if not self.top_ups:
            return
        pk, by = self.top_ups[at % len(self.top_ups)], self.staff.pk
        acts = {
            "credit": lambda: topups.credit(pk, by=by),
            "reject": lambda: topups.reject(pk, reason="x", by=by),
            "withdraw": lambda: topups.withdraw(pk, by=self.owner.pk),
            "reopen": lambda: topups.reopen(pk),
            "back": lambda: reversals.take_back_top_up(pk, reason="x", by=by),
        }
        self.attempt(acts[act])

    @rule(at=which)
    def spend(self, at: int) -> None:
        """Almost all of it, so that taking back meets an empty wallet."""
        gone = max(balances(self.who.pk).available - at, D("0.01"))
        self.attempt(lambda: moves.adjust(self.who.pk, -gone, "x", None))

    @invariant()
    def verified(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        found = [(check.title, one) for check in CHECKS[1:] for one in check.find()]
        assert found == []

    @invariant()
    def the_wallet_is_what_its_parts_say(self) -> None:
        wallet = balances(self.who.pk)
        gone = held = due = ZERO
        for order in Order.objects.filter(pk__in=self.orders).select_related("shipment"):
            if order.state == "cancelled":
                continue
            cash = order.shipment.cash
            over = Q(state="settled") | Q(state="found", order__shipment__state="returned")
            totals = order.cases.filter(over, total__isnull=False).values_list("total", flat=True)
            gone -= sum(totals, ZERO)
            if cash == "reversed":
                continue
            if order.payment == "cod" and cash in ("booked", "collected"):
                held += order.guarantee
                due += max(order.to_collect - order.cost, ZERO)
                gone += order.guarantee + max(order.cost - order.to_collect, ZERO)
            elif order.payment == "cod":
                gone += order.cost - order.to_collect
            else:
                gone += order.cost
        rest = Posting.objects.filter(
            account__kind="wallet", account__dropshipper=self.who, entry__kind=Entry.Kind.ADJUSTMENT
        )
        added = sum(rest.values_list("amount", flat=True), ZERO)
        credited = sum(TopUp.objects.filter(status="credited").values_list("amount", flat=True), ZERO)
        assert wallet.available == added + credited - gone
        assert (wallet.held, wallet.cod_due) == (held, due)


@pytest.mark.django_db
def test_whatever_is_done_to_orders_and_top_ups_the_books_and_the_parcels_agree() -> None:
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=22,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
