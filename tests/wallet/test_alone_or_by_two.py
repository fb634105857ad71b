"""What counts as moved by one person alone, what a proposal says, and what each who comes too late is told, whole."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import OwnMatter
from core.errors import AlreadyDone, ReasonMissing
from tests import cast
from tests.wallet.books import books, top_up
from tests.wallet.whole import KEY, LIMIT, asked, proposed, sale, told
from wallet import adjustments, moves, reversals, second_person, topups
from wallet.errors import AmountOutOfRange, KeyConflict, ProposalClosed, ProposalWaits, SamePerson
from wallet.models import Entry, Proposal
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


# ---- what counts


def counted(owner: Any, by: Any, reference: str = "new") -> D:
    """How much of the limit is used up."""
    for whole in (D("0.00"), D("-7.00"), D("33.00")):  # the sign does not matter, nor does zero
        second_person.needed(whole, dropshipper_id=owner.pk, by=by.pk, reference=reference)
    low, high = 0, int(LIMIT * 100) + 1
    while low < high:  # the smallest amount that needs a second person, in cents
        middle = (low + high) // 2
        if second_person.needed(D(middle) / 100, dropshipper_id=owner.pk, by=by.pk, reference=reference):
            high = middle
        else:
            low = middle + 1
    needs = -D(low) / 100
    assert second_person.needed(needs, dropshipper_id=owner.pk, by=by.pk, reference=reference) is True
    assert second_person.needed(needs + D("0.01"), dropshipper_id=owner.pk, by=by.pk, reference=reference) is False
    return LIMIT + D("0.01") + needs


def test_what_one_moves_alone_is_counted_and_nothing_else(
    dropshipper: Any, other_dropshipper: Any, clerk: Any, other: Any, settings: Any
) -> None:
    adjusted: dict[str, Any] = {"memo": "x", "by": clerk.pk}
    top_up(dropshipper, "400.00")
    top_up(other_dropshipper, "400.00")
    assert counted(dropshipper, clerk) == 0
    top_up(dropshipper, "3.01", by=clerk.pk)
    assert counted(dropshipper, clerk) == D("3.01")
    moves.adjust(dropshipper.pk, D("-7.04"), **adjusted)
    assert counted(dropshipper, clerk) == D("10.05")
    # another's, another wallet's, yesterday's; and what is no money given: orders, and what ends them
    moves.adjust(dropshipper.pk, D("11.11"), "x", other.pk)
    moves.adjust(other_dropshipper.pk, D("13.13"), **adjusted)
    moves.adjust(dropshipper.pk, D("17.17"), **adjusted, at=timezone.now() - dt.timedelta(hours=24, seconds=1))
    moves.sell([sale(dropshipper, "order:1"), sale(dropshipper, "order:2", cod=False)], by=clerk.pk)
    moves.undo("order:2", by=clerk.pk)
    moves.remit("order:1", by=clerk.pk)
    assert counted(dropshipper, clerk) == D("10.05")
    moves.adjust(dropshipper.pk, D("1.53"), **adjusted, at=timezone.now() - dt.timedelta(hours=23, minutes=59))
    assert counted(dropshipper, clerk) == D("11.58")
    # taken back: a remittance with its guarantee, a credit; not when it is that same matter again
    reversals.take_back_remittance("order:1", reason="x", by=clerk.pk)
    assert counted(dropshipper, clerk) == D("11.58") + D("9.25") + D("13.37")
    assert counted(dropshipper, clerk, "order:1") == D("11.58")
    credited = topups.credit(asked(dropshipper, "5.87").pk, by=other.pk)
    reversals.take_back_top_up(credited.pk, reason="x", by=clerk.pk)
    assert counted(dropshipper, clerk) == D("40.07")
    assert counted(dropshipper, other) == D("11.11") + D("5.87")
    assert counted(other_dropshipper, clerk) == D("13.13")
    # what two moved
    large = adjustments.adjust(dropshipper.pk, D("212.12"), reason="x", key=uuid.uuid4(), by=other.pk)
    adjustments.confirm(large.pk, by=clerk.pk)  # type: ignore[union-attr]
    assert counted(dropshipper, clerk) == D("40.07")


def test_the_same_order_taken_back_again_is_no_second_piece(dropshipper: Any, clerk: Any, settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = D("30.00")  # one time is 22.62
    top_up(dropshipper, "50.00")
    moves.sell([sale(dropshipper, "order:1")], by=None)
    for n in (1, 2, 3):
        moves.remit("order:1", by=None)
        assert reversals.remittance_to_take_back("order:1") == D("22.62")
        assert reversals.take_back_remittance("order:1", reason=f"  Distinta {n} ", by=clerk.pk) is None
        assert str(reversals.remittance_to_take_back("order:1")) == "0.00"
    kinds = ["remittance", "guarantee_release"]
    keys = [f"order:1:{name}{again}" for again in ("", ":2", ":3") for name in ("remittance", "release")]
    assert list(Entry.objects.filter(kind__in=kinds).order_by("at", "-key").values_list("key", flat=True)) == keys
    undone = Entry.objects.filter(reverses__key__in=keys).order_by("at", "-key")
    assert list(undone.values_list("key", "reverses__key", "memo", "by")) == [
        (f"{key}:reversal", key, f"Distinta {n // 2 + 1}", clerk.pk) for n, key in enumerate(keys)
    ]


def test_a_remittance_that_gave_nothing_needs_nobody_else(dropshipper: Any, clerk: Any) -> None:
    top_up(dropshipper, "90.00")
    moves.sell([sale(dropshipper, "order:1", collect="21.92", guarantee="0.00")], by=None)
    moves.remit("order:1", by=None)
    top_up(dropshipper, "100.01", by=clerk.pk)  # his limit is used up
    assert reversals.take_back_remittance("order:1", reason="x", by=clerk.pk) is None
    assert not Proposal.objects.exists()


# ---- what is proposed, in whose name, and what becomes of it


def test_an_adjustment_of_two_people(dropshipper: Any, other_dropshipper: Any, clerk: Any, other: Any) -> None:
    def give(amount: str = "131.07", by: Any = clerk, key: uuid.UUID = KEY, owner: Any = dropshipper) -> Any:
        return adjustments.adjust(owner.pk, D(amount), reason=" Due\ncolli  " + "y" * 250, key=key, by=by.pk)

    reference = f"adjustment:{KEY}"
    asks = ("adjustment", reference, dropshipper.pk, D("131.07"), "Due colli " + "y" * 190)
    made = give()
    assert proposed(made.pk) == (*asks, "waiting", clerk.pk, None, None)
    assert give() == made
    with pytest.raises(ProposalWaits) as waits:
        give(by=other)
    assert waits.value.params == {"name": "Bruno Leoni"}
    for change in ({"amount": "131.08"}, {"owner": other_dropshipper}):
        with pytest.raises(KeyConflict) as conflict:
            give(**change)  # type: ignore[arg-type]
        assert conflict.value.params == {"key": reference}
    with pytest.raises(KeyConflict):
        second_person.propose(
            "top_up", reference=reference, dropshipper_id=dropshipper.pk, amount=D("131.07"), reason="x", by=clerk.pk
        )
    with pytest.raises(SamePerson):
        adjustments.confirm(made.pk, by=clerk.pk)
    inside = cast.staff()
    cast.Member.objects.create(user=inside, dropshipper=dropshipper, role="accounting")
    with pytest.raises(OwnMatter):
        adjustments.confirm(made.pk, by=inside.pk)
    assert Proposal.objects.count() == 1

    done = adjustments.confirm(made.pk, by=other.pk)
    entry = Entry.objects.get()
    assert proposed(made.pk) == (*asks, "confirmed", clerk.pk, other.pk, entry.pk)
    assert (done.pk, done.state, done.entry_id, done.decided_by) == (made.pk, "confirmed", entry.pk, other)
    assert timezone.now() - Proposal.objects.get().decided_at < dt.timedelta(minutes=1)
    assert (entry.key, entry.memo, entry.by, entry.dropshipper) == (reference, asks[-1], other, dropshipper)
    assert balances(dropshipper.pk).available == D("131.07")
    for act in (lambda: adjustments.confirm(made.pk, by=clerk.pk), give):
        with pytest.raises(AlreadyDone) as late:
            act()
        assert told(late) == {"name": "Elena Rota"}
    with pytest.raises(ProposalClosed) as closed:
        second_person.refuse(made.pk, by=other.pk)
    assert closed.value.params == {"status": str(Proposal.State.CONFIRMED.label)}
    assert second_person.propose(  # the reference's standing one, whoever asks
        "adjustment", reference=reference, dropshipper_id=dropshipper.pk, amount=D("131.07"), reason="x", by=other.pk
    ) == Proposal.objects.get()  # fmt: skip


def test_refused_it_says_by_whom_and_is_asked_for_anew(dropshipper: Any, clerk: Any, other: Any) -> None:
    def give() -> Any:
        return adjustments.adjust(dropshipper.pk, D("131.07"), reason="x", key=KEY, by=clerk.pk)

    first = give()
    done = reversals.refuse(first.pk, by=other.pk)
    row = ("adjustment", f"adjustment:{KEY}", dropshipper.pk, D("131.07"), "x")
    assert (done.pk, proposed(first.pk)) == (first.pk, (*row, "refused", clerk.pk, other.pk, None))
    with pytest.raises(AlreadyDone) as late:
        second_person.refuse(first.pk, by=clerk.pk)
    assert told(late) == {"name": "Elena Rota"}
    with pytest.raises(ProposalClosed) as closed:
        adjustments.confirm(first.pk, by=other.pk)
    assert closed.value.params == {"status": str(Proposal.State.REFUSED.label)}
    assert proposed(give().pk) == (*row, "waiting", clerk.pk, None, None)
    assert balances(dropshipper.pk).available == 0


@pytest.mark.parametrize("amount", ["0.00", "0.005", "-50000.01", "50000.01", "-0.001"])
def test_no_adjustment_is_nothing_nor_more_than_the_most(dropshipper: Any, clerk: Any, amount: str) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        adjustments.adjust(dropshipper.pk, D(amount), reason="x", key=KEY, by=clerk.pk)
    assert refused.value.params == {"low": "0.01", "high": "50000.00"}
    with pytest.raises(ReasonMissing):
        adjustments.adjust(dropshipper.pk, D("1.00"), reason=" \n", key=KEY, by=clerk.pk)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("amount", ["-50000.00", "50000.00"])
def test_the_most_is_proposed(dropshipper: Any, clerk: Any, amount: str) -> None:
    made = adjustments.adjust(dropshipper.pk, D(amount), reason="x", key=KEY, by=clerk.pk)
    assert made is not None
    assert made.amount == D(amount)


def test_a_small_one_is_written_at_once_and_its_click_is_told_by_whom(dropshipper: Any, clerk: Any, other: Any) -> None:
    top_up(dropshipper, "9.00")
    assert adjustments.adjust(dropshipper.pk, D("-7.31"), reason=" Peso ", key=KEY, by=clerk.pk) is None
    entry = Entry.objects.get(kind="adjustment")
    assert (entry.key, entry.memo, entry.by, entry.dropshipper) == (f"adjustment:{KEY}", "Peso", clerk, dropshipper)
    assert adjustments.adjust(dropshipper.pk, D("1.03"), reason="x", key=uuid.uuid4(), by=other.pk) is None
    before = books()
    with pytest.raises(AlreadyDone) as late:
        adjustments.adjust(dropshipper.pk, D("-7.31"), reason="y", key=KEY, by=other.pk)
    assert told(late) == {"name": "Bruno Leoni"}
    with pytest.raises(KeyConflict):
        adjustments.adjust(dropshipper.pk, D("-7.32"), reason="y", key=KEY, by=other.pk)
    assert books() == before
