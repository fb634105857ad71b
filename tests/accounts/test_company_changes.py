"""What invoices are made out to changes only once staff has looked."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from accounts.companies import changes
from accounts.errors import NotWaiting, VatNumberTaken
from accounts.models import CompanyChange, Dropshipper, User
from core.errors import ReasonMissing
from tests import cast
from tests.accounts.test_settings_page import data_of
from tests.threads import ended

URL = "/settings/"
DESK = "/staff/company-changes/"


def data(company: Dropshipper) -> dict[str, str]:
    return Dropshipper.objects.filter(pk=company.pk).values(*changes.GUARDED, "city").get()


@pytest.mark.django_db(transaction=True)
def test_what_invoices_need_waits_and_the_rest_counts_at_once(
    client_for: Any, owner: User, dropshipper: Dropshipper
) -> None:
    client, before, number = client_for(owner), data(dropshipper), cast.vat_number()
    assert b"data-company-change" not in client.get(URL).content
    wanted = {"name": "Altra S.p.A.", "vat_number": number, "pec": "altra@pec.example", "sdi_code": "ZZZ9999"}
    assert client.post(URL, data_of(dropshipper, city="Latina", province="LT", **wanted)).status_code == 302
    assert data(dropshipper) == {**before, "city": "Latina"}
    change = CompanyChange.objects.get()
    assert (change.state, change.asked_by, change.new) == ("waiting", owner, wanted)
    assert change.old == {name: before[name] for name in wanted}
    page = client.get(URL).content.decode()
    assert 'data-company-change="waiting"' in page
    assert number in page

    client.post(URL, data_of(Dropshipper.objects.get(pk=dropshipper.pk), phone="+39 02 1234567"))
    assert CompanyChange.objects.get().state == "waiting"  # another field leaves the request alone

    staff = client_for(cast.staff())
    assert f'data-change="{change.pk}"' in staff.get(DESK).content.decode()
    assert number in staff.get(f"{DESK}{change.pk}/").content.decode()
    assert staff.post(f"{DESK}{change.pk}/", {"decision": "approve"}).status_code == 302
    assert data(dropshipper) == {**before, **wanted, "city": "Latina"}
    assert [letter.to for letter in mail.outbox] == [[owner.email]]
    assert b"data-company-change" not in client.get(URL).content
    assert 'data-state="approved"' in staff.get(f"{DESK}?show=decided").content.decode()
    assert f"{DESK}{change.pk}/" in staff.get(f"/staff/dropshippers/{dropshipper.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_refusal_needs_a_reason_and_the_owner_reads_it(
    client_for: Any, owner: User, dropshipper: Dropshipper
) -> None:
    change = changes.ask(dropshipper, new={"name": "Altra"}, by=owner)
    assert change
    staff, before = client_for(cast.staff()), data(dropshipper)
    assert staff.post(f"{DESK}{change.pk}/", {"decision": "refuse", "reason": " "}).status_code == 422
    assert staff.post(f"{DESK}{change.pk}/", {"decision": "nonsense"}).status_code == 422
    assert CompanyChange.objects.get().state == "waiting"
    assert mail.outbox == []
    assert staff.post(f"{DESK}{change.pk}/", {"decision": "refuse", "reason": "Not in the register"}).status_code == 302
    assert data(dropshipper) == before
    assert "Not in the register" in mail.outbox[0].body
    page = client_for(owner).get(URL).content.decode()
    assert 'data-company-change="refused"' in page
    assert "Not in the register" in page


@pytest.mark.django_db
def test_a_later_request_replaces_the_earlier_and_an_owner_withdraws(
    client_for: Any, owner: User, dropshipper: Dropshipper
) -> None:
    first = changes.ask(dropshipper, new={"name": "One"}, by=owner)
    second = changes.ask(dropshipper, new={"name": "Two"}, by=owner)
    assert first
    assert second
    with pytest.raises(NotWaiting):
        changes.approve(first.pk, by=cast.staff())
    assert client_for(owner).post("/settings/company/withdraw/").status_code == 302
    staff = client_for(cast.staff())
    assert staff.post(f"{DESK}{second.pk}/", {"decision": "approve"}).status_code == 422
    assert staff.get(f"{DESK}{second.pk}/").status_code == 200
    assert Dropshipper.objects.get(pk=dropshipper.pk).name == "Bottega Aurora S.r.l."
    assert changes.ask(dropshipper, new={"name": "Bottega Aurora S.r.l."}, by=owner) is None


@pytest.mark.django_db
def test_a_number_of_another_company_is_refused_at_both_ends(
    client_for: Any, owner: User, dropshipper: Dropshipper, other_dropshipper: Dropshipper
) -> None:
    with pytest.raises(VatNumberTaken):
        changes.ask(dropshipper, new={"vat_number": other_dropshipper.vat_number}, by=owner)
    number = cast.vat_number()
    change = changes.ask(dropshipper, new={"vat_number": number}, by=owner)
    assert change
    Dropshipper.objects.filter(pk=other_dropshipper.pk).update(vat_number=number)
    answer = client_for(cast.staff()).post(f"{DESK}{change.pk}/", {"decision": "approve"})
    assert answer.status_code == 422
    assert CompanyChange.objects.get().state == "waiting"


@pytest.mark.django_db
def test_only_owners_ask_and_only_staff_with_the_right_decides(
    client_for: Any, owner: User, stranger: User, dropshipper: Dropshipper
) -> None:
    clerk = cast.member(dropshipper, "accounting")
    client_for(clerk).post(URL, data_of(dropshipper, name="Altra"))
    assert not CompanyChange.objects.exists()
    change = changes.ask(dropshipper, new={"name": "Altra"}, by=owner)
    assert change
    assert client_for(clerk).post("/settings/company/withdraw/").status_code == 403
    client_for(stranger).post("/settings/company/withdraw/")
    helper = client_for(cast.user(is_staff=True))
    for client in (client_for(owner), client_for(stranger)):
        assert client.get(DESK).status_code == 403
        assert client.get(f"{DESK}{change.pk}/").status_code == 403
    for client in (client_for(owner), client_for(stranger), helper):
        assert client.post(f"{DESK}{change.pk}/", {"decision": "approve"}).status_code == 403
    assert client_for(cast.staff()).post(f"{DESK}987654/", {"decision": "approve"}).status_code == 404
    assert CompanyChange.objects.get().state == "waiting"
    with pytest.raises(ReasonMissing):
        changes.refuse(change.pk, by=cast.staff(), reason="")


def decide_at_once(change: CompanyChange) -> list[str]:
    """Approved by one and refused by another in the same moment."""
    one, two, errors = cast.staff(), cast.staff(), []
    barrier = threading.Barrier(2)

    def decide(act: Any, **words: Any) -> None:
        try:
            barrier.wait()
            act(change.pk, **words)
        except NotWaiting:
            errors.append("not_waiting")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(changes.approve,), kwargs={"by": one}),
        threading.Thread(target=decide, args=(changes.refuse,), kwargs={"by": two, "reason": "x"}),
    ]
    for thread in threads:
        thread.start()
    ended(threads)
    return errors


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does(owner: User, dropshipper: Dropshipper) -> None:
    change = changes.ask(dropshipper, new={"name": "Altra"}, by=owner)
    assert change
    assert decide_at_once(change) == ["not_waiting"]
    change.refresh_from_db()
    name = Dropshipper.objects.get(pk=dropshipper.pk).name
    assert (change.state, name) in {("approved", "Altra"), ("refused", "Bottega Aurora S.r.l.")}
    assert len(mail.outbox) == 1
