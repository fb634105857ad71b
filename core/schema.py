"""The schema that is there, as plain data: what PostgreSQL itself says of tables, columns, constraints, indexes,
triggers and functions. Who may see which row is not of it: that hangs on the names of roles (mci/database/fence.py).
Two descriptions can be compared (core/schema_compare.py), kept in a file, or mended from one another
(core/schema_mend.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# {"tables": {name: {part: {name: definition}}}, "functions": {signature: definition}, "extensions": [], "server": 18}
Schema = dict[str, Any]
PARTS = ("columns", "constraints", "indexes", "triggers")
STRINGS = ("char", "text")

_TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p')
"""
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity::text || a.attgenerated::text
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p')
"""
# NOT NULL is a fact of the column, whichever way this version of the server keeps it.
_CONSTRAINTS = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
  FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x')
 WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p')
"""
_INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(i.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
  FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
 WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
"""
_TRIGGERS = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' SWITCHED OFF' END
  FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
 WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p')
"""
_FUNCTIONS = """
SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid)
  FROM pg_proc p WHERE p.pronamespace = %(schema)s::regnamespace AND p.prokind IN ('f', 'p')
   AND NOT EXISTS (SELECT 1 FROM pg_depend d
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""


def describe(connection: BaseDatabaseWrapper, *, schema: str = "public", but: Iterable[str] = ()) -> Schema:
    """What stands in a schema of the connected database, in an order that is always the same; it only reads.

    The schema's own name is left out of every definition, so that the same tables in another schema read the same.
    `but`: tables that are left out."""
    found: Schema = {"tables": {}, "functions": {}}
    with transaction.atomic(using=connection.alias, durable=False), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        before = cursor.fetchone()[0]
        # Other schemas stay unnamed too where they are looked through anyway: extensions live in public.
        cursor.execute("SELECT set_config('search_path', %s, true)", [f"{schema}, public"])

        def rows(query: str) -> list[tuple[Any, ...]]:
            cursor.execute(query, {"schema": schema})
            return sorted(cursor.fetchall())

        for (table,) in rows(_TABLES):
            found["tables"][table] = {part: {} for part in PARTS}
        for table, column, kind, null, default, special in rows(_COLUMNS):
            words = [kind, "" if null else "NOT NULL", f"DEFAULT {default}" if default and special != "s" else ""]
            words.append({"d": "IDENTITY", "a": "IDENTITY ALWAYS", "s": f"GENERATED {default}"}.get(special, ""))
            found["tables"][table]["columns"][column] = " ".join(filter(None, words)).replace(f"{schema}.", "")
        for part, query in (
            ("constraints", _CONSTRAINTS),
            ("indexes", _INDEXES),
            ("triggers", _TRIGGERS),
        ):
            for table, name, definition in rows(query):
                found["tables"][table][part][name] = definition.replace(f"{schema}.", "")
        for signature, definition in rows(_FUNCTIONS):
            # Only the head: a body may name a schema on purpose.
            found["functions"][signature] = definition.replace(f"{schema}.", "", 1)
        cursor.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
        found["extensions"] = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        found["server"] = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])
    for table in but:
        found["tables"].pop(table, None)
    return found
