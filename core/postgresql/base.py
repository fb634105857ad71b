"""Django's PostgreSQL backend, with the tenant in force (core/tenancy.py) said before the statement that needs it.

It is said in the statement's own message, so it costs no round trip: `SET LOCAL` before a statement in autocommit,
where psycopg2 sends both as one implicit transaction, and once in a transaction. It never outlives the transaction: a
connection that goes back to a pool carries nothing. Where everybody's rows are in force nothing is said.

The role that statements run as is the login's (or that of `assume_role`); for a tenant it is the role of that name with
`_tenant` behind it, whose rows the policies choose (mci/database/roles.py makes both).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg2 import extensions
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INERROR, quote_ident

from core import tenancy
from core.tenancy import EVERYBODY, NOBODY

TENANT_SUFFIX = "_tenant"
SETTING = "mci.tenant"
_SAID = re.compile(rf"""(?:SET LOCAL (?:ROLE (?:"(?:[^"]|"")+"|none)|{re.escape(SETTING)} = '[0-9]*'); )+""")


class Connection(extensions.connection):
    """`said`: what was said in the transaction that is open; None when that is not known. `base_role`: whom statements
    run as when everybody's rows are in force; empty for the login itself."""

    said: str | None = None
    base_role = ""

    def word(self, tenant: str, *, fresh: bool) -> str:
        """The statements that put `tenant` in force; `fresh`: nothing was said in this transaction."""
        if tenant == EVERYBODY:
            base_role = quote_ident(self.base_role, self) if self.base_role else "none"
            return "" if fresh else f"SET LOCAL ROLE {base_role}; "
        role = quote_ident((self.base_role or self.info.user) + TENANT_SUFFIX, self)
        words = f"SET LOCAL ROLE {role}; "
        return words if tenant == NOBODY and fresh else f"{words}SET LOCAL {SETTING} = '{tenant}'; "

    def due(self) -> str:
        """What must be said before the next statement."""
        tenant = tenancy.in_force()
        status = self.get_transaction_status()
        if status == TRANSACTION_STATUS_IDLE:
            self.said = EVERYBODY if self.autocommit else tenant
            return "" if tenant == EVERYBODY else self.word(tenant, fresh=True)
        if tenant == self.said or status == TRANSACTION_STATUS_INERROR:
            return ""
        self.said = tenant
        return self.word(tenant, fresh=False)


class Cursor(extensions.cursor):
    connection: Connection

    def execute(self, query: Any, vars: Any = None) -> None:
        words = self.connection.due()
        if isinstance(query, str) and query.startswith("ROLLBACK"):
            # To a savepoint: what was said since then is taken back.
            super().execute(query, vars)
            self.connection.said = None
        elif not words:
            super().execute(query, vars)
        elif self.name:
            self._declare(words, query, vars)
        else:
            super().execute(words + (query if isinstance(query, str) else query.as_string(self)), vars)

    def _declare(self, words: str, query: Any, vars: Any) -> None:
        """A cursor on the server takes one statement alone. One that outlives its transaction (WITH HOLD) is filled
        when that ends: as the tenant."""
        with self.connection.cursor(cursor_factory=extensions.cursor) as plain:
            if not self.connection.autocommit:
                plain.execute(words)
                super().execute(query, vars)
                return
            plain.execute("BEGIN; " + words)
            try:
                super().execute(query, vars)
            except BaseException:
                plain.execute("ROLLBACK")
                raise
            plain.execute("COMMIT")

    def executemany(self, query: Any, vars_list: Any) -> None:
        idle = self.connection.get_transaction_status() == TRANSACTION_STATUS_IDLE
        if tenancy.in_force() == EVERYBODY and (idle or self.connection.said == EVERYBODY):
            super().executemany(query, vars_list)
            return
        for values in vars_list:
            self.execute(query, values)


class Operations(DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """Without what was said before it: `connection.queries` shows the statements of the code."""
        text = super().last_executed_query(cursor, sql, params)
        return _SAID.sub("", text, count=1) if isinstance(text, str) and text.startswith("SET LOCAL ") else text


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations

    def get_connection_params(self) -> dict[str, Any]:
        return {
            **super().get_connection_params(),
            "connection_factory": Connection,
            "cursor_factory": Cursor,
        }

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.base_role = self.settings_dict["OPTIONS"].get("assume_role", "")
        return connection

    @contextmanager
    def _nodb_cursor(self) -> Iterator[Any]:
        """Making and dropping a database is the owner's."""
        plain = self.settings_dict
        self.settings_dict = {**plain, **settings.OWNER_DATABASE}
        try:
            with super()._nodb_cursor() as cursor:
                yield cursor
        finally:
            self.settings_dict = plain
