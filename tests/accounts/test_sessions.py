"""Where a person is signed in: seen, ended, and over in time."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import Member, OpenSession, User
from accounts.people import members
from accounts.sign_in import sessions
from tests import cast

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"


def sign_in(person: User, agent: str = FIREFOX, address: str = "203.0.113.7") -> Client:
    """By the page, as a person does."""
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    client.post("/account/login/", {"login": person.email, "password": "correct horse"})
    client.get("/settings/")
    return client


def is_in(client: Client) -> bool:
    return bool(get_user(client).is_authenticated)  # type: ignore[arg-type]


def test_the_page_shows_each_browser_and_ends_it() -> None:
    person = cast.member(cast.dropshipper())
    here, phone, third = sign_in(person), sign_in(person, PHONE, "198.51.100.9"), sign_in(person)
    html = here.get("/account/security/sessions/").content.decode()
    assert "Firefox · Linux" in html
    assert "Safari · iPhone" in html
    assert "198.51.100.9" in html
    theirs = OpenSession.objects.get(device="Safari · iPhone")
    here.post(f"/account/security/sessions/{theirs.pk}/end/")
    assert (is_in(here), is_in(phone), is_in(third)) == (True, False, True)
    here.post("/account/security/sessions/others/end/")
    assert (is_in(here), is_in(third)) == (True, False)
    assert OpenSession.objects.filter(user=person).count() == 1


def test_nobody_ends_the_session_of_another() -> None:
    victim, other = sign_in(cast.member(cast.dropshipper())), sign_in(cast.member(cast.dropshipper()))
    row = OpenSession.objects.get(session_key=victim.session.session_key)
    other.post(f"/account/security/sessions/{row.pk}/end/")
    other.post("/account/security/sessions/others/end/")
    assert is_in(victim)


def test_the_key_is_another_one_after_the_sign_in() -> None:
    person, client = cast.member(cast.dropshipper()), Client()
    client.get("/account/login/code/")
    session = client.session
    session["x"] = 1
    session.save()
    before = client.session.session_key
    client.cookies["sessionid"] = before
    client.post("/account/login/", {"login": person.email, "password": "correct horse"})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize(("hours", "open_"), [(11.9, True), (12.1, False)])
def test_staff_are_out_twelve_hours_after_the_sign_in_whatever_they_do(
    hours: float, open_: bool, client: Client
) -> None:
    cast.sign_in(client, cast.staff(), ago=hours * 3600)
    assert (client.get("/orders/desk/").status_code == 200) is open_
    assert is_in(client) is open_


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}, {}])
def test_a_browser_that_is_out_by_the_clock_is_not_shown_as_one_that_is_in(rights: dict[str, bool]) -> None:
    """Of the supplier's people; a reseller's lives on, however long ago it was begun."""
    person = cast.member(cast.dropshipper(), **rights)
    old, fresh = sign_in(person), sign_in(person, PHONE)
    long_ago = timezone.now() - dt.timedelta(seconds=sessions.STAFF_SECONDS + 60)
    OpenSession.objects.filter(session_key=old.session.session_key).update(since=long_ago)
    shown = set(sessions.open_sessions(person).values_list("session_key", flat=True))
    assert shown == {fresh.session.session_key} | (set() if rights else {old.session.session_key})


def test_a_resellers_session_lives_on_while_it_is_used(client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper()), ago=30 * 24 * 3600)
    assert client.get("/settings/").status_code == 200
    session = client.session
    session[sessions.SEEN] = time.time() - 400
    session.save()
    row = Session.objects.get(session_key=session.session_key)
    Session.objects.filter(pk=row.pk).update(expire_date=row.expire_date.replace(year=row.expire_date.year + 1))
    client.get("/settings/")
    row.refresh_from_db()
    days = (row.expire_date.timestamp() - time.time()) / 86_400
    assert 13.9 < days < 14.1


def test_a_new_password_ends_the_others() -> None:
    person = cast.member(cast.dropshipper())
    here, there = sign_in(person), sign_in(person, PHONE)
    new = "another horse altogether"
    form = {"oldpassword": "correct horse", "password1": new, "password2": new}
    here.post("/account/password/change/", form)
    person.refresh_from_db()
    assert person.check_password(new)
    assert (is_in(here), is_in(there)) == (True, False)
    here.get("/settings/")
    assert [row.session_key for row in OpenSession.objects.filter(user=person)] == [here.session.session_key]


def test_who_is_removed_or_switched_off_is_out_at_once() -> None:
    company = cast.dropshipper()
    owner, clerk = cast.member(company), cast.member(company, Member.Role.ORDERS)
    there = sign_in(clerk)
    members.remove(Member.objects.get(user=clerk), by=owner)
    assert not OpenSession.objects.filter(user=clerk).exists()
    assert not Session.objects.filter(session_key=there.session.session_key).exists()
    boss, other, admin = cast.staff(), sign_in(cast.member(company)), Client()
    victim = User.objects.get(pk=int(other.session["_auth_user_id"]))
    cast.sign_in(admin, boss)
    page = f"/admin/accounts/user/{victim.pk}/change/"
    form = {"email": victim.email, "name": victim.name, "language": "it", "theme": "auto"}
    answer = admin.post(page, form)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    victim.refresh_from_db()
    assert not victim.is_active
    assert not OpenSession.objects.filter(user=victim).exists()


def test_most_requests_write_nothing(client: Client, django_assert_num_queries: Any) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    row = OpenSession.objects.filter(user=person)
    client.get("/settings/")
    assert not row.exists()
    session = client.session
    session[sessions.SEEN] = 0
    session.save()
    client.get("/settings/")
    first = row.get().seen_at
    client.get("/settings/")
    assert row.get().seen_at == first


def test_rows_of_dead_sessions_are_swept() -> None:
    person = cast.member(cast.dropshipper())
    client = sign_in(person)
    Session.objects.filter(session_key=client.session.session_key).delete()
    assert sessions.forget_dead() == 1


def test_of_the_ended_ones_those_that_lived_are_counted() -> None:
    """Who signed out somewhere three times is not told that four strangers were thrown out."""
    person = cast.member(cast.dropshipper())
    for _ in range(3):
        sign_in(person).post("/account/logout/")
    here, _phone = sign_in(person), sign_in(person, PHONE)
    answer = here.post("/account/security/sessions/others/end/", follow=True)
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["1 sessione terminata."]
