"""Makes the schema that is there the wanted one, with the rows that are in it. For the owner of the tables, inside a
migration: it locks what it changes until the end of the transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from core.schema import Schema, describe
from core.schema_compare import EXTRA, MISSING, OTHER, Difference, differences

# What a row that is already there has in a new column that must not be empty: (table, column, type) → value.
Fill = Callable[[str, str, str], Any]
PER_ROW = object()  # each row its own random UUID


class CannotMend(RuntimeError):
    """After all that could be done the schema is still not the wanted one; nothing was changed."""


def mend(connection: BaseDatabaseWrapper, wanted: Schema, *, fill: Fill) -> list[Difference]:
    """Brings the schema `public` to `wanted`; returns what it found. Rows are kept, and so are columns that nobody
    knows any more, which may then be left empty. Raises CannotMend, or the database's error where rows break a
    constraint."""
    found = _of_tables(connection, wanted)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")
        for statement, params in _statements(found, wanted, fill):
            cursor.execute(statement, params)
    left = _of_tables(connection, wanted)
    if left:
        raise CannotMend("; ".join(map(str, left)))
    return found


def _of_tables(connection: BaseDatabaseWrapper, wanted: Schema) -> list[Difference]:
    return [one for one in differences(describe(connection), wanted) if one.part != "extensions"]


def _statements(found: list[Difference], wanted: Schema, fill: Fill) -> Iterable[tuple[str, list[Any] | None]]:
    def those(part: str, *how: str) -> list[Difference]:
        return [one for one in found if one.part == part and one.how in how]

    made = {one.table for one in those("tables", MISSING)}

    def parts(part: str) -> list[tuple[str, str, str]]:
        """Table, name and definition of what is to be made: what is missing or other, and all of new tables."""
        some = [(one.table, one.name, one.wanted) for one in those(part, MISSING, OTHER)]
        return some + [(t, name, text) for t in sorted(made) for name, text in wanted["tables"][t][part].items()]

    for one in those("triggers", OTHER, EXTRA):
        yield f'DROP TRIGGER "{one.name}" ON "{one.table}"', None
    for one in sorted(those("constraints", OTHER, EXTRA), key=lambda c: not c.there.startswith("FOREIGN KEY")):
        yield f'ALTER TABLE "{one.table}" DROP CONSTRAINT "{one.name}"', None
    for one in those("indexes", OTHER, EXTRA):
        yield f'DROP INDEX "{one.name}"', None
    for one in those("functions", OTHER, EXTRA):
        if one.how == EXTRA or _head(one.there) != _head(one.wanted):
            yield f"DROP FUNCTION {one.name}", None
    for table in sorted(made):
        columns = [f'"{name}" {_column(text)}' for name, text in wanted["tables"][table]["columns"].items()]
        yield f'CREATE TABLE "{table}" ({", ".join(columns)})', None
    for one in those("columns", MISSING, OTHER, EXTRA):
        yield from _for_column(one, fill)
    for _table, _name, text in parts("indexes"):
        yield text, None
    foreign = "FOREIGN KEY"
    for table, name, text in sorted(parts("constraints"), key=lambda c: (c[2].startswith(foreign), c)):
        yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {text}', None
    for one in those("functions", MISSING, OTHER):
        yield one.wanted, None
    for _table, _name, text in parts("triggers"):
        yield text, None


def _for_column(one: Difference, fill: Fill) -> Iterable[tuple[str, list[Any] | None]]:
    alter = f'ALTER TABLE "{one.table}" ALTER COLUMN "{one.name}"'
    if one.how == EXTRA:
        yield f"{alter} DROP NOT NULL", None
        return
    kind, null, default = _taken_apart(one.wanted)
    if one.how == MISSING:
        add = f'ALTER TABLE "{one.table}" ADD COLUMN "{one.name}"'
        if null or default or "IDENTITY" in one.wanted or "GENERATED" in one.wanted:
            yield f"{add} {_column(one.wanted)}", None
            return
        value = fill(one.table, one.name, kind)
        if value is PER_ROW:
            yield f"{add} {kind} DEFAULT gen_random_uuid() NOT NULL", None
        else:
            yield f"{add} {kind} DEFAULT %s NOT NULL", [value]
        yield f"{alter} DROP DEFAULT", None
        return
    old_kind, old_null, old_default = _taken_apart(one.there)
    if default != old_default:
        yield f"{alter} DROP DEFAULT", None
    if kind != old_kind:
        yield f'{alter} TYPE {kind} USING "{one.name}"::{kind}', None
    if default and default != old_default:
        yield f"{alter} SET DEFAULT {default}", None
    if null and not old_null:
        yield f"{alter} DROP NOT NULL", None
    if old_null and not null:
        if not default:
            value = fill(one.table, one.name, kind)
            what = "gen_random_uuid()" if value is PER_ROW else "%s"
            update = f'UPDATE "{one.table}" SET "{one.name}" = {what} WHERE "{one.name}" IS NULL'  # noqa: S608
            yield update, None if value is PER_ROW else [value]
        yield f"{alter} SET NOT NULL", None


def _taken_apart(column: str) -> tuple[str, bool, str]:
    """Type, whether it may be NULL, default."""
    before, _word, default = column.partition(" DEFAULT ")
    for word in (" IDENTITY", " GENERATED"):
        before = before.partition(word)[0]
    return before.removesuffix(" NOT NULL"), " NOT NULL" not in before, default


def _column(column: str) -> str:
    if column.endswith(" IDENTITY ALWAYS"):
        return f"{column.removesuffix(' IDENTITY ALWAYS')} GENERATED ALWAYS AS IDENTITY"
    if column.endswith(" IDENTITY"):
        return f"{column.removesuffix(' IDENTITY')} GENERATED BY DEFAULT AS IDENTITY"
    if " GENERATED " in column:
        before, _word, made = column.partition(" GENERATED ")
        return f"{before} GENERATED ALWAYS AS ({made}) STORED"
    return column


def _head(function: str) -> str:
    return function.partition("\nAS ")[0].partition("\n LANGUAGE ")[0]
