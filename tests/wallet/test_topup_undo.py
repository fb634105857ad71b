"""What a reseller takes back of a top-up, what a second tab is told, and the way back to where money was missing."""

from __future__ import annotations

import html
import re
import uuid
from decimal import Decimal as D
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from accounts.models import Member
from tests import cast
from wallet import topups
from wallet.errors import TooManyTopUps
from wallet.models import TopUp

pytestmark = pytest.mark.django_db
URL = "/wallet/top-up/"


def asked(dropshipper: Any, by: Any, amount: str = "30.00") -> TopUp:
    return topups.request(dropshipper.pk, D(amount), key=uuid.uuid4(), by=by.pk)


def act(client: Any, made: TopUp, verb: str, query: str = "") -> tuple[str, str]:
    """Clicks; the level and the words of what the reader is told then."""
    with translation.override("en"):
        page = client.post(
            reverse(f"wallet:top_up_{verb}", args=[made.pk]) + query, follow=True, headers={"Accept-Language": "en"}
        ).content.decode()
    (level,) = re.findall(r'data-level="(\w+)"', page)
    return level, page


@pytest.fixture
def client(owner: Any, client_for: Any) -> Any:
    return client_for(owner)


def state(made: TopUp) -> str:
    made.refresh_from_db()
    return str(made.status)


def test_a_transfer_that_was_not_sent_after_all_can_still_be_sent(client: Any, owner: Any, dropshipper: Any) -> None:
    made = asked(dropshipper, owner)
    assert (act(client, made, "sent")[0], state(made)) == ("success", "sent")
    assert (act(client, made, "unsent")[0], state(made), made.sent_at) == ("success", "requested", None)
    assert (act(client, made, "sent")[0], state(made)) == ("success", "sent")


def test_a_top_up_withdrawn_by_mistake_comes_back_as_it_was(client: Any, owner: Any, dropshipper: Any) -> None:
    made = asked(dropshipper, owner)
    causale = made.causale
    topups.mark_sent(made.pk)
    level, page = act(client, made, "withdraw")
    assert (level, state(made)) == ("success", "withdrawn")
    assert "data-reopen" in page  # the way back stands on the page that one lands on
    assert (act(client, made, "reopen")[0], state(made)) == ("success", "sent")
    assert (made.causale, made.decided_by, made.decided_at) == (causale, None, None)


@pytest.mark.parametrize("verb", ["sent", "unsent", "withdraw", "reopen"])
def test_a_second_tab_is_told_that_it_was_done_already(client: Any, owner: Any, dropshipper: Any, verb: str) -> None:
    made = asked(dropshipper, owner)
    if verb == "unsent":
        topups.mark_sent(made.pk)
    if verb == "reopen":
        topups.withdraw(made.pk, by=owner.pk)
    assert act(client, made, verb)[0] == "success"
    before = list(TopUp.objects.values_list())
    assert act(client, made, verb)[0] == "info"
    assert list(TopUp.objects.values_list()) == before


@pytest.mark.parametrize("verb", ["sent", "unsent", "withdraw", "reopen"])
def test_what_staff_decided_is_taken_back_by_nobody(
    client: Any, owner: Any, dropshipper: Any, staff: Any, verb: str
) -> None:
    made = asked(dropshipper, owner)
    topups.credit(made.pk, by=staff.pk)
    before = list(TopUp.objects.values_list())
    assert act(client, made, verb)[0] == "error"
    assert list(TopUp.objects.values_list()) == before


def test_a_withdrawn_one_does_not_come_back_above_the_most(owner: Any, dropshipper: Any) -> None:
    made = asked(dropshipper, owner)
    topups.withdraw(made.pk, by=owner.pk)
    for _n in range(topups.OPEN_AT_MOST):
        asked(dropshipper, owner)
    with pytest.raises(TooManyTopUps):
        topups.reopen(made.pk)
    assert state(made) == "withdrawn"


def test_the_same_form_sent_again_says_that_it_was_sent_before(client: Any) -> None:
    said = {"key": str(uuid.uuid4()), "preset": "100"}
    first, again = client.post(URL, said, follow=True), client.post(URL, said, follow=True)
    assert 'data-level="info"' not in first.content.decode()
    assert 'data-level="info"' in again.content.decode()
    assert TopUp.objects.count() == 1


def test_strangers_and_who_does_the_orders_take_nothing_back(
    owner: Any, dropshipper: Any, stranger: Any, client_for: Any
) -> None:
    made = asked(dropshipper, owner)
    clerk = cast.member(dropshipper, role=Member.Role.ORDERS)
    for person, status in ((stranger, 404), (clerk, 403)):
        for verb in ("unsent", "reopen"):
            assert client_for(person).post(reverse(f"wallet:top_up_{verb}", args=[made.pk])).status_code == status


# The way back


def test_where_one_came_from_is_led_to_through_every_step(client: Any) -> None:
    page = client.get(URL, {"amount": "14.10", "next": "/orders/plan/?order=1,2"}).content.decode()
    page = page.split("<main", 1)[1]
    (back,) = re.findall(r'name="next" value="([^"]+)"', page)
    assert html.unescape(back) == "/orders/plan/?order=1,2"
    assert 'data-gap="14.10"' in page
    said = {"key": str(uuid.uuid4()), "preset": "other", "amount": "14,10", "next": html.unescape(back)}
    answer = client.post(URL, said)
    made = TopUp.objects.get()
    for verb in ("", "sent", "unsent", "withdraw", "reopen"):
        if verb:
            answer = client.post(reverse(f"wallet:top_up_{verb}", args=[made.pk]) + "?" + urlsplit(answer.url).query)
        assert parse_qs(urlsplit(answer.url).query) == {"next": ["/orders/plan/?order=1,2"]}, verb
        (link,) = re.findall(r'href="([^"]+)" data-back', client.get(answer.url).content.decode())
        assert html.unescape(link) == "/orders/plan/?order=1,2"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.it"])
def test_no_way_back_leads_elsewhere(client: Any, owner: Any, dropshipper: Any, elsewhere: str) -> None:
    made = asked(dropshipper, owner)
    for address in (URL, reverse("wallet:top_up_detail", args=[made.pk])):
        assert "data-back" not in client.get(address, {"next": elsewhere}).content.decode()
    answer = client.post(URL, {"key": str(uuid.uuid4()), "preset": "100", "next": elsewhere})
    assert "next" not in answer.url
    refused = client.post(URL, {"key": str(uuid.uuid4()), "preset": "other", "next": elsewhere})
    assert elsewhere not in refused.content.decode()


# The link


def link(member: Any, missing: Any, **extra: Any) -> str:
    request: Any = RequestFactory().get("/orders/7/?a=1", **extra)
    request.member, request.htmx = member, None
    found = Template("{% load wallet_words %}{% top_up_url missing %}").render(
        Context({"request": request, "missing": missing})
    )
    return html.unescape(found)


@pytest.mark.parametrize(
    ("missing", "amount"),
    [
        ("14.10", "14.10"),
        (D("14.10"), "14.10"),
        (D("0.30"), "1.00"),
        ("", None),
        (None, None),
        (D("0"), None),
        (D("-3"), None),
        ("NaN", None),
        ("x", None),
    ],
)
def test_the_link_carries_the_gap_and_the_page(owner: Any, missing: Any, amount: str | None) -> None:
    asked_for = parse_qs(urlsplit(link(owner.member, missing)).query)
    assert asked_for.get("amount") == ([amount] if amount else None)
    assert asked_for["next"] == ["/orders/7/?a=1"]


def test_who_may_not_top_up_has_no_link(dropshipper: Any) -> None:
    for role, has in (("owner", True), ("accounting", True), ("orders", False)):
        assert bool(link(cast.member(dropshipper, role=role).member, "1")) is has
    assert link(None, "1") == ""
