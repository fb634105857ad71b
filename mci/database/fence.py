"""Row-level security: which rows of which table a reseller's statements see and write.

Read from the models, so that a new table of a tenant is fenced by the next `migrate`: a table with a dropshipper, and
every table that hangs from such a one. For everybody's statements (staff, workers, the intake) the policy is `true`,
which the planner drops: their plans are those without row security. The tenant's policies are plain conditions, so that
an index can serve them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from core.postgresql.base import SETTING
from mci.database import roles

TENANT = "accounts.Dropshipper"
ALL, OWN = "mci_everybody", "mci_tenant"  # names of the policies
OWNS = "mci_own_"  # begins the names of the functions that say whether a parent is the tenant's
# As an InitPlan: read once a statement. '' and unset are no dropshipper: no row.
MINE = f"(SELECT nullif(current_setting('{SETTING}', true), '')::bigint)"
# Which foreign key leads to the tenant where a table has more than one that would do.
WAY = {"orders.DispatchItem": "order", "connectors.PublishItem": "run", "connectors.InboxOrder": "shop"}
# The supplier's own accounts are nobody's: they hold no balance, and a reseller's charge is posted to them.
_ACCOUNT = f"dropshipper_id = {MINE} OR dropshipper_id IS NULL"
# A reseller's own accounts by a set of three; the supplier's side of his entries by the entry.
_ACCOUNTS = f"account_id IN (SELECT id FROM wallet_account WHERE dropshipper_id = {MINE})"  # noqa: S608 - our own words
_POSTING = f"{_ACCOUNTS} OR mci_own_wallet_entry(entry_id)"
# What happened to a person's account concerns his company only sometimes; it is his in any case.
_EVENT = f"dropshipper_id = {MINE} OR user_id IN (SELECT user_id FROM accounts_member WHERE dropshipper_id = {MINE})"  # noqa: S608
OTHERWISE = {"wallet.Account": _ACCOUNT, "wallet.Posting": _POSTING, "accounts.SecurityEvent": _EVENT}
# What is written without a condition of its own. A parcel's event comes by the statement that makes the parcel, whose
# row no condition can see yet. Postings: the trigger of the books takes them only into an entry of the same
# transaction, and only on accounts of the entry's dropshipper.
WRITTEN = {"shipping.ShipmentEvent": "true", "wallet.Posting": "true"}
FEW = {"connectors.Shop", "wallet.Account"}  # a reseller has few of them: their ids are asked for once a statement


@dataclass(frozen=True, slots=True)
class Fence:
    """The condition for the rows that a tenant sees, and the one for those that he writes."""

    table: str
    condition: str
    written: str


def fences() -> list[Fence]:
    """Of all models that lead to a dropshipper by a foreign key that is never empty, or have one of their own."""
    conditions: dict[str, str] = {TENANT: f"id = {MINE}"}
    waiting = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    while True:
        more = {
            model._meta.label: condition
            for model in waiting
            if model._meta.label not in conditions and (condition := _condition(model, conditions))
        }
        if not more:
            break
        conditions |= more
    tables = {model._meta.label: model._meta.db_table for model in waiting}
    found = [Fence(tables[name], text, WRITTEN.get(name, text)) for name, text in conditions.items()]
    return sorted(found, key=lambda fence: fence.table)


def _condition(model: type[models.Model], known: dict[str, str]) -> str:
    label = model._meta.label
    keys = {
        field.name: (field.column, field.related_model._meta)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and isinstance(field.related_model, type)
    }
    own = [column for column, target in keys.values() if target.label == TENANT]
    if label in OTHERWISE:
        return OTHERWISE[label]
    if own:
        return f"{own[0]} = {MINE}"
    way = [name for name, (_column, target) in keys.items() if target.label in known and not _empty(model, name)]
    if label in WAY:
        way = [name for name in way if name == WAY[label]]
    if not way:
        return ""
    column, target = keys[way[0]]
    if target.label in FEW:
        return f"{column} IN (SELECT id FROM {target.db_table} WHERE dropshipper_id = {MINE})"  # noqa: S608
    if _own_column(target):
        return f"{OWNS}{target.db_table}({column})"
    child = f"{model._meta.db_table}.{column}"
    return f"EXISTS (SELECT 1 FROM {target.db_table} p WHERE p.{target.pk.column} = {child})"  # noqa: S608


def _own_column(meta: Any) -> str:
    """The column of a table's own dropshipper, if it has one that is never empty; the books' may be the supplier's."""
    found = [
        field for field in meta.concrete_fields if field.related_model and field.related_model._meta.label == TENANT
    ]
    return found[0].column if found else ""


def _functions() -> dict[str, str]:
    """By name what each asks of a parent. A function of the owner's and not a sub-select: its plan is made once a
    connection, while a sub-select, with the parent's own policy in it, is planned with every statement. Never a plan
    that reads the whole table: one made while the table was small would stay when it has grown. It runs with the
    owner's rights, so every name in it says its schema."""
    return {
        f"{OWNS}{model._meta.db_table}": f"""
            CREATE OR REPLACE FUNCTION {OWNS}{model._meta.db_table}(parent bigint) RETURNS boolean
            LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
            SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $do$
            BEGIN
              RETURN EXISTS (SELECT 1 FROM public.{model._meta.db_table} p WHERE p.id = parent
                              AND p.{column} = nullif(current_setting('{SETTING}', true), '')::bigint);
            END $do$"""  # noqa: S608 - our own words
        for model in apps.get_models()
        if model._meta.managed and model._meta.label not in FEW and (column := _own_column(model._meta))
    }


def _empty(model: type[models.Model], name: str) -> bool:
    return bool(model._meta.get_field(name).null)


def build(connection: BaseDatabaseWrapper) -> list[str]:
    """As the owner: makes the policies what they should be; the tables that changed. A table whose fence stands is not
    touched, so nobody waits for a migration that changes nothing."""
    name = connection.ops.quote_name
    application, tenant = roles.application_role(), roles.tenant_role()
    with connection.cursor() as cursor:
        standing, owner = _standing(connection)
        tables = set(connection.introspection.table_names(cursor))
        changed = []
        used = " ".join(_words(fence) for fence in fences() if fence.table in tables)
        for function, text in _functions().items():
            if f"{function}(" in used and function.removeprefix(OWNS) in tables:
                cursor.execute(text)
        for fence in fences():
            wanted = _wanted(fence, "" if application == owner else application, tenant)
            if fence.table not in tables or standing.get(fence.table) == wanted:
                continue
            table = name(fence.table)
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            for policy in (ALL, OWN):
                cursor.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
            if application != owner:
                cursor.execute(f"CREATE POLICY {ALL} ON {table} TO {name(application)} USING (true) WITH CHECK (true)")
            cursor.execute(
                f"CREATE POLICY {OWN} ON {table} TO {name(tenant)}"
                f" USING ({fence.condition}) WITH CHECK ({fence.written})"
            )
            cursor.execute(f"COMMENT ON POLICY {OWN} ON {table} IS %s", [_words(fence)])
            changed.append(fence.table)
    return changed


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables whose fence is not the one that the code wants; none after `migrate`."""
    standing, owner = _standing(connection)
    application, tenant = roles.application_role(), roles.tenant_role()
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))  # of one that is not there something else says so
    return [
        fence.table
        for fence in fences()
        if fence.table in tables
        and standing.get(fence.table) != _wanted(fence, "" if application == owner else application, tenant)
    ]


Standing = tuple[str, dict[str, str]]  # the condition, the roles by policy


def _words(fence: Fence) -> str:
    return f"{fence.condition} / {fence.written}"


def _wanted(fence: Fence, application: str, tenant: str) -> Standing:
    return _words(fence), {OWN: tenant} | ({ALL: application} if application else {})


def _standing(connection: BaseDatabaseWrapper) -> tuple[dict[str, Standing], str]:
    """By table what stands, of those with row security on; and who owns the books. The condition is read from the
    policy's comment: PostgreSQL writes it in words of its own."""
    found: dict[str, tuple[list[str], dict[str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, p.polname, coalesce(obj_description(p.oid, 'pg_policy'), ''),
                   (SELECT string_agg(r.rolname, ',') FROM pg_roles r WHERE r.oid = ANY (p.polroles))
              FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
             WHERE c.relrowsecurity AND c.relnamespace = 'public'::regnamespace
            """
        )
        for table, policy, comment, names in cursor.fetchall():
            comments, policies = found.setdefault(table, ([], {}))
            policies[policy] = names or ""
            if policy == OWN:
                comments.append(comment)
        cursor.execute("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('accounts_dropshipper')")
        row = cursor.fetchone()
    return {table: ("".join(c), p) for table, (c, p) in found.items()}, row[0] if row else ""
