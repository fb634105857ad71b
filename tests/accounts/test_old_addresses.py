"""What the old e-mail page left in a database is gone after the migration, and nobody is shut out by it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.postgresql.owner import as_owner
from mci import fence, roles

BEFORE = [("accounts", "0003_what_waits_for_a_word")]
AFTER = [("accounts", "0004_one_proven_address")]


@pytest.fixture
def old() -> Any:
    """The models as they were before; afterwards the database is as it was."""
    with as_owner():
        executor = MigrationExecutor(connection)
        targets = executor.loader.graph.leaf_nodes("accounts")
        executor.migrate(BEFORE)
        roles.arrange(connection)
    yield executor.loader.project_state([*BEFORE, ("account", "0009_emailaddress_unique_primary_email")]).apps
    with as_owner():
        executor = MigrationExecutor(connection)
        executor.migrate(targets)
        roles.arrange(connection)
        fence.build(connection)


@pytest.mark.django_db(transaction=True)
def test_foreign_second_and_doubled_addresses_go_and_everybody_has_one(old: Any) -> None:
    User, Company = old.get_model("accounts", "User"), old.get_model("accounts", "Dropshipper")
    Member, Address = old.get_model("accounts", "Member"), old.get_model("account", "EmailAddress")

    def person(email: str, status: str = "", **fields: Any) -> Any:
        made = User.objects.create(email=email, **fields)
        if status:
            company = Company.objects.create(name="A\r\nB", vat_number=f"{made.pk:011d}", status=status)
            Member.objects.create(user=made, dropshipper=company)
        return made

    victim = person("victim@bottega.example", "active")
    thief = person("Thief@altra.example", "active")
    waits = person("waits@nuova.example", "pending")
    proven = person("proven@nuova.example", "pending")
    clerk = person("clerk@mci.example", is_staff=True)
    for user, email, verified, primary in (
        (thief, "victim@bottega.example", True, True),
        (thief, "thief@altra.example", False, False),
        (thief, "other@altra.example", True, False),
        (victim, "VICTIM@bottega.example", False, False),
        (victim, "victim@bottega.example", False, True),
        (proven, "proven@nuova.example", True, True),
    ):
        Address.objects.create(user=user, email=email, verified=verified, primary=primary)

    with as_owner():
        MigrationExecutor(connection).migrate(AFTER)

    assert set(Address.objects.values_list("user_id", "email", "verified", "primary")) == {
        (victim.pk, "victim@bottega.example", True, True),
        (thief.pk, "thief@altra.example", True, True),
        (waits.pk, "waits@nuova.example", False, True),
        (proven.pk, "proven@nuova.example", True, True),
        (clerk.pk, "clerk@mci.example", True, True),
    }
    assert User.objects.get(pk=thief.pk).email == "thief@altra.example"
    assert set(Company.objects.values_list("name", flat=True)) == {"A B"}
