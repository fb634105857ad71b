"""`python -m bench.mutants.lifted`: lifts each guard of tests/locks.toml in a copy of the tree, and runs the test that
the table says needs it. Prints those that go on without."""

from __future__ import annotations

import re
import sys
import tomllib
from contextlib import closing

import psycopg2

from bench.mutants.ground import Copy, ground
from bench.mutants.rooms import ROOT
from tests.locks import Guard, guards

_SECONDS = 300.0
_NAME = r'(?:"[^"]*"|\w+)'
_ROW_LOCK = re.compile(rf"FOR (?:NO KEY )?UPDATE(?: OF {_NAME}(?:, {_NAME})*)?(?: SKIP LOCKED)?")
_UNIQUE = """
SELECT i.indexrelid::regclass::text, c.conname, i.indrelid::regclass::text FROM pg_index i
LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
WHERE i.indisunique AND NOT i.indisprimary AND i.indrelid::regclass::text = ANY(%s)
 AND (i.indexrelid::regclass::text = %s OR
  (SELECT array_agg(attname::text) FROM pg_attribute
   WHERE attrelid = i.indrelid AND attnum = ANY(i.indkey::int[])) = %s)
"""


def lift(guard: Guard, text: str) -> str:
    """The file's text without the guard."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    raw = text.encode()

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    node = guard.node
    start, end = at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)
    if guard.kind == "lock":
        inner = node.func.value  # type: ignore[attr-defined]
        rows = raw[: at(inner.end_lineno, inner.end_col_offset)]
        return (rows + (b".all()" if rows.endswith(b".objects") else b"") + raw[end:]).decode()
    if guard.kind == "compare":
        return (raw[:start] + b"(" + raw[start:end] + b" or 1)" + raw[end:]).decode()
    if guard.kind == "sql":
        part = raw[start:end].decode()
        part = re.sub(r"pg_(?:try_)?advisory_xact_lock\(", "concat(", part)
        return raw[:start].decode() + _ROW_LOCK.sub("", part) + raw[end:].decode()
    return text


def drop_unique(copy: Copy, guard: Guard) -> bool:
    """In the copy's database: by the constraint's name, or by its column."""
    room, (_path, label) = guard.path.split("/")[0], guard.label.split("::")
    model, _kind, name = label.replace(".Meta", "").split(" ")[:3]
    with closing(psycopg2.connect(re.sub(r"/mci\b", f"/{copy.database}", copy.owner))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'r' AND relname LIKE %s", [f"{room}_%"]
            )
            tables = [row[0] for row in cursor.fetchall()]
            mine = [table for table in tables if table in {f"{room}_{model.lower()}"}] or tables
            cursor.execute(_UNIQUE, [mine, name, [name]])
            found = cursor.fetchall()
            for index, constraint, table in found:
                if constraint:
                    cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}" CASCADE')
                else:
                    cursor.execute(f"DROP INDEX {index}")
    return bool(found)


def main() -> int:
    table = tomllib.loads((ROOT / "tests" / "locks.toml").read_text())["needed"]
    named = sys.argv[1:] or [""]
    chosen = [guard for guard in guards(ROOT) if guard.label in table and any(part in guard.label for part in named)]
    without: list[str] = []
    with ground(1) as (copy,):
        for guard in chosen:
            text = (copy.folder / guard.path).read_text()
            lifted = lift(guard, text)
            copy.renew()
            if guard.kind == "unique" and not drop_unique(copy, guard):
                print(f"CANNOT    {guard.label}", flush=True)
                without.append(guard.label)
                continue
            compile(lifted, guard.path, "exec")
            if guard.kind != "unique" and (lifted == text):
                print(f"CANNOT    {guard.label}", flush=True)
                without.append(guard.label)
                continue
            copy.write(guard.path, lifted)
            test = table[guard.label]
            outcome = copy.pytest("-x", "-p", "no:randomly", test, seconds=_SECONDS)
            copy.write(guard.path, text)
            if outcome.code == 0:
                without.append(guard.label)
                print(f"NOT NEEDED {guard.label}: {test} passes without it", flush=True)
            else:
                print(f"needed    {guard.label}  {outcome.noticed_by}", flush=True)
    print(f"{len(chosen) - len(without)} of {len(chosen)} guards are needed by the test that the table names.")
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
