"""The file that can be verified: what it says, that it adds up, that no spreadsheet runs it, that a change is found."""

from __future__ import annotations

import csv
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from tests import cast
from tests.wallet.books import age, sale, top_up
from tests.wallet.pages import at
from wallet import moves
from wallet.books.hashchain import WIDTH, broken_statement, unquoted
from wallet.tasks import seal_ledger

pytestmark = pytest.mark.django_db
URL = "/wallet/statement-verifiable.csv"


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def lines(file: str) -> list[list[str]]:
    return list(csv.reader(file.removeprefix("\ufeff").splitlines(), delimiter=";"))


def amount(cell: str) -> D:
    return D(cell.replace(",", "."))


@pytest.fixture
def spent(dropshipper: Any) -> Any:
    top_up(dropshipper, "1000.00", at=at("2026-03-01", "09:30"))
    moves.sell([sale(dropshipper)], by=None, at=at("2026-03-02"))
    moves.sell([sale(dropshipper, "order:2", cod=True)], by=None, at=at("2026-03-03"))
    moves.remit("order:2", by=None, at=at("2026-04-01"))
    return dropshipper


def test_it_has_every_entry_oldest_first_with_the_balance_after_it(spent: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(f"{URL}?all")
    file = text(answer)
    head, *rows = lines(file)
    assert file.startswith("\ufeff")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "no-store" in answer["Cache-Control"]
    assert {len(row) for row in (head, *rows)} == {WIDTH}
    assert [row[2] for row in rows][1:3] == ["MCI-000001", "MCI-000002"]
    assert rows[0][0] == "2026-03-01 09:30"
    assert [row[3:7] for row in rows[:4]] == [
        ["1000,00", "0,00", "0,00", "1000,00"],
        ["-20,74", "0,00", "0,00", "979,26"],
        ["-12,20", "12,20", "0,00", "967,06"],
        ["0,00", "0,00", "16,72", "967,06"],
    ]
    balance = D(0)
    for row in rows:
        balance += amount(row[3])
        assert amount(row[6]) == balance
    assert balance == D("995.98")
    assert sum(amount(row[4]) for row in rows) == sum(amount(row[5]) for row in rows) == 0


def test_a_period_begins_with_the_balance_it_found(spent: Any, owner: Any, client_for: Any) -> None:
    rows = lines(text(client_for(owner).get(f"{URL}?first=2026-03-02&last=2026-03-02")))[1:]
    assert [(row[3], row[6]) for row in rows] == [("-20,74", "979,26")]


def test_a_period_without_movements_has_its_header_alone(spent: Any, owner: Any, client_for: Any) -> None:
    assert len(lines(text(client_for(owner).get(f"{URL}?first=2026-05-01&last=2026-05-02")))) == 1


@pytest.mark.parametrize("memo", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(A1)", "\t=1", "'quoted", 'a;"b"', "a\nb"])
def test_no_cell_is_a_formula_and_nothing_is_lost(dropshipper: Any, owner: Any, client_for: Any, memo: str) -> None:
    moves.adjust(dropshipper.pk, D("3.00"), memo, by=owner.pk)
    age()
    seal_ledger()
    file = text(client_for(owner).get(f"{URL}?all"))
    (row,) = list(csv.reader(iter(file.removeprefix("\ufeff").splitlines(keepends=True)), delimiter=";"))[1:]
    numbers = {3, 4, 5, 6}
    assert not [cell for n, cell in enumerate(row) if n not in numbers and cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert unquoted(row[14]) == memo
    assert list(broken_statement(file.splitlines(keepends=True))) == []


def test_it_can_be_verified_and_a_changed_line_is_found(spent: Any, owner: Any, client_for: Any) -> None:
    age()
    seal_ledger()
    file = text(client_for(owner).get(f"{URL}?all"))
    assert list(broken_statement(file.splitlines(keepends=True))) == []
    rows = file.splitlines(keepends=True)
    assert list(broken_statement(rows[:2] + rows[3:])) != []
    assert list(broken_statement([*rows[:2], rows[2].replace("order:1", "order:9"), *rows[3:]])) != []
    richer = rows[1].replace("1000,00", "2000,00").replace("1000.00", "2000.00")
    assert list(broken_statement([rows[0], richer, *rows[2:]])) != []


def test_it_has_nothing_of_others(spent: Any, stranger: Any, other_dropshipper: Any, client_for: Any) -> None:
    top_up(other_dropshipper, "7.00", at=at("2026-03-02"))
    rows = lines(text(client_for(stranger).get(f"{URL}?all")))[1:]
    assert [(row[3], row[6]) for row in rows] == [("7,00", "7,00")]


def test_it_is_for_the_owner_and_for_accounting(spent: Any, client: Any, client_for: Any) -> None:
    assert client.get(URL).status_code == 302
    assert client_for(cast.member(spent, role=Member.Role.ORDERS)).get(URL).status_code == 403
    assert len(lines(text(client_for(cast.member(spent, role=Member.Role.ACCOUNTING)).get(f"{URL}?all")))) == 7


def test_nonsense_in_the_address_is_left_out(spent: Any, owner: Any, client_for: Any) -> None:
    assert len(lines(text(client_for(owner).get(f"{URL}?all&type=x")))) == 7


def test_a_date_that_is_none_makes_no_file(spent: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(f"{URL}?all&first=x&last=0000-00-00&type=x")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/wallet/statement/")


def test_it_is_read_in_steps_however_long_it_is(dropshipper: Any, owner: Any, client_for: Any) -> None:
    top_up(dropshipper, "70000.00", at=at("2026-01-01"))
    moves.sell([sale(dropshipper, f"order:{n}") for n in range(1, 2500)], by=None, at=at("2026-01-02"))
    client = client_for(owner)
    answer = client.get(f"{URL}?all")
    with CaptureQueriesContext(connection) as queries:
        rows = lines(text(answer))[1:]
    assert len(queries) == 3  # 1,000 entries each
    assert len({row[8] for row in rows}) == len(rows) == 2500
    assert amount(rows[-1][6]) == D("70000.00") - 2499 * D("20.74")
