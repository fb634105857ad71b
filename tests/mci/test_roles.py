"""What the application may not do to the database, whatever statement somebody gets it to run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from core.postgresql.owner import as_owner
from mci import checks
from mci.database import fence, roles
from tests.processes import ROOT, live_environment

pytestmark = pytest.mark.django_db

HATCH = "SET mci.ledger_maintenance = 'on';"
REFUSED = {
    "a guard switched off": "ALTER TABLE wallet_posting DISABLE TRIGGER append_only",
    "all triggers off": "SET session_replication_role = replica",
    "the fence taken down": "ALTER TABLE orders_order DISABLE ROW LEVEL SECURITY",
    "a policy dropped": "DROP POLICY mci_tenant ON orders_order",
    "a policy made": "CREATE POLICY all_of_it ON orders_order USING (true)",
    "a trigger dropped": "DROP TRIGGER balanced ON wallet_entry",
    "a trigger made": "CREATE TRIGGER x BEFORE INSERT ON wallet_entry EXECUTE FUNCTION wallet_refuse_change()",
    "the function that posts replaced": "ALTER FUNCTION wallet_postings_added() RENAME TO x",
    "a function made": "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a column added": "ALTER TABLE orders_order ADD COLUMN x int",
    "a constraint dropped": "ALTER TABLE wallet_account DROP CONSTRAINT wallet_account_floor",
    "a table dropped": "DROP TABLE wallet_topup",
    "a table made": "CREATE TABLE public.x (id int)",
    "a role made": "CREATE ROLE x",
    "a database made": "CREATE DATABASE x",
    "itself made a superuser": "ALTER ROLE mci_app SUPERUSER",
    "row security passed by": "ALTER ROLE mci_app BYPASSRLS",
    "rights given on": "GRANT mci_app TO postgres",
    "a program run": "COPY wallet_entry TO PROGRAM 'cat'",
    "a file read": "COPY wallet_topup FROM '/etc/passwd'",
    "migrations noted": "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())",
    "an entry changed": f"{HATCH} UPDATE wallet_entry SET memo = 'x'",
    "an entry deleted": f"{HATCH} DELETE FROM wallet_entry",
    "entries emptied": f"{HATCH} TRUNCATE wallet_entry CASCADE",
    "a posting changed": f"{HATCH} UPDATE wallet_posting SET amount = 1",
    "a posting deleted": f"{HATCH} DELETE FROM wallet_posting",
    "a seal changed": f"{HATCH} UPDATE wallet_seal SET position = 1",
    "a seal deleted": f"{HATCH} DELETE FROM wallet_seal",
    "a balance changed": f"{HATCH} UPDATE wallet_account SET balance = 1",
    "a floor lowered": f"{HATCH} UPDATE wallet_account SET floor = -1000",
    "an account given away": f"{HATCH} UPDATE wallet_account SET dropshipper_id = NULL",
    "an account deleted": f"{HATCH} DELETE FROM wallet_account",
    "COD to come invented": f"{HATCH} INSERT INTO wallet_openitem (account_id, reference, amount, since)"
    " VALUES (1, 'x', 1, now())",
    "COD to come changed": f"{HATCH} UPDATE wallet_openitem SET amount = 1",
    "COD to come deleted": f"{HATCH} DELETE FROM wallet_openitem",
    "a proposal deleted": f"{HATCH} DELETE FROM wallet_proposal",
    "a proposal made larger": f"{HATCH} UPDATE wallet_proposal SET amount = 1",
    "a proposal made another person's": f"{HATCH} UPDATE wallet_proposal SET proposed_by_id = 1",
    "orders emptied": "TRUNCATE orders_order CASCADE",
}


def login(**more: str) -> Any:
    """A connection signed in as the application, as the servers are."""
    return closing(psycopg2.connect(live_environment()["DATABASE_URL"], **more))


@pytest.mark.parametrize("role", ["none", "tenant"])
@pytest.mark.parametrize("what", REFUSED)
def test_the_application_may_not(what, role):
    with login() as plain:
        plain.autocommit = True
        with plain.cursor() as cursor:
            cursor.execute(f"SET ROLE {roles.tenant_role() if role == 'tenant' else 'none'}")
            for statement in REFUSED[what].split("; "):
                if statement.startswith("SET mci"):
                    cursor.execute(statement)
                    continue
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)


def test_the_owner_may(db: None) -> None:
    """The negative control: it is the role that is refused, not the statement."""
    with as_owner(), connection.cursor() as cursor:
        for what in ("a guard switched off", "a constraint dropped", "a column added", "an entry changed"):
            cursor.execute(REFUSED[what])


@pytest.mark.parametrize("word", ["postgres", "mci_owner"])
def test_the_application_does_not_become_somebody_else(word):
    with login() as plain, plain.cursor() as cursor:
        with pytest.raises(psycopg2.Error):
            cursor.execute(f"SET ROLE {word}")
        plain.rollback()
        with pytest.raises(psycopg2.Error):
            cursor.execute(f"SET SESSION AUTHORIZATION {word}")


def test_nothing_is_dangerous_about_the_application_and_much_about_the_owner():
    with login() as plain, plain.cursor() as cursor:
        assert roles.dangers(cursor) == []
    with as_owner(), connection.cursor() as cursor:
        found = roles.dangers(cursor)
    assert "owns tables, or is a member of who does" in found
    assert "may change the books" in found


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("ALTER ROLE mci_app BYPASSRLS", "may bypass row security"),
        ("ALTER ROLE mci_app CREATEROLE", "may make roles"),
        ("ALTER ROLE mci_app SUPERUSER", "is a superuser"),
        ("ALTER TABLE wallet_topup OWNER TO mci_app", "owns tables, or is a member of who does"),
        ("GRANT DELETE ON wallet_entry TO mci_app", "may change the books"),
        ("GRANT UPDATE (memo) ON wallet_entry TO mci_app", "may change the books"),
    ],
)
def test_production_refuses_an_application_that_may_too_much(change, word, monkeypatch):
    # As the login itself would be judged, which the connection of a test is not.
    monkeypatch.setattr(roles, "SIGNED_IN", "current_user")
    assert checks.application_role_is_weak(None, databases=["default"]) == []
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(change)
    found = checks.application_role_is_weak(None, databases=["default"])
    assert [one.id for one in found] == ["mci.W006"]
    monkeypatch.setattr(checks, "PRODUCTION", True)
    found = checks.application_role_is_weak(None, databases=["default"])
    assert [one.id for one in found] == ["mci.E006"]
    assert word in found[0].msg


def test_a_table_whose_fence_is_down_is_an_error(monkeypatch):
    monkeypatch.setattr(roles, "SIGNED_IN", "current_user")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order DISABLE ROW LEVEL SECURITY")
    found = checks.application_role_is_weak(None, databases=["default"])
    assert [one.id for one in found] == ["mci.E007"]
    assert "orders_order" in found[0].msg


def test_production_does_not_migrate_as_the_application(settings, monkeypatch):
    from mci.management.commands import migrate

    monkeypatch.setattr(migrate, "PRODUCTION", True)
    settings.OWNER_DATABASE = {}
    with pytest.raises(CommandError, match="OWNER_DATABASE_URL"):
        call_command("migrate", verbosity=0)


def test_a_database_of_one_role_gets_both():
    """What `migrate` finds at the first start after the upgrade: tables without fence, a role without rights."""
    with as_owner(), connection.cursor() as cursor:
        for one in fence.fences():
            cursor.execute(
                f"DROP POLICY mci_tenant ON {one.table}; DROP POLICY mci_everybody ON {one.table};"
                f"ALTER TABLE {one.table} DISABLE ROW LEVEL SECURITY"
            )
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM mci_app, {roles.tenant_role()}")
        cursor.execute(
            "ALTER FUNCTION wallet_postings_added() SECURITY INVOKER; GRANT DELETE ON wallet_entry TO mci_app"
        )
        roles.arrange(connection)
        fence.build(connection)
    assert fence.missing(connection) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('mci_app', 'orders_order', 'SELECT, INSERT'),"
            " has_table_privilege('mci_app', 'wallet_entry', 'DELETE'), prosecdef"
            " FROM pg_proc WHERE proname = 'wallet_postings_added'"
        )
        assert cursor.fetchone() == (True, False, True)


# ---- a managed PostgreSQL: the owner is no superuser


@pytest.fixture
def managed(django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """An empty database whose owner may nothing but own it, and the environment that names it. Not in a transaction."""
    env = live_environment()
    admin = env["OWNER_DATABASE_URL"]

    def at(user: str) -> str:
        head, _, rest = admin.partition("://")
        place = rest.rpartition("@")[2].rpartition("/")[0]
        return f"{head}://{user}@{place}/mci_managed"

    env |= {"DATABASE_URL": at("mci_managed_app"), "OWNER_DATABASE_URL": at("mci_managed_owner")}
    with closing(psycopg2.connect(admin)) as plain:
        plain.autocommit = True
        with plain.cursor() as cursor:
            _drop(cursor)
            cursor.execute("CREATE ROLE mci_managed_owner LOGIN")
            cursor.execute("CREATE DATABASE mci_managed OWNER mci_managed_owner")
            env["ADMIN"] = admin
            yield env
            _drop(cursor)


def _drop(cursor: Any) -> None:
    cursor.execute("DROP DATABASE IF EXISTS mci_managed WITH (FORCE)")
    for role in ("mci_managed_app", "mci_managed_app_tenant", "mci_managed_owner"):
        cursor.execute(f"DROP ROLE IF EXISTS {role}")


def manage(env: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in env.items() if name in os.environ or "URL" in name or name.startswith("MCI_")}
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.long
@pytest.mark.skipif(bool(os.environ.get("PGPASSWORD")), reason="needs a server that trusts its socket")
def test_an_owner_who_is_no_superuser_migrates_once_the_roles_are_there(managed):
    done = manage(managed, "migrate", "--noinput")
    assert done.returncode != 0
    assert "CREATE ROLE" in done.stderr, "it says what the administrator has to do"
    with closing(psycopg2.connect(managed["ADMIN"])) as plain, plain, plain.cursor() as cursor:
        cursor.execute("CREATE ROLE mci_managed_app LOGIN; CREATE ROLE mci_managed_app_tenant")
        cursor.execute("GRANT mci_managed_app_tenant TO mci_managed_app")
    done = manage(managed, "migrate", "--noinput")
    assert done.returncode == 0, done.stderr
    assert "fenced by tenant" in done.stdout
    done = manage(managed, "migrate", "--noinput")
    assert done.returncode == 0, done.stderr
    assert "fenced by tenant" not in done.stdout, "a second time nothing is touched"
    done = manage(managed, "check", "--database", "default")
    assert done.returncode == 0, done.stderr
    assert "mci.W006" not in done.stderr
    with closing(psycopg2.connect(managed["DATABASE_URL"])) as plain, plain.cursor() as cursor:
        assert roles.dangers(cursor) == []
        cursor.execute("SELECT count(*) FROM wallet_account")
        assert cursor.fetchone() == (9,)
