"""Two words about one company in the same moment. Each race is first run with its guard off."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from accounts.companies import approval
from accounts.errors import BadStatusChange, LastOwner
from accounts.models import Dropshipper, Member, User
from accounts.people import members
from tests import cast
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)
OWNER, CLERK = Member.Role.OWNER, Member.Role.ORDERS
guards = pytest.mark.parametrize("guard", [True, False])


@pytest.fixture
def company() -> Dropshipper:
    return cast.dropshipper()


def unlocked(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    if not guard:
        monkeypatch.setattr(members, "_lock", lambda _company: None)


def row(person: User) -> Member:
    return Member.objects.select_related("dropshipper", "user").get(user=person)


def owners(company: Dropshipper) -> list[User]:
    return [one.user for one in company.members.filter(role=OWNER, user__is_active=True).select_related("user")]


@guards
def test_two_owners_who_remove_each_other(monkeypatch: pytest.MonkeyPatch, company: Dropshipper, guard: bool) -> None:
    one, two = cast.member(company), cast.member(company)
    rows = row(two), row(one)
    unlocked(monkeypatch, guard)
    met = meet(lambda: members.remove(rows[0], by=one), lambda: members.remove(rows[1], by=two))
    assert isinstance(met.second, LastOwner) is guard
    assert met.waited is guard
    assert owners(company) == ([one] if guard else [])


@guards
def test_an_owner_who_is_removed_demotes_the_other(
    monkeypatch: pytest.MonkeyPatch, company: Dropshipper, guard: bool
) -> None:
    one, two = cast.member(company), cast.member(company)
    rows = row(two), row(one)
    unlocked(monkeypatch, guard)
    met = meet(lambda: members.remove(rows[0], by=one), lambda: members.change_role(rows[1], CLERK, by=two))
    assert isinstance(met.second, LastOwner) is guard
    assert owners(company) == ([one] if guard else [])


@guards
def test_an_owner_who_is_demoted_removes_the_other(
    monkeypatch: pytest.MonkeyPatch, company: Dropshipper, guard: bool
) -> None:
    one, two = cast.member(company), cast.member(company)
    rows = row(two), row(one)
    unlocked(monkeypatch, guard)
    met = meet(lambda: members.change_role(rows[0], CLERK, by=one), lambda: members.remove(rows[1], by=two))
    assert isinstance(met.second, LastOwner) is guard
    assert owners(company) == ([one] if guard else [])


def test_a_role_that_changed_meanwhile_is_judged_as_it_is_now(company: Dropshipper) -> None:
    """Two owners make a third person an owner and a clerk: the page of the second showed a clerk."""
    one, two, third = cast.member(company), cast.member(company), cast.member(company, CLERK)
    shown, stale = row(third), row(third)
    met = meet(lambda: members.change_role(shown, OWNER, by=one), lambda: members.change_role(stale, CLERK, by=two))
    assert (met.first, met.second, met.waited) == (None, None, True)
    assert row(third).role == CLERK  # the last word counts, though it is what his page showed already


def test_companies_do_not_wait_for_each_other(company: Dropshipper) -> None:
    other = cast.dropshipper(name="Altra")
    mine, theirs = cast.member(company, CLERK), cast.member(other, CLERK)
    rows, bosses = (row(mine), row(theirs)), (cast.member(company), cast.member(other))
    met = meet(
        lambda: members.change_role(rows[0], OWNER, by=bosses[0]),
        lambda: members.change_role(rows[1], OWNER, by=bosses[1]),
    )
    assert (met.waited, row(mine).role, row(theirs).role) == (False, OWNER, OWNER)


def test_an_owner_of_another_company_or_who_is_switched_off_does_not_count(company: Dropshipper) -> None:
    cast.member(cast.dropshipper(name="Altra"))
    last, off = cast.member(company), cast.member(company)
    User.objects.filter(pk=off.pk).update(is_active=False)
    for act in (lambda: members.change_role(row(last), CLERK, by=off), lambda: members.remove(row(last), by=off)):
        with pytest.raises(LastOwner):
            act()
    assert row(last).role == OWNER
    members.remove(row(off), by=last)  # one of two, and no owner in use
    assert owners(company) == [last]


def decide_without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company is read and not locked."""
    from django.db.models import QuerySet

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)


@guards
def test_a_word_that_two_of_the_staff_say_at_once_is_one(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    waiting = cast.dropshipper(status="pending")
    reader, one, two = cast.member(waiting), cast.staff(), cast.staff()
    if not guard:
        decide_without_lock(monkeypatch)
    met = meet(lambda: approval.approve(waiting.pk, by=one), lambda: approval.approve(waiting.pk, by=two))
    waiting.refresh_from_db()
    assert met.second == waiting  # what he wanted is so: no error
    assert (waiting.status, waiting.status_by) == ("active", one if guard else two)
    assert [letter.to for letter in mail.outbox] == [[reader.email]] * (1 if guard else 2)


@guards
def test_who_is_rejected_and_approved_at_once_has_one_answer(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    waiting = cast.dropshipper(status="pending")
    cast.member(waiting)
    one, two = cast.staff(), cast.staff()
    if not guard:
        decide_without_lock(monkeypatch)
    met: Any = meet(
        lambda: approval.approve(waiting.pk, by=one), lambda: approval.reject(waiting.pk, by=two, reason="Doppia")
    )
    waiting.refresh_from_db()
    assert isinstance(met.second, BadStatusChange) is guard
    assert (waiting.status, waiting.status_reason) == (("active", "") if guard else ("rejected", "Doppia"))
    assert len(mail.outbox) == (1 if guard else 2)
