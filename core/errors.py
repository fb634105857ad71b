"""The three kinds of errors, sorted by what happens next. Every domain error is one of them."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule of the business spoke. `code` is stable (stored in rows, used in tests); `message` is a translated sentence
    with named placeholders, filled from `params`, so that it can be shown again later in the reader's language."""

    code: ClassVar[str] = "error"
    message: ClassVar[str | Promise] = _("Something went wrong.")

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


class Refused(DomainError):
    """A rule said no; the sentence is for the reader, who decides what to do."""

    code = "refused"
    message = _("This cannot be done.")


class NeedsHand(DomainError):
    """It will not work until a person acts (reconnect, map, fix)."""

    code = "needs_hand"
    message = _("This needs your attention.")


class TryLater(DomainError):
    """A passing trouble; `after` says how long to wait when the other side said so."""

    code = "try_later"
    message = _("Not available right now: it will be tried again.")

    def __init__(self, *, after: dt.timedelta | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.after = after
