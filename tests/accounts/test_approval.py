"""The supplier's word on a reseller."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.companies import approval
from accounts.errors import BadStatusChange
from accounts.models import Dropshipper
from core.errors import ReasonMissing
from tests import cast
from tests.second_look import seen


@pytest.mark.django_db(transaction=True)
def test_approval_opens_the_portal_and_says_who_and_when() -> None:
    company = cast.dropshipper(status="pending")
    owner, boss = cast.member(company), cast.staff()
    approval.approve(company.pk, by=boss)
    company.refresh_from_db()
    assert (company.status, company.status_by, company.status_at is not None) == ("active", boss, True)
    assert [message.to for message in mail.outbox] == [[owner.email]]
    client = Client()
    cast.sign_in(client, owner)
    assert client.get("/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_same_word_twice_is_once_with_one_letter() -> None:
    company = cast.dropshipper(status="pending")
    cast.member(company)
    first, second = cast.staff(), cast.staff()
    approval.approve(company.pk, by=first)
    approval.approve(company.pk, by=second)
    company.refresh_from_db()
    assert company.status_by == first
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("start", "word", "end"),
    [
        ("pending", "approve", "active"),
        ("pending", "reject", "rejected"),
        ("pending", "suspend", None),
        ("active", "suspend", "suspended"),
        ("active", "reject", None),
        ("suspended", "approve", "active"),
        ("suspended", "reject", None),
        ("rejected", "approve", "active"),
        ("rejected", "suspend", None),
    ],
)
@pytest.mark.django_db
def test_each_word_is_possible_from_its_states_only(start: str, word: str, end: str | None) -> None:
    company, boss = cast.dropshipper(status=start), cast.staff()
    reason = {} if word == "approve" else {"reason": "Unpaid invoices"}
    act = getattr(approval, word)
    if end is None:
        with pytest.raises(BadStatusChange):
            act(company.pk, by=boss, **reason)
    else:
        act(company.pk, by=boss, **reason)
    company.refresh_from_db()
    assert company.status == (end or start)
    assert company.status_reason == ("Unpaid invoices" if end and reason else "")


@pytest.mark.parametrize("word", ["reject", "suspend"])
@pytest.mark.django_db
def test_a_no_needs_a_reason(word: str) -> None:
    company, boss = cast.dropshipper(status="pending" if word == "reject" else "active"), cast.staff()
    before = company.status
    with pytest.raises(ReasonMissing):
        getattr(approval, word)(company.pk, by=boss, reason="  ")
    company.refresh_from_db()
    assert company.status == before


@pytest.mark.django_db
def test_staff_decide_on_the_company_page() -> None:
    company = cast.dropshipper(status="pending")
    cast.member(company)
    client, url = Client(), f"/staff/dropshippers/{company.pk}/"
    cast.sign_in(client, cast.staff())
    assert client.get(url).status_code == 200
    refused = client.post(url, {"decision": "reject", "reason": ""})
    assert refused.status_code == 422
    assert client.post(url, {"decision": "approve"}).status_code == 302
    assert Dropshipper.objects.get().status == "active"
    listed = client.get("/staff/dropshippers/?status=active")
    assert f'data-dropshipper="{company.pk}"'.encode() in listed.content


@pytest.mark.django_db
def test_staff_find_a_company_by_name_number_or_email() -> None:
    company = cast.dropshipper("Fiori di Loto S.r.l.")
    cast.member(company, email="loto@example.com")
    cast.dropshipper("Altra S.r.l.")
    client = Client()
    cast.sign_in(client, cast.staff())
    for text in ("loto", company.vat_number, "loto@exam"):
        found = client.get("/staff/dropshippers/", {"status": "active", "q": text})
        assert [row.pk for row in found.context["page"]] == [company.pk], text


@pytest.mark.django_db
def test_the_administration_approves_in_bulk() -> None:
    companies = [cast.dropshipper(status="pending"), cast.dropshipper(status="rejected")]
    client = Client()
    cast.sign_in(client, cast.staff())
    data = {"action": "approve", "_selected_action": [company.pk for company in companies]}
    asked = client.post("/admin/accounts/dropshipper/", data)
    assert asked.status_code == 200
    assert all(company.name in asked.content.decode() for company in companies)
    assert set(Dropshipper.objects.values_list("status", flat=True)) == {"pending", "rejected"}
    confirmed = seen(client, "/admin/accounts/dropshipper/", data)
    assert client.post("/admin/accounts/dropshipper/", confirmed).status_code == 302
    assert set(Dropshipper.objects.values_list("status", flat=True)) == {"active"}


@pytest.mark.django_db
@pytest.mark.parametrize("case", ["unseen", "of another", "of all", "meanwhile"])
def test_nothing_is_confirmed_that_was_not_shown_as_it_is(client: Client, case: str) -> None:
    """Posted by hand, with what another row showed, for all rows, and after a colleague said no."""
    company, other = cast.dropshipper(status="pending"), cast.dropshipper(status="pending")
    cast.sign_in(client, cast.staff())
    place = "/admin/accounts/dropshipper/"
    data: dict[str, Any] = {"action": "approve", "_selected_action": [company.pk]}
    confirmed = seen(client, place, data)
    assert confirmed["shown"]
    if case == "unseen":
        confirmed["shown"] = ""
    elif case == "of another":
        confirmed["_selected_action"] = [other.pk]
    elif case == "of all":
        confirmed["select_across"] = "1"
    else:
        approval.reject(company.pk, by=cast.staff(), reason="Partita IVA sospesa")
    before = list(Dropshipper.objects.order_by("pk").values_list("status", flat=True))

    answer = client.post(place, confirmed)

    assert answer.status_code == 200  # asked, and anew
    assert 'name="shown"' in answer.content.decode()
    assert list(Dropshipper.objects.order_by("pk").values_list("status", flat=True)) == before
    assert client.post(place, seen(client, place, data)).status_code == 302
    company.refresh_from_db()
    assert company.status == "active"


@pytest.mark.django_db
def test_resellers_do_not_see_the_desk() -> None:
    company = cast.dropshipper(status="active")
    client = Client()
    cast.sign_in(client, cast.member(company))
    for url in ("/staff/dropshippers/", f"/staff/dropshippers/{company.pk}/", "/admin/"):
        assert client.get(url, follow=True).status_code == 403, url
    assert client.post(f"/staff/dropshippers/{company.pk}/", {"decision": "suspend", "reason": "x"}).status_code == 403


@pytest.mark.django_db
def test_only_staff_with_the_right_decide_and_the_others_see_no_way_to(client: Client) -> None:
    company = cast.dropshipper(status="pending")
    page = f"/staff/dropshippers/{company.pk}/"
    cast.sign_in(client, cast.staff("Assistenza"))  # reads it
    assert client.post(page, {"decision": "approve"}).status_code == 403
    assert 'name="decision"' not in client.get(page).content.decode()
    cast.sign_in(client, cast.staff("Magazzino"))
    assert client.get(page).status_code == 403
    home = client.get("/").content.decode()
    assert "/orders/desk/" in home
    assert "/wallet/desk/" not in home
    assert "/staff/dropshippers/" not in home
    cast.sign_in(client, cast.staff("-"))
    assert client.post(page, {"decision": "approve"}).status_code == 403
    company.refresh_from_db()
    assert company.status == "pending"
    home = client.get("/").content.decode()
    for desk in ("/orders/desk/", "/wallet/desk/", "/staff/dropshippers/", "/admin/"):
        assert desk not in home
