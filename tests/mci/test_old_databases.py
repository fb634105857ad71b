"""Every database since the commit that brought catalog/0003_search comes to today's schema, with its rows."""

from __future__ import annotations

import json
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Dropshipper, User
from core.postgresql.owner import as_owner
from core.schema import describe
from core.schema_compare import differences
from core.schema_mend import mend
from mci import schema
from mci.operation import health
from tests.mci import old_databases
from tests.mci.poison import turn
from tests.wallet.books import top_up

MEND = import_module("accounts.migrations.0007_mend_edited_migrations")


_said: dict[
    frozenset[tuple[str, str]], Any
] = {}  # what the same applied migrations say is asked once: it takes seconds


@pytest.fixture
def free(django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Access to databases of our own, whose transactions end."""

    def schema_after(_connection: Any, applied: Any, **options: Any) -> Any:
        key = frozenset(applied)
        if key not in _said:
            _said[key] = really(_connection, applied, **options)
        return _said[key]

    really = MEND.schema_after
    monkeypatch.setattr(MEND, "schema_after", schema_after)
    with django_db_blocker.unblock():
        yield


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


# The first one, and of those of the last 110 commits before this landed the first, one between and the last; of the
# first three one in each run.
WHOLLY = turn([name for name in old_databases.names() if name[:2] in ("01", "18", "21")], 3, "old databases")
LAST = old_databases.names()[-1]


@pytest.mark.long
@pytest.mark.parametrize("name", WHOLLY)
def test_an_old_database_with_rows_comes_to_todays_schema(name: str, free: None) -> None:
    with old_databases.database(name):
        before = old_databases.counts()
        migrate()
        came_whole(before)


def came_whole(before: dict[str, int]) -> None:
    assert schema.findings() == []
    kept(before)
    top_up(Dropshipper.objects.get(vat_number="12345678903"), "10.00")  # and the books go on
    call_command("verify", stdout=StringIO())


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(set(old_databases.names()) - {*WHOLLY, LAST}))
def test_an_older_one_becomes_what_its_migrations_say_today(name: str, free: None) -> None:
    """They all have run the same migrations as the first, so what is still to apply finds the same as there: `mend`
    compares each with what those say today, and is content with nothing less."""
    with old_databases.database(name), as_owner(), transaction.atomic():
        before = old_databases.counts()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.schema_editor() as editor:
            MEND.forwards(None, editor)
        kept(before)


def kept(before: dict[str, int]) -> None:
    """No row was lost, and what was not kept then was made up from what was."""
    after = old_databases.counts()
    assert [table for table, rows in before.items() if after[table] < rows] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT amount FROM wallet_openitem")
        assert [str(amount) for (amount,) in cursor.fetchall()] == ["16.72"]
        cursor.execute("SELECT city_key FROM core_place")
        assert cursor.fetchone() == ("forli",)


@pytest.mark.long
def test_the_last_of_them_comes_too_and_what_the_old_email_page_let_in_is_gone(free: None) -> None:
    """accounts/0004: foreign, second and doubled addresses go, everybody has one, and nobody is shut out."""
    row = old_databases.row

    def person(email: str, status: str = "", **fields: Any) -> int:
        made = row("accounts_user", email=email, is_active=True, **fields)
        if status:
            company = row("accounts_dropshipper", name="A\r\nB", vat_number=f"{made:011d}", status=status)
            row("accounts_member", user_id=made, dropshipper_id=company, role="owner")
        return made

    with old_databases.database(LAST):
        before = old_databases.counts()
        with as_owner():
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
                row("account_emailaddress", user_id=user, email=email, verified=verified, primary=primary)
        migrate()
        made = EmailAddress.objects.filter(user__in=(victim, thief, waits, proven, clerk))
        assert set(made.values_list("user_id", "email", "verified", "primary")) == {
            (victim, "victim@bottega.example", True, True),
            (thief, "thief@altra.example", True, True),
            (waits, "waits@nuova.example", False, True),
            (proven, "proven@nuova.example", True, True),
            (clerk, "clerk@mci.example", True, True),
        }
        assert User.objects.get(pk=thief).email == "thief@altra.example"
        assert set(Dropshipper.objects.exclude(name="Bottega").values_list("name", flat=True)) == {"A B"}
        came_whole(before)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in old_databases.names() if "2623374" in name])
def test_without_the_mending_an_old_database_is_told_in_words(
    name: str, free: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MEND, "LANDED", frozenset())
    monkeypatch.setattr(health, "_schema", (0.0, "", ""))
    with old_databases.database(name):
        migrate()
        parts = json.loads(health.readiness().content)
        assert (parts["ready"], parts["migrations"]) == (False, "ok")
        assert "table wallet_openitem is missing" in parts["schema"]
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("verify", stdout=out)
        assert "column entry_digest of orders_order is missing" in out.getvalue()
        assert "cannot be asked" in out.getvalue()  # and it went on to the other checks


@pytest.mark.long
def test_mending_twice_is_mending_once_and_a_whole_database_is_left_as_it_is(free: None) -> None:
    with old_databases.database(LAST), as_owner(), transaction.atomic():
        before = describe(connection)
        applied = MEND.LANDED & set(MigrationRecorder(connection).applied_migrations())
        wanted, _models = MEND.schema_after(connection, applied, in_public=["0001_extensions"])
        assert describe(connection) == before
        for _time in range(2):
            assert mend(connection, wanted, fill=lambda *_args: pytest.fail("nothing to fill")) == []
        assert describe(connection) == before


DAMAGE = {
    "DROP INDEX orders_order_number": "index orders_order_number of orders_order is missing",
    "ALTER TABLE orders_order DROP COLUMN note": "column note of orders_order is missing",
    "ALTER TABLE orders_order ALTER note DROP NOT NULL": "column note of orders_order is “character varying(200)”",
    "ALTER TABLE wallet_account DROP CONSTRAINT wallet_account_floor": "constraint wallet_account_floor of",
    "ALTER TABLE wallet_posting DISABLE TRIGGER append_only": "SWITCHED OFF” and should be",
    "DROP TRIGGER balanced ON wallet_entry": "trigger balanced of wallet_entry is missing",
    "ALTER TABLE core_place ADD extra int NOT NULL": "column extra of core_place should not be there",
    "ALTER TABLE core_place ADD CHECK (city <> 'x')": "constraint core_place_city_check of core_place should not",
    "DROP TABLE connectors_shopcall": "table connectors_shopcall is missing",
    "CREATE OR REPLACE FUNCTION catalog_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    " AS $$ SELECT $1 $$": "function catalog_fold(text) has another body than the code's",
    "CREATE FUNCTION catalog_fold(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$": "catalog_fold(integer) should not",
    "DROP EXTENSION pg_trgm CASCADE": "extension pg_trgm is missing",
    "ALTER TABLE orders_order DISABLE ROW LEVEL SECURITY": "table orders_order has no fence between tenants",
}


@pytest.mark.django_db
@pytest.mark.parametrize("statement", DAMAGE)
def test_what_differs_is_said_in_words(statement: str) -> None:
    assert schema.findings() == []
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(DAMAGE[statement] in sentence for sentence in schema.findings()), schema.findings()


@pytest.mark.django_db
def test_a_new_column_that_may_be_empty_does_not_stop_the_old_code() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_place ADD later text; CREATE TABLE later (id int)")
    assert schema.findings() == []


@pytest.mark.django_db
def test_the_kept_schema_is_the_one_that_the_migrations_make() -> None:
    """When this fails: make schema."""
    assert schema.text_of(describe(connection)) == schema.FILE.read_text()


@pytest.mark.django_db
def test_another_major_version_of_the_server_may_write_its_definitions_otherwise() -> None:
    there = json.loads(json.dumps(schema.wanted()))
    there["tables"]["orders_order"]["constraints"]["orders_order_state"] = "CHECK (otherwise)"
    assert differences(there, schema.wanted()) != []
    there["server"] += 1
    assert differences(there, schema.wanted()) == []
    del there["tables"]["orders_order"]["constraints"]["orders_order_state"]
    assert [one.how for one in differences(there, schema.wanted())] == ["missing"]


def test_a_database_error_is_no_green_light(free: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> list[str]:
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "_schema", (0.0, "", ""))
    monkeypatch.setattr(schema, "findings", fails)
    assert json.loads(health.readiness().content)["schema"] == "unknown"
