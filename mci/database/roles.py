"""The two roles that the database knows: the owner, who migrates, and the application, which can break no guard.

The application's login owns nothing, alters nothing, and changes no line of the books; its twin `…_tenant`, which
nobody signs in as, is whom a reseller's statements run as (mci/database/fence.py has its policies). `manage.py migrate`
ends with `arrange`, which brings the rights of both to what stands here, whatever they were: a table that no migration
step went through can be read by nobody.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db.backends.base.base import BaseDatabaseWrapper

from core.postgresql.base import TENANT_SUFFIX

RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
# Where the application may do less. Lines of the books come by INSERT alone, COD to come by the trigger alone.
LESS = {
    "accounts_securityevent": "SELECT, INSERT, DELETE",  # never changed; it goes with its user, and when it is old
    "django_migrations": "SELECT",
    "wallet_account": "SELECT, INSERT, UPDATE (id)",  # no right to balance or floor; one of any column locks the row
    "wallet_entry": "SELECT, INSERT",
    "wallet_openitem": "SELECT",
    "wallet_posting": "SELECT, INSERT",
    # The word of the second person, and no other column; the first one's stands.
    "wallet_proposal": "SELECT, INSERT, UPDATE (state, decided_by_id, decided_at, entry_id)",
    "wallet_seal": "SELECT, INSERT",
}
# Triggers that write what the application may not, or must see all of an entry: they run as the owner.
AS_OWNER = ("wallet_postings_added()", "wallet_check_entry()")
SIGNED_IN = "session_user"


def application_role() -> str:
    return settings.APPLICATION_ROLE.name


def tenant_role() -> str:
    return application_role() + TENANT_SUFFIX


def arrange(connection: BaseDatabaseWrapper) -> None:
    """As the owner: makes the roles that are missing and may be made, and gives both exactly their rights. Raises
    CommandError with what a database's administrator must do where the owner may not."""
    name = connection.ops.quote_name
    application, tenant = application_role(), tenant_role()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        owner, may_make = cursor.fetchone()
        for role, login in ((application, True), (tenant, False)):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                _make(cursor, name(role), login=login, may_make=may_make)
        cursor.execute(
            "SELECT pg_has_role(a.oid, t.oid, 'MEMBER') FROM pg_roles a, pg_roles t"
            " WHERE a.rolname = %s AND t.rolname = %s",
            [application, tenant],
        )
        if not cursor.fetchone()[0]:
            cursor.execute(f"GRANT {name(tenant)} TO {name(application)}")
        tables, foreign = _tables(cursor)
        if foreign:
            raise CommandError(
                f"{', '.join(foreign)}: not owned by {owner}. OWNER_DATABASE_URL must name who made the tables."
            )
        grantees = f"{name(tenant)}" if application == owner else f"{name(application)}, {name(tenant)}"
        cursor.execute("SELECT current_database()")
        cursor.execute(f"GRANT CONNECT ON DATABASE {name(cursor.fetchone()[0])} TO {grantees}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {grantees}")
        cursor.execute(
            "SELECT nspowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) OR"
            " pg_has_role(nspowner, 'MEMBER') FROM pg_namespace WHERE nspname = 'public'"
        )
        if cursor.fetchone()[0]:
            cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        every = ", ".join(name(table) for table in tables)
        cursor.execute(f"REVOKE ALL ON {every} FROM {grantees}")
        if usual := ", ".join(name(table) for table in tables if table not in LESS):
            cursor.execute(f"GRANT {RIGHTS} ON {usual} TO {grantees}")
        for table in sorted(set(tables) & set(LESS)):
            cursor.execute(f"GRANT {LESS[table]} ON {name(table)} TO {grantees}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {grantees}")
        for function in AS_OWNER:
            cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function])
            if cursor.fetchone()[0]:
                cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER")


def _make(cursor: Any, role: str, *, login: bool, may_make: bool) -> None:
    kind = "LOGIN" if login else "NOLOGIN"
    words = f"CREATE ROLE {role} {kind} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    if not may_make:
        raise CommandError(
            f"The role {role} is missing and the owner may not make it. As an administrator of the database: {words};"
            + ("" if login else f" and grant it to the application's role, with {role} administered by the owner.")
        )
    # Roles belong to the whole server: another database's migration may be making it in this moment.
    cursor.execute(f"DO $do$ BEGIN {words}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $do$")
    if login and settings.APPLICATION_ROLE.password:
        cursor.execute(f"ALTER ROLE {role} PASSWORD %s", [settings.APPLICATION_ROLE.password])


def _tables(cursor: Any) -> tuple[list[str], list[str]]:
    """The tables of the schema that the owner may arrange, and those of somebody else. Not an extension's."""
    cursor.execute(
        """
        SELECT c.relname, pg_has_role(c.relowner, 'USAGE') FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
           AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                            AND d.deptype = 'e')
         ORDER BY c.relname
        """
    )
    rows = cursor.fetchall()
    return [table for table, ours in rows if ours], [table for table, ours in rows if not ours]


def dangers(cursor: Any) -> list[str]:
    """What the login of this connection may do and must not: a word each, none when all is well."""
    cursor.execute(
        f"""
        SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
               EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                        AND pg_has_role({SIGNED_IN}, relowner, 'MEMBER')),
               has_schema_privilege({SIGNED_IN}, 'public', 'CREATE'),
               to_regclass('wallet_entry') IS NOT NULL
                 AND (has_any_column_privilege({SIGNED_IN}, to_regclass('wallet_entry'), 'UPDATE')
                      OR has_table_privilege({SIGNED_IN}, to_regclass('wallet_entry'), 'DELETE, TRUNCATE, TRIGGER')),
               NOT EXISTS (SELECT 1 FROM pg_roles t WHERE t.rolname = r.rolname || %s
                            AND pg_has_role({SIGNED_IN}, t.oid, 'MEMBER'))
          FROM pg_roles r WHERE rolname = {SIGNED_IN}
        """,  # noqa: S608 - a word of ours
        [TENANT_SUFFIX],
    )
    words = (
        "is a superuser",
        "may make databases",
        "may make roles",
        "may replicate",
        "may bypass row security",
        "owns tables, or is a member of who does",
        "may make tables",
        "may change the books",
        "has no role for its tenants",
    )
    return [word for word, true in zip(words, cursor.fetchone(), strict=True) if true]
