"""The wallet for programs says what the page says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.orders import stage
from tests.programs import Program
from wallet import moves
from wallet.statement import history
from wallet.statement.periods import Period

pytestmark = pytest.mark.django_db


def test_a_wallet_in_which_nothing_moved_is_zero_and_empty(dropshipper: Any) -> None:
    program = Program(dropshipper, "wallet:read")
    assert set(program.get("wallet").json().values()) == {"0.00"}
    assert program.get("wallet/movements").json() == {"data": [], "next_cursor": None}


def test_movements_add_up_across_pages_and_are_those_of_the_page(
    dropshipper: Any, owner: Any, other_dropshipper: Any, client_for: Any
) -> None:
    for amount in ("10.00", "20.00", "-5.00", "7.35"):
        stage.money(dropshipper, amount)
    stage.money(other_dropshipper, "999.00")
    program, rows, cursor = Program(dropshipper, "wallet:read"), [], ""
    while cursor is not None:
        page = program.get(f"wallet/movements?limit=3{f'&cursor={cursor}' if cursor else ''}").json()
        rows += page["data"]
        cursor = page["next_cursor"]
    assert [row["amount"] for row in rows] == ["7.35", "-5.00", "20.00", "10.00"]
    assert [row["balance_after"] for row in rows] == ["32.35", "25.00", "30.00", "10.00"]
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(program.get("wallet").json()["available"])
    account = history.accounts_of(dropshipper.pk)["wallet"]
    shown = history.page_of(account, Period(), "", None)
    assert [str(entry.pk) for entry in shown] == [row["id"] for row in rows]
    assert "32,35" in client_for(owner).get(reverse("wallet:overview")).content.decode()


def test_movements_are_asked_for_by_account_and_type(dropshipper: Any) -> None:
    stage.money(dropshipper, "10.00")
    program = Program(dropshipper, "wallet:read")
    assert len(program.get("wallet/movements?type=adjustment").json()["data"]) == 1
    assert program.get("wallet/movements?type=top_up").json()["data"] == []
    assert program.get("wallet/movements?account=held").json()["data"] == []
    assert program.get("wallet/movements?account=bank").status_code == 400


def test_a_page_costs_the_same_however_many_movements(dropshipper: Any, django_assert_num_queries: Any) -> None:
    program = Program(dropshipper, "wallet:read")
    moves.adjust(dropshipper.pk, Decimal("10.00"), memo="x", by=None)
    program.get("wallet/movements")
    # The key, its limit, the log in its savepoint (3); a moment's savepoint (2), accounts, movements, balances.
    with django_assert_num_queries(10):
        program.get("wallet/movements")
    for _ in range(10):
        moves.adjust(dropshipper.pk, Decimal("1.00"), memo="x", by=None)
    with django_assert_num_queries(10):
        assert len(program.get("wallet/movements").json()["data"]) == 11
