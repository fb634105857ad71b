"""The money's edges: the last cent that may go, the smallest and the largest top-up, the instant between two days."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests import cast, differing
from tests.wallet.books import books, sale, top_up
from tests.wallet.pages import ROME
from wallet import adjustments, moves, topups
from wallet.errors import AmountOutOfRange, InsufficientFunds
from wallet.models import Entry, Proposal, TopUp
from wallet.queries import balances
from wallet.statement import history, readable, verifiable
from wallet.statement.periods import Period

pytestmark = pytest.mark.django_db


# ---- the last cent


@pytest.mark.parametrize("floor", ["0.00", "-31.17", "-0.01"])
@pytest.mark.parametrize("cod", [False, True])
def test_a_wallet_goes_down_to_its_floor_and_not_a_cent_further(
    dropshipper: Any, other_dropshipper: Any, floor: str, cod: bool
) -> None:
    """Credit is what the owner of the tables gave; the one beside it has none."""
    need = D("12.20") if cod else D("20.74")
    top_up(other_dropshipper, "313.37")
    top_up(dropshipper, "100.00")
    differing.set_floor(dropshipper, floor)
    moves.adjust(dropshipper.pk, need + D(floor) - 100, "x", None)
    assert moves.lock_spendable([other_dropshipper.pk, dropshipper.pk]) == {
        dropshipper.pk: need,
        other_dropshipper.pk: D("313.37"),
    }
    assert balances(dropshipper.pk).spendable == need
    moves.adjust(dropshipper.pk, D("-0.01"), "x", None)
    before = books()
    with pytest.raises(InsufficientFunds) as refused:
        moves.sell([sale(dropshipper, cod=cod), sale(other_dropshipper, "order:2", cod=cod)], by=None)
    available = f"{need - D('0.01'):.2f}"
    assert refused.value.params == {"missing": "0.01", "needed": f"{need:.2f}", "available": available}
    assert books() == before
    moves.adjust(dropshipper.pk, D("0.01"), "x", None)
    moves.sell([sale(dropshipper, cod=cod)], by=None)
    assert balances(dropshipper.pk).available == D(floor)
    assert balances(dropshipper.pk).spendable == D("0.00")


# ---- the smallest and the largest top-up


@pytest.mark.parametrize("amount", ["1.00", "50000.00"])
def test_the_smallest_and_the_largest_top_up_are_asked_for_and_credited(
    dropshipper: Any, settings: Any, amount: str
) -> None:
    settings.SECOND_PERSON_ABOVE = D("50000.00")  # exactly so much is one person's still
    made = topups.request(dropshipper.pk, D(amount), key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    topups.credit(made.pk, by=cast.staff().pk)
    assert TopUp.objects.get().status == "credited"
    assert balances(dropshipper.pk).available == D(amount)


@pytest.mark.parametrize("amount", ["0.99", "50000.01", "0.00", "-1.00"])
def test_a_cent_beyond_is_refused_and_leaves_nothing(dropshipper: Any, amount: str) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        topups.request(dropshipper.pk, D(amount), key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    assert refused.value.params == {"low": "1.00", "high": "50000.00"}
    assert not TopUp.objects.exists()


@pytest.mark.parametrize(("amount", "waits"), [("737.31", False), ("737.32", True), ("-737.31", False)])
def test_so_much_is_one_persons_and_a_cent_more_is_two_peoples(
    dropshipper: Any, settings: Any, amount: str, waits: bool
) -> None:
    settings.SECOND_PERSON_ABOVE = D("737.31")
    top_up(dropshipper, "1000.00")
    adjustments.adjust(dropshipper.pk, D(amount), reason="Prova", key=uuid.uuid4(), by=cast.staff().pk)
    assert Proposal.objects.filter(state="waiting").exists() == waits
    assert balances(dropshipper.pk).available == D("1000.00") + (D(0) if waits else D(amount))


# ---- the instant between two days

DAYS = [dt.date(2026, 3, 28), dt.date(2026, 3, 29), dt.date(2026, 3, 30), dt.date(2026, 10, 24), dt.date(2026, 10, 25),
        dt.date(2026, 12, 31), dt.date(2027, 1, 1)]  # fmt: skip
INSTANTS = [dt.timedelta(microseconds=-1), dt.timedelta(0), dt.timedelta(microseconds=1), dt.timedelta(hours=23)]


def midnight_in_rome(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=ROME).astimezone(dt.UTC)


moments = st.builds(lambda day, more: midnight_in_rome(day) + more, st.sampled_from(DAYS), st.sampled_from(INSTANTS))


@given(
    moved=st.lists(st.tuples(moments, st.integers(-40_00, 90_00).filter(bool)), min_size=1, max_size=7),
    first=st.none() | st.sampled_from(DAYS),
    last=st.none() | st.sampled_from(DAYS),
)
@example(moved=[(midnight_in_rome(DAYS[1]), 7_31)], first=DAYS[1], last=DAYS[1])
@example(moved=[(midnight_in_rome(DAYS[2]), 7_31), (midnight_in_rome(DAYS[1]), 2_03)], first=DAYS[1], last=DAYS[1])
@examples(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
)
def test_each_movement_is_in_the_day_that_has_begun_in_rome_for_every_reader(
    dropshipper: Any, moved: list[tuple[dt.datetime, int]], first: dt.date | None, last: dt.date | None
) -> None:
    """The page, its sums, the statement for people and the one to be verified agree with a list in plain Python."""
    with transaction.atomic():
        top_up(dropshipper, "500.00", at=midnight_in_rome(dt.date(2026, 1, 2)))
        for n, (moment, n_cents) in enumerate(moved):
            amount = D(n_cents) / 100 + n  # no two alike
            moves.adjust(dropshipper.pk, amount or D("0.37"), f"n{n}", None, at=moment)
        period = Period(first, last)
        rows = sorted(
            (entry.at, entry.pk, entry.postings.get(account__kind="wallet").amount)
            for entry in Entry.objects.filter(dropshipper=dropshipper)
        )
        days = [(moment.astimezone(ROME).date(), amount) for moment, _pk, amount in rows]
        inside = [amount for day, amount in days if (not first or day >= first) and (not last or day <= last)]
        opening = sum((amount for day, amount in days if first and day < first), D(0))
        closing = opening + sum(inside, D(0))
        account = history.accounts_of(dropshipper.pk)["wallet"]
        assert [row.amount for row in history.page_of(account, period, "", None).rows] == inside[::-1]
        sums = history.totals(account, period)
        assert (sums.opening, sums.closing, sums.count) == (opening, closing, len(inside))
        assert sums.incoming == sum((amount for amount in inside if amount > 0), D(0))
        assert sums.outgoing == sum((amount for amount in inside if amount < 0), D(0))
        assert verifiable.opening(dropshipper.pk, period) == opening
        told = read(verifiable.lines(dropshipper.pk, period))[1:]
        assert [number(row[3]) for row in told] == inside
        assert [number(row[6]) for row in told][-1:] == ([closing] if inside else [])
        people = read(readable.lines(dropshipper.pk, period))[1:]
        if first:
            assert number(people.pop(0)[7]) == opening
        *lines, end = people
        assert [number(row[5]) + number(row[6]) for row in lines] == inside
        assert [row[0] for row in lines] == [
            f"{day:%d/%m/%Y}" for day, _a in days if (not first or day >= first) and (not last or day <= last)
        ]
        assert number(end[7]) == closing
        transaction.set_rollback(True)


def read(lines: Any) -> list[list[str]]:
    return list(csv.reader("".join(lines).removeprefix("\ufeff").splitlines(), delimiter=";"))


def number(cell: str) -> D:
    return D(cell.replace(".", "").replace(",", ".") or "0")
