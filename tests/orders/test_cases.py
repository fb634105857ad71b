"""The cases that resellers open: of what was delivered, in time, no piece twice; decided, received, refunded."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.errors import OwnMatter
from catalog.models import Stock
from core.errors import AlreadyDone
from orders import privacy
from orders.failed import cases, lists, lost, returned, who_pays
from orders.failed.errors import (
    AnswerMissing,
    CaseMoved,
    CashOut,
    NoPieces,
    NotDelivered,
    NoWhoPays,
    ReasonNotOffered,
    TooManyPieces,
    WindowOver,
)
from orders.models import Case, Order
from shipping.models import Shipment
from tests import cast
from tests.orders import test_lost
from tests.orders.test_returned import books_of, inspected, settled, shipped
from wallet.models import Entry
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def opened(order: Order, by: Any, pieces: int = 1, reason: str = "change_of_mind", **fields: Any) -> Case:
    fields = {"note": "", "key": None, **fields}
    return cases.open_case(order.pk, {order.lines.get().pk: pieces}, reason=reason, by=by.pk, **fields)


def done(case: Case, by: Any, fault: str = "customer", **how: int) -> Case:
    """Approved, received, inspected, settled."""
    cases.approve(case.pk, fault=fault, answer="", by=by.pk)
    return settled(inspected(cases.receive(case.pk, by=by.pk), by, **how), by)


@pytest.mark.parametrize(("payment", "until"), [("prepaid", "delivered"), ("cod", "remitted")])
def test_one_of_two_pieces_is_refunded_to_the_wallet(dropshipper: Any, staff: Any, payment: str, until: str) -> None:
    order = shipped(dropshipper, payment, until=until, pieces=2, total="79.90")
    before = balances(dropshipper.pk).available
    case = done(opened(order, cast.member(dropshipper)), staff)
    assert case.total == D("14.64") - D("6.10") == balances(dropshipper.pk).available - before
    assert Stock.objects.get().on_hand == 19
    assert [entry.memo for entry in Entry.objects.filter(kind__startswith="return")] == ["reason:change_of_mind"] * 2
    call_command("verify")


def test_what_was_wrong_of_us_is_credited_whole_piece_by_piece_to_the_cent(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid", until="delivered", pieces=3)
    member = cast.member(dropshipper)
    totals = [done(opened(order, member, reason="wrong_goods"), staff, "supplier", scrap=1).total for _ in range(3)]
    assert sum(totals, D(0)) == order.cost
    assert books_of(order) == {"sales": D("36.00"), "losses": D("-36.00")}
    call_command("verify")


def test_no_piece_is_in_two_cases_until_one_is_refused(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid", until="delivered", pieces=2)
    member = cast.member(dropshipper)
    first = opened(order, member, 2)
    with pytest.raises(TooManyPieces) as refusal:
        opened(order, member)
    assert refusal.value.params["pieces"] == 0
    with pytest.raises(AnswerMissing):
        cases.refuse(first.pk, answer="  ", by=staff.pk)
    cases.refuse(first.pk, answer="Usato", by=staff.pk)
    with pytest.raises(AlreadyDone):
        cases.refuse(first.pk, answer="Usato", by=staff.pk)
    with pytest.raises(CaseMoved):
        cases.approve(first.pk, fault="customer", answer="", by=staff.pk)
    opened(order, member, 2)
    assert Case.objects.count() == 2
    assert not Entry.objects.filter(kind__startswith="return").exists()


def test_the_same_form_is_one_case_and_odd_pieces_are_none(dropshipper: Any) -> None:
    order, member = shipped(dropshipper, "prepaid", until="delivered", pieces=2), cast.member(dropshipper)
    key = uuid.uuid4()
    assert opened(order, member, key=key) == opened(order, member, key=key)
    for pieces in (0, -1):
        with pytest.raises(NoPieces):
            opened(order, member, pieces)
    with pytest.raises(TooManyPieces):
        opened(order, member, 3)
    assert Case.objects.count() == 1


def test_a_case_is_opened_of_what_was_delivered_and_in_time(dropshipper: Any) -> None:
    order, member = shipped(dropshipper, "prepaid"), cast.member(dropshipper)
    assert cases.reasons(order) == []
    with pytest.raises(NotDelivered):
        opened(order, member)
    Shipment.objects.update(state="delivered", delivered_at=timezone.now() - dt.timedelta(days=20))
    order = Order.objects.get(pk=order.pk)
    assert [code for code, _words in cases.reasons(order)] == ["change_of_mind", "warranty"]
    with pytest.raises(WindowOver):
        opened(order, member, reason="damaged")
    with pytest.raises(ReasonNotOffered):
        opened(order, member, reason="refused")
    assert not Case.objects.exists()


def test_it_is_decided_by_others_by_a_rule_and_refunded_when_its_cash_is_in(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "cod", until="delivered")
    member = cast.member(dropshipper)
    case = opened(order, member)
    with pytest.raises(OwnMatter):
        cases.approve(case.pk, fault="customer", answer="", by=member.pk)
    with pytest.raises(NoWhoPays):
        cases.approve(case.pk, fault="courier", answer="", by=staff.pk)
    with pytest.raises(CaseMoved):
        cases.receive(case.pk, by=staff.pk)
    with pytest.raises(CashOut):
        done(case, staff)
    assert Case.objects.get().state == "arrived"
    assert not Entry.objects.filter(kind__startswith="return").exists()


def test_a_customer_who_sent_it_at_their_own_cost_is_charged_no_way_back(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid", until="delivered")
    case = opened(order, cast.member(dropshipper))
    cases.approve(case.pk, fault="customer", answer="", by=staff.pk)
    cases.receive(case.pk, by=staff.pk)
    found = {case.lines.get().pk: returned.Found(restock=1)}
    returned.inspect(case.pk, found, by=staff.pk, back_price=D("0.00"))
    assert settled(case, staff).total == D("14.64")


@pytest.mark.parametrize("note", ["Giulia Rossi, 333 1234567", ""])
def test_a_customer_who_is_forgotten_is_forgotten_in_the_notes_too(dropshipper: Any, staff: Any, note: str) -> None:
    """In what was asked and in what was answered, also where the one or the other says nothing."""
    order = shipped(dropshipper, "prepaid", until="delivered", pieces=2)
    case, open_ = (opened(order, cast.member(dropshipper, email=f"{n}@example.com"), note=note) for n in "ab")
    cases.refuse(case.pk, answer="Gentile Giulia Rossi, no", by=staff.pk)
    assert privacy.forget([order.pk]) == [order.pk]
    case.refresh_from_db()
    open_.refresh_from_db()
    assert (case.note, case.answer, case.state) == ("", "", "refused")
    assert (open_.note, open_.answer, open_.state) == ("", "", "asked")


def test_the_shop_hears_that_a_parcel_is_back_and_that_a_lost_one_was_found(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid")
    lost.lose(order.pk, by=staff.pk)
    assert Shipment.objects.get().corrected_at is None
    lost.delivered_after_all(order.pk, by=staff.pk)
    assert Shipment.objects.get().corrected_at is not None  # who was told otherwise is told again


def test_the_pieces_of_a_parcel_that_was_lost_and_found_can_be_asked_for(dropshipper: Any, staff: Any) -> None:
    """The loss took nothing: the customer has the goods, and may give them back as any other."""
    order = shipped(dropshipper, "prepaid", pieces=2)
    lost.lose(order.pk, by=staff.pk)
    lost.delivered_after_all(order.pk, by=staff.pk)
    order.refresh_from_db()
    assert {line.sku: left for line, left in cases.pieces_left(order).items()} == {"MCI-1": 2}
    done(opened(order, cast.member(dropshipper), 2), staff)
    order.refresh_from_db()
    assert {line.sku: left for line, left in cases.pieces_left(order).items()} == {"MCI-1": 0}
    call_command("verify")


@pytest.mark.parametrize(
    ("kind", "last_day"), [("customer", -5 + 8), ("back", -1 + 8), ("lost", -7 + 30)], ids=["customer", "back", "lost"]
)
def test_a_courier_counts_the_days_of_a_claim_from_what_it_did_itself(
    dropshipper: Any, staff: Any, kind: str, last_day: int
) -> None:
    """From the delivery where there was one, from the handing over of what never came: a claim after its last day is
    money lost."""
    order = shipped(dropshipper, "prepaid", until="delivered" if kind == "customer" else "shipped")
    now = timezone.now()
    Shipment.objects.update(shipped_at=now - dt.timedelta(days=7))
    if kind == "lost":
        claim = lost.lose(order.pk, by=staff.pk).claim
    elif kind == "back":
        case = returned.arrive(order.pk, reason="damaged", fault="courier", by=staff.pk)
        Case.objects.update(arrived_at=now - dt.timedelta(days=1))
        claim = settled(inspected(case, staff, scrap=1), staff).claim
    else:
        Shipment.objects.update(delivered_at=now - dt.timedelta(days=5))
        claim = done(opened(order, cast.member(dropshipper), reason="damaged"), staff, "courier", scrap=1).claim
    assert (claim.due_on - timezone.localdate()).days == last_day


def test_of_two_windows_for_one_reason_the_longer_holds_while_nobody_knows_whose_fault_it_is(
    dropshipper: Any, staff: Any
) -> None:
    order, member = shipped(dropshipper, "prepaid", until="delivered", pieces=3), cast.member(dropshipper)
    rule = who_pays.in_force("damaged", "supplier")
    values = {name: getattr(rule, name) for name in who_pays.EDITED} | {"window_days": 20}
    who_pays.change(rule.pk, values, since=timezone.localdate(), by=staff.pk)
    for days, may in ((8, True), (20, True), (21, False)):
        Shipment.objects.update(delivered_at=timezone.now() - dt.timedelta(days=days))
        order = Order.objects.get(pk=order.pk)
        assert ("damaged" in dict(cases.reasons(order))) is may
        if may:
            opened(order, member, reason="damaged")
        else:
            with pytest.raises(WindowOver):
                opened(order, member, reason="damaged")
    assert Case.objects.count() == 2


def test_of_two_changes_of_a_rule_on_one_day_the_later_is_in_force(dropshipper: Any, staff: Any) -> None:
    for days in (5, 3, 4):
        rule = who_pays.in_force("damaged", "supplier")
        values = {name: getattr(rule, name) for name in who_pays.EDITED} | {"window_days": days}
        made = who_pays.change(rule.pk, values, since=timezone.localdate(), by=staff.pk)
        assert who_pays.in_force("damaged", "supplier") == made
        assert made in who_pays.table()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    coming = who_pays.change(made.pk, values | {"window_days": 9}, since=tomorrow, by=staff.pk)
    assert who_pays.in_force("damaged", "supplier") == made
    assert who_pays.in_force("damaged", "supplier", tomorrow) == coming


def test_a_code_opens_the_case_that_is_at_the_desk_and_of_a_loss_the_order(dropshipper: Any, staff: Any) -> None:
    """A parcel of which nobody knows yet whether it is lost is taken in by its order: there is nothing to inspect."""
    test_lost.on_decision(staff)
    missing, back = shipped(dropshipper, "prepaid"), shipped(dropshipper, "prepaid")
    waiting = lost.lose(missing.pk, by=staff.pk)
    arrived = returned.arrive(back.pk, reason="refused", fault="customer", by=staff.pk)
    assert lists.by_scan(missing.number) == missing
    assert lists.by_scan(back.number) == arrived
    assert lists.by_scan(waiting.number.lower()) == waiting
    settled(inspected(arrived, staff), staff)
    assert lists.by_scan(back.number) == back
