"""Inviting colleagues: nobody learns who has an account, nobody's words travel in our letters, and there is a cap."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.companies import approval
from accounts.errors import AlreadyInvited, AlreadyMember, TooManyInvitations, TooManyPeople
from accounts.models import Dropshipper, Invitation, Member, User
from accounts.people import invitations
from tests import cast
from tests.threads import ended

URL = "/settings/members/"
NEW = "violino-azzurro-77"


def link(to: str) -> str:
    body = next(letter.body for letter in reversed(mail.outbox) if letter.to == [to])
    return re.search(r"(/account/invitation/\S+)", body)[1]  # type: ignore[index]


@pytest.mark.django_db(transaction=True)
def test_who_is_invited_chooses_a_password_and_gets_in(client_for: Any, owner: User, dropshipper: Dropshipper) -> None:
    client = client_for(owner)
    assert client.post(URL, {"email": "Ivo@Example.com", "role": "orders"}).status_code == 302
    assert not User.objects.filter(email="ivo@example.com").exists()
    assert b'data-state="waiting"' in client.get(URL).content
    path = link("ivo@example.com")
    visitor = Client()
    assert visitor.get(path).status_code == 200
    weak = visitor.post(path, {"name": "Ivo", "password": "ivo@example.com"})
    assert (weak.status_code, User.objects.filter(email="ivo@example.com").exists()) == (422, False)
    assert visitor.post(path, {"name": "Ivo", "password": NEW})["Location"] == "/account/login/"
    ivo = User.objects.get(email="ivo@example.com")
    assert (ivo.name, ivo.member.dropshipper, ivo.member.role) == ("Ivo", dropshipper, "orders")
    assert visitor.post("/account/login/", {"login": "ivo@example.com", "password": NEW})["Location"] == "/"
    assert "_auth_user_id" in visitor.session  # the link proved the address
    again = Client().post(path, {"name": "Eve", "password": NEW})
    assert 'data-refusal="link_used"' in again.content.decode()
    assert b"data-invitation" not in client.get(URL).content


@pytest.mark.django_db(transaction=True)
def test_inviting_does_not_tell_whether_an_address_has_an_account(client_for: Any, owner: User, stranger: User) -> None:
    client = client_for(owner)
    hide = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"|\d{2}/\d{2}/\d{4}|\d+')
    seen = []
    for email in (stranger.email, "nobody@example.com"):
        mail.outbox.clear()
        answer = client.post(URL, {"email": email, "role": "orders"})
        page = client.get(URL).content.decode().replace(email, "…")
        seen.append((answer.status_code, answer["Location"], hide.sub("", page), [letter.to for letter in mail.outbox]))
        client.post(f"/settings/invitations/{Invitation.objects.latest('pk').pk}/withdraw/")
        client.get(URL)
    assert seen[0][:3] == seen[1][:3]
    assert [letters for *_rest, letters in seen] == [[[stranger.email]], [["nobody@example.com"]]]
    assert User.objects.get(pk=stranger.pk).member.dropshipper_id != owner.member.dropshipper_id


@pytest.mark.django_db(transaction=True)
def test_who_has_an_account_gets_a_letter_without_a_link(owner: User, stranger: User) -> None:
    invitations.invite(owner.member.dropshipper, email=stranger.email.upper(), role="owner", by=owner)
    (letter,) = mail.outbox
    assert letter.to == [stranger.email]
    assert "/account/" not in letter.body


@pytest.mark.django_db(transaction=True)
def test_the_letter_quotes_nothing_of_the_inviter() -> None:
    """The company's name stands in it only because staff has approved it."""
    company = cast.dropshipper("Bottega Aurora S.r.l.")
    inviter = cast.member(company, name="Vinci un premio su evil.example")
    invitations.invite(company, email="one@example.com", role="orders", by=inviter)
    assert "Bottega Aurora" in mail.outbox[0].body
    assert "evil" not in mail.outbox[0].body + mail.outbox[0].subject
    pending = cast.dropshipper("Vinci evil.example", status="pending")
    invitations.invite(pending, email="two@example.com", role="orders", by=cast.member(pending))
    assert "evil" not in mail.outbox[1].body + mail.outbox[1].subject
    answer = Client().get("/account/invitation/" + invitations.token_of(Invitation.objects.latest("pk")) + "/")
    assert "evil" not in answer.content.decode()


@pytest.mark.django_db
def test_a_company_s_own_people_and_open_invitations_are_named(owner: User, dropshipper: Dropshipper) -> None:
    with pytest.raises(AlreadyMember):
        invitations.invite(dropshipper, email=owner.email.upper(), role="orders", by=owner)
    invitations.invite(dropshipper, email="ivo@example.com", role="orders", by=owner)
    with pytest.raises(AlreadyInvited):
        invitations.invite(dropshipper, email="IVO@example.com", role="orders", by=owner)


@pytest.mark.django_db
def test_there_is_a_cap_of_open_invitations_and_of_people(
    client_for: Any, owner: User, dropshipper: Dropshipper, monkeypatch: Any
) -> None:
    for n in range(invitations.MOST_OPEN):
        invitations.invite(dropshipper, email=f"n{n}@example.com", role="orders", by=owner)
    with pytest.raises(TooManyInvitations):
        invitations.invite(dropshipper, email="more@example.com", role="orders", by=owner)
    assert client_for(owner).post(URL, {"email": "more@example.com", "role": "orders"}).status_code == 422
    Invitation.objects.update(asked_at=timezone.now() - invitations.VALID)  # the old ones no longer count
    invitations.invite(dropshipper, email="more@example.com", role="orders", by=owner)
    monkeypatch.setattr(invitations, "MOST_PEOPLE", 2)
    with pytest.raises(TooManyPeople):
        invitations.invite(dropshipper, email="yet@example.com", role="orders", by=owner)


@pytest.mark.django_db(transaction=True)
def test_the_cap_holds_for_many_at_once(owner: User, dropshipper: Dropshipper) -> None:
    barrier = threading.Barrier(14)

    def invite(n: int) -> None:
        try:
            barrier.wait()
            invitations.invite(dropshipper, email=f"n{n}@example.com", role="orders", by=owner)
        except TooManyInvitations:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=invite, args=(n,)) for n in range(14)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert Invitation.objects.count() == invitations.MOST_OPEN
    assert len(mail.outbox) == invitations.MOST_OPEN


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_expired_made_up_or_stopped_link_does_nothing(
    client_for: Any, owner: User, dropshipper: Dropshipper
) -> None:
    invitation = invitations.invite(dropshipper, email="ivo@example.com", role="owner", by=owner)
    path, data = link("ivo@example.com"), {"name": "Ivo", "password": NEW}

    def refusal() -> str:
        found = re.search(r'data-refusal="(\w+)"', Client().post(path, data).content.decode())
        assert found
        return found[1]

    approval.suspend(dropshipper.pk, by=cast.staff(), reason="x")
    assert refusal() == "link_stopped"
    approval.approve(dropshipper.pk, by=cast.staff())
    Invitation.objects.update(asked_at=timezone.now() - invitations.VALID - dt.timedelta(minutes=1))
    assert refusal() == "link_expired"
    Invitation.objects.update(asked_at=timezone.now())
    client_for(owner).post(f"/settings/invitations/{invitation.pk}/withdraw/")
    assert refusal() == "link_stopped"
    for token in ("x", "x:y:z", invitations.token_of(invitation) + "A"):
        assert 'data-refusal="link_expired"' in Client().post(f"/account/invitation/{token}/", data).content.decode()
    assert not User.objects.filter(email="ivo@example.com").exists()


@pytest.mark.django_db(transaction=True)
def test_an_account_that_came_to_be_meanwhile_is_a_sentence(owner: User, dropshipper: Dropshipper) -> None:
    invitations.invite(dropshipper, email="ivo@example.com", role="owner", by=owner)
    other = cast.user(email="ivo@example.com")
    answer = Client().post(link("ivo@example.com"), {"name": "Ivo", "password": NEW})
    assert 'data-refusal="email_taken"' in answer.content.decode()
    assert not Member.objects.filter(user=other).exists()


@pytest.mark.django_db(transaction=True)
def test_one_link_used_twice_at_once_makes_one_person(owner: User, dropshipper: Dropshipper) -> None:
    invitations.invite(dropshipper, email="ivo@example.com", role="orders", by=owner)
    path, barrier, codes = link("ivo@example.com"), threading.Barrier(4), []

    def follow() -> None:
        try:
            barrier.wait()
            codes.append(Client().post(path, {"name": "Ivo", "password": NEW}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=follow) for _n in range(4)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert sorted(codes) == [200, 200, 200, 302]
    assert User.objects.filter(email="ivo@example.com").count() == 1


@pytest.mark.django_db
def test_another_company_s_invitation_is_a_404_and_a_clerk_has_none(
    client_for: Any, owner: User, stranger: User, dropshipper: Dropshipper
) -> None:
    invitation = invitations.invite(dropshipper, email="ivo@example.com", role="orders", by=owner)
    path = f"/settings/invitations/{invitation.pk}/withdraw/"
    assert client_for(stranger).post(path).status_code == 404
    clerk = cast.member(dropshipper, "orders")
    assert client_for(clerk).post(path).status_code == 403
    client_for(clerk).post(URL, {"email": "more@example.com", "role": "owner"})
    assert list(Invitation.objects.values_list("state", flat=True)) == ["waiting"]


def test_no_more_than_twenty_letters_a_day_leave_a_company(
    client_for: Any, owner: User, dropshipper: Dropshipper
) -> None:
    client, sent = client_for(owner), 0
    for n in range(24):
        answer = client.post("/settings/members/", {"email": f"n{n}@example.it", "role": "orders"})
        sent += answer.status_code == 302
        assert Invitation.objects.all().delete()[0] == (answer.status_code == 302)  # the cap of open ones is not met
    assert sent == 20
