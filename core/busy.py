"""The database is busy, or was away for a moment: what passes by itself is told from what is wrong.

A lock that somebody holds, a deadlock, a statement that took too long, a connection that was cut: the transaction left
nothing, and the same act works a moment later. A worker puts it off; a page says so and keeps what was typed
(mci/web/errors.py); an act that has a key of its own, and so may run twice, is tried again at once (`repeatable`)."""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections
from django.utils.translation import gettext_lazy as _

from core.errors import TryLater

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

RETRY_AFTER = dt.timedelta(seconds=5)  # what a reader, or a shop, is asked to wait
_TRIES = 3
_PATIENCE_S = 6.0  # of who waits for the answer: no new try after it
_PAUSE_S = 0.25
# Of PostgreSQL (appendix A of its manual): locks, deadlocks, serialization, statements that took too long, and a server
# that is stopping, starting, full of connections or read only until its successor takes over.
_CODES = frozenset(
    ["55P03", "40P01", "40001", "57014", "57P01", "57P02", "57P03", "57P05", "53300", "25P03", "25P04", "25006"]
)
_NOT_AGAIN = frozenset(["57014"])  # it waited long enough


class Busy(TryLater):
    """Somebody else's work was in the way, or the database was away for a moment."""

    code = "busy"
    message = _("Too much is going on right now, or the database is away for a moment: try again.")


def is_passing(error: BaseException | None) -> bool:
    """Whether this error of the database (or what it was raised from) is one that waiting mends."""
    while error is not None:
        if isinstance(error, Error):
            code = _code(error)
            if code is not None:
                return code in _CODES or code.startswith("08")
            return isinstance(error, OperationalError | InterfaceError)  # no answer at all: the connection is lost
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False


def waited_long(error: BaseException) -> bool:
    """Whether its statement took longer than any may: passing, unless it is one that always does."""
    return isinstance(error, Error) and _code(error) in _NOT_AGAIN


def drop_if_cut() -> None:
    """A connection that was cut is given up, so that the next statement makes a new one; never within a transaction."""
    database = connections[DEFAULT_DB_ALIAS]
    if not database.in_atomic_block:
        database.close_if_unusable_or_obsolete()


def _code(error: BaseException) -> str | None:
    found = getattr(error.__cause__, "pgcode", None)
    return str(found) if found else None


def repeatable(act: Callable[P, T]) -> Callable[P, T]:
    """An act that is tried twice more where the database was busy. Only for one that finds its own effect, by a key or
    a state, when it was done already: the answer to a COMMIT may be lost with the connection. Within a transaction of
    the caller it is tried once: that transaction is over with it. Raises what the last try raised."""

    @wraps(act)
    def patient(*args: P.args, **kwargs: P.kwargs) -> T:
        database = connections[DEFAULT_DB_ALIAS]
        until, tries = time.monotonic() + _PATIENCE_S, 0
        while True:
            tries += 1
            try:
                return act(*args, **kwargs)
            except Error as error:
                if database.in_atomic_block or not is_passing(error) or waited_long(error):
                    raise
                if tries >= _TRIES or time.monotonic() > until:
                    raise
                log.info("The database was busy (%s): tried again.", _code(error) or type(error).__name__)
                drop_if_cut()
                time.sleep(random.uniform(_PAUSE_S / 2, _PAUSE_S) * tries)  # noqa: S311 - jitter

    return patient
