"""`manage.py verify`: checks on the live database what must always be true, and says what it found."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction

from mci.verify.invariant import Check
from mci.verify.invariants import CHECKS

SHOWN = 10  # findings of a check that are printed in full


class Command(BaseCommand):
    """It only reads, in one snapshot. Money is never mended by a program."""

    help = "Checks on the live database what must always be true; exits with 1 and the findings when something is not."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        # A test is inside a transaction already, whose isolation cannot be changed any more.
        alone = not connection.in_atomic_block
        with transaction.atomic(), connection.cursor() as cursor:
            if alone:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
            for check in CHECKS:
                findings = _findings(check)
                wrong += len(findings)
                self.stdout.write(f"{'FOUND' if findings else 'ok   '} {check.number}. {check.title}")
                for finding in findings[:SHOWN]:
                    self.stdout.write(f"        {finding}")
                if len(findings) > SHOWN:
                    self.stdout.write(f"        … and {len(findings) - SHOWN} more")
        if wrong:
            raise CommandError(f"{wrong} findings: something that must always be true is not.", returncode=1)
        self.stdout.write(f"All {len(CHECKS)} checks hold.")


def _findings(check: Check) -> list[str]:
    """A check that cannot be asked, because its table is missing, is a finding and keeps none of the others back."""
    try:
        with transaction.atomic():
            return list(check.find())
    except DatabaseError as error:
        return [f"cannot be asked: {str(error).splitlines()[0]}"]
