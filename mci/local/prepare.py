"""Bring the database up to date and fill an empty one with the demo, in one process: starting Django costs a second."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import django

from mci.local.processes import PROGRESS


def _begin_anew() -> None:
    """A load of the demo was cut; the embedded database holds nothing else yet."""
    from django.db import connection

    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")


def collect_static() -> None:
    """Static files as production serves them, compressed and named by their content: nobody works on slower pages than
    he gives to others. It takes a second or two, so not when nothing has changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    if not settings.STATIC_ROOT:
        return
    there = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = os.stat(storage.path(path))
            there.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    stamp = root / "collected"
    if stamp.exists() and stamp.read_text() == there.hexdigest():
        return
    _tell("the static files are compressed …")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=root.exists(), verbosity=0)
    stamp.write_text(there.hexdigest())


class _Told:
    """What a command says goes into the log, and line by line to who watches `make run`."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)
        for line in filter(str.strip, text.splitlines()):
            _tell(line)

    def flush(self) -> None:
        sys.stderr.flush()


def _tell(words: str) -> None:
    print(f"{PROGRESS}{words}", flush=True)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mci.settings")
    django.setup()
    from django.apps import apps
    from django.core.management import call_command, get_commands
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from core.postgresql.owner import as_owner

    log = sys.stderr  # standard output is what `make run` shows
    # MCI_DEMO_MARK: the file that exists while the demo is being loaded; unset when the database is not ours alone.
    mark = Path(os.environ["MCI_DEMO_MARK"]) if os.environ.get("MCI_DEMO_MARK") else None
    if mark and mark.exists():
        _begin_anew()
        mark.unlink()
    plan = MigrationExecutor(connection)
    if missing := len(plan.migration_plan(plan.loader.graph.leaf_nodes())):
        _tell(f"the database is brought up to date: {missing} migrations …")
    call_command("migrate", interactive=False, verbosity=1, stdout=log)  # this makes the application's role
    collect_static()
    call_command("check", databases=["default"], stdout=log, stderr=log)
    commands = get_commands()
    if "load_demo" in commands and not apps.get_model("accounts", "User").objects.exists():
        if mark:
            mark.touch()
        _tell("the demo is loaded, this once: a supplier, its goods and resellers with two months of orders …")
        call_command("load_demo", stdout=_Told())
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # without it the first pages are planned for empty tables
        if mark:
            mark.unlink()
    if "demo_shops" in commands:
        call_command("demo_shops", stdout=log)
    if "demo_logins" in commands:
        call_command("demo_logins")


if __name__ == "__main__":
    main()
