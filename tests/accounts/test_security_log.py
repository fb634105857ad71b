"""The log of what happened to an account: who reads it, what it never says, and the letters about the serious part."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts.models import Member, SecurityEvent, User
from accounts.people import members
from accounts.sign_in import mfa, security_log
from tests import cast
from tests.accounts.test_sessions import FIREFOX, PHONE, sign_in

pytestmark = pytest.mark.django_db


def codes(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).order_by("id").values_list("code", flat=True))


def test_a_sign_in_and_a_failed_one_are_seen_by_their_owner() -> None:
    person = cast.member(cast.dropshipper())
    stranger = Client(REMOTE_ADDR="198.51.100.66", headers={"user-agent": PHONE})
    stranger.post("/account/login/", {"login": person.email.upper(), "password": "guess"})
    here = sign_in(person)
    assert codes(person) == ["sign_in_failed", "signed_in"]
    html = here.get("/account/security/activity/").content.decode()
    assert "198.51.100.66" in html
    assert "Safari · iPhone" in html


def test_an_address_that_nobody_has_leaves_no_row() -> None:
    Client().post("/account/login/", {"login": "nobody.known@example.com", "password": "guess"})
    assert not SecurityEvent.objects.exists()
    from tests import dump

    assert [where for where, text in dump.values() if "nobody.known" in text] == []


def test_a_new_device_is_told_by_letter_and_a_known_one_is_not(django_capture_on_commit_callbacks: Any) -> None:
    person = cast.member(cast.dropshipper(), language="en")
    with django_capture_on_commit_callbacks(execute=True):
        here = sign_in(person)
    assert mail.outbox == [], "the first sign-in of an account is no news"
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/account/logout/")
        here.post("/account/login/", {"login": person.email, "password": "correct horse"})
    assert mail.outbox == []
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(person, PHONE, "198.51.100.66")
    [letter] = mail.outbox
    assert letter.to == [person.email]
    assert "new device" in letter.subject
    assert "198.51.100.66" in letter.body
    assert "Safari · iPhone" in letter.body
    assert codes(person) == ["signed_in", "signed_in", "signed_in_new_device"]


@pytest.mark.parametrize("language", ["it", "en"])
def test_serious_things_come_by_letter_in_the_readers_language(
    language: str, django_capture_on_commit_callbacks: Any
) -> None:
    person = cast.member(cast.dropshipper(), language=language)
    with translation.override("en" if language == "it" else "it"), django_capture_on_commit_callbacks(execute=True):
        mfa.add_app(person, cast.APP_SECRET)
    [letter] = mail.outbox
    with translation.override(language):
        assert security_log.event_sentence(SecurityEvent.objects.get(user=person)) in letter.body


def test_a_changed_password_is_told(django_capture_on_commit_callbacks: Any) -> None:
    person = cast.member(cast.dropshipper())
    here = sign_in(person)
    form = {"oldpassword": "correct horse", "password1": "another horse altogether"}
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/account/password/change/", {**form, "password2": form["password1"]})
    assert codes(person)[-1] == "password_changed"
    assert [letter.to for letter in mail.outbox if "MCI" in letter.subject] == [[person.email]]


def test_nobody_reads_the_log_of_another_but_owners_what_concerns_the_company() -> None:
    company = cast.dropshipper()
    owner, clerk = cast.member(company, name="Anna Ferri"), cast.member(company, Member.Role.ORDERS, name="Luca")
    stranger = cast.member(cast.dropshipper())
    security_log.note(clerk, "sign_in_failed")
    members.change_role(Member.objects.get(user=clerk), Member.Role.ACCOUNTING, by=owner)
    assert SecurityEvent.objects.get(code="member_role").dropshipper == company

    def read(user: User) -> list[str]:
        member = Member.objects.get(user=user)
        return sorted(security_log.events_for(user, member).values_list("code", flat=True))

    assert read(owner) == ["member_role"]
    assert read(clerk) == ["member_role", "sign_in_failed"]
    assert read(stranger) == []
    client = Client()
    cast.sign_in(client, owner)
    html = client.get("/account/security/activity/").content.decode()
    assert "Anna Ferri" in html
    assert "Luca" in html


def test_the_log_has_pages(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    for _ in range(120):
        security_log.note(person, "signed_in")
    page = client.get("/account/security/activity/").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert client.get(f"/account/security/activity/{following[1]}").status_code == 200


def test_what_was_typed_is_text_and_bounded() -> None:
    person = cast.member(cast.dropshipper(), name="<b>x</b>")
    event = security_log.note(person, "member_added", {"by": person, "member": "y" * 9000, "role": "owner"})
    assert len(event.params["member"]) == 200
    client = Client()
    cast.sign_in(client, person)
    assert "<b>x</b>" not in client.get("/account/security/activity/").content.decode()


def test_every_code_that_the_house_writes_has_a_sentence() -> None:
    root = Path(__file__).parents[2]
    rooms = ("accounts", "catalog", "connectors", "mci", "orders", "shipping", "wallet")
    said = {
        code
        for room in rooms
        for path in (root / room).rglob("*.py")
        for code in re.findall(r'security_log\.note\(\s*[^,]+,\s*"(\w+)"', path.read_text())
    }
    assert said
    assert said <= set(security_log.KINDS)
    assert FIREFOX


def test_staff_see_all_in_the_administration_and_change_nothing(client: Client) -> None:
    security_log.note(cast.member(cast.dropshipper()), "sign_in_failed")
    cast.sign_in(client, cast.staff())
    assert client.get("/admin/accounts/securityevent/").status_code == 200
    row = SecurityEvent.objects.get()
    assert client.post(f"/admin/accounts/securityevent/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/accounts/securityevent/{row.pk}/change/", {"code": "x"}).status_code in (403, 302)
    row.refresh_from_db()
    assert row.code == "sign_in_failed"


def test_a_password_made_by_the_administration_is_told_and_ends_the_sessions(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    theirs = sign_in(person)
    cast.sign_in(client, cast.staff())
    new = "another horse altogether"
    page = f"/admin/accounts/user/{person.pk}/password/"
    assert client.post(page, {"password1": new, "password2": new, "usable_password": "true"}).status_code == 302
    assert codes(person)[-1] == "password_changed"
    assert theirs.get("/settings/").status_code == 302


def test_rights_given_and_an_account_switched_off_stand_in_the_log(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, cast.staff())
    page, form = f"/admin/accounts/user/{person.pk}/change/", {"email": person.email, "language": "it", "theme": "auto"}
    assert client.post(page, {**form, "is_active": "on", "is_staff": "on"}).status_code == 302
    assert codes(person) == ["rights_changed"]
    client.post(page, form)
    assert codes(person) == ["rights_changed", "switched_off", "rights_changed"]


def test_a_sentence_about_a_company_ends_with_one_dot() -> None:
    event = SecurityEvent(code="approved", params={"name": "Bottega Aurora S.r.l."})
    assert security_log.event_sentence(event).endswith("S.r.l.")
    assert not security_log.event_sentence(event).endswith("..")
