"""`manage.py migrate`, as the owner of the tables, with the roles' rights and the tenants' fence at its end."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connection, transaction

from core.postgresql.owner import as_owner
from mci.database import fence, roles
from mci.environment import PRODUCTION


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        if PRODUCTION and not settings.OWNER_DATABASE:
            raise CommandError("OWNER_DATABASE_URL is not set: in production the tables are not the application's own.")
        with as_owner():  # the checks before it too: the application's role may not be there yet
            return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"] or options["database"] != DEFAULT_DB_ALIAS:
            return
        with transaction.atomic():
            roles.arrange(connection)
            # Not for a part of the migrations: what the models say may not be there yet.
            changed = [] if options["app_label"] else fence.build(connection)
        if changed and options["verbosity"] >= 1:
            self.stdout.write(f"  Rows are fenced by tenant in {len(changed)} tables.")
