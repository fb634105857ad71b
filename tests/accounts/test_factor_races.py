"""Two requests of one person, or about one sign-up, in the same moment: factors, recovery codes, kept forms, and a form
of a stranger that is forgotten while it turns out to be more. Of each race also what comes of it with the locks off."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError
from django.db.models import QuerySet
from django.test import RequestFactory
from django.utils import timezone

from accounts.companies import approval
from accounts.errors import LastFactor
from accounts.kept import forms
from accounts.models import Dropshipper, KeptForm, User
from accounts.people import unproven
from accounts.sign_in import mfa
from tests import cast
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["locked", "control"])
def locked(request: Any, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_how: self.all())
    return bool(request.param)


def passkey(person: User, name: str = "Portatile") -> bool:
    return mfa.add_passkey(person, name, {"id": name})


def kinds(person: User) -> list[str]:
    return sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))


@pytest.mark.parametrize("app_first", [True, False])
def test_two_first_factors_at_once_make_one_set_of_codes(app_first: bool, locked: bool) -> None:
    person = cast.user()
    acts = [lambda: mfa.add_app(person, cast.APP_SECRET), lambda: passkey(person)]
    met = meet(*acts[:: 1 if app_first else -1])
    assert met.first is True  # these he must be shown
    if locked:
        assert met.second is False
        assert kinds(person) == ["recovery_codes", "totp", "webauthn"]
    else:
        assert isinstance(met.second, IntegrityError)
        assert len(kinds(person)) == 2


def test_of_two_passkeys_that_staff_takes_away_at_once_one_stays(locked: bool) -> None:
    person = cast.user(is_staff=True)
    for name in ("Portatile", "Chiavetta"):
        passkey(person, name)
    one, two = mfa.factors_of(person)
    met = meet(lambda: mfa.remove(person, one.pk), lambda: mfa.remove(person, two.pk))
    assert isinstance(met.second, LastFactor) is locked
    assert kinds(person) == (["recovery_codes", "webauthn"] if locked else ["recovery_codes"])


def test_codes_that_are_made_while_the_last_factor_goes_go_with_it(locked: bool) -> None:
    person = cast.user()
    passkey(person)
    (factor,) = mfa.factors_of(person)
    meet(lambda: mfa.new_codes(person), lambda: mfa.remove(person, factor.pk))
    assert kinds(person) == ([] if locked else ["recovery_codes"])


def test_who_asks_for_other_codes_last_has_others(locked: bool) -> None:
    person = cast.user()
    passkey(person)

    def codes() -> list[str]:
        mfa.new_codes(person)
        return mfa.unused_codes(person)

    met = meet(codes, codes)
    assert (set(met.first) & set(met.second) == set()) is locked
    assert mfa.unused_codes(person) == met.second


def test_of_one_person_few_forms_are_kept_though_two_come_at_once(locked: bool) -> None:
    person = cast.user()

    def keep(city: str) -> KeptForm | None:
        request = RequestFactory().post("/settings/", {"city": city})
        request.user = AnonymousUser()
        return forms.keep(request, person.pk)

    for n in range(forms.AT_MOST):
        keep(f"Città {n}")
    meet(lambda: keep("Roma"), lambda: keep("Milano"))
    rows = KeptForm.objects.order_by("-pk")
    assert [dict(forms.fields_of(row))["city"] for row in rows[:2]] == ["Milano", "Roma"]
    assert rows.count() == forms.AT_MOST + (0 if locked else 1)


@pytest.fixture
def unproved() -> User:
    """A sign-up whose link is void."""
    company = cast.dropshipper(status="pending")
    Dropshipper.objects.filter(pk=company.pk).update(created_at=timezone.now() - dt.timedelta(days=4))
    person = cast.member(company)
    person.emailaddress_set.update(verified=False)
    return person


@pytest.mark.parametrize("change", ["approved", "signed in"])
def test_what_turns_out_to_be_more_than_a_form_is_not_forgotten(unproved: User, change: str, locked: bool) -> None:
    clerk, company = cast.staff(), unproved.member.dropshipper

    def more() -> Any:
        if change == "approved":
            return approval.approve(company.pk, by=clerk)
        return User.objects.filter(pk=unproved.pk).update(last_login=timezone.now())

    met = meet(more, unproven.forget)
    assert met.second == (0 if locked else 1)
    assert User.objects.filter(pk=unproved.pk).exists() is locked
    assert Dropshipper.objects.filter(pk=company.pk).exists() is locked


def test_a_form_that_is_nothing_more_is_forgotten(unproved: User) -> None:
    assert unproven.forget() == 1
    assert not Dropshipper.objects.exists()
