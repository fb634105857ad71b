"""The people of a company."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client

from accounts.errors import LastOwner, NotYourself
from accounts.models import Member, User
from accounts.people import members
from tests import cast
from tests.threads import ended

Role = Member.Role


@pytest.mark.django_db
def test_roles_are_an_owners_matter() -> None:
    company = cast.dropshipper()
    cast.member(company)
    clerk = cast.member(company, Role.ORDERS)
    client = Client()
    cast.sign_in(client, clerk)
    page = client.get("/settings/members/")
    assert page.status_code == 200
    assert b"/role/" not in page.content
    assert client.post(f"/settings/members/{clerk.member.pk}/role/", {"role": "owner"}).status_code == 403
    assert client.post(f"/settings/members/{clerk.member.pk}/remove/").status_code == 403
    client.post("/settings/members/", {"email": "x@example.com", "role": "owner"})
    assert not company.invitations.exists()
    assert Member.objects.get(user=clerk).role == Role.ORDERS


@pytest.mark.django_db
def test_another_companys_people_are_a_404() -> None:
    theirs = cast.member(cast.dropshipper(), Role.ORDERS)
    client = Client()
    cast.sign_in(client, cast.member(cast.dropshipper()))
    assert client.post(f"/settings/members/{theirs.member.pk}/role/", {"role": "owner"}).status_code == 404
    assert client.post(f"/settings/members/{theirs.member.pk}/remove/").status_code == 404
    assert Member.objects.get(user=theirs).role == Role.ORDERS


@pytest.mark.django_db
def test_a_removed_colleague_cannot_sign_in_and_the_rows_stay() -> None:
    company = cast.dropshipper()
    owner, clerk = cast.member(company), cast.member(company, Role.ORDERS)
    theirs = Client()
    cast.sign_in(theirs, clerk)
    members.remove(clerk.member, by=owner)
    assert theirs.get("/settings/").status_code == 302
    assert not User.objects.get(pk=clerk.pk).is_active
    assert company.members.count() == 1


@pytest.mark.django_db
def test_nobody_demotes_or_removes_himself() -> None:
    owner = cast.member(cast.dropshipper())
    with pytest.raises(NotYourself):
        members.change_role(owner.member, Role.ORDERS, by=owner)
    with pytest.raises(NotYourself):
        members.remove(owner.member, by=owner)
    assert Member.objects.get(user=owner).role == Role.OWNER


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_leave_one_owner() -> None:
    company = cast.dropshipper()
    one, two = cast.member(company), cast.member(company)
    barrier, refused = threading.Barrier(2), []

    def demote(other: User, by: User) -> None:
        try:
            member = Member.objects.select_related("dropshipper").get(user=other)
            barrier.wait()
            members.change_role(member, Role.ORDERS, by=by)
        except LastOwner as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    ended(threads)
    assert company.members.filter(role=Role.OWNER).count() == 1
    assert refused == ["last_owner"]


@pytest.mark.django_db
@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}])
def test_a_reseller_switches_none_of_the_supplier_s_people_off(dropshipper, owner, client_for, rights):
    clerk = cast.user(**rights)
    row = Member.objects.create(user=clerk, dropshipper=dropshipper, role="orders")
    client_for(owner).post(f"/settings/members/{row.pk}/remove/")
    clerk.refresh_from_db()
    assert clerk.is_active
    assert not Member.objects.filter(user=clerk).exists()
