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

    @classmethod
    def sentence(cls, code: str, params: dict[str, Any]) -> str:
        """The sentence of an error that was stored as code and params, in the reader's language now."""
        found = _by_code(DomainError, code)
        if found is None:
            return str(cls.message)
        try:
            return str(found.message) % params
        except (KeyError, TypeError):
            return str(found.message)


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


def _by_code(kind: type[DomainError], code: str) -> type[DomainError] | None:
    if kind.code == code:
        return kind
    return next((found for sub in kind.__subclasses__() if (found := _by_code(sub, code))), None)
