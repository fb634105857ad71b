"""The hatch for maintenance opens for the owner of the tables alone, whoever sets it."""

from __future__ import annotations

import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.postgresql.owner import as_owner
from tests import cast
from wallet import adjustments
from wallet.models import Proposal

pytestmark = pytest.mark.django_db
ACCOUNT = "INSERT INTO wallet_account (kind, dropshipper_id, balance, floor) VALUES ('wallet', {owner}, {figures})"


def run(statement: str, *, hatch: bool = True) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        if hatch:
            cursor.execute("SET LOCAL mci.ledger_maintenance = 'on'")
        cursor.execute(statement)


@pytest.fixture
def decided(dropshipper: Any) -> Proposal:
    first, second = cast.staff("Contabilità"), cast.staff("Contabilità")
    made = adjustments.adjust(dropshipper.pk, D("1500.00"), reason="Scuse", key=uuid.uuid4(), by=first.pk)
    assert made is not None
    return adjustments.confirm(made.pk, by=second.pk)


@pytest.mark.parametrize("hatch", [False, True])
@pytest.mark.parametrize("figures", ["5000, 0", "0, -100000", "0, 1"])
def test_the_application_makes_no_account_with_money_or_credit_in_it(
    dropshipper: Any, figures: str, hatch: bool
) -> None:
    with pytest.raises(IntegrityError, match="an account keeps its kind"):
        run(ACCOUNT.format(owner=dropshipper.pk, figures=figures), hatch=hatch)
    run(ACCOUNT.format(owner=dropshipper.pk, figures="0, 0"), hatch=hatch)


def test_the_application_swaps_no_accounts(dropshipper: Any, decided: Proposal) -> None:
    with pytest.raises(IntegrityError, match="an account keeps its kind"):
        run(f"UPDATE wallet_account SET id = -1 WHERE dropshipper_id = {dropshipper.pk} AND kind = 'wallet'")


def test_the_application_undecides_nothing(decided: Proposal) -> None:
    with pytest.raises(IntegrityError, match="is not changed"):
        run(f"UPDATE wallet_proposal SET state = 'refused', entry_id = NULL WHERE id = {decided.pk}")


def test_the_owner_may_with_the_hatch_and_not_without(dropshipper: Any, decided: Proposal) -> None:
    """The negative control: it is the role that counts."""
    statements = (
        f"UPDATE wallet_entry SET memo = 'x' WHERE id = {decided.entry_id}",
        f"UPDATE wallet_proposal SET reason = 'x' WHERE id = {decided.pk}",
        f"UPDATE wallet_account SET balance = 1 WHERE dropshipper_id = {dropshipper.pk} AND kind = 'wallet'",
    )
    for statement in statements:
        with pytest.raises(IntegrityError), as_owner():
            run(statement, hatch=False)
    for statement in statements:
        with as_owner():
            run(statement)
