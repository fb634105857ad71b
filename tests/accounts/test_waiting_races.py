"""What waits for one word, and gets two at once: of each race also what comes of it with the locks off."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from accounts.companies import changes
from accounts.errors import EmailTaken, LinkUsed, NotWaiting
from accounts.models import CompanyChange, Dropshipper, Member
from accounts.people import invitations
from tests import cast
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["locked", "control"])
def locked(request: Any, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_how: self.all())
    return bool(request.param)


@pytest.fixture
def company(db: None) -> Dropshipper:
    return cast.dropshipper("Bottega Aurora S.r.l.")


def test_a_change_that_one_approves_and_another_refuses_is_decided_once(company: Dropshipper, locked: bool) -> None:
    change = changes.ask(company, new={"name": "Altra Insegna"}, by=cast.member(company))
    one, two = cast.staff(), cast.staff()
    met = meet(
        lambda: changes.approve(change.pk, by=one),
        lambda: changes.refuse(change.pk, by=two, reason="Non è quella della visura"),
    )
    company.refresh_from_db()
    assert company.name == "Altra Insegna"
    kept = CompanyChange.objects.get()
    assert (isinstance(met.second, NotWaiting), kept.state, kept.decided_by) == (
        (True, "approved", one) if locked else (False, "refused", two)
    )


def test_of_two_wishes_at_once_the_later_waits(company: Dropshipper, locked: bool) -> None:
    owners = cast.member(company), cast.member(company)
    met = meet(
        lambda: changes.ask(company, new={"name": "Prima Insegna"}, by=owners[0]),
        lambda: changes.ask(company, new={"name": "Seconda Insegna"}, by=owners[1]),
    )
    waiting = [change.new["name"] for change in CompanyChange.objects.filter(state="waiting")]
    assert (isinstance(met.second, IntegrityError), waiting) == (
        (False, ["Seconda Insegna"]) if locked else (True, ["Prima Insegna"])
    )


def test_a_wish_that_is_taken_back_is_not_approved_in_the_same_moment(company: Dropshipper, locked: bool) -> None:
    change = changes.ask(company, new={"name": "Altra Insegna"}, by=cast.member(company))
    clerk = cast.staff()
    met = meet(lambda: changes.withdraw(company), lambda: changes.approve(change.pk, by=clerk))
    company.refresh_from_db()
    kept = CompanyChange.objects.get()
    assert (isinstance(met.second, NotWaiting), kept.state, company.name) == (
        (True, "withdrawn", "Bottega Aurora S.r.l.") if locked else (False, "approved", "Altra Insegna")
    )


def test_who_follows_a_link_twice_at_once_hears_that_it_was_used(company: Dropshipper, locked: bool) -> None:
    asked = invitations.invite(company, email="nuova@example.com", role=Member.Role.ORDERS, by=cast.member(company))
    words = {"name": "Nuova", "password": "una frase lunga assai", "language": "it"}
    met = meet(lambda: invitations.accept(asked.pk, **words), lambda: invitations.accept(asked.pk, **words))
    assert isinstance(met.first, Member)
    assert isinstance(met.second, LinkUsed if locked else EmailTaken), met
