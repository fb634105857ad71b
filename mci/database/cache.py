"""The cache, in PostgreSQL. Its one user is allauth, which counts in it how often somebody tried: what may be lost or
flushed with Redis would loosen those limits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.cache.backends.db import DatabaseCache


class DurableCache(DatabaseCache):
    """Makes room by what is over, and by nothing else: Django's own would throw the counts of one visitor away because
    another one tried a million addresses."""

    def _cull(self, db: str, cursor: Any, now: dt.datetime, num: int) -> None:
        cursor.execute("DELETE FROM core_cache WHERE expires < %s", [now])
