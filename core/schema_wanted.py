"""The schema that migration files say, as they stand today: they are run in a schema of their own, which is described
and dropped. So a database whose migrations were edited after it had run them can be told from one that ran them so."""

from __future__ import annotations

from collections.abc import Collection

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from core.schema import Schema, describe

_SCRATCH = "mci_wanted"


def schema_after(
    connection: BaseDatabaseWrapper, migrations: Collection[tuple[str, str]], *, in_public: Collection[str] = ()
) -> tuple[Schema, Apps]:
    """What these migrations (app, name) leave behind in an empty database, and their models. What they depend on is
    reckoned with but not made: those tables are looked up in public, as are the extensions, for which the migrations
    named `in_public` care. Inside a transaction; the database is left as it was."""
    loader = MigrationLoader(None)
    order: list[tuple[str, str]] = []
    for key in sorted(migrations):
        order += [step for step in loader.graph.forwards_plan(key) if step not in order]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        before = cursor.fetchone()[0]
        cursor.execute(f"DROP SCHEMA IF EXISTS {_SCRATCH} CASCADE")
        cursor.execute(f"CREATE SCHEMA {_SCRATCH}")
        cursor.execute("SELECT set_config('search_path', %s, true)", [f"{_SCRATCH}, public"])
        state = ProjectState()
        for key in order:
            migration = loader.graph.nodes[key]
            if key in migrations and migration.name not in in_public:
                with connection.schema_editor(atomic=False) as editor:
                    state = migration.apply(state, editor)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else a table with new rows could not be altered
            else:
                state = migration.mutate_state(state, preserve=False)
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])
        wanted = describe(connection, schema=_SCRATCH)
        cursor.execute(f"DROP SCHEMA {_SCRATCH} CASCADE")
    return wanted, state.apps
