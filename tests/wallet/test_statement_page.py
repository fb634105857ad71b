"""The statement for people: its page, its period, and the file: Italian, adding up, without a hash or a code."""

from __future__ import annotations

import csv
import datetime as dt
import html
import re
import subprocess
import sys
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from tests import cast
from tests.wallet.books import age, sale, top_up
from tests.wallet.pages import at, figure
from wallet import moves
from wallet.statement import periods
from wallet.tasks import seal_ledger

pytestmark = pytest.mark.django_db
PAGE, FILE, PROOF, CHECKER = (
    "/wallet/statement/",
    "/wallet/statement.csv",
    "/wallet/statement-verifiable.csv",
    "/wallet/statement-verify.py",
)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def table(file: str) -> list[list[str]]:
    return list(csv.reader(file.removeprefix("\ufeff").splitlines(), delimiter=";"))


def amount(cell: str) -> D:
    return D(cell.replace(",", ".") or "0")


@pytest.fixture
def spent(dropshipper: Any) -> Any:
    top_up(dropshipper, "1000.00", at=at("2026-03-01", "09:30"))
    moves.sell([sale(dropshipper)], by=None, at=at("2026-03-02"))
    moves.sell([sale(dropshipper, "order:2", cod=True)], by=None, at=at("2026-03-03"))
    moves.remit("order:2", by=None, at=at("2026-04-01"))
    moves.undo("order:1", by=None, at=at("2026-04-02"))
    moves.adjust(dropshipper.pk, D("-3.00"), "Danno", by=None, at=at("2026-04-03"))
    return dropshipper


def test_it_reads_as_an_italian_accountant_writes(spent: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(f"{FILE}?all")
    file = text(answer)
    head, *rows = table(file)
    assert file.startswith("\ufeff")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "no-store" in answer["Cache-Control"]
    assert len(head) == 10
    assert rows[0][:2] == ["01/03/2026", "09:30"]
    assert rows[0][4:8] == ["MCI 7F3K 2Q9T", "1000,00", "", "1000,00"]
    assert [row[3] for row in rows[:4]] == ["", "MCI-000001", "MCI-000002", "MCI-000002"]
    assert sorted([row[3], *row[5:7], *row[8:]] for row in rows[1:4]) == [
        ["MCI-000001", "", "-20,74", "", ""],
        ["MCI-000002", "", "", "", "16,72"],
        ["MCI-000002", "", "-12,20", "12,20", ""],
    ]
    assert rows[3][7] == "967,06"


def test_nothing_in_it_is_for_machines(spent: Any, owner: Any, client_for: Any) -> None:
    file = text(client_for(owner).get(f"{FILE}?all"))
    assert not re.search(r"order:|topup:|adjustment:|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}|:reversal|cod_|wallet", file)
    proof = text(client_for(owner).get(f"{PROOF}?all"))
    assert "order:1:sale" in proof  # the control: the other file has them
    assert len(table(file)) == len(table(proof)) + 1  # and one line more, the closing balance


def test_the_balance_runs_and_the_last_line_adds_up(spent: Any, owner: Any, client_for: Any) -> None:
    rows = table(text(client_for(owner).get(f"{FILE}?first=2026-03-02&last=2026-04-01")))[1:]
    first, *moved, last = rows
    assert (first[0], first[7]) == ("02/03/2026", "1000,00")
    balance = amount(first[7])
    for row in moved:
        balance += amount(row[5]) + amount(row[6])
        assert amount(row[7]) == balance
    assert (last[0], amount(last[7])) == ("01/04/2026", balance)
    for column in (5, 6, 8, 9):
        assert amount(last[column]) == sum(amount(row[column]) for row in moved)


def test_guarantees_and_cod_begin_and_end_with_what_stands_there(spent: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    first, *moved, last = table(text(client.get(f"{FILE}?first=2026-03-10&last=2026-03-31")))[1:]
    assert moved == []
    assert first[8:] == last[8:] == ["12,20", "16,72"], "held and to come since the third"
    first, *moved, last = table(text(client.get(f"{FILE}?first=2026-03-10&last=2026-04-01")))[1:]
    for column in (8, 9):
        assert amount(last[column]) == amount(first[column]) + sum(amount(row[column]) for row in moved) == 0


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ("when=2026-03", ("2026-03-01", "2026-03-31")),
        ("when=2026-12", ("2026-12-01", "2026-12-31")),
        ("when=2026-Q1", ("2026-01-01", "2026-03-31")),
        ("when=2026-Q4", ("2026-10-01", "2026-12-31")),
        ("when=2024-02", ("2024-02-01", "2024-02-29")),
        ("when=2026", ("2026-01-01", "2026-12-31")),
        ("when=2026&first=2020-01-01", ("2026-01-01", "2026-12-31")),
        ("when=2026-13&first=2026-05-01&last=2026-05-02", ("2026-05-01", "2026-05-02")),
    ],
)
def test_a_period_is_a_month_a_quarter_a_year_or_from_to(
    spent: Any, owner: Any, client_for: Any, asked: str, days: tuple[str, str]
) -> None:
    client = client_for(owner)
    page = client.get(f"{PAGE}?{asked}")
    first, last = days
    assert f'id="first" name="first" type="date" value="{first}"' in page.content.decode()
    assert f'id="last" name="last" type="date" value="{last}"' in page.content.decode()
    # The file of the page is of the page's period, and says what the page says.
    (query,) = re.findall(r'data-query="([^"]*)"', page.content.decode())
    named = client.get(f"{FILE}?{html.unescape(query)}")
    rows = table(text(named))[1:]
    assert f"{first}_{last}" in named["Content-Disposition"]
    assert amount(rows[0][7]) == figure(page, "opening")
    assert amount(rows[-1][7]) == figure(page, "closing")
    assert (amount(rows[-1][5]), amount(rows[-1][6])) == (figure(page, "incoming"), figure(page, "outgoing"))


def test_what_is_offered_is_the_present_and_what_came_before() -> None:
    groups = periods.choices(dt.date(2026, 1, 15))
    values = [[value for value, _words in options] for _group, options in groups]
    assert [group[0] for group in values] == ["2026-01", "2026-Q1", "2026"]
    assert (values[0][1], values[1][1], values[2][1]) == ("2025-12", "2025-Q4", "2025")
    assert all(periods.named(value) for group in values for value in group)


@pytest.mark.parametrize("memo", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(A1)", "\t=1", 'a;"b"', "a\nb"])
def test_no_cell_is_a_formula(dropshipper: Any, owner: Any, client_for: Any, memo: str) -> None:
    moves.adjust(dropshipper.pk, D("3.00"), memo, by=owner.pk)
    file = text(client_for(owner).get(f"{FILE}?all"))
    rows = list(csv.reader(iter(file.removeprefix("\ufeff").splitlines(keepends=True)), delimiter=";"))[1:]
    assert any(" ".join(memo.split()) in " ".join(cell.split()) for row in rows for cell in row)  # it is there, as text
    for row in rows:
        assert not [cell for n, cell in enumerate(row) if n not in range(5, 10) and cell[:1] in "=+-@\t\r" and cell]


def test_it_is_whole_and_read_in_steps(dropshipper: Any, owner: Any, client_for: Any) -> None:
    top_up(dropshipper, "70000.00", at=at("2026-01-01"))
    moves.sell([sale(dropshipper, f"order:{n}") for n in range(1, 2500)], by=None, at=at("2026-01-02"))
    answer = client_for(owner).get(f"{FILE}?all")
    with CaptureQueriesContext(connection) as queries:
        rows = table(text(answer))[1:]
    assert len(queries) == 3  # 1,000 entries each
    assert len({row[3] for row in rows}) == 2499 + 1
    assert amount(rows[-1][7]) == D("70000.00") - 2499 * D("20.74")


def test_files_and_page_are_the_owners_and_the_accountings_own(
    spent: Any, stranger: Any, other_dropshipper: Any, client: Any, client_for: Any
) -> None:
    top_up(other_dropshipper, "7.00", at=at("2026-03-02"))
    for address in (PAGE, FILE, PROOF, CHECKER):
        assert client.get(address).status_code == 302
        assert client_for(cast.member(spent, role=Member.Role.ORDERS)).get(address).status_code == 403
        assert client_for(cast.member(spent, role=Member.Role.ACCOUNTING)).get(address).status_code == 200
    rows = table(text(client_for(stranger).get(f"{FILE}?all")))[1:]
    assert [(row[5], row[7]) for row in rows] == [("7,00", "7,00"), ("7,00", "7,00")]


def test_before_any_movement_there_is_a_page_and_an_empty_file(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    assert "data-nothing" in client.get(PAGE).content.decode()
    assert len(table(text(client.get(f"{FILE}?all")))) == 2


def test_the_program_that_checks_needs_nothing_of_ours(spent: Any, owner: Any, client_for: Any, tmp_path: Path) -> None:
    age()
    seal_ledger()
    client = client_for(owner)
    program, file = tmp_path / "check.py", tmp_path / "file.csv"
    program.write_bytes(client.get(CHECKER).content)
    whole = text(client.get(f"{PROOF}?all"))

    def check() -> int:
        command = [sys.executable, "-I", str(program), str(file)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    file.write_text(whole, newline="")
    assert check() == 0
    file.write_text(whole.replace("-20,74", "-10,74", 1).replace("wallet:-20.74", "wallet:-10.74", 1), newline="")
    assert check() == 1


def test_the_movements_of_one_order_are_found(spent: Any, owner: Any, client_for: Any) -> None:
    page = client_for(owner).get("/wallet/?all&account=cod_due&order=2")
    shown = re.findall(r'data-kind="(\w+)" data-amount="([^"]+)"', page.content.decode())
    assert sorted(shown) == [("cod_sale", "16.72"), ("remittance", "-16.72")]
    assert figure(page, "together") == 0
