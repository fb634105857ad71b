"""What the desks and other rooms read of the money of many, compared whole."""

from __future__ import annotations

import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404

from tests import cast
from tests.wallet.books import age, top_up
from tests.wallet.whole import KEY, asked, sale, spend
from wallet import adjustments, moves, queries, reversals, second_person, topups
from wallet.models import Proposal, TopUp
from wallet.tasks import seal_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def spent(dropshipper: Any, other_dropshipper: Any) -> Any:
    spend(dropshipper, other_dropshipper)
    return dropshipper


def test_what_the_staffs_desks_read(dropshipper: Any, other_dropshipper: Any, settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = D("100.00")
    clerk, other = cast.staff(), cast.staff()
    people = {one.pk: cast.member(one) for one in (dropshipper, other_dropshipper)}

    top_up(dropshipper, "13.11")
    owners = [dropshipper, other_dropshipper, dropshipper, dropshipper]
    amounts = ["121.01", "22.03", "33.07", "144.13"]
    one, two, three, four = (
        asked(owner, amount, by=people[owner.pk]) for owner, amount in zip(owners, amounts, strict=True)
    )
    topups.mark_sent(two.pk)
    topups.mark_sent(one.pk)  # so that its row lies behind the others
    desk = queries.desk_top_ups().order_by("pk")
    assert [(row.pk, row.balance, row.balance_after) for row in desk] == [  # type: ignore[attr-defined]
        (one.pk, D("13.11"), D("134.12")), (two.pk, D("0.00"), D("22.03")), (three.pk, D("13.11"), D("46.18")),
        (four.pk, D("13.11"), D("157.24")),
    ]  # fmt: skip
    assert queries.open_top_ups(dropshipper.pk) == [one, three, four]
    topups.credit(one.pk, by=clerk.pk)
    topups.credit(four.pk, by=clerk.pk)
    first, last = Proposal.objects.order_by("pk")
    topups.confirm_credit(first.pk, by=other.pk)
    topups.withdraw(three.pk, by=people[dropshipper.pk].pk)
    TopUp.objects.filter(pk=three.pk).update(decided_at=None)  # of an older version
    reversals.take_back_top_up(one.pk, reason="x", by=clerk.pk)
    back = Proposal.objects.latest("pk")
    adjusting = adjustments.adjust(other_dropshipper.pk, D("-155.17"), reason="x", key=KEY, by=clerk.pk)
    refused = adjustments.adjust(dropshipper.pk, D("166.19"), reason="x", key=uuid.UUID(int=1), by=clerk.pk)
    second_person.refuse(refused.pk, by=other.pk)  # type: ignore[union-attr]
    first.refresh_from_db()
    assert queries.open_top_ups(dropshipper.pk) == [four]
    assert list(queries.decided_top_ups()) == [one]
    assert queries.with_proposals([one, two, four]) == [(one, first, back), (two, None, None), (four, last, None)]
    second_person.refuse(last.pk, by=other.pk)
    assert queries.with_proposals(iter([four])) == [(four, None, None)]
    assert queries.waiting_adjustments() == [back, adjusting]
    assert queries.adjustments_to_confirm() == 2
    moves.adjust(other_dropshipper.pk, D("2.19"), "x", None)
    moves.adjust(dropshipper.pk, D("-1.23"), "x", None)
    assert sorted((row.dropshipper_id, row.amount) for row in queries.adjusted()) == sorted(  # type: ignore[attr-defined]
        [(other_dropshipper.pk, D("2.19")), (dropshipper.pk, D("-1.23"))]
    )
    assert set(queries.top_ups_of(dropshipper.pk)) == {one, three, four}
    assert queries.access_top_up(dropshipper.pk, one.pk) == one
    for missing in ((other_dropshipper.pk, one.pk), (dropshipper.pk, two.pk)):
        with pytest.raises((Http404, ObjectDoesNotExist)):
            queries.access_top_up(*missing)
    assert [queries.asked_with(owner.pk, one.key) for owner in (dropshipper, other_dropshipper)] == [True, False]
    assert list(queries.any_top_ups("MCI")) == [four, three, two, one]
    assert list(queries.any_top_ups(two.causale[:9])) == [two]
    Proposal.objects.bulk_create(
        Proposal(kind="adjustment", reference=f"x:{n}", dropshipper=dropshipper, amount=n + 7, proposed_by=clerk)
        for n in range(103)
    )
    assert [row.pk for row in queries.waiting_adjustments()][:2] == [back.pk, adjusting.pk]  # type: ignore[union-attr]
    assert (len(queries.waiting_adjustments()), queries.adjustments_to_confirm()) == (100, 105)


def test_what_waits_about_an_orders_money(dropshipper: Any, settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = D("5.00")
    clerk = cast.staff()
    top_up(dropshipper, "90.00")
    for n in (1, 2, 3):
        moves.sell([sale(dropshipper, f"order:{n}", guarantee=f"{n}.07")], by=None)
        moves.remit(f"order:{n}", by=None)
    for n in (1, 2):
        reversals.take_back_remittance(f"order:{n}", reason="x", by=clerk.pk)
    first, second = Proposal.objects.order_by("pk")
    assert [queries.waiting_of(f"order:{n}") for n in (1, 2, 3)] == [first, second, None]
    second_person.refuse(first.pk, by=clerk.pk)
    assert [queries.waiting_of(f"order:{n}") for n in (1, 2)] == [None, second]


def test_whose_entries_have_a_chain_each_once(spent: Any, other_dropshipper: Any) -> None:
    assert queries.sealed_dropshippers() == []
    age()
    seal_ledger()
    assert queries.sealed_dropshippers() == sorted([spent.pk, other_dropshipper.pk])
