"""`manage.py reencrypt`: seal every stored secret with the first of FIELD_KEYS, so that an old one can be dropped."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mci.database import reencrypt


class Command(BaseCommand):
    help = (
        "Seals every stored secret with the first of FIELD_KEYS. May be interrupted and run again, beside the traffic."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say what is sealed with which key")
        parser.add_argument("--batch", type=int, default=reencrypt.BATCH, help="rows that are read at once")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = [base64.b64decode(key) for key in settings.FIELD_KEYS]
        if len(set(keys)) != len(keys):
            raise CommandError("FIELD_KEYS names a key twice. Put the new key first and each old one once behind it.")
        if len(keys) == 1 and not options["check"]:
            raise CommandError(
                "FIELD_KEYS has one key: there is nothing to exchange. Put a new one before it, restart every process,"
                " then run this. (--check says whether all secrets open.)"
            )
        if not 1 <= options["batch"] <= 10_000:
            raise CommandError("--batch is between 1 and 10000.")
        reports = []
        for place in reencrypt.places():
            report = reencrypt.run(place, batch=options["batch"], write=not options["check"])
            reports.append(report)
            word = "to be sealed anew" if options["check"] else "sealed anew"
            print(f"{report.label}: {report.renewed} {word}, {report.current} were right", end="")
            print(f", {report.busy} were being written" if report.busy else "", end="")
            print(
                f", {len(report.unreadable)} OPEN WITH NO KEY ({_some(report.unreadable)})" if report.unreadable else ""
            )
        if any(report.unreadable for report in reports):
            raise CommandError("Some secrets open with none of FIELD_KEYS: drop no key, and put the missing one back.")
        if any(report.busy for report in reports):
            raise CommandError("Some rows were being written all the time: run it again.")
        if options["check"]:
            left = sum(report.renewed for report in reports)
            print("Every secret opens." + (f" {left} need an old key." if left else " The first key opens them all."))
        else:
            print(
                "Done. Once every process runs with the new key first, run it again; then the old keys can be dropped."
            )


def _some(found: list[Any]) -> str:
    return ", ".join(map(str, found[:10])) + (" …" if len(found) > 10 else "")
