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
    """Migrated and empty; the addresses name it for the processes that the bench starts."""
    connection.settings_dict["TEST"]["NAME"] = NAME
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    before = {name: os.environ[name] for name in ("DATABASE_URL", "OWNER_DATABASE_URL") if os.environ.get(name)}
    os.environ.update({name: _renamed(url) for name, url in before.items()})
    try:
        yield
    finally:
        os.environ.update(before)
        connection.creation.destroy_test_db("mci", verbosity=0)


def _renamed(url: str) -> str:
    if "?" in url:
        return re.sub(r"/[^/?]*(\?|$)", rf"/{NAME}\1", url, count=1)
    return url.rsplit("/", 1)[0] + "/" + NAME
