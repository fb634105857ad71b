"""The pages of last resort."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client, RequestFactory

from mci.web import errors, room
from tests import cast


@pytest.mark.django_db
def test_a_page_that_is_not_there_says_so_to_everyone(client: Client) -> None:
    assert client.get("/nowhere/").status_code == 404
    cast.sign_in(client, cast.member(cast.dropshipper()))
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert b'role="search"' in page.content


def test_a_fault_of_ours_has_a_reference_that_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "mci.errors"):
        answer = errors.server_error(RequestFactory().get("/orders/?q=secret"))
    assert answer.status_code == 500
    reference = answer["X-Reference"]
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", reference)
    assert f"data-reference>{reference}<".encode() in answer.content
    assert reference in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.django_db
def test_an_unexpected_fault_shows_that_page(monkeypatch: pytest.MonkeyPatch) -> None:
    from mci.pages import figures

    def broken(*args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(figures, "periods", broken)
    client = Client(raise_request_exception=False)
    cast.sign_in(client, cast.member(cast.dropshipper()))
    answer = client.get("/")
    assert answer.status_code == 500
    assert b"data-reference" in answer.content
    assert b"broken" not in answer.content


@pytest.mark.django_db
def test_a_form_of_yesterday_says_that_nothing_was_sent() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/account/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/settings/"})
    assert answer.status_code == 403
    assert b'href="/settings/"' in answer.content


@pytest.mark.django_db
def test_a_forbidden_page_offers_another_account(client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper()))
    answer = client.get("/staff/dropshippers/")
    assert answer.status_code == 403
    assert b"/account/logout/" in answer.content


@pytest.mark.django_db
def test_an_address_of_a_form_opened_again_says_so_and_leads_back(client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper()))
    browser = {"Accept": "text/html,application/xhtml+xml"}
    for address, above in (("/orders/7/sync/", "/orders/7/"), ("/shops/3/bulk-match/import/", "/shops/3/bulk-match/")):
        answer = client.get(address, headers=browser)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert f'href="{above}"'.encode() in answer.content
    assert client.get("/orders/7/sync/").content == b"", "a program gets what it got"
    assert client.post("/orders/", headers=browser).status_code == 405


@pytest.mark.django_db
def test_the_title_of_a_refused_form_begins_with_error_whatever_the_form_is_called(client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper()))
    for path, data in (
        ("/settings/", {"form": "company", "vat_number": "123"}),
        ("/settings/", {"form": "profile", "language": "xx"}),
        ("/wallet/top-up/", {"amount": "x"}),
    ):
        answer = client.post(path, data)
        assert answer.status_code == 422, path
        title = re.findall(r"<title>([^<]*)</title>", answer.content.decode())
        assert [one.count("Errore:") for one in title] == [1], (path, title)


def test_a_fault_and_a_full_house_lead_on() -> None:
    get, post = RequestFactory().get("/orders/?tab=fix"), RequestFactory().post("/orders/new/", {"name": "Sara"})
    for page in (errors.server_error, room._busy):
        assert b'href="/orders/?tab=fix"' in page(get).content
        sent = page(post).content
        assert b'href="/orders/new/"' not in sent, "an address of a form, opened, would do nothing"
        assert b'href="/"' in sent
