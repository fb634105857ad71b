"""System checks of what MCI's promises rest on. The database ones run with `check --database default`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

OLDEST_POSTGRESQL = 15


@register(Tags.database)
def durable_database(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A delivery answered 2xx is in the database, whatever dies next: that needs fsync and synchronous_commit."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
                    " current_setting('full_page_writes'), pg_encoding_to_char(encoding),"
                    " current_setting('server_version_num')::int / 10000"
                    " FROM pg_database WHERE datname = current_database()"
                )
                row = cursor.fetchone()
        except DatabaseError as error:
            found.append(Error(f"The database does not answer: {error}", hint="See DATABASE_URL.", id="mci.E001"))
            continue
        assert row is not None
        fsync, synchronous_commit, full_page_writes, encoding, version = row
        if fsync != "on" or full_page_writes != "on":
            found.append(
                Error(
                    "PostgreSQL runs without fsync or full_page_writes.", hint="A power cut may ruin it.", id="mci.E002"
                )
            )
        if synchronous_commit == "off":
            found.append(Error("PostgreSQL answers before it has written (synchronous_commit is off).", id="mci.E003"))
        if encoding != "UTF8":
            found.append(Error(f"The database's encoding is {encoding}, not UTF8.", id="mci.E004"))
        if version < OLDEST_POSTGRESQL:
            found.append(Error(f"PostgreSQL {version} is older than {OLDEST_POSTGRESQL}.", id="mci.E005"))
    return found


@register(deploy=True)
def mail_leaves_the_house(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if "console" in settings.EMAIL_BACKEND:
        return [Warning("E-mail goes to the console.", hint="Set EMAIL_URL, like smtp+tls://…", id="mci.W001")]
    return []


@register(deploy=True)
def visitors_are_told_apart(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.TRUSTED_PROXIES:
        hint = "Behind a proxy set TRUSTED_PROXIES to 1: else all visitors share the limits of one address."
        return [Warning("Nobody is believed about where requests come from.", hint=hint, id="mci.W002")]
    return []
