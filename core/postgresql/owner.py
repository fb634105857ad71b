"""The owner's connection, for the few acts that are his: migrations, and what tests do behind its back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

acting_as_owner: ContextVar[bool] = ContextVar("mci_owner", default=False)


@contextmanager
def as_owner() -> Iterator[None]:
    """Within, the default connection is the owner's. Without OWNER_DATABASE_URL it is the one there is. In a
    transaction (tests) the role changes and the connection stays."""
    if acting_as_owner.get():
        yield
        return
    connection = connections[DEFAULT_DB_ALIAS]
    token = acting_as_owner.set(True)
    try:
        if not settings.OWNER_DATABASE:
            yield
        elif connection.in_atomic_block:
            role = connection.settings_dict["OPTIONS"].get("assume_role")
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE NONE")
            try:
                yield
            finally:  # a rollback takes the role back by itself
                if role and connection.connection.get_transaction_status() != TRANSACTION_STATUS_INERROR:
                    with connection.connection.cursor() as cursor:
                        cursor.execute(f"SET ROLE {connection.ops.quote_name(role)}")
        else:
            before = {name: connection.settings_dict[name] for name in settings.OWNER_DATABASE}
            connection.close()
            connection.settings_dict.update(settings.OWNER_DATABASE)
            try:
                yield
            finally:
                connection.close()
                connection.settings_dict.update(before)
    finally:
        acting_as_owner.reset(token)
