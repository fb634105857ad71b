"""The overview and the shell around every page."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.companies import changes
from accounts.models import Dropshipper, Member, User
from accounts.people import emails
from mci.pages import figures
from orders.dispatch import runs
from orders.models import HalfTyped, Order, Problem
from tests import cast
from tests.orders import stage


def figure(page: bytes, name: str) -> str:
    found = re.search(rf'data-figure="{name}"[^>]*>(.*?)</a>', page.decode(), re.DOTALL)
    assert found, name
    return re.sub(r"<small>.*?</small>|<[^>]+>|\s", "", found[1])


def order(company: Dropshipper, state: str = "ready", *problems: str, **fields: object) -> Order:
    made = Order.objects.create(dropshipper=company, state=state, name="Sara Conti", city="Bologna", **fields)
    for code in problems:
        Problem.objects.create(order=made, code=code)
    return made


@pytest.mark.django_db
def test_a_new_account_sees_what_to_set_up_and_no_zeros(client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper()))
    page = client.get("/")
    assert page.status_code == 200
    assert b'data-setup="1/4"' in page.content
    assert b'data-step="company" data-done="true"' in page.content
    assert b'data-step="shop" data-done="false"' in page.content
    assert b"data-figure" not in page.content


@pytest.mark.django_db
def test_fiscal_data_that_is_missing_is_a_step(client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper(sdi_code="", pec="")))
    assert b'data-step="company" data-done="false"' in client.get("/").content


@pytest.mark.django_db
def test_the_figures_are_the_resellers_own(client: Client) -> None:
    company, other = cast.dropshipper(), cast.dropshipper()
    method, _article = stage.method(), stage.variant("MCI-1", pieces=3)
    for _ in range(4):
        stage.order(company, ("MCI-1", 1), method=method)  # there are pieces for three: the fourth cannot go
    stage.order(company, ("MCI-1", 1))
    order(company, "received", "unknown_sku", "phone_missing")
    order(company, "received", "unknown_sku")
    order(company, "received", "payment_awaiting", payment="awaiting")
    order(company, "draft")
    for _ in range(5):
        order(other)
        order(other, "received", "no_lines")
    cast.sign_in(client, cast.member(company))
    page = client.get("/").content
    assert (figure(page, "ready"), figure(page, "to_fix")) == ("3", "4")  # the fourth is to fix: it has no piece
    assert b'data-to-do="ship"' in page
    assert b'data-to-do="unknown_sku"' in page
    assert b'data-to-do="no_lines"' not in page
    assert b'data-to-do="drafts"' in page


@pytest.mark.django_db
def test_the_overview_costs_the_same_with_many_orders(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    company = cast.dropshipper()
    cast.sign_in(client, cast.member(company))
    for _ in range(30):
        order(company, "received", "unknown_sku")
        order(company)
    # session, user with company; periods, problems, parcels, to do and what of it would go, shops, last orders, set-up,
    # balances, the order left half typed (where a person lands who comes back); the shell: open orders, broken shops,
    # balance, set-up
    with django_assert_num_queries(16):
        client.get("/")


@pytest.mark.django_db
def test_a_sent_order_that_its_shop_cancelled_is_something_to_do(client: Client) -> None:
    """Minutes count: its parcel is about to leave."""
    company, other = cast.dropshipper(), cast.dropshipper()
    method, _article = stage.method(), stage.variant("MCI-1")
    for reseller, code in ((company, "cancelled_in_shop"), (company, "readdressed"), (other, "owes_less")):
        stage.money(reseller, "200.00")
        made = stage.order(reseller, ("MCI-1", 1), method=method)
        runs.dispatch_now(made.pk, dropshipper_id=reseller.pk, key=uuid.uuid4(), by=None)
        Problem.objects.create(order=made, code=code, blocking=False)
    cast.sign_in(client, cast.member(company))
    page = client.get("/").content
    assert b'data-to-do="cancelled_in_shop" data-n="1"' in page
    assert b'data-to-do="readdressed"' not in page  # the packer's, not his
    assert b'data-to-do="owes_less"' not in page
    listed = client.get("/orders/", {"source": "all", "tab": "all", "problem": "cancelled_in_shop"}).content
    assert len(re.findall(rb'<tr[^>]* data-order="', listed)) == 1
    assert b'<option value="cancelled_in_shop" selected' in listed


def half_typed(company: Dropshipper, user: User, name: str) -> None:
    HalfTyped.objects.create(
        dropshipper=company, user=user, key=uuid.uuid4(), content={"fields": {"name": name}, "rows": [["", "A", "1"]]}
    )


@pytest.mark.django_db
@pytest.mark.parametrize("is_new", [True, False])
def test_who_comes_back_finds_the_order_that_he_left_half_typed(client: Client, is_new: bool) -> None:
    company = cast.dropshipper()
    if not is_new:
        order(company)
    mine, colleague = cast.member(company), cast.member(company, role=Member.Role.ORDERS)
    accounting = cast.member(company, role=Member.Role.ACCOUNTING)
    half_typed(company, mine, "Giulia Rossi")
    half_typed(company, accounting, "Marta Neri")  # as who typed orders before
    cast.sign_in(client, mine)
    page = client.get("/").content.decode()
    assert ("data-setup" in page and "data-figure" not in page) is is_new
    assert 'href="/orders/new/?half=1" data-resume' in page
    assert "Giulia Rossi" in page
    for another in (colleague, accounting):
        cast.sign_in(client, another)
        assert "data-resume" not in client.get("/").content.decode()


@pytest.mark.django_db
def test_staff_see_what_waits(client: Client) -> None:
    cast.dropshipper(status="pending")
    cast.sign_in(client, cast.staff())
    page = client.get("/").content
    assert figure(page, "applications") == "1"
    assert figure(page, "to_pick") == "0"


@pytest.mark.django_db
def test_the_menu_shows_the_balance_to_every_role_and_new_orders_to_those_who_may(client: Client) -> None:
    company = cast.dropshipper()
    for role, may in ((Member.Role.OWNER, True), (Member.Role.ORDERS, True), (Member.Role.ACCOUNTING, False)):
        cast.sign_in(client, cast.member(company, role))
        page = client.get("/settings/").content
        assert b'data-balance="0.00"' in page
        assert (b'href="/orders/new/"' in page) is may


@pytest.mark.django_db
def test_every_page_of_the_shell_obeys_the_csp(client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper()))
    for url in ("/", "/settings/", "/settings/members/", "/account/password/change/", "/account/email/"):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        text = answer.content.decode()
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", text), url
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)", text), url


@pytest.mark.django_db
def test_dispatched_orders_of_thirty_days_are_compared_with_the_thirty_before(client: Client) -> None:
    company, other = cast.dropshipper(), cast.dropshipper()
    method, _article = stage.method(), stage.variant("MCI-1")
    for reseller in (company, other):
        stage.money(reseller, "200.00")
    orders = [stage.order(who, ("MCI-1", 1), method=method) for who in (company, company, company, other)]
    for made in orders:
        runs.dispatch_now(made.pk, dropshipper_id=made.dropshipper_id, key=uuid.uuid4(), by=None)
    Order.objects.filter(pk=orders[0].pk).update(dispatched_at=timezone.now() - dt.timedelta(days=31))

    now, before = figures.periods(company.pk)

    assert (now.orders, now.cost, now.margin) == (2, Decimal("41.48"), Decimal("38.32"))
    assert (before.orders, before.cost, before.margin) == (1, Decimal("20.74"), Decimal("19.16"))
    cast.sign_in(client, cast.member(company))
    page = client.get("/").content
    assert (figure(page, "in_warehouse"), figure(page, "available")) == ("3", "137,78€")


@pytest.mark.django_db
def test_staff_see_that_company_data_wait_for_a_look(client: Client) -> None:
    """Its invoices keep the old name until somebody comes by: the overview and the menu say so to who may decide."""
    company = cast.dropshipper()
    changes.ask(company, new={"name": "Altra S.p.A."}, by=cast.member(company))
    cast.sign_in(client, cast.staff("Responsabile"))
    page = client.get("/").content
    assert figure(page, "changes") == "1"
    assert "1 in attesa" in page.decode()
    cast.sign_in(client, cast.staff("Magazzino"))
    assert b'data-figure="changes"' not in client.get("/").content


@pytest.mark.django_db
def test_made_up_sign_ups_are_not_counted_and_look_different(client: Client) -> None:
    real, made_up = (
        cast.dropshipper("Vera S.r.l.", status="pending"),
        cast.dropshipper("Finta S.r.l.", status="pending"),
    )
    emails.settle(cast.member(real), verified=True)
    emails.settle(cast.member(made_up), verified=False)
    cast.sign_in(client, cast.staff())
    assert figure(client.get("/").content, "applications") == "1"
    assert client.get("/staff/dropshippers/?status=pending&q=S").content.decode().count("#mail") == 1
    assert b"data-unproven" not in client.get(f"/staff/dropshippers/{real.pk}/").content
    assert b"data-unproven" in client.get(f"/staff/dropshippers/{made_up.pk}/").content
