"""Does an answer come from the other side, or from a cache before it? An old list looks just like a fresh one."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping

_HIT = re.compile(r"\b(?:hit|stale|revalidated|updating)\b", re.IGNORECASE)
_LATER_S = 2.0
_MOST_KEPT = 1000
_lock = threading.Lock()
_given: OrderedDict[str, tuple[str, bytes, float]] = OrderedDict()  # the last dated answers of this process, by place


def answered(where: str, headers: Mapping[str, str], body: bytes) -> str:
    """What shows that a cache has answered: the name of a header; "" for a fresh answer. `where`: host and path of what
    was asked; `headers` keys are lower case."""
    age = headers.get("age", "").strip()
    if age.isascii() and age.isdigit() and int(age[:9]) > 0:
        return "age"
    names = (name for name in headers if "cache" in name and not name.endswith(("-control", "-tag", "-tags")))
    named = next((name for name in names if _HIT.search(headers[name])), "")
    return named or _repeated(where, headers.get("date", ""), body)


def _repeated(where: str, date: str, body: bytes) -> str:
    """A cache that does not name itself: the same answer of the same second, given once more later."""
    if not date:
        return ""
    digest, now = hashlib.sha256(body).digest(), time.monotonic()
    with _lock:
        before = _given.pop(where, None)
        same = before is not None and before[:2] == (date, digest)
        _given[where] = before if before is not None and same else (date, digest, now)
        if len(_given) > _MOST_KEPT:
            _given.popitem(last=False)
    return "date" if before is not None and same and now - before[2] > _LATER_S else ""
