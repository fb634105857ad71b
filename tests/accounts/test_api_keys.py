"""API keys: who makes one, what it opens, and what it does not."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.errors import KeyNameTaken, KeyRevoked, TooManyKeys
from accounts.keys import keys
from accounts.models import ApiKey, ApiRequest, Dropshipper, SecurityEvent
from accounts.people import members
from tests import cast, dump
from tests.meeting import meet
from tests.programs import Program

pytestmark = pytest.mark.django_db

FORM = {"name": "Gestionale", "scopes": ["orders:read", "stock:read"], "days": "90", "networks": ""}


def test_a_key_is_shown_once_and_kept_nowhere(dropshipper: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    page = client.post(reverse("accounts:api_keys"), FORM)
    shown = re.search(r"mci_live_[a-z0-9]{12}_\w{40}", page.content.decode())
    assert page.status_code == 200
    assert shown is not None
    row = ApiKey.objects.get(dropshipper=dropshipper)
    assert row.scopes == ["orders:read", "stock:read"]
    assert dt.timedelta(days=89) < row.expires_at - timezone.now() < dt.timedelta(days=91)
    assert keys.recognised(shown[0]) == row
    secret = shown[0].rpartition("_")[2]
    assert secret not in client.get(reverse("accounts:api_keys")).content.decode()
    assert dump.places(secret) == {}
    event = SecurityEvent.objects.get(code="api_key_made")
    assert (event.user, event.dropshipper, event.params["name"]) == (owner, dropshipper, "Gestionale")


def test_the_form_sent_twice_is_one_key(dropshipper: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    assert [client.post(reverse("accounts:api_keys"), FORM).status_code for _ in range(2)] == [200, 422]
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_keys_of_one_name_at_once_one_is_made() -> None:
    company = cast.dropshipper()
    person = cast.member(company)

    def make() -> None:
        keys.make(company, name="Gestionale", scopes=["stock:read"], by=person)

    met = meet(make, make)
    assert met.waited
    assert (met.first, type(met.second)) == (None, KeyNameTaken)
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_keys_at_once_the_one_too_many_is_not_made() -> None:
    company = cast.dropshipper()
    person = cast.member(company)
    for number in range(keys.MOST - 1):
        keys.make(company, name=f"Programma {number}", scopes=["stock:read"], by=person)

    def make(name: str) -> None:
        keys.make(company, name=name, scopes=["stock:read"], by=person)

    met = meet(lambda: make("A"), lambda: make("B"))
    assert met.waited
    assert (met.first, type(met.second)) == (None, TooManyKeys)
    assert ApiKey.objects.filter(revoked_at=None).count() == keys.MOST


@pytest.mark.parametrize("role", ["orders", "accounting"])
def test_only_an_owner_sees_and_makes_keys(dropshipper: Any, owner: Any, client_for: Any, role: str) -> None:
    Program(dropshipper)
    row = ApiKey.objects.get()
    client = client_for(cast.member(dropshipper, role=role))
    before = dump.digests()
    for name in ("api_keys", "api_requests"):
        assert client.get(reverse(f"accounts:{name}")).status_code == 403
    assert client.post(reverse("accounts:api_keys"), FORM).status_code == 403
    assert client.post(reverse("accounts:api_key_revoke", args=[row.pk])).status_code == 403
    assert dump.changed(before) == []


def test_a_key_is_made_and_revoked_only_by_who_has_just_proven_themselves(dropshipper: Any, owner: Any) -> None:
    Program(dropshipper)
    client = Client()
    cast.sign_in(client, owner, ago=3600)
    assert client.post(reverse("accounts:api_keys"), FORM).status_code == 403
    assert client.post(reverse("accounts:api_key_revoke", args=[ApiKey.objects.get().pk])).status_code == 403
    assert ApiKey.objects.filter(revoked_at=None).count() == 1


def test_a_revoked_key_opens_nothing_at_once(dropshipper: Any, owner: Any, client_for: Any) -> None:
    program = Program(dropshipper)
    assert program.get("me").status_code == 200
    client_for(owner).post(reverse("accounts:api_key_revoke", args=[program.row.pk]))
    answer = program.get("me")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    with pytest.raises(KeyRevoked):
        keys.revoke(program.row, by=owner)
    assert SecurityEvent.objects.filter(code="api_key_revoked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_that_two_revoke_at_once_is_revoked_by_one() -> None:
    program = Program(cast.dropshipper())
    met = meet(*[lambda: keys.revoke(program.row, by=program.row.made_by)] * 2)
    assert met.waited
    assert (met.first, type(met.second)) == (None, KeyRevoked)
    assert SecurityEvent.objects.filter(code="api_key_revoked").count() == 1


def test_a_key_that_has_expired_opens_nothing(dropshipper: Any) -> None:
    program = Program(dropshipper, expires_at=timezone.now() + dt.timedelta(seconds=60))
    assert program.get("me").status_code == 200
    ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert program.get("me").json()["code"] == "key_unknown"


@pytest.mark.parametrize("what", ["removed", "demoted"])
def test_a_key_stops_when_who_made_it_is_no_owner_any_more(
    dropshipper: Any, owner: Any, client_for: Any, what: str
) -> None:
    """They may have written it down."""
    maker = cast.member(dropshipper)
    program = Program(dropshipper, by=maker)
    assert program.get("me").status_code == 200
    if what == "removed":
        members.remove(maker.member, by=owner)
    else:
        members.change_role(maker.member, "orders", by=owner)
    assert program.get("me").json()["code"] == "key_unknown"
    page = client_for(owner).get(reverse("accounts:api_keys")).content.decode()
    assert "bdg" in page.split(program.row.prefix)[2].split("</li>")[0]


def test_a_key_works_only_from_its_addresses(dropshipper: Any) -> None:
    program = Program(dropshipper, networks=["203.0.113.0/24", "2001:db8::/32"])
    answer = program.get("me")
    assert (answer.status_code, answer.json()["code"]) == (403, "address_not_allowed")
    assert keys.may_come_from(program.row, "203.0.113.9")
    assert keys.may_come_from(program.row, "2001:db8::7")
    assert not keys.may_come_from(program.row, "203.0.114.9")
    assert not keys.may_come_from(program.row, "")


def test_an_address_that_is_none_is_refused_by_the_form(owner: Any, client_for: Any) -> None:
    page = client_for(owner).post(reverse("accounts:api_keys"), FORM | {"networks": "203.0.113.7\nufficio"})
    assert page.status_code == 422
    assert "ufficio" in page.content.decode()
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("status", ["pending", "suspended", "rejected"])
def test_of_a_company_that_is_not_active_no_key_works(dropshipper: Any, status: str) -> None:
    program = Program(dropshipper)
    Dropshipper.objects.update(status=status)
    answer = program.get("me")
    assert (answer.status_code, answer.json()["code"]) == (403, "company_not_active")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic x", "Bearer mci_live_x", "Bearer mci_live_aaaaaaaaaaaa_" + "a" * 40]
)
def test_without_a_key_the_answer_is_a_401_that_says_how(header: str) -> None:
    answer = Client().get("/api/v1/me", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer realm=")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] in ("key_missing", "key_unknown")
    assert answer.json()["title"]


def test_a_session_of_the_portal_opens_nothing_of_the_api(owner: Any, client_for: Any) -> None:
    assert client_for(owner).get("/api/v1/me").status_code == 401


def test_the_words_are_the_readers_and_the_codes_are_not(dropshipper: Any) -> None:
    said = [Client().get("/api/v1/me", headers={"Accept-Language": language}).json() for language in ("en", "it")]
    assert {one["code"] for one in said} == {"key_missing"}
    assert said[0]["title"].startswith("Send your API key")


def test_a_company_has_at_most_twenty_keys_that_work(dropshipper: Any, owner: Any) -> None:
    for number in range(keys.MOST):
        keys.make(dropshipper, name=str(number), scopes=["stock:read"], by=owner)
    with pytest.raises(TooManyKeys):
        keys.make(dropshipper, name="one more", scopes=["stock:read"], by=owner)
    keys.revoke(ApiKey.objects.first(), by=owner)
    keys.make(dropshipper, name="one more", scopes=["stock:read"], by=owner)
    with pytest.raises(KeyNameTaken):
        keys.make(dropshipper, name="one more", scopes=["stock:read"], by=owner)


def test_a_key_that_is_over_takes_no_place_of_one_that_works(dropshipper: Any, owner: Any) -> None:
    """Who lets keys run out, as they should, makes the next ones all the same."""
    now = timezone.now()
    for number in range(keys.MOST):
        soon = now + dt.timedelta(hours=1) if number % 2 else None
        keys.make(dropshipper, name=str(number), scopes=["stock:read"], by=owner, expires_at=soon)
    with pytest.raises(TooManyKeys):
        keys.make(dropshipper, name="one more", scopes=["stock:read"], by=owner)
    ApiKey.objects.exclude(expires_at=None).update(expires_at=now - dt.timedelta(seconds=1))
    for number in range(keys.MOST // 2):
        keys.make(dropshipper, name=f"next {number}", scopes=["stock:read"], by=owner)
    with pytest.raises(TooManyKeys):
        keys.make(dropshipper, name="one more", scopes=["stock:read"], by=owner)


def test_its_last_use_is_noted_and_shown(dropshipper: Any, owner: Any, client_for: Any) -> None:
    program = Program(dropshipper)
    program.get("me")
    row = ApiKey.objects.get()
    assert row.used_from == "127.0.0.1"
    assert timezone.now() - row.used_at < dt.timedelta(minutes=1)
    program.get("me")
    assert ApiKey.objects.get().used_at == row.used_at  # to the minute
    assert "127.0.0.1" in client_for(owner).get(reverse("accounts:api_keys")).content.decode()


def test_what_was_asked_stands_in_a_log_without_what_was_sent(dropshipper: Any, owner: Any, client_for: Any) -> None:
    program = Program(dropshipper)
    answer = program.get("me?fields=company")
    program.get("me?name=Bianchi")
    rows = list(ApiRequest.objects.order_by("pk"))
    assert [(row.method, row.path, row.status, row.code) for row in rows] == [
        ("GET", "/api/v1/me", 200, ""),
        ("GET", "/api/v1/me", 400, "bad_parameter"),
    ]
    assert rows[0].request_id == answer["X-Request-Id"]
    assert dump.places("Bianchi") == {}
    page = client_for(owner).get(reverse("accounts:api_requests")).content.decode()
    assert rows[0].request_id in page
    assert len(program.get("requests").json()["data"]) == 2


def test_calls_are_counted_by_key_and_the_answer_says_how_many_are_left(dropshipper: Any) -> None:
    program, other = Program(dropshipper), Program(dropshipper)
    first = program.get("me")
    assert first["RateLimit-Policy"] == '"read";q=120;w=60'
    assert first["RateLimit"].startswith('"read";r=119;t=')
    while (answer := program.get("me")).status_code == 200:
        pass
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert answer.json()["retry"] == "later"
    assert other.get("me").status_code == 200


def test_an_answer_that_is_the_same_is_not_sent_again(dropshipper: Any) -> None:
    program = Program(dropshipper)
    tag = program.get("me")["ETag"]
    same = program.get("me", If_None_Match=tag)
    assert (same.status_code, same.content) == (304, b"")
    assert program.get("me?fields=company", If_None_Match=tag).status_code == 200


def test_fields_are_those_that_are_asked_for(dropshipper: Any) -> None:
    program = Program(dropshipper)
    assert program.get("me?fields=company").json() == {"company": dropshipper.name}
    assert program.get("me?fields=secret").json()["errors"][0]["pointer"] == "?fields"
