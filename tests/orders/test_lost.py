"""A parcel that its courier lost: credited by the table, claimed, paid for; and found again."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.errors import OwnMatter
from catalog.models import Stock
from core.errors import AlreadyDone
from orders.failed import lost, returned, who_pays
from orders.failed.errors import BadClaimPayment, CaseMoved, ClaimMoved, MoreThanClaimed, NotOnTheRoad
from orders.fulfilment import parcels, undo
from orders.models import Case, Claim
from tests import cast
from tests.orders import stage
from tests.orders.test_returned import books_of, inspected, settled, shipped
from wallet.errors import InsufficientFunds
from wallet.models import Entry
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def from_today(by: Any, **changed: str) -> None:
    """Another rule for a parcel that its courier lost."""
    rule = who_pays.in_force("lost", "courier")
    values = {name: getattr(rule, name) for name in who_pays.EDITED} | changed
    who_pays.change(rule.pk, values, since=timezone.localdate(), by=by.pk)


def on_decision(by: Any) -> None:
    """From today a lost parcel is credited when its claim is decided."""
    from_today(by, credit="on_decision")


@pytest.mark.parametrize("payment", ["cod", "prepaid"])
def test_a_lost_parcel_is_credited_at_once_claimed_and_paid_for(dropshipper: Any, staff: Any, payment: str) -> None:
    order = shipped(dropshipper, payment)
    case = lost.lose(order.pk, by=staff.pk, note="Non risulta in filiale")
    order.refresh_from_db()
    assert (order.state, order.shipment.state) == ("completed", "lost")
    assert balances(dropshipper.pk) == type(balances(dropshipper.pk))(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    assert case.total == (D("0.00") if payment == "cod" else D("20.74"))
    claim = case.claim
    assert (claim.state, claim.amount) == ("open", D("17.00"))  # goods and way out, net
    assert (claim.due_on - timezone.localdate()).days == 30
    call_command("verify")

    lost.send(claim.pk, amount=D("17.00"), reference="P-4411", documents="Fattura 12", note="", by=staff.pk)
    lost.paid(claim.pk, amount=D("15.50"), by=staff.pk)
    assert books_of(order) == {"sales": D("12.00"), "losses": D("3.50"), "bank": D("-15.50")}
    with pytest.raises(AlreadyDone):
        lost.paid(claim.pk, amount=D("15.50"), by=staff.pk)
    with pytest.raises(AlreadyDone):
        lost.lose(order.pk, by=staff.pk)
    assert Entry.objects.filter(kind="claim_paid").count() == 1
    call_command("verify")


@pytest.mark.parametrize("payment", ["cod", "prepaid"])
@pytest.mark.parametrize("ending", ["paid", "not_paid", "decide"])
def test_a_loss_that_waits_is_credited_when_it_is_decided(
    dropshipper: Any, staff: Any, payment: str, ending: str
) -> None:
    order = shipped(dropshipper, payment)
    on_decision(staff)
    before = balances(dropshipper.pk)
    case = lost.lose(order.pk, by=staff.pk)
    assert (case.state, balances(dropshipper.pk)) == ("waiting", before)
    call_command("verify")
    if ending == "paid":
        lost.paid(case.claim.pk, amount=D("10.00"), by=staff.pk)
    elif ending == "not_paid":
        lost.not_paid(case.claim.pk, note="Fuori termine", by=staff.pk)
    else:
        lost.decide(case.pk, by=staff.pk)
    case.refresh_from_db()
    order.refresh_from_db()
    assert (case.state, order.state, balances(dropshipper.pk).available) == ("settled", "completed", D("100.00"))
    assert balances(dropshipper.pk).held == D("0.00")
    call_command("verify")


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("payment", ["cod", "prepaid"])
def test_a_lost_parcel_that_was_delivered_after_all_is_sold_after_all(
    dropshipper: Any, staff: Any, payment: str, waits: bool
) -> None:
    order = shipped(dropshipper, payment)
    if waits:
        on_decision(staff)
    before, margin = balances(dropshipper.pk), order.margin
    case = lost.lose(order.pk, by=staff.pk)
    order.refresh_from_db()
    assert order.margin == (margin if waits else D("0.00"))
    lost.delivered_after_all(order.pk, by=staff.pk)
    order.refresh_from_db()
    assert (balances(dropshipper.pk), order.margin) == (before, margin)
    assert (order.shipment.state, order.shipment.cash) == ("delivered", "collected" if payment == "cod" else "")
    assert Claim.objects.get().state == "dropped"
    call_command("verify")
    if payment == "cod":
        parcels.mark_remitted(order.pk, by=None)
        assert balances(dropshipper.pk).available == D("116.72")
    order.refresh_from_db()
    assert order.state == "completed"
    with pytest.raises(CaseMoved) as late:
        lost.delivered_after_all(order.pk, by=staff.pk)
    assert late.value.params["number"] == case.number
    with pytest.raises(ClaimMoved):
        lost.paid(case.claim.pk, amount=D("1.00"), by=staff.pk)
    call_command("verify")


def test_cash_that_was_taken_back_before_the_loss_does_not_come_with_the_parcel(dropshipper: Any, staff: Any) -> None:
    """Only what the loss reversed stands again: the courier's cash of before is still not in."""
    order = shipped(dropshipper, "cod", until="remitted")
    undo.take_back_cash(order.pk, reason="Altra distinta", by=staff.pk)
    undo.take_back(order.pk, "undelivered", reason="Era un altro pacco", by=staff.pk)
    before, books = balances(dropshipper.pk), books_of(order)
    lost.lose(order.pk, by=staff.pk)
    assert (balances(dropshipper.pk).available, balances(dropshipper.pk).held) == (D("100.00"), D("0.00"))
    lost.delivered_after_all(order.pk, by=staff.pk)
    assert (balances(dropshipper.pk), books_of(order)) == (before, books)
    call_command("verify")
    parcels.mark_remitted(order.pk, by=None)
    assert balances(dropshipper.pk).available == D("116.72")
    call_command("verify")


def test_what_was_credited_and_spent_is_not_taken_back_below_nothing(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid")
    lost.lose(order.pk, by=staff.pk)
    stage.money(dropshipper, "-90.00")
    entries = Entry.objects.count()
    with pytest.raises(InsufficientFunds):
        lost.delivered_after_all(order.pk, by=staff.pk)
    order.refresh_from_db()
    assert (order.shipment.state, Entry.objects.count()) == ("lost", entries)


def test_a_lost_parcel_that_comes_back_is_stock_again_and_the_loss_less(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "cod", pieces=2, total="79.90")
    case = lost.lose(order.pk, by=staff.pk)
    lost.back_after_all(order.pk, {case.lines.get().pk: 1}, by=staff.pk)
    order.refresh_from_db()
    assert (order.shipment.state, Stock.objects.get().on_hand) == ("returned", 19)
    assert Entry.objects.get(kind="found").memo == "reason:lost"
    assert books_of(order) == {"sales": D("12.00"), "losses": D("-12.00")}
    assert balances(dropshipper.pk).available == D("100.00")
    call_command("verify")


@pytest.mark.parametrize("again", [1, 2])
def test_goods_that_the_reseller_bore_were_no_loss_of_ours_and_make_none_less(
    dropshipper: Any, staff: Any, again: int
) -> None:
    """The supplier lost nothing: what comes back must not stand in the books as money that nobody had lost."""
    order = shipped(dropshipper, "prepaid", pieces=2)
    from_today(staff, goods="reseller")
    case = lost.lose(order.pk, by=staff.pk)
    before, wallet = books_of(order), balances(dropshipper.pk)
    assert (case.lost_net, before) == (D("0.00"), {"wallet": D("-29.28"), "sales": D("24.00"), "vat": D("5.28")})
    lost.back_after_all(order.pk, {case.lines.get().pk: again}, by=staff.pk)
    assert (books_of(order), balances(dropshipper.pk)) == (before, wallet)
    assert Stock.objects.get().on_hand == 18 + again
    call_command("verify")


@pytest.mark.parametrize("sale", [{"currency": "USD"}, {"total": None}, {"currency": "USD", "total": "9.99"}])
def test_what_a_sale_brings_that_nobody_knows_in_euro_is_not_known_after_a_loss_either(
    dropshipper: Any, staff: Any, sale: dict[str, Any]
) -> None:
    order = shipped(dropshipper, "prepaid", **sale)
    assert order.margin is None
    lost.lose(order.pk, by=staff.pk)
    lost.delivered_after_all(order.pk, by=staff.pk)
    order.refresh_from_db()
    assert (order.state, order.margin) == ("completed", None)


@pytest.mark.parametrize("act", ["decide", "delivered", "back", "paid", "not_paid"])
def test_nobody_ends_the_loss_of_their_own_company(dropshipper: Any, staff: Any, act: str) -> None:
    order = shipped(dropshipper)
    if act == "decide":
        on_decision(staff)
    case = lost.lose(order.pk, by=staff.pk)
    mate = cast.member(dropshipper, email="socio@example.com")
    entries = Entry.objects.count()
    with pytest.raises(OwnMatter):
        {
            "decide": lambda: lost.decide(case.pk, by=mate.pk),
            "delivered": lambda: lost.delivered_after_all(order.pk, by=mate.pk),
            "back": lambda: lost.back_after_all(order.pk, {case.lines.get().pk: 1}, by=mate.pk),
            "paid": lambda: lost.paid(case.claim.pk, amount=D("1.00"), by=mate.pk),
            "not_paid": lambda: lost.not_paid(case.claim.pk, note="", by=mate.pk),
        }[act]()
    order.refresh_from_db()
    assert (order.shipment.state, Entry.objects.count()) == ("lost", entries)


def test_a_lost_parcel_that_was_not_credited_is_taken_in_as_any_other(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper)
    on_decision(staff)
    waiting = lost.lose(order.pk, by=staff.pk)
    case = returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    assert settled(inspected(case, staff), staff).total == D("-12.20")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.claim.state) == ("found", "dropped")
    order.refresh_from_db()
    assert order.shipment.corrected_at is not None  # the shop was told that it is lost
    with pytest.raises(CaseMoved):
        lost.decide(waiting.pk, by=staff.pk)
    call_command("verify")


@pytest.mark.parametrize("payment", ["cod", "prepaid"])
def test_a_lost_parcel_that_was_credited_is_not_taken_in_and_credited_again(
    dropshipper: Any, staff: Any, payment: str
) -> None:
    order = shipped(dropshipper, payment)
    lost.lose(order.pk, by=staff.pk)
    before, books = balances(dropshipper.pk), books_of(order)
    with pytest.raises(NotOnTheRoad):
        returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)
    case = Case.objects.get()
    assert (case.kind, case.state, case.claim.state) == ("lost", "settled", "open")
    assert (balances(dropshipper.pk), books_of(order)) == (before, books)


def test_only_what_is_on_the_road_is_lost_and_a_claim_is_paid_with_money(dropshipper: Any, staff: Any) -> None:
    order = shipped(dropshipper, "prepaid", until="delivered")
    with pytest.raises(NotOnTheRoad):
        lost.lose(order.pk, by=staff.pk)
    assert not Case.objects.exists()
    other = shipped(dropshipper, "prepaid")
    claim = lost.lose(other.pk, by=staff.pk).claim
    for amount in ("0.00", "-1.00", "1.001"):
        with pytest.raises(BadClaimPayment):
            lost.paid(claim.pk, amount=D(amount), by=staff.pk)
    assert Claim.objects.get(pk=claim.pk).state == "open"


def test_a_courier_pays_no_more_than_was_claimed(dropshipper: Any, staff: Any) -> None:
    on_decision(staff)
    order = shipped(dropshipper, "prepaid")
    case = lost.lose(order.pk, by=staff.pk)
    before = balances(dropshipper.pk)
    with pytest.raises(MoreThanClaimed, match="17,00"):
        lost.paid(case.claim.pk, amount=D("1700.00"), by=staff.pk)  # the comma was forgotten
    case.refresh_from_db()
    assert (case.state, Claim.objects.get().state, balances(dropshipper.pk)) == ("waiting", "open", before)
    assert not Entry.objects.filter(kind="claim_paid").exists()
    lost.send(case.claim.pk, amount=D("20.00"), reference="", documents="", note="", by=staff.pk)
    lost.paid(case.claim.pk, amount=D("20.00"), by=staff.pk)
    assert Claim.objects.get().paid == D("20.00")
    call_command("verify")
