"""Two people at once at one return, one loss, one piece, one rule: once."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Stock
from core.errors import AlreadyDone
from orders.failed import cases, lost, returned, who_pays
from orders.failed.errors import RuleMoved, TooManyPieces
from orders.intake import creation
from orders.models import Case, Order, WhoPays
from tests import cast
from tests.meeting import meet
from tests.orders.test_cases import opened
from tests.orders.test_returned import inspected, shipped
from wallet.models import Entry
from wallet.queries import balances

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["locked", "control"])
def locked(request: Any, monkeypatch: Any) -> bool:
    if not request.param:
        for room in (returned, cases, lost, creation):
            monkeypatch.setattr(room, "lock", lambda order_id: Order.objects.get(pk=order_id))
    return bool(request.param)


def refused(met: Any, kind: type[Exception]) -> bool:
    return isinstance(met.second, kind)


def test_a_parcel_that_two_scan_at_once_is_taken_in_once(dropshipper: Any, staff: Any, locked: bool) -> None:
    order = shipped(dropshipper)

    def scan() -> Case:
        return returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk)

    met = meet(scan, scan)
    assert refused(met, AlreadyDone) is locked
    assert Case.objects.count() == 1  # without the lock the database's own constraint refuses the other


def test_a_return_that_two_settle_at_once_is_credited_and_restocked_once(
    dropshipper: Any, staff: Any, locked: bool
) -> None:
    order = shipped(dropshipper, "prepaid")
    case = inspected(returned.arrive(order.pk, reason="refused", fault="customer", by=staff.pk), staff)
    figures = returned.preview(case)
    assert figures is not None

    def settle() -> Case:
        return returned.settle(case.pk, shown=figures.mark, by=staff.pk)

    met = meet(settle, settle)
    assert refused(met, AlreadyDone) is locked
    assert Entry.objects.filter(kind="return_credit").count() == 1  # by its key, whatever the lock does
    assert (Stock.objects.get().on_hand == 20) is locked
    if locked:
        assert balances(dropshipper.pk).available == D("87.80")
        call_command("verify")


def test_a_piece_that_two_ask_back_at_once_is_in_one_case(dropshipper: Any, locked: bool) -> None:
    order, member = shipped(dropshipper, "prepaid", until="delivered"), cast.member(dropshipper)
    met = meet(lambda: opened(order, member), lambda: opened(order, member))
    assert refused(met, TooManyPieces) is locked
    assert Case.objects.count() == (1 if locked else 2)


def test_a_claim_that_two_enter_as_paid_at_once_is_in_the_books_once(
    dropshipper: Any, staff: Any, locked: bool
) -> None:
    claim = lost.lose(shipped(dropshipper).pk, by=staff.pk).claim

    def paid(amount: str) -> Any:
        return lost.paid(claim.pk, amount=D(amount), by=staff.pk)

    met = meet(lambda: paid("10.00"), lambda: paid("10.00"))
    assert refused(met, AlreadyDone) is locked
    assert Entry.objects.filter(kind="claim_paid").count() == 1


@pytest.mark.parametrize("guarded", [True, False], ids=["locked", "control"])
def test_of_two_changes_of_a_rule_at_once_the_later_hears_of_the_other(
    staff: Any, monkeypatch: Any, guarded: bool
) -> None:
    from django.db.models import QuerySet

    if not guarded:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_kind: rows.all())
    rule = who_pays.in_force("refused", "customer")

    def change(storage: str) -> WhoPays:
        values = {name: getattr(rule, name) for name in who_pays.EDITED} | {"storage": storage}
        return who_pays.change(rule.pk, values, since=timezone.localdate(), by=staff.pk)

    met = meet(lambda: change("supplier"), lambda: change("courier"))
    assert refused(met, RuleMoved) is guarded
    assert WhoPays.objects.filter(reason="refused", fault="customer").count() == (2 if guarded else 3)
