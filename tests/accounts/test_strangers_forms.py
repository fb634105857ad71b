"""What anybody can type into a form: an address or a VAT number that is not his. It fills no mailbox and keeps nobody
out for good."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Dropshipper, Invitation, User
from accounts.people import letters, unproven
from mci.database import retention
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {
    "contact": "Mario Rossi",
    "password1": "Gatto-verde-77x",
    "name": "Vera S.r.l.",
    "fiscal_code": "",
    "sdi_code": "ABC1234",
    "pec": "",
    "phone": "06 6982 1234",
    "street": "Via Appia 1",
    "postcode": "00183",
    "city": "Roma",
    "province": "RM",
}


def sign_up(email: str, vat_number: str = "") -> None:
    answer = Client().post("/account/signup/", {**FORM, "email": email, "vat_number": vat_number or cast.vat_number()})
    assert answer.status_code == 302, answer.content


def age(days: float) -> None:
    Dropshipper.objects.update(created_at=timezone.now() - dt.timedelta(days=days))


def to(email: str) -> int:
    return sum(letter.to == [email] for letter in mail.outbox)


def test_a_vat_number_that_nobody_proved_is_free_after_three_days() -> None:
    number = cast.vat_number()
    sign_up("eve@evil.example", number)
    age(2.9)
    assert unproven.forget() == 0
    sign_up("vera@vera.example", number)
    assert not User.objects.filter(email="vera@vera.example").exists()  # the letter says why
    age(3.1)
    retention.sweep()
    assert not User.objects.filter(email="eve@evil.example").exists()
    sign_up("vera@vera.example", number)
    assert User.objects.get(email="vera@vera.example").member.dropshipper.vat_number == number


def test_an_address_that_nobody_proved_can_be_invited_after_three_days(dropshipper: Any, client_for: Any) -> None:
    sign_up("collega@bottega.example")
    age(3.1)
    assert unproven.forget() == 1
    owner = client_for(cast.member(dropshipper))
    owner.post("/settings/members/", {"email": "collega@bottega.example", "role": "orders"})
    assert Invitation.objects.get().email == "collega@bottega.example"
    assert "/account/invitation/" in mail.outbox[-1].body


def test_who_proved_it_signed_in_or_was_decided_on_stays(dropshipper: Any) -> None:
    """And a company that works: the fixture's."""
    cast.member(dropshipper)
    for number, change in enumerate(("proven", "signed_in", "two_people", "rejected")):
        sign_up(f"p{number}@example.com")
        user = User.objects.get(email=f"p{number}@example.com")
        company = user.member.dropshipper
        if change == "proven":
            EmailAddress.objects.filter(user=user).update(verified=True)
        elif change == "signed_in":
            User.objects.filter(pk=user.pk).update(last_login=timezone.now())
        elif change == "two_people":
            cast.member(company)
        else:
            Dropshipper.objects.filter(pk=company.pk).update(status="rejected", status_at=timezone.now())
    age(400)
    before = set(User.objects.values_list("pk", flat=True))
    assert unproven.forget() == 0
    assert set(User.objects.values_list("pk", flat=True)) == before


def test_one_user_s_wishes_write_to_few_strangers(dropshipper: Any, client_for: Any) -> None:
    client = client_for(cast.member(dropshipper, email="eve@bottega.example"))
    said = [
        client.post("/account/email/", {"new": f"v{n}@else.example", "password": "correct horse"}).status_code
        for n in range(30)
    ]
    assert said == [302] * 10 + [422] * 20
    assert sum(letter.to[0].endswith("@else.example") for letter in mail.outbox) == 10


def test_many_users_forms_write_little_to_one_address(dropshipper: Any, client_for: Any) -> None:
    """By the change of an address, invitations and sign-ups together; the pages answer the same as ever."""
    cast.user(email="vittima@example.com")
    for _ in range(4):
        company = cast.dropshipper()
        client = client_for(cast.member(company))
        client.post("/account/email/", {"new": "vittima@example.com", "password": "correct horse"})
        answer = client.post("/settings/members/", {"email": "vittima@example.com", "role": "orders"})
        assert answer.status_code == 302
        sign_up("Vittima@example.com")
    assert to("vittima@example.com") == letters.MOST_BY_OTHERS
