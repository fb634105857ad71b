"""A company's data and a user's own choices."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Dropshipper, Member, User
from accounts.pages.forms import CompanyFields
from tests import cast


def data_of(company: Dropshipper, **changes: str) -> dict[str, str]:
    return {"form": "company", **{name: getattr(company, name) for name in CompanyFields.COMPANY}, **changes}


@pytest.mark.django_db
def test_an_owner_changes_the_company(client: Client) -> None:
    company = cast.dropshipper()
    cast.sign_in(client, cast.member(company))
    assert client.get("/settings/").status_code == 200
    assert client.post("/settings/", data_of(company, city="Latina", province="lt")).status_code == 302
    company.refresh_from_db()
    assert (company.city, company.province, company.status) == ("Latina", "LT", "active")


@pytest.mark.django_db
def test_a_refused_change_shows_what_was_typed_and_saves_nothing(client: Client) -> None:
    company, other = cast.dropshipper(), cast.dropshipper()
    cast.sign_in(client, cast.member(company))
    for wrong in ({"vat_number": other.vat_number}, {"vat_number": "123"}, {"postcode": "x"}):
        answer = client.post("/settings/", data_of(company, city="Altrove", **wrong))
        assert answer.status_code == 422
        assert b'value="Altrove"' in answer.content
    company.refresh_from_db()
    assert company.city == "Roma"


@pytest.mark.django_db
def test_only_an_owner_changes_the_company(client: Client) -> None:
    company = cast.dropshipper()
    cast.sign_in(client, cast.member(company, Member.Role.ACCOUNTING))
    assert client.post("/settings/", data_of(company, city="Altrove")).status_code == 422
    company.refresh_from_db()
    assert company.city == "Roma"


@pytest.mark.django_db
def test_the_status_is_not_a_field_of_the_form(client: Client) -> None:
    company = cast.dropshipper()
    cast.sign_in(client, cast.member(company))
    client.post("/settings/", data_of(company, status="suspended", status_reason="x"))
    company.refresh_from_db()
    assert (company.status, company.status_reason) == ("active", "")


@pytest.mark.django_db
def test_the_language_is_the_users_wherever_he_signs_in(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    assert b'<html lang="it"' in client.get("/settings/").content
    answer = client.post("/account/language/", {"language": "en", "next": "/settings/?a=1"})
    assert answer["Location"] == "/settings/?a=1"
    assert User.objects.get(pk=person.pk).language == "en"
    elsewhere = Client()
    cast.sign_in(elsewhere, person)
    assert b'<html lang="en"' in elsewhere.get("/settings/").content


@pytest.mark.django_db
def test_a_signed_out_readers_language_is_in_a_cookie(client: Client) -> None:
    client.post("/account/language/", {"language": "en", "next": "/account/login/"})
    assert b'<html lang="en"' in client.get("/account/login/").content
    client.post("/account/language/", {"language": "xx"})
    assert b'<html lang="en"' in client.get("/account/login/").content


@pytest.mark.django_db
def test_the_switch_leads_nowhere_else(client: Client) -> None:
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", ""):
        assert client.post("/account/language/", {"language": "it", "next": target})["Location"] == "/"
        assert client.post("/account/theme/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.django_db
def test_the_theme_is_in_the_page_itself(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    client.post("/account/theme/", {"theme": "dark", "next": "/"})
    assert b'data-mci-theme="dark" data-bs-theme="dark"' in client.get("/settings/").content
    client.post("/account/theme/", {"theme": "pink", "next": "/"})
    assert User.objects.get(pk=person.pk).theme == "dark"
    signed_out = Client()
    signed_out.post("/account/theme/", {"theme": "dark", "next": "/"})
    assert b'data-bs-theme="dark"' in signed_out.get("/account/login/").content
