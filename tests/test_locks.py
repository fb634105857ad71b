"""Every lock, every compare-and-set and everything that may be there once, each with the test that needs it.

A new one fails here until tests/locks.toml names its test. What no test needs yet is among the table's gaps, which may
only become fewer.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from core.postgresql.owner import as_owner
from tests.locks import ROOMS, guards

ROOT = Path(__file__).resolve().parent.parent
TABLE = tomllib.loads((ROOT / "tests" / "locks.toml").read_text())
MOST_GAPS = 0


def test_every_guard_has_a_test_that_needs_it_or_is_a_known_gap():
    there = {guard.label for guard in guards(ROOT)}
    known = {**TABLE["needed"], **dict.fromkeys(TABLE["gaps"])}
    assert sorted(there - known.keys()) == [], "name in tests/locks.toml the test that fails without it"
    assert sorted(known.keys() - there) == [], "these are no longer there: take them out of tests/locks.toml"
    assert len(known) == len(TABLE["needed"]) + len(TABLE["gaps"]), "a place stands twice"


def test_the_gaps_become_only_fewer():
    assert len(TABLE["gaps"]) == len(set(TABLE["gaps"])) <= MOST_GAPS, "a new guard comes with its test"


def test_the_tests_that_the_table_names_are_there():
    functions: dict[str, set[str]] = {}
    for test in TABLE["needed"].values():
        file = test.split("::")[0]
        if file not in functions and (ROOT / file).exists():
            tree = ast.parse((ROOT / file).read_text())
            functions[file] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    named = sorted(tuple(test.split("::")) for test in TABLE["needed"].values())
    assert [f"{file}::{name}" for file, name in named if name not in functions.get(file, ())] == []


def test_a_guard_of_each_kind_is_found(tmp_path):
    (tmp_path / "wallet").mkdir()
    (tmp_path / "wallet" / "acts.py").write_text(
        '''"""Words about FOR UPDATE."""


def pay(rows, cursor):
    """pg_advisory_xact_lock is only named here."""
    rows.select_for_update().get()
    rows.update(paid=True)
    if not rows.filter(state="new").update(state="paid"):
        return rows.select_for_update(no_key=True)
    cursor.execute("SELECT pg_advisory_xact_lock(1)")


class Bill:
    number = CharField(unique=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["a", "b"], name="bill_once")]
'''
    )
    assert [guard.label for guard in guards(tmp_path)] == [
        "wallet/acts.py::pay lock",
        "wallet/acts.py::pay compare",
        "wallet/acts.py::pay lock 2",
        "wallet/acts.py::pay sql",
        "wallet/acts.py::Bill unique number",
        "wallet/acts.py::Bill.Meta unique bill_once",
    ]


@pytest.mark.django_db
def test_every_uniqueness_of_the_models_is_in_the_database():
    assert not_in_the_database() == []


@pytest.mark.django_db
def test_one_that_is_not_is_told():
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP INDEX accounts_one_email_change")
        cursor.execute("ALTER TABLE connectors_matchbatch DROP CONSTRAINT connectors_matchbatch_key_key")
    assert not_in_the_database() == ["EmailChange: accounts_one_email_change", "MatchBatch.key"]


def not_in_the_database() -> list[str]:
    missing = []
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in ROOMS or not model._meta.managed:
            continue
        there = unique_indexes(model._meta.db_table)
        for field in model._meta.local_fields:
            if field.unique and not field.primary_key and ((field.column,), False) not in there.values():
                missing.append(f"{model.__name__}.{field.name}")
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                columns = tuple(model._meta.get_field(name).column for name in constraint.fields)
                found, partial = there.get(constraint.name, ((), None))
                if partial != bool(constraint.condition) or (columns and sorted(found) != sorted(columns)):
                    missing.append(f"{model.__name__}: {constraint.name}")
    return sorted(missing)


def unique_indexes(table: str) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Of the valid unique indexes that count at once: the columns, and whether only some rows are meant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, indpred IS NOT NULL, ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid ="
            " i.indrelid AND attnum = ANY(i.indkey::int[])) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = %s::regclass AND indisunique AND indisvalid AND indimmediate",
            [table],
        )
        return {name: (tuple(columns), partial) for name, partial, columns in cursor.fetchall()}
