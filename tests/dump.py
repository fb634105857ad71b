"""The whole database as text: what a test searches for somebody who must not be in it any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection

_COLUMNS = """
    SELECT column_.table_schema, column_.table_name, column_.column_name, column_.data_type
    FROM information_schema.columns AS column_
    JOIN information_schema.tables AS table_ USING (table_schema, table_name)
    WHERE table_.table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2, column_.ordinal_position
"""


def values() -> Iterator[tuple[str, str]]:
    """Every value of every column of every table as text, with "table.column"; bytes decoded, sessions opened."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        columns = cursor.fetchall()
        for schema, table, column, kind in columns:
            what = f'"{column}"' if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT {what} FROM "{schema}"."{table}" WHERE "{column}" IS NOT NULL')
            for (value,) in cursor.fetchall():
                yield f"{table}.{column}", _text(value)
    for session in Session.objects.all():
        yield "django_session.decoded", repr(session.get_decoded())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")


# What any visit may write: the visitor's own session.
VISITS = {"django_session"}


def digests() -> dict[str, str]:
    """A digest of each table's rows, but for what any visit writes: two that are equal say that nothing changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        tables = sorted({table for schema, table, _column, _kind in cursor.fetchall() if schema == "public"} - VISITS)
        each = " UNION ALL ".join(
            f"SELECT '{table}', md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) FROM \"{table}\" AS r"
            for table in tables
        )
        cursor.execute(each)
        return dict(cursor.fetchall())


def changed(before: dict[str, str]) -> list[str]:
    """The tables that differ from `digests` of before."""
    return sorted(table for table, digest in digests().items() if before.get(table) != digest)


def places(*texts: str) -> dict[str, set[str]]:
    """Where each of these texts stands, in capitals or not: "table.column" by text; nothing for one that is nowhere."""
    wanted = {text: text.lower() for text in texts}
    found: dict[str, set[str]] = {}
    for place, value in values():
        small = value.lower()
        for text, lower in wanted.items():
            if lower in small:
                found.setdefault(text, set()).add(place)
    return found
