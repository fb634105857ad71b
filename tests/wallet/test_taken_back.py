"""What was credited by mistake goes back, once, with its reason; and a second tab is told what was done."""

from __future__ import annotations

import time
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from accounts.errors import OwnMatter
from core.errors import AlreadyDone, ReasonMissing
from tests import cast
from tests.wallet.books import books, sale, top_up
from tests.wallet.pages import figures, movements
from tests.wallet.test_races import at_once
from wallet import moves, reversals, topups
from wallet.books import book, ledger
from wallet.errors import AlreadySpent, NotReversible, TopUpClosed
from wallet.models import Entry, Proposal, TopUp
from wallet.queries import balances

pytestmark = pytest.mark.django_db
URL = "/wallet/desk/top-ups/"


def credited(dropshipper: Any, amount: str = "250.00", *, by: Any = None) -> TopUp:
    made = topups.request(dropshipper.pk, D(amount), key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    return topups.credit(made.pk, by=(by or cast.staff()).pk)


def post(client: Any, made: TopUp, decision: str, **fields: Any) -> Any:
    return client.post(f"{URL}?show=decided", {"top_up": made.pk, "decision": decision, **fields}, follow=True)


def test_a_credit_is_confirmed_with_amount_name_and_causale_and_offers_its_undo(
    dropshipper: Any, client_for: Any
) -> None:
    clerk = cast.staff()
    made = topups.request(dropshipper.pk, D("250.00"), key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    client = client_for(clerk)
    page = client.get(URL).content.decode()
    (asks,) = [part for part in page.split("<details") if 'value="credit"' in part]
    for what in ("250,00", dropshipper.name, made.causale):
        assert what in asks.split("<p>")[1].split("</p>")[0]

    offered = client.post(URL, {"top_up": made.pk, "decision": "credit"}, follow=True)

    assert figures(offered, "undo") == [str(made.pk)]
    assert figures(client.get(URL), "undo") == []  # once


def test_a_second_tab_hears_who_credited_and_when_and_moves_nothing(dropshipper: Any, client_for: Any) -> None:
    """It said success, and the clerk believed in two credits."""
    made = credited(dropshipper, by=cast.staff(name="Bruno Leoni"))
    before = books()
    page = client_for(cast.staff()).post(URL, {"top_up": made.pk, "decision": "credit"}, follow=True).content.decode()
    assert 'data-level="success"' not in page
    assert "Bruno Leoni" in page.split('data-level="warning"')[1].split("</div>")[0]
    assert books() == before


def test_what_was_credited_by_mistake_goes_back_in_one_reversing_entry(dropshipper: Any, client_for: Any) -> None:
    made, clerk = credited(dropshipper), cast.staff()
    assert post(client_for(clerk), made, "take_back", reason=" ").status_code == 422
    page = post(client_for(clerk), made, "take_back", reason="Altro cliente")
    assert page.status_code == 200
    made.refresh_from_db()
    assert (made.status, made.reason, made.reversed_by) == ("reversed", "Altro cliente", clerk)
    assert balances(dropshipper.pk).available == 0
    credit, back = Entry.objects.filter(reference=made.reference).order_by("pk")
    assert (back.reverses, back.memo, back.by) == (credit, "Altro cliente", clerk)
    owner = client_for(cast.member(dropshipper))
    for address in (reverse("wallet:top_up_detail", args=[made.pk]), reverse("wallet:topups"), "/wallet/"):
        assert b"Altro cliente" in owner.get(address).content
    assert [kind for kind, *_rest in movements(owner.get("/wallet/"))] == ["reversal", "top_up"]
    call_command("verify")

    before = books()
    again = post(client_for(cast.staff()), made, "take_back", reason="x").content.decode()
    assert 'data-level="warning"' in again
    assert post(client_for(cast.staff()), made, "credit").status_code == 422  # it is no open one
    assert books() == before


def test_what_was_spent_is_refused_with_the_gap_and_the_way_out(dropshipper: Any, client_for: Any) -> None:
    made = credited(dropshipper, "25.00")
    moves.sell([sale(dropshipper)], by=None)  # 20.74
    before = books()
    page = post(client_for(cast.staff()), made, "take_back", reason="x")
    made.refresh_from_db()
    assert (page.status_code, made.status, books()) == (422, "credited", before)
    assert "20,74" in page.content.decode()
    with pytest.raises(AlreadySpent) as refusal:
        reversals.take_back_top_up(made.pk, reason="x", by=cast.staff().pk)
    assert refusal.value.params == {"needed": "25.00", "available": "4.26", "missing": "20.74"}


@pytest.mark.parametrize("ended", ["requested", "rejected", "withdrawn"])
def test_only_a_credit_is_taken_back(dropshipper: Any, ended: str) -> None:
    made = topups.request(dropshipper.pk, D("25.00"), key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    if ended == "rejected":
        topups.reject(made.pk, reason="x", by=cast.staff().pk)
    elif ended == "withdrawn":
        topups.withdraw(made.pk, by=made.requested_by_id)
    with pytest.raises(TopUpClosed):
        reversals.take_back_top_up(made.pk, reason="x", by=cast.staff().pk)
    assert not Entry.objects.exists()


def test_a_large_credit_goes_back_by_two_people_and_nobody_of_the_company(dropshipper: Any, client_for: Any) -> None:
    first, other = cast.staff(name="Anna Neri"), cast.staff(name="Elena Rota")
    made = topups.request(dropshipper.pk, D("1500.00"), key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    topups.credit(made.pk, by=first.pk)
    topups.confirm_credit(Proposal.objects.get().pk, by=other.pk)

    post(client_for(first), made, "take_back", reason="Due volte")

    made.refresh_from_db()
    assert (made.status, balances(dropshipper.pk).available) == ("credited", D("1500.00"))
    waiting = Proposal.objects.get(state="waiting")
    assert (waiting.kind, waiting.amount, waiting.reference) == (
        "top_up_reversal",
        D("-1500.00"),
        f"topup:{made.pk}:credit",
    )
    assert figures(client_for(other).get("/wallet/desk/adjustments/"), "proposal") == [str(waiting.pk)]
    client_for(first).post(f"/wallet/desk/second/{waiting.pk}/", {"decision": "confirm"})
    assert balances(dropshipper.pk).available == D("1500.00")
    client_for(other).post(f"/wallet/desk/second/{waiting.pk}/", {"decision": "confirm"})
    made.refresh_from_db()
    assert (made.status, made.reversed_by, balances(dropshipper.pk).available) == ("reversed", other, 0)
    assert "Anna Neri + Elena Rota" in client_for(first).get(f"{URL}?show=decided").content.decode()
    call_command("verify")
    small = credited(dropshipper, "5.00")
    with pytest.raises(OwnMatter):
        reversals.take_back_top_up(small.pk, reason="x", by=small.requested_by_id)


def test_what_one_takes_back_alone_counts_with_what_he_gives(dropshipper: Any, settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = D("100.00")
    clerk = cast.staff()
    first, second = credited(dropshipper, "60.00"), credited(dropshipper, "60.00")
    assert reversals.take_back_top_up(first.pk, reason="x", by=clerk.pk).status == "reversed"
    assert reversals.take_back_top_up(second.pk, reason="x", by=clerk.pk).status == "credited"  # waits


def remitted(dropshipper: Any, reference: str = "order:1") -> None:
    moves.sell([sale(dropshipper, reference, cod=True)], by=None)
    moves.remit(reference, by=None)


def test_a_remittance_goes_back_and_comes_again(dropshipper: Any) -> None:
    top_up(dropshipper, "20.00")
    moves.sell([sale(dropshipper, cod=True)], by=None)
    before, clerk = balances(dropshipper.pk), cast.staff()
    for _time in range(3):
        moves.remit("order:1", by=None)
        moves.remit("order:1", by=None)
        paid = balances(dropshipper.pk)
        assert (paid.available, paid.held, paid.cod_due) == (before.available + D("16.72") + D("12.20"), 0, 0)
        assert reversals.take_back_remittance("order:1", reason="Altra distinta", by=clerk.pk) is None
        assert balances(dropshipper.pk) == before
        with pytest.raises(NotReversible):
            reversals.take_back_remittance("order:1", reason="x", by=clerk.pk)
    moves.undo("order:1", by=None)  # what was never delivered
    assert balances(dropshipper.pk).available == D("20.00")
    moves.undo("order:1", by=None)
    with pytest.raises(ReasonMissing):
        reversals.take_back_remittance("order:1", reason=" ", by=clerk.pk)


def test_a_remittance_that_was_spent_stays(dropshipper: Any) -> None:
    top_up(dropshipper, "12.20")
    remitted(dropshipper)
    moves.sell([sale(dropshipper, "order:2")], by=None)
    before = books()
    with pytest.raises(AlreadySpent):
        reversals.take_back_remittance("order:1", reason="x", by=cast.staff().pk)
    assert books() == before


# ---- races


def once(act: Any) -> Any:
    def run() -> Any:
        with transaction.atomic():
            return act()

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_credited_and_rejected_at_once_it_is_one_and_the_money_agrees(
    dropshipper: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the row's lock, which is the negative control, a rejected top-up has its money."""
    torn = 0
    decide = topups._decide

    def later(top_up: TopUp, status: str, **how: Any) -> None:
        """Who rejects writes last: crediting asks more before it writes, and would nearly always be the second."""
        if status == TopUp.Status.REJECTED:
            time.sleep(0.4)
        decide(top_up, status, **how)

    monkeypatch.setattr(topups, "_decide", later)
    if not guarded:
        monkeypatch.setattr(topups, "_locked", _unlocked)
    for _time in range(4 if guarded else 40):
        if torn:
            break
        asker, clerk, other = cast.member(dropshipper), cast.staff(), cast.staff()
        made = topups.request(dropshipper.pk, D("10.00"), key=uuid.uuid4(), by=asker.pk)
        before = balances(dropshipper.pk).available
        at_once(
            [
                lambda pk=made.pk, by=clerk.pk: topups.credit(pk, by=by),  # type: ignore[misc]
                lambda pk=made.pk, by=other.pk: topups.reject(pk, reason="x", by=by),  # type: ignore[misc]
            ]
        )
        made.refresh_from_db()
        moved = balances(dropshipper.pk).available - before
        torn += moved != (D("10.00") if made.status == "credited" else 0)
    assert (torn > 0) is not guarded


def _unlocked(pk: int) -> TopUp:
    row = TopUp.objects.select_related("dropshipper").get(pk=pk)
    time.sleep(0.2)
    return row


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_of_two_who_credit_at_once_one_hears_that_it_was_done(
    dropshipper: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the lock both hear success (the books' key still moves it once)."""
    if not guarded:
        monkeypatch.setattr(topups, "_locked", _unlocked)
    made = topups.request(dropshipper.pk, D("10.00"), key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    people = [cast.staff().pk for _n in range(4)]
    answers = at_once([lambda by=by: topups.credit(made.pk, by=by) for by in people])  # type: ignore[misc]
    told = sum(isinstance(answer, AlreadyDone) for answer in answers)
    assert (told == 3) is guarded, answers
    assert balances(dropshipper.pk).available == D("10.00")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_taken_back_and_remitted_at_once_the_books_agree(
    dropshipper: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the lock of the reference two who take it back see one entry, and one of them fails by accident."""
    top_up(dropshipper, "50.00")
    remitted(dropshipper)
    if not guarded:
        monkeypatch.setattr(book, "lock_reference", lambda _reference: None)
        plain = ledger.post
        monkeypatch.setattr(reversals, "post", lambda drafts, by: (time.sleep(0.2), plain(drafts, by=by))[1])
    clerks = [cast.staff().pk for _n in range(3)]
    acts = [once(lambda by=by: reversals.take_back_remittance("order:1", reason="x", by=by)) for by in clerks]  # type: ignore[misc]
    answers = at_once(acts)
    refused = sum(isinstance(answer, NotReversible) for answer in answers)
    assert (refused == 2) is guarded, answers
    now = balances(dropshipper.pk)
    assert (now.held, now.cod_due) == (D("12.20"), D("16.72"))
    again = at_once([once(lambda: moves.remit("order:1", by=None)), once(lambda: moves.remit("order:1", by=None))])
    assert again == [None, None]
    assert balances(dropshipper.pk).available == D("66.72")
