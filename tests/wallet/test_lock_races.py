"""Two people decide one top-up at once, and two sealers meet: what each lock is for, and what happens without it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from psycopg2.extensions import AsIs

from core.errors import AlreadyDone
from tests import cast, differing
from tests.meeting import halt, meet
from tests.wallet.books import age, sale, top_up
from tests.wallet.test_races import at_once
from wallet import moves, reversals, topups
from wallet.books import seal
from wallet.errors import NotReversible, TopUpClosed
from wallet.models import Entry, Seal, TopUp
from wallet.queries import balances, broken_chain

pytestmark = pytest.mark.django_db(transaction=True)
AMOUNT = D("73.19")


def staff_acts(top_up_id: int) -> dict[str, Callable[[], Any]]:
    first, second, owner = cast.staff(), cast.staff(), cast.user().pk
    return {
        "credit": lambda: topups.credit(top_up_id, by=first.pk),
        "credit too": lambda: topups.credit(top_up_id, by=second.pk),
        "reject": lambda: topups.reject(top_up_id, reason="Mai arrivato", by=second.pk),
        "withdraw": lambda: topups.withdraw(top_up_id, by=owner),
    }


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
@pytest.mark.parametrize(
    ("one", "other"), [("credit", "withdraw"), ("credit", "reject"), ("reject", "withdraw"), ("credit", "credit too")]
)
def test_a_top_up_is_decided_once_and_the_other_is_told(
    monkeypatch: Any, dropshipper: Any, one: str, other: str, locked: bool
) -> None:
    real, stay = topups._locked, halt(2, guarded=locked)

    def slow(top_up_id: int) -> TopUp:
        found = real(top_up_id) if locked else TopUp.objects.select_related("dropshipper").get(pk=top_up_id)
        stay()
        return found

    monkeypatch.setattr(topups, "_locked", slow)
    made = topups.request(dropshipper.pk, AMOUNT, key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    acts = staff_acts(made.pk)
    results = at_once([acts[one], acts[other]])
    now = TopUp.objects.get()
    refused = [result for result in results if isinstance(result, TopUpClosed | AlreadyDone)]
    credited = balances(dropshipper.pk).available
    fine = (
        len(refused) == 1
        and isinstance(refused[0], AlreadyDone) == (other == "credit too")
        and [result.status for result in results if isinstance(result, TopUp)] == [now.status]
        and credited == (AMOUNT if now.status == "credited" else 0)
        and Entry.objects.count() == (now.status == "credited")
    )
    assert fine == locked, (results, now.status, credited)


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_of_two_who_take_a_credit_back_at_once_the_second_is_told_by_whom(
    monkeypatch: Any, dropshipper: Any, locked: bool
) -> None:
    """The books let it go back once all the same; but "not credited" would be said of what was taken back just now."""
    made = topups.request(dropshipper.pk, AMOUNT, key=uuid.uuid4(), by=cast.member(dropshipper).pk)
    topups.credit(made.pk, by=cast.staff().pk)
    one, two = cast.staff(name="Bruno Leoni").pk, cast.staff().pk
    if not locked:
        monkeypatch.setattr(reversals, "_locked", lambda pk: TopUp.objects.get(pk=pk))
    met = meet(
        lambda: reversals.take_back_top_up(made.pk, reason="Altro cliente", by=one),
        lambda: reversals.take_back_top_up(made.pk, reason="Due volte", by=two),
    )
    assert isinstance(met.second, AlreadyDone if locked else NotReversible), met
    if locked:
        assert met.second.params["name"] == "Bruno Leoni"
    assert balances(dropshipper.pk).available == 0
    assert TopUp.objects.get().reason == "Altro cliente"


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_what_may_be_spent_is_told_when_who_spends_has_ended(dropshipper: Any, locked: bool) -> None:
    """What a batch plans by: without the lock it is promised twice, and the whole batch fails at the floor."""
    top_up(dropshipper, "50.00")
    read = (lambda: moves.lock_spendable([dropshipper.pk])[dropshipper.pk]) if locked else (
        lambda: balances(dropshipper.pk).spendable
    )  # fmt: skip
    met = meet(lambda: moves.sell([sale(dropshipper)], by=None), read)
    assert (met.second, met.waited) == ((D("29.26"), True) if locked else (D("50.00"), False))


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_two_sealers_at_once_seal_each_entry_once(monkeypatch: Any, dropshipper: Any, locked: bool) -> None:
    for _n in range(3):
        top_up(dropshipper, str(differing.amount()))
    age()
    real, stay = seal._unsealed, halt(2, guarded=locked)

    def slow(cursor: Any, limit: int) -> Any:
        rows = real(cursor, limit)
        stay()
        return rows

    monkeypatch.setattr(seal, "_unsealed", slow)
    if not locked:  # a door of his own for each
        monkeypatch.setattr(seal, "_LOCK", AsIs("pg_backend_pid()"))
    results = at_once([seal.seal_entries, seal.seal_entries])
    assert (sorted(map(str, results)) == ["0", "3"]) == locked, results
    assert Seal.objects.count() == 3
    assert list(broken_chain(dropshipper.pk)) == []
