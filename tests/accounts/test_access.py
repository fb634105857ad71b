"""Who may open a page, and what the tenant costs."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxDetails
from pytest_django import DjangoAssertNumQueries

from accounts import access
from accounts.access import PortalRequest
from accounts.models import Member, User
from tests import cast


def ask(user: User | None, path: str = "/page/?a=1", method: str = "get", **headers: str) -> PortalRequest:
    from django.contrib.auth.models import AnonymousUser

    request = getattr(RequestFactory(), method)(path, headers=headers)
    request.user = user or AnonymousUser()
    request.member = getattr(user, "member", None)
    request.dropshipper = request.member.dropshipper if request.member else None
    request.htmx = HtmxDetails(request)
    return request


@access.member_required
def page(request: PortalRequest) -> HttpResponse:
    return HttpResponse(request.dropshipper.name)


@access.role_required("accounting")
def money(request: PortalRequest) -> HttpResponse:
    return HttpResponse("money")


@access.staff_required
def desk(request: PortalRequest) -> HttpResponse:
    return HttpResponse("desk")


@pytest.mark.django_db
def test_a_signed_out_reader_comes_back_after_signing_in() -> None:
    for view in (page, money, desk):
        answer = view(ask(None))
        assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/page/%3Fa%3D1")


@pytest.mark.django_db
def test_a_post_of_an_expired_session_comes_back_to_the_page_it_stood_on() -> None:
    answer = page(ask(None, method="post", Referer="http://testserver/orders/7/"))
    assert answer["Location"] == "/account/login/?next=/orders/7/"
    answer = page(ask(None, method="post", Referer="http://evil.example/orders/7/"))
    assert answer["Location"] == "/account/login/?next=/"


@pytest.mark.django_db
def test_an_htmx_request_of_an_expired_session_leaves_the_page_with_what_is_typed_in_it() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/orders/?tab=fix"}
    answer = page(ask(None, **headers))
    assert (answer.status_code, answer["HX-Reswap"], answer.content) == (401, "none", b"")
    assert "HX-Redirect" not in answer


@pytest.mark.parametrize("status", ["pending", "suspended", "rejected"])
@pytest.mark.django_db
def test_only_an_active_company_gets_in(status: str) -> None:
    person = cast.member(cast.dropshipper(status=status))
    for view in (page, money):
        answer = view(ask(person))
        assert (answer.status_code, answer["Location"]) == (302, "/account/waiting/")


@pytest.mark.parametrize(
    ("role", "allowed"), [(Member.Role.OWNER, True), (Member.Role.ACCOUNTING, True), (Member.Role.ORDERS, False)]
)
@pytest.mark.django_db
def test_a_role_opens_its_pages_and_the_owner_all(role: str, allowed: bool) -> None:
    request = ask(cast.member(cast.dropshipper(), role))
    if allowed:
        assert money(request).status_code == 200
    else:
        with pytest.raises(PermissionDenied):
            money(request)
    assert page(request).status_code == 200
    with pytest.raises(PermissionDenied):
        desk(request)


@pytest.mark.django_db
def test_staff_have_desks_and_no_portal() -> None:
    boss = cast.staff()
    assert desk(ask(boss)).status_code == 200
    assert page(ask(boss))["Location"] == "/"
    with pytest.raises(PermissionDenied):
        page(ask(boss, method="post"))
    with pytest.raises(PermissionDenied):
        page(ask(cast.user()))  # neither staff nor anyone's colleague


@pytest.mark.django_db
def test_user_member_and_company_are_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper(status="pending")))
    with django_assert_num_queries(2):  # the session; the user with member and company
        assert client.get("/account/waiting/").status_code == 200


@pytest.mark.django_db
def test_a_reader_without_a_session_costs_no_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/account/login/").status_code == 200


@pytest.mark.django_db
def test_a_switched_off_user_is_signed_out_at_once(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    assert client.get("/settings/").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/settings/").status_code == 302


@pytest.mark.django_db
def test_the_password_opens_the_portal(client: Client) -> None:
    person = cast.member(cast.dropshipper(), email="linda@example.com")
    wrong = client.post("/account/login/", {"login": person.email, "password": "nonsense"})
    assert wrong.status_code == 200
    assert wrong.context["form"].errors
    right = client.post("/account/login/?next=/settings/", {"login": "LINDA@example.com", "password": "correct horse"})
    assert (right.status_code, right["Location"]) == (302, "/settings/")


@pytest.mark.django_db
def test_guessing_a_password_is_stopped(client: Client) -> None:
    cast.member(cast.dropshipper(), email="linda@example.com")
    for _ in range(12):
        answer = client.post("/account/login/", {"login": "linda@example.com", "password": "nonsense"})
    right = client.post("/account/login/", {"login": "linda@example.com", "password": "correct horse"})
    assert answer.status_code in (200, 429)
    assert "_auth_user_id" not in client.session
    assert right.status_code in (200, 429)


@pytest.mark.django_db
def test_the_administration_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")
