"""System checks of what MCI's promises rest on. The database ones run with `check --database default`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from core.postgresql.owner import acting_as_owner
from mci.database import fence, roles
from mci.environment import PRODUCTION

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


@register(Tags.database)
def application_role_is_weak(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The application's login can break no guard of the books and pass no fence between the resellers."""
    if DEFAULT_DB_ALIAS not in (databases or []) or acting_as_owner.get():  # `migrate` checks before it begins
        return []
    found: list[CheckMessage] = []
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            words = roles.dangers(cursor)
            cursor.execute("SELECT to_regclass('orders_order') IS NOT NULL")
            there = cursor.fetchone()
        down = fence.missing(connections[DEFAULT_DB_ALIAS]) if there and there[0] else []
    except DatabaseError:
        return []  # durable_database says that it does not answer
    if words:
        message = f"The login of DATABASE_URL {', '.join(words)}."
        hint = "Give OWNER_DATABASE_URL the owner's login, DATABASE_URL the application's, and migrate."
        found.append(
            Error(message, hint=hint, id="mci.E006") if PRODUCTION else Warning(message, hint=hint, id="mci.W006")
        )
    if down:
        found.append(Error(f"No fence between tenants on {', '.join(down)}.", hint="Run migrate.", id="mci.E007"))
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
