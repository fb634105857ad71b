"""What is credited and paid over goes back, by one or by two, and each who comes too late is told what was done."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.errors import OwnMatter
from core.errors import AlreadyDone, ReasonMissing
from tests import cast
from tests.wallet.books import top_up
from tests.wallet.whole import LIMIT, asked, proposed, sale, told
from wallet import moves, reversals, topups
from wallet.errors import AlreadySpent, NotReversible, ProposalWaits, TopUpClosed
from wallet.models import Entry, Proposal, TopUp
from wallet.queries import balances

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = LIMIT


@pytest.fixture
def clerk() -> Any:
    return cast.staff("Contabilità", name="Bruno Leoni")


@pytest.fixture
def other() -> Any:
    return cast.staff("Contabilità", name="Elena Rota")


def row_of(made: TopUp) -> tuple[Any, ...]:
    (row,) = TopUp.objects.filter(pk=made.pk).values_list("status", "reason", "decided_by", "reversed_by")
    return row


def test_a_large_top_up_is_credited_by_two_and_goes_back_by_two(dropshipper: Any, clerk: Any, other: Any) -> None:
    made, beside = asked(dropshipper, "207.93"), asked(dropshipper, "133.31")
    assert topups.credit(made.pk, by=clerk.pk).is_open
    assert topups.credit(beside.pk, by=clerk.pk).is_open
    first, aside = Proposal.objects.order_by("pk")
    asks: tuple[Any, ...] = ("top_up", f"topup:{made.pk}", dropshipper.pk, D("207.93"), made.causale)
    assert proposed(first.pk) == (*asks, "waiting", clerk.pk, None, None)
    with pytest.raises(OwnMatter):
        topups.confirm_credit(first.pk, by=made.requested_by_id)
    done = topups.confirm_credit(first.pk, by=other.pk)
    entry = Entry.objects.get()
    assert (done.pk, proposed(first.pk)) == (first.pk, (*asks, "confirmed", clerk.pk, other.pk, entry.pk))
    assert (entry.key, entry.memo, entry.by) == (f"topup:{made.pk}:credit", made.causale, other)
    assert row_of(made) == ("credited", "", other.pk, None)
    with pytest.raises(AlreadyDone) as late:
        topups.credit(made.pk, by=clerk.pk)
    assert told(late) == {"name": "Elena Rota"}

    assert reversals.take_back_top_up(made.pk, reason=" Altro " + "y" * 250, by=other.pk).status == "credited"
    back = Proposal.objects.latest("pk")
    asks = ("top_up_reversal", entry.key, dropshipper.pk, D("-207.93"), "Altro " + "y" * 194)
    assert proposed(back.pk) == (*asks, "waiting", other.pk, None, None)
    with pytest.raises(OwnMatter):
        reversals.confirm_top_up(back.pk, by=made.requested_by_id)
    with pytest.raises(ProposalWaits):
        reversals.take_back_top_up(made.pk, reason="x", by=clerk.pk)
    done = reversals.confirm_top_up(back.pk, by=clerk.pk)
    undone = Entry.objects.get(kind="reversal")
    assert (done.pk, proposed(back.pk)) == (back.pk, (*asks, "confirmed", other.pk, clerk.pk, undone.pk))
    assert (undone.key, undone.reverses, undone.memo, undone.by) == (f"{entry.key}:reversal", entry, asks[-1], clerk)
    assert row_of(made) == ("reversed", asks[-1], other.pk, clerk.pk)
    assert timezone.now() - TopUp.objects.get(pk=made.pk).reversed_at < dt.timedelta(minutes=1)
    with pytest.raises(AlreadyDone) as late:
        reversals.take_back_top_up(made.pk, reason="x", by=clerk.pk)
    assert told(late) == {"name": "Bruno Leoni"}
    assert (row_of(beside), Proposal.objects.get(pk=aside.pk).state) == (("requested", "", None, None), "waiting")
    assert balances(dropshipper.pk).available == 0


def test_what_was_done_otherwise_meanwhile_is_told_to_who_confirms(
    dropshipper: Any, clerk: Any, other: Any, settings: Any
) -> None:
    """The limit is raised while proposals wait: what they were about is done without them."""
    made = asked(dropshipper, "207.93")
    top_up(dropshipper, "50.00")
    moves.sell([sale(dropshipper, "order:1", guarantee="43.37", collect="101.17")], by=None)
    moves.remit("order:1", by=None)
    topups.credit(made.pk, by=clerk.pk)
    credit = Proposal.objects.get()
    reversals.take_back_remittance("order:1", reason="Distinta", by=clerk.pk)
    cash = Proposal.objects.latest("pk")
    assert proposed(cash.pk) == (
        "remittance_reversal", "order:1:remittance", dropshipper.pk, D("-122.62"), "Distinta", "waiting", clerk.pk,
        None, None,
    )  # fmt: skip

    settings.SECOND_PERSON_ABOVE = D("9000.00")
    topups.credit(made.pk, by=other.pk)
    with pytest.raises(TopUpClosed) as closed:
        topups.confirm_credit(credit.pk, by=other.pk)
    assert closed.value.params == {"status": str(TopUp.Status.CREDITED.label)}
    with pytest.raises(TopUpClosed) as closed:
        topups.reject(made.pk, reason="x", by=other.pk)
    assert closed.value.params == {"status": str(TopUp.Status.CREDITED.label)}
    settings.SECOND_PERSON_ABOVE = LIMIT
    reversals.take_back_top_up(made.pk, reason="x", by=clerk.pk)
    back = Proposal.objects.latest("pk")
    settings.SECOND_PERSON_ABOVE = D("9000.00")

    reversals.take_back_remittance("order:1", reason="x", by=other.pk)
    said: list[str] = []
    with pytest.raises(NotReversible) as gone:
        reversals.confirm_remittance(cash.pk, reference="order:1", by=other.pk, settle=said.append)
    assert gone.value.params == {"reference": "order:1", "state": "open"}
    with pytest.raises(NotReversible) as gone:
        reversals.take_back_remittance("order:1", reason="x", by=other.pk)
    assert gone.value.params == {"reference": "order:1", "state": "open"}
    moves.remit("order:1", by=None)  # anew, and that is not what was proposed
    with pytest.raises(NotReversible) as gone:
        reversals.confirm_remittance(cash.pk, reference="order:1", by=other.pk, settle=said.append)
    assert gone.value.params == {"reference": "order:1", "state": "remitted"}
    assert said == []

    with transaction.atomic():
        reversals._take_back(topups._locked(made.pk), reason="Prima", by=other.pk)
    with pytest.raises(AlreadyDone) as late:
        reversals.confirm_top_up(back.pk, by=other.pk)
    assert told(late) == {"name": "Elena Rota"}
    assert {row.state for row in (credit, cash, back)} == {"waiting"}


def test_cash_goes_back_by_two_and_the_orders_room_hears_why(dropshipper: Any, clerk: Any, other: Any) -> None:
    top_up(dropshipper, "50.00")
    moves.sell([sale(dropshipper, "order:1", guarantee="43.37", collect="101.17")], by=None)
    before = balances(dropshipper.pk)
    moves.remit("order:1", by=None)
    waiting = reversals.take_back_remittance("order:1", reason=" Distinta ", by=clerk.pk)
    assert waiting is not None
    said: list[str] = []
    done = reversals.confirm_remittance(waiting.pk, reference="order:1", by=other.pk, settle=said.append)
    entry = Entry.objects.get(key="order:1:remittance:reversal")
    assert (done.pk, done.entry_id, said) == (waiting.pk, entry.pk, ["Distinta"])
    assert (entry.reverses.key, entry.by, entry.memo) == ("order:1:remittance", other, "Distinta")
    assert balances(dropshipper.pk) == before


def test_what_was_spent_says_how_much_is_missing(dropshipper: Any, clerk: Any) -> None:
    top_up(dropshipper, "13.37")
    moves.sell([sale(dropshipper, "order:1")], by=None)
    moves.remit("order:1", by=None)  # 22.62
    moves.sell([sale(dropshipper, "order:2", cod=False)], by=None)
    with pytest.raises(AlreadySpent) as refused:
        reversals.take_back_remittance("order:1", reason="x", by=clerk.pk)
    assert refused.value.params == {"needed": "22.62", "available": "1.83", "missing": "20.79"}


@pytest.mark.parametrize("end", ["requested", "sent", "rejected", "withdrawn"])
def test_only_a_credit_is_taken_back_and_the_refusal_says_what_it_is(dropshipper: Any, clerk: Any, end: str) -> None:
    made = asked(dropshipper, "25.00")
    if end == "sent":
        topups.mark_sent(made.pk)
    elif end == "rejected":
        topups.reject(made.pk, reason="x", by=clerk.pk)
    elif end == "withdrawn":
        topups.withdraw(made.pk, by=made.requested_by_id)
    with pytest.raises(TopUpClosed) as refused:
        reversals.take_back_top_up(made.pk, reason="x", by=clerk.pk)
    assert refused.value.params == {"status": TopUp.Status(end).label}
    for nothing in ("", "  ", "\n"):
        with pytest.raises(ReasonMissing):
            reversals.take_back_top_up(made.pk, reason=nothing, by=clerk.pk)
    if end in ("rejected", "withdrawn"):
        with pytest.raises(TopUpClosed) as refused:
            topups.credit(made.pk, by=clerk.pk)
        assert refused.value.params == {"status": TopUp.Status(end).label}


def test_nobody_decides_on_their_own_companys_top_up_who_did_not_ask_for_it_either(
    dropshipper: Any, clerk: Any, other: Any
) -> None:
    mate = cast.member(dropshipper, email="socio@example.com")
    made = asked(dropshipper, "12.34")
    assert made.requested_by_id != mate.pk
    with pytest.raises(OwnMatter):
        topups.credit(made.pk, by=mate.pk)
    topups.credit(made.pk, by=clerk.pk)
    with pytest.raises(OwnMatter):
        reversals.take_back_top_up(made.pk, reason="x", by=mate.pk)
    assert balances(dropshipper.pk).available == D("12.34")
    large = asked(dropshipper, "207.93")
    topups.credit(large.pk, by=clerk.pk)
    waits = Proposal.objects.get(state="waiting")
    with pytest.raises(OwnMatter):
        topups.confirm_credit(waits.pk, by=mate.pk)
    topups.confirm_credit(waits.pk, by=other.pk)
    reversals.take_back_top_up(large.pk, reason="x", by=clerk.pk)
    waits = Proposal.objects.get(state="waiting")
    with pytest.raises(OwnMatter):
        reversals.confirm_top_up(waits.pk, by=mate.pk)
    assert (row_of(large)[0], balances(dropshipper.pk).available) == ("credited", D("220.27"))
