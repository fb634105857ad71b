"""Guessing passwords: the guesser is stopped, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as conf
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.companies import digest
from accounts.models import Dropshipper, User
from core.models import Throttle
from tests import cast

pytestmark = pytest.mark.django_db
PASSWORD = "Corretto-Cavallo-9"
LOGIN = "/account/login/"


@pytest.fixture
def ada(dropshipper: Any) -> User:
    user: User = cast.member(dropshipper, email="ada@bottega.example")
    user.set_password(PASSWORD)
    user.save()
    return user


def guess(client: Client, email: str, password: str = "wrong", place: str = "203.0.113.5") -> bool:
    """Was one let in?"""
    client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=place)
    return "_auth_user_id" in client.session


def test_who_guesses_is_stopped_even_with_the_right_word(ada: User) -> None:
    for _n in range(5):
        assert not guess(Client(), ada.email)
    assert not guess(Client(), ada.email, PASSWORD)
    assert not guess(Client(), ada.email.upper(), PASSWORD)


def test_ten_bad_guesses_of_one_visitor_lock_out_nobody_else(ada: User) -> None:
    bruno = cast.member(ada.member.dropshipper, email="bruno@bottega.example", role="orders")
    bruno.set_password(PASSWORD)
    bruno.save()
    for _n in range(10):
        guess(Client(), ada.email, place="198.51.100.66")
    assert guess(Client(), ada.email, PASSWORD, place="203.0.113.5")
    assert guess(Client(), bruno.email, PASSWORD, place="198.51.100.66")  # the same office, another account


def test_who_tries_many_accounts_is_stopped_by_the_address(ada: User) -> None:
    for n in range(50):
        guess(Client(), f"nobody{n}@example.it", place="198.51.100.66")
    assert not guess(Client(), ada.email, PASSWORD, place="198.51.100.66")
    assert guess(Client(), ada.email, PASSWORD, place="203.0.113.5")


def test_many_addresses_against_one_account_are_stopped_and_its_owners_browser_is_not(ada: User) -> None:
    own = Client()
    assert guess(own, ada.email, PASSWORD)
    own.post("/account/logout/")
    for n in range(40):
        guess(Client(), ada.email, place=f"198.51.100.{n}")
    assert not guess(Client(), ada.email, PASSWORD, place="203.0.113.99")
    assert guess(own, ada.email, PASSWORD, place="203.0.113.98")


def test_the_mark_of_one_account_opens_no_other(ada: User) -> None:
    """Somebody with an account of their own brings its cookie along."""
    thief = cast.member(ada.member.dropshipper, email="thief@bottega.example", role="orders")
    thief.set_password(PASSWORD)
    thief.save()
    own = Client()
    assert guess(own, thief.email, PASSWORD)
    own.post("/account/logout/")
    for _n in range(5):
        assert not guess(own, ada.email)
    assert not guess(own, ada.email, PASSWORD)


def test_a_forged_mark_is_none(ada: User) -> None:
    client = Client()
    client.cookies["mci_device"] = '{"ada@bottega.example": "x"}'
    for _n in range(5):
        guess(client, ada.email)
    assert not guess(client, ada.email, PASSWORD)


def test_right_passwords_do_not_count(ada: User) -> None:
    for _n in range(12):
        assert guess(Client(), ada.email, PASSWORD)


def test_a_right_password_while_the_database_is_away_is_no_failure(ada: User, monkeypatch: Any) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    client = Client(raise_request_exception=False)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.backends.EmailBackend.authenticate", away)
        for _n in range(12):
            assert not guess(client, ada.email, PASSWORD)
    assert guess(client, ada.email, PASSWORD)


def test_a_new_password_makes_the_guesses_at_the_old_one_void(ada: User) -> None:
    for n in range(40):
        guess(Client(), ada.email, place=f"198.51.100.{n}")
    client = Client()
    client.post("/account/password/reset/", {"email": ada.email}, REMOTE_ADDR="203.0.113.5")
    link = next(word for word in mail.outbox[-1].body.split() if "/account/password/reset/key/" in word)
    page = client.get(link[link.index("/account/") :], follow=True)
    new = "Nuova-Parola-2027"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new}, REMOTE_ADDR="203.0.113.5")
    assert guess(Client(), ada.email, new, place="203.0.113.7")


@pytest.mark.parametrize(
    ("path", "data", "most"),
    [
        ("/account/password/reset/", {"email": "ada@bottega.example"}, 30),
        ("/account/signup/", {"email": "x"}, 20),
    ],
)
def test_letters_and_accounts_cannot_be_asked_for_without_end(ada: User, path: str, data: Any, most: int) -> None:
    codes = [Client().post(path, data, REMOTE_ADDR="198.51.100.66").status_code for _n in range(most + 2)]
    assert codes[-1] == 429
    assert len(mail.outbox) <= 4
    other = {"email": "bruno@bottega.example"}
    assert Client().post(path, other, REMOTE_ADDR="203.0.113.5").status_code != 429


def test_behind_a_proxy_visitors_are_told_apart(ada: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for _n in range(60):
        Client().post(
            LOGIN,
            {"login": f"n{_n}@example.it", "password": "x"},
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_FOR="198.51.100.66",
        )
    data = {"login": ada.email, "password": PASSWORD}
    client = Client()
    client.post(LOGIN, data, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.5")
    assert "_auth_user_id" in client.session
    liar = Client()
    liar.post(LOGIN, data, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.77, 198.51.100.66")
    assert "_auth_user_id" not in liar.session


# ---- letters to staff


def test_a_flood_of_sign_ups_is_one_letter_and_then_one_an_hour() -> None:
    cast.staff(email="staff@mci.example")
    for n in range(112):
        cast.dropshipper(name=f"Bottega {n}", status=Dropshipper.Status.PENDING)
        digest.tell_staff()
    assert len([letter for letter in mail.outbox if letter.to == ["staff@mci.example"]]) == 1
    Throttle.objects.all().delete()  # an hour later
    assert digest.tell_staff() == 111
    letters = [letter for letter in mail.outbox if letter.to == ["staff@mci.example"]]
    assert len(letters) == 2
    assert "111" in letters[1].subject
    assert reverse("accounts:dropshippers") in letters[1].body
    Throttle.objects.all().delete()
    assert digest.tell_staff() == 0


def test_the_limits_of_allauth_are_counted_in_the_database() -> None:
    assert conf.CACHES["default"]["BACKEND"] == "mci.database.cache.DurableCache"
