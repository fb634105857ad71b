"""A database of the bench's own, made for the run and dropped after it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

NAME = "mci_bench"


@contextmanager
def own_database() -> Iterator[None]:
    """Migrated and empty; DATABASE_URL names it for the processes that the bench starts."""
    connection.settings_dict["TEST"]["NAME"] = NAME
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    before = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = (
        re.sub(r"/[^/?]*(\?|$)", rf"/{NAME}\1", before, count=1)
        if "?" in before
        else (before.rsplit("/", 1)[0] + "/" + NAME)
    )
    try:
        yield
    finally:
        os.environ["DATABASE_URL"] = before
        connection.creation.destroy_test_db("mci", verbosity=0)
