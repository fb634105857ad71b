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
from orders.failed import cases, lost, returned
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


def test_a_customer_who_is_forgotten_is_forgotten_in_the_notes_too(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid", until="delivered")
    case = opened(order, cast.member(dropshipper), note="Giulia Rossi, 333 1234567")
    cases.refuse(case.pk, answer="Gentile Giulia Rossi, no", by=staff.pk)
    assert privacy.forget([order.pk]) == [order.pk]
    case.refresh_from_db()
    assert (case.note, case.answer, case.state) == ("", "", "refused")


def test_the_shop_hears_that_a_parcel_is_back_and_that_a_lost_one_was_found(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid")
    lost.lose(order.pk, by=staff.pk)
    assert Shipment.objects.get().corrected_at is None
    lost.delivered_after_all(order.pk, by=staff.pk)
    assert Shipment.objects.get().corrected_at is not None  # who was told otherwise is told again
