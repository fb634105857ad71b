"""A second factor counts for sessions that were begun before it too: whoever had the password only gets no further."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.sign_in import mfa
from tests import cast

pytestmark = pytest.mark.django_db
SECRETS = [
    "/account/security/codes/",
    "/account/security/codes.txt",
    "/account/security/app/",
    "/account/security/passkey/",
]


def enrol(person: User) -> None:
    """In another browser."""
    cast.with_app(person)
    with mfa.secrets_of(person.pk):
        mfa._first_codes(person)


@pytest.fixture(params=["reseller", "staff"])
def person(request: Any, dropshipper: Any) -> User:
    if request.param == "reseller":
        return cast.member(dropshipper)
    return cast.user(is_staff=True, is_superuser=True)


@pytest.mark.parametrize("address", SECRETS)
def test_a_session_of_the_password_alone_reads_and_adds_no_factor(person: User, address: str) -> None:
    client = Client()
    cast.sign_in(client, person, factor=False)
    enrol(person)
    with mfa.secrets_of(person.pk):
        codes = mfa.unused_codes(person)
    answer = client.get(address)
    assert b'name="prove-code"' in answer.content
    assert not [
        code for code in codes if code.encode() in answer.content or f"{code[:4]} {code[4:]}".encode() in answer.content
    ]
    assert b'name="prove-code"' in client.get("/account/security/codes.txt").content


def test_nor_does_it_change_anything(dropshipper: Any) -> None:
    person = cast.member(dropshipper)
    client = Client()
    cast.sign_in(client, person)
    enrol(person)
    answer = client.post("/account/email/", {"new": "eve@evil.example", "password": "correct horse"})
    assert (answer.status_code, b'name="prove-code"' in answer.content) == (403, True)
    assert not person.email_changes.exists()


def test_the_code_opens_it_and_who_has_no_factor_is_not_asked_for_one(dropshipper: Any) -> None:
    """The negative control."""
    person = cast.member(dropshipper)
    client = Client()
    cast.sign_in(client, person)
    assert client.get("/account/security/app/").status_code == 200
    enrol(person)
    client.post("/account/security/prove/", {"prove-code": cast.app_code(), "next": "/"})
    with mfa.secrets_of(person.pk):
        first = mfa.unused_codes(person)[0]
    assert first.encode() in client.get("/account/security/codes.txt").content
