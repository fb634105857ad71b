"""Asked again after ten minutes: what moves money, connects shops, or gives an account away."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Dropshipper, Member, User
from tests import cast
from tests.accounts.test_forced_factor import _address, routes

pytestmark = pytest.mark.django_db
LATER = 601
# Acts of staff that need no fresh proof: the warehouse's own, all day long, and undone by others. A new act of staff
# that is neither here nor guarded fails the test below.
WAREHOUSE = {"orders:pack", "orders:ship", "orders:ship_many", "orders:deliver", "orders:staff_cancel"}
WAREHOUSE |= {"orders:ship_listed", "orders:take_back", "orders:renumber"}
WAREHOUSE |= {"orders:return_in", "orders:return_inspect", "orders:case_receive"}
WAREHOUSE |= {"orders:ship_listed", "orders:take_back", "orders:renumber", "orders:print_paper", "orders:print_many"}
WAREHOUSE |= {f"orders:{name}" for name in ("wave_new", "wave_scan", "wave_back", "shelf_put", "shelf_take")}
WAREHOUSE |= {"orders:manifest_scan", "orders:manifest_close"}
WAREHOUSE |= {"orders:shelf_list"} | {f"orders:bench_{name}" for name in ("scan", "item", "close", "leave")}
GUARDED = {
    *("wallet:topups_desk", "orders:remit", "orders:cash_back", "accounts:dropshipper"),
    *("orders:return_settle", "orders:case_decide", "orders:lose", "orders:loss", "orders:claim", "orders:who_pays"),
    *("connectors:connect", "connectors:reconnect"),
    *("accounts:members", "accounts:member_role", "accounts:member_remove"),
    *("accounts:api_keys", "accounts:api_key_revoke"),
    *("accounts:email", "accounts:company_change", "account_change_password"),
    *("accounts:app", "accounts:passkey", "accounts:codes", "accounts:codes_file", "accounts:factor_remove"),
}


def guarded() -> set[str]:
    """The routes whose view wears the decorator."""
    found = set()

    def walk(resolver: Any, namespace: str = "") -> None:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLPattern):
                if entry.name and getattr(entry.callback, "needs_proof", False):
                    found.add(f"{namespace}:{entry.name}" if namespace else entry.name)
            else:
                walk(entry, entry.namespace or namespace)

    walk(get_resolver())
    return found


def test_these_ask_again() -> None:
    assert guarded() >= GUARDED


def test_every_act_of_staff_asks_again_or_is_the_warehouses(client: Client) -> None:
    seller = Client()
    cast.sign_in(seller, cast.member(cast.dropshipper()))
    cast.sign_in(client, cast.staff(), ago=LATER)
    free = []
    for name, arguments in routes():
        if name.startswith(("admin:", "hooks:", "account", "mfa_", "admin_")) and name != "accounts:dropshipper":
            continue
        address = _address(name, arguments)
        staffs = seller.post(address).status_code == 403 and client.post(address).status_code not in (403, 405)
        if staffs and name not in guarded() | WAREHOUSE:
            free.append(name)
    assert free == []


def test_every_change_in_the_administration_asks_again() -> None:
    client = Client()
    cast.sign_in(client, cast.staff(), ago=LATER)
    wrong, seen = [], 0
    for name, arguments in routes():
        if not name.startswith("admin:") or name in ("admin:logout", "admin:login", "admin:jsi18n"):
            continue
        address = _address(name, arguments)
        if address in (reverse("admin_login"), reverse("admin_password")):
            continue
        answer = client.post(address, {"x": "1"})
        seen += 1
        if answer.status_code != 403 or b'name="prove-code"' not in answer.content:
            wrong.append(f"{address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert seen > 30


def fields(page: Any) -> dict[str, str]:
    """The hidden fields of the question."""
    html = page.content.decode()
    html = html[html.index('id="prove-form"') :].split("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {unescape(name): unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_an_approval_is_asked_about_and_then_done_without_typing_it_twice() -> None:
    company, client = cast.dropshipper(status="active"), Client()
    cast.sign_in(client, cast.staff(), ago=LATER)
    page = f"/staff/dropshippers/{company.pk}/"
    form = {"decision": "suspend", "reason": "Fatture non pagate & “altro” <b>"}
    asked = client.post(page, form)
    company.refresh_from_db()
    assert asked.status_code == 403
    assert company.status == "active"
    assert asked["Cache-Control"] == "no-store"
    kept = fields(asked)
    assert kept == form
    wrong = client.post(page, {**kept, "prove-code": "000000"})
    assert wrong.status_code == 422
    assert fields(wrong) == form
    company.refresh_from_db()
    assert company.status == "active"
    assert client.post(page, {**kept, "prove-code": cast.app_code()}).status_code == 302
    company.refresh_from_db()
    assert (company.status, company.status_reason) == ("suspended", form["reason"])
    # and for ten minutes nothing more is asked
    assert client.post(page, {"decision": "approve"}).status_code == 302


def test_within_ten_minutes_of_the_sign_in_nothing_is_asked() -> None:
    company, client = cast.dropshipper(status="pending"), Client()
    cast.sign_in(client, cast.staff(), ago=590)
    client.post(f"/staff/dropshippers/{company.pk}/", {"decision": "approve"})
    assert Dropshipper.objects.get(pk=company.pk).status == "active"


def test_a_password_does_for_who_has_no_factor_and_not_for_who_has() -> None:
    company = cast.dropshipper()
    plain, client = cast.member(company), Client()
    cast.sign_in(client, plain, ago=LATER)
    clerk = Member.objects.get(user=cast.member(company, Member.Role.ORDERS))
    page, form = reverse("accounts:member_role", args=[clerk.pk]), {"role": "accounting"}
    assert client.post(page, form).status_code == 403
    assert client.post(page, {**form, "prove-password": "wrong"}).status_code == 422
    clerk.refresh_from_db()
    assert clerk.role == "orders"
    assert client.post(page, {**form, "prove-password": "correct horse"}).status_code == 302
    clerk.refresh_from_db()
    assert clerk.role == "accounting"

    strong, other = cast.with_app(cast.member(company)), Client()
    cast.sign_in(other, strong, ago=LATER)
    assert other.post(page, {"role": "orders", "prove-password": "correct horse"}).status_code == 422
    clerk.refresh_from_db()
    assert clerk.role == "accounting"


def test_guesses_at_the_question_are_limited() -> None:
    person, client = cast.member(cast.dropshipper()), Client()
    cast.sign_in(client, person, ago=LATER)
    for _ in range(40):
        client.post("/account/security/prove/", {"prove-password": "wrong"})
    client.post("/account/security/prove/", {"prove-password": "correct horse"})
    assert client.post("/settings/members/1/remove/").status_code == 403, "the right one came too late"


def test_a_page_may_be_looked_at_and_an_htmx_act_is_led_to_the_question(client: Client) -> None:
    cast.sign_in(client, cast.staff(), ago=LATER)
    assert client.get("/wallet/desk/top-ups/").status_code == 200
    answer = client.post(
        "/wallet/desk/top-ups/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/wallet/desk/top-ups/"},
    )
    assert answer["HX-Redirect"] == "/account/security/prove/?next=%2Fwallet%2Fdesk%2Ftop-ups%2F"
    page = client.get(answer["HX-Redirect"])
    assert page.status_code == 200
    form = {"prove-code": cast.app_code(), **fields(page)}
    assert client.post("/account/security/prove/", form)["Location"] == "/wallet/desk/top-ups/"


def test_a_file_is_not_kept_and_the_page_says_so(client: Client) -> None:
    cast.sign_in(client, cast.staff(), ago=LATER)
    form = {"name": "X", "image": SimpleUploadedFile("a.png", b"x")}
    asked = client.post("/admin/catalog/product/add/", form)
    assert asked.status_code == 403
    assert "name" not in fields(asked)
    assert reverse("accounts:prove") in asked.content.decode()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "evil"])
def test_the_question_leads_nowhere_else(wanted: str, client: Client) -> None:
    cast.sign_in(client, cast.staff(), ago=LATER)
    answer = client.post("/account/security/prove/", {"prove-code": cast.app_code(), "next": wanted})
    assert answer["Location"] == "/"


def test_who_is_not_allowed_is_refused_and_not_asked(client: Client) -> None:
    person: User = cast.member(cast.dropshipper(), Member.Role.ORDERS)
    cast.sign_in(client, person, ago=LATER)
    assert b"prove-" not in client.post("/settings/members/1/remove/").content
