"""`manage.py schema`: what the connected database lacks of the wanted schema. `--write`: writes down that schema, from
the migrations as they are, and with `--landed` which migrations there are, none of which may be edited from then on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from core.schema import describe
from mci.environment import BASE_DIR
from mci.schema import FILE, findings, text_of


class Command(BaseCommand):
    help = "Compares the database's schema with the one that the code wants (mci/schema.json), or writes that file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="migrate an empty database and write the file")
        parser.add_argument("--landed", metavar="FILE", help="with --write: add the new migrations to this list")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            self._write()
            if options["landed"]:
                self._land(Path(options["landed"]))
            return
        found = findings()
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"{len(found)} differences from the schema that the code wants.", returncode=1)
        self.stdout.write("The schema is the one that the code wants.")

    def _land(self, file: Path) -> None:
        """Adds what is not in the list yet. What is in it stays: its test says when a file was edited since."""
        lines = file.read_text().splitlines() if file.exists() else []
        known = {line.split()[1] for line in lines}
        for path in sorted(BASE_DIR.glob("*/migrations/[0-9]*.py")):
            name = path.relative_to(BASE_DIR).as_posix()
            if name not in known:
                lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}")
        file.write_text("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.split()[1])))

    def _write(self) -> None:
        """In a database of its own, made and dropped: what stands in ours is no measure."""
        ours = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"] = {**connection.settings_dict["TEST"], "NAME": f"{ours}_schema"}
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            FILE.write_text(text_of(describe(connection)))
        finally:
            connection.creation.destroy_test_db(ours, verbosity=0)
        self.stdout.write(f"Written: {FILE}")
