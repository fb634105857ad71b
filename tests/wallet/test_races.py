"""Many at once on real PostgreSQL. Each race is first shown to bite without its guard."""

from __future__ import annotations

import contextlib
import random
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, transaction

from tests import cast
from tests.meeting import halt, meet
from tests.threads import ended
from tests.wallet.books import sale, top_up
from wallet import moves, topups
from wallet.errors import InsufficientFunds, TooManyTopUps
from wallet.models import Account, Entry, TopUp
from wallet.queries import balances

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs all acts at the same moment, each on its own connection; their results, or the exceptions they raised."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            results[n] = act()
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act), daemon=True) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    ended(threads)
    return results


def test_control_reading_first_and_charging_after_would_sell_the_same_money_many_times(dropshipper: Any) -> None:
    top_up(dropshipper, "103.70")
    paid: list[int] = []
    all_have_read = halt(20, guarded=False)

    def naive() -> None:
        with transaction.atomic():
            if balances(dropshipper.pk).available >= D("20.74"):
                all_have_read()
                paid.append(1)

    at_once([naive] * 20)
    assert len(paid) > 5  # money for five


def test_of_100_charges_with_money_for_50_exactly_50_are_paid(dropshipper: Any) -> None:
    top_up(dropshipper, "1037.00")  # 50 × 20.74
    results: list[Any] = []
    for wave in range(4):  # 25 connections at a time
        results += at_once(
            [
                lambda n=n: moves.sell([sale(dropshipper, f"order:{n}")], by=None)
                for n in range(wave * 25, wave * 25 + 25)
            ]
        )
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 50
    assert sum(result is None for result in results) == 50
    assert balances(dropshipper.pk).available == D("0.00")
    assert Entry.objects.filter(kind="sale").count() == 50


def test_the_same_sale_many_times_at_once_is_one(dropshipper: Any) -> None:
    top_up(dropshipper, "1000.00")
    results = at_once([lambda: moves.sell([sale(dropshipper, cod=True)], by=None)] * 20)
    assert results == [None] * 20
    assert Entry.objects.filter(reference="order:1").count() == 2
    assert balances(dropshipper.pk).available == D("987.80")


def test_many_wallets_and_batches_in_any_order_never_deadlock() -> None:
    owners = [cast.dropshipper(f"Bottega {n}") for n in range(10)]
    for owner in owners:
        top_up(owner, "207.40")  # ten sales each

    def batch(n: int) -> None:
        chosen = random.Random(n).sample(owners, 4)
        with transaction.atomic():
            moves.lock_spendable([owner.pk for owner in chosen])
            moves.sell([sale(owner, f"order:{n}-{owner.pk}") for owner in chosen], by=None)

    results: list[Any] = []
    for wave in range(4):
        results += at_once([lambda n=n: batch(n) for n in range(wave * 20, wave * 20 + 20)])
    assert {type(result) for result in results} <= {type(None), InsufficientFunds}
    for owner in owners:
        spent = Entry.objects.filter(dropshipper=owner, kind="sale").count() * D("20.74")
        assert balances(owner.pk).available == D("207.40") - spent >= 0


def test_a_top_up_and_charges_at_once_end_as_one_after_the_other(dropshipper: Any) -> None:
    top_up(dropshipper, "20.74")
    acts: list[Callable[[], Any]] = [lambda: top_up(dropshipper, "207.40")]
    acts += [lambda n=n: moves.sell([sale(dropshipper, f"order:{n}")], by=None) for n in range(15)]
    results = at_once(acts)
    assert {type(result) for result in results} <= {type(None), InsufficientFunds}
    sold = Entry.objects.filter(kind="sale").count()
    assert 1 <= sold <= 11
    assert balances(dropshipper.pk).available == D("228.14") - sold * D("20.74")


def test_an_order_is_undone_or_remitted_but_not_both(dropshipper: Any) -> None:
    top_up(dropshipper, "1000.00")
    for n in range(6):
        reference = f"order:{n}"
        moves.sell([sale(dropshipper, reference, cod=True)], by=None)

        def undo(reference: str = reference) -> None:
            with transaction.atomic():
                moves.undo(reference, by=None)

        def remit(reference: str = reference) -> None:
            with transaction.atomic():
                moves.remit(reference, by=None)

        results = at_once([undo, remit, undo, remit])
        assert sum(result is None for result in results) == 2
        assert balances(dropshipper.pk).held == balances(dropshipper.pk).cod_due == D("0.00")


def test_the_first_sales_of_a_new_wallet_open_it_once() -> None:
    owner = cast.dropshipper("Nuova")
    at_once([lambda: top_up(owner, "1.00")] * 12)
    assert Account.objects.filter(dropshipper=owner).count() == 3
    assert balances(owner.pk).available == D("12.00")


def test_parallel_requests_do_not_open_more_top_ups_than_there_may_be() -> None:
    assert _asked_in_parallel() == topups.OPEN_AT_MOST


def test_without_the_lock_parallel_requests_all_see_room(monkeypatch: Any) -> None:
    """The negative control."""
    all_are_there = halt(12, guarded=False)
    monkeypatch.setattr(topups, "_one_asker", lambda _dropshipper_id: all_are_there())
    assert _asked_in_parallel() > topups.OPEN_AT_MOST


@pytest.mark.parametrize("other", ["reopen", "request"])
def test_what_is_asked_for_again_counts_too_while_another_asks(other: str) -> None:
    """Two that were withdrawn and one room: of both clicks one hears that there are too many."""
    dropshipper = cast.dropshipper()
    person = cast.member(dropshipper)

    def ask() -> TopUp:
        return topups.request(dropshipper.pk, D("50.00"), key=uuid.uuid4(), by=person.pk)

    gone = [ask() for _ in range(2)]
    for one in gone:
        topups.withdraw(one.pk, by=person.pk)
    for _ in range(topups.OPEN_AT_MOST - 1):
        ask()

    met = meet(lambda: topups.reopen(gone[0].pk), ask if other == "request" else lambda: topups.reopen(gone[1].pk))

    assert met.waited, met
    assert isinstance(met.second, TooManyTopUps), met
    assert TopUp.objects.filter(status__in=["requested", "sent"]).count() == topups.OPEN_AT_MOST


def _asked_in_parallel() -> int:
    dropshipper = cast.dropshipper()
    person = cast.member(dropshipper)

    def ask() -> None:
        with contextlib.suppress(TooManyTopUps):
            topups.request(dropshipper.pk, D("50.00"), key=uuid.uuid4(), by=person.pk)

    assert at_once([ask] * 12) == [None] * 12
    return TopUp.objects.filter(dropshipper=dropshipper).count()
