"""The staff's desk of top-ups: who may decide, once, and with a reason."""

from __future__ import annotations

import threading
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import cast
from tests.wallet.books import books, top_up
from tests.wallet.pages import figures, next_page
from wallet import topups
from wallet.models import Entry, TopUp
from wallet.queries import balances

pytestmark = pytest.mark.django_db
URL = "/wallet/desk/top-ups/"


@pytest.fixture
def made(dropshipper: Any, owner: Any) -> TopUp:
    return topups.request(dropshipper.pk, D("250.00"), key=uuid.uuid4(), by=owner.pk)


def decide(client: Any, made: TopUp, decision: str = "credit", **fields: Any) -> Any:
    return client.post(URL, {"top_up": made.pk, "decision": decision, **fields})


def everything() -> Any:
    return list(TopUp.objects.order_by("pk").values()), books()


def test_a_credit_is_available_at_once_and_says_who_did_it(
    made: TopUp, dropshipper: Any, staff: Any, client_for: Any
) -> None:
    top_up(dropshipper, "10.00")
    client = client_for(staff)
    page = client.get(URL)
    assert (figures(page, "before"), figures(page, "after")) == (["10.00"], ["260.00"])
    assert decide(client, made).status_code == 302
    made.refresh_from_db()
    assert (made.status, made.decided_by) == ("credited", staff)
    assert balances(dropshipper.pk).available == D("260.00")
    entry = Entry.objects.get(reference=made.reference)
    assert (entry.by, entry.memo) == (staff, made.causale)
    assert figures(client.get(URL), "top-up") == []
    assert figures(client.get(f"{URL}?show=decided"), "top-up") == [str(made.pk)]


def test_a_second_click_credits_nothing(made: TopUp, staff: Any, client_for: Any) -> None:
    client = client_for(staff)
    decide(client, made)
    before = everything()
    assert decide(client, made).status_code == 302
    assert everything() == before
    assert decide(client, made, "reject", reason="late").status_code == 422
    assert everything() == before


@pytest.mark.parametrize("reason", ["", "   ", None])
def test_a_rejection_needs_a_reason(made: TopUp, staff: Any, client_for: Any, reason: str | None) -> None:
    before = everything()
    answer = decide(client_for(staff), made, "reject", **({} if reason is None else {"reason": reason}))
    assert answer.status_code == 422
    assert figures(answer, "top-up") == [str(made.pk)]
    assert b"<details open>" in answer.content
    assert everything() == before


def test_a_rejected_one_is_not_credited_afterwards(made: TopUp, dropshipper: Any, staff: Any, client_for: Any) -> None:
    client = client_for(staff)
    assert decide(client, made, "reject", reason="not ours").status_code == 302
    made.refresh_from_db()
    assert (made.status, made.reason, made.decided_by) == ("rejected", "not ours", staff)
    before = everything()
    assert decide(client, made).status_code == 422
    assert everything() == before
    assert balances(dropshipper.pk).available == 0


def test_what_the_reseller_withdrew_is_not_credited(made: TopUp, owner: Any, staff: Any, client_for: Any) -> None:
    topups.withdraw(made.pk, by=owner.pk)
    before = everything()
    assert decide(client_for(staff), made).status_code == 422
    assert everything() == before


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"top_up": "x", "decision": "credit"}, 422),
        ({"top_up": "1"}, 422),
        ({"top_up": "1", "decision": "approve"}, 422),
        ({"top_up": "-1", "decision": "credit"}, 422),
        ({"top_up": str(2**63), "decision": "credit"}, 422),
        ({"top_up": "999999999", "decision": "credit"}, 404),
    ],
)
def test_what_is_no_decision_changes_nothing(
    made: TopUp, staff: Any, client_for: Any, fields: dict[str, str], status: int
) -> None:
    before = everything()
    assert client_for(staff).post(URL, fields).status_code == status
    assert everything() == before


def test_staff_without_the_permission_looks_and_does_not_decide(made: TopUp, client_for: Any) -> None:
    person = cast.staff("-")
    client = client_for(person)
    assert client.get(URL).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="view_topup"))
    page = client.get(URL)
    assert figures(page, "top-up") == [str(made.pk)]
    assert b'name="decision"' not in page.content
    before = everything()
    assert decide(client, made).status_code == 403
    assert decide(client, made, "reject", reason="x").status_code == 403
    assert everything() == before
    person.user_permissions.add(Permission.objects.get(codename="credit_topup"))
    page = client.get(URL).content
    assert (b'value="credit"' in page, b'value="reject"' in page) == (True, False)
    assert decide(client, made, "reject", reason="x").status_code == 403
    assert everything() == before
    assert decide(client, made).status_code == 302


def test_resellers_do_not_find_the_desk(made: TopUp, owner: Any, client: Any, client_for: Any) -> None:
    before = everything()
    assert client_for(owner).get(URL).status_code == 403
    assert decide(client_for(owner), made).status_code == 403
    assert client.get(URL).status_code == 302
    assert decide(client, made).status_code == 302
    assert everything() == before


def test_the_oldest_comes_first_and_a_decision_stays_on_its_page(
    dropshipper: Any, owner: Any, staff: Any, client_for: Any
) -> None:
    rows = [TopUp(dropshipper=dropshipper, amount=D("5.00"), causale=f"MCI {n}", requested_by=owner) for n in range(60)]
    pks = [row.pk for row in TopUp.objects.bulk_create(rows)]
    client = client_for(staff)
    first = client.get(URL)
    second_page = URL + next_page(first)
    second = client.get(second_page)
    assert [int(pk) for pk in figures(first, "top-up") + figures(second, "top-up")] == pks
    answer = client.post(second_page, {"top_up": pks[55], "decision": "credit"})
    assert answer.url == second_page
    assert [int(pk) for pk in figures(client.get(second_page), "top-up")] == [*pks[50:55], *pks[56:]]


def test_the_decided_ones_come_newest_first(dropshipper: Any, owner: Any, staff: Any, client_for: Any) -> None:
    made = [topups.request(dropshipper.pk, D("5.00"), key=uuid.uuid4(), by=owner.pk) for _ in range(3)]
    topups.credit(made[1].pk, by=staff.pk)
    topups.reject(made[0].pk, reason="no", by=staff.pk)
    topups.withdraw(made[2].pk, by=owner.pk)
    page = client_for(staff).get(f"{URL}?show=decided")
    assert figures(page, "top-up") == [str(made[n].pk) for n in (2, 0, 1)]
    assert figures(page, "status") == ["withdrawn", "rejected", "credited"]


def test_the_queries_are_as_many_for_one_as_for_fifty(
    made: TopUp, dropshipper: Any, other_dropshipper: Any, owner: Any, staff: Any, client_for: Any
) -> None:
    client = client_for(staff)

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    asked(URL)
    few = asked(URL)
    rows = [
        TopUp(dropshipper=company, amount=D("5.00"), causale=f"MCI {company.pk} {n}", requested_by=owner)
        for n in range(30)
        for company in (dropshipper, other_dropshipper)
    ]
    TopUp.objects.bulk_create(rows)
    assert asked(URL) == few == QUERIES
    for top_up_ in TopUp.objects.all():
        topups.reject(top_up_.pk, reason="no", by=staff.pk)
    assert asked(f"{URL}?show=decided") == QUERIES


# The session, the user; the page and its proposals; of the menu: parcels by state, what waits for a decision,
# adjustments to confirm.
QUERIES = 7


@pytest.mark.django_db(transaction=True)
def test_two_people_credit_it_once_together(dropshipper: Any, client_for: Any) -> None:
    owner = cast.member(dropshipper)
    made = topups.request(dropshipper.pk, D("250.00"), key=uuid.uuid4(), by=owner.pk)
    clients = [client_for(cast.staff()) for _ in range(6)]
    barrier, answers = threading.Barrier(len(clients)), []

    def click(client: Any) -> None:
        barrier.wait(10)
        answers.append(decide(client, made).status_code)
        connection.close()

    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [302] * len(clients)
    assert balances(dropshipper.pk).available == D("250.00")
    assert Entry.objects.filter(reference=made.reference).count() == 1
