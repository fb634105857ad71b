"""The three kinds of errors, sorted by what happens next. Every domain error is one of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.postal.countries import country_name

_AMOUNT = re.compile(r"-?\d{1,9}\.\d\d", re.ASCII)
_KILOS = re.compile(r"\d{1,9}(\.\d{1,3})?", re.ASCII)
# What somebody else wrote stays as it is written, even where it looks like an amount.
_NAMES = frozenset(
    [
        "sku",
        "text",
        "value",
        "number",
        "tracking",
        "reference",
        "name",
        "label",
        "installed",
        "newest",
        "used",
        "ours",
        "given",
    ]
)


# Why a call had no answer (core/http.py), as it is kept in rows.
_REASONS: dict[str, Promise] = {
    "connection": _("no connection"),
    "DNS": _("this address does not exist"),
    "timeout": _("no answer in time"),
    "no https": _("nobody speaks https there"),
    "left alone": _("several calls in a row failed: we wait a little"),
    "size": _("the answer is too long"),
    "encoding": _("the answer is packed in a way that we did not ask for"),
    # Why an address is not called at all.
    "IP": _("this name leads to a private network, where no shop can be reached from the internet"),
    "https": _("its address must begin with https"),
    "URL": _("this is not how an address is written"),
}
STORED = 200  # characters of a param that a row keeps
_PORT = re.compile(r"port \d{1,5}", re.ASCII)


def for_reader(params: Mapping[str, Any]) -> dict[str, Any]:
    """Params of a sentence as the reader writes them: amounts ("1234.50", as they are stored: 1.234,50), the kg of
    `weight` and `limit`, the code in `country` as the country's name, and
    the `reason` why a call had no answer."""
    return {name: _for_reader(name, value) for name, value in params.items()}


def _for_reader(name: str, value: Any) -> Any:
    if not isinstance(value, str) or name in _NAMES:
        return value
    if name == "reason":
        if _PORT.fullmatch(value):
            return gettext("%(port)s: shops are asked at the ports 443 and 8443 alone") % {"port": value}
        return str(_REASONS.get(value, value))
    if name == "country":
        return country_name(value)
    if name in ("weight", "limit") and _KILOS.fullmatch(value):
        return number_format(value, use_l10n=True, force_grouping=True)
    if _AMOUNT.fullmatch(value):
        return number_format(value, decimal_pos=2, use_l10n=True, force_grouping=True)
    return value


class _Filled(dict[str, Any]):
    """What was not stored is a dash: a row of an earlier version must not show a placeholder."""

    def __missing__(self, name: str) -> str:
        return "–"


class DomainError(Exception):
    """A rule of the business spoke. `code` is stable (stored in rows, used in tests); `message` is a translated
    sentence with named placeholders, filled from `params`, so that it can be shown again in the reader's language."""

    code: ClassVar[str] = "error"
    message: ClassVar[str | Promise] = _("Something went wrong.")
    _by_code: ClassVar[dict[str, type[DomainError]]] = {}

    def __init_subclass__(cls) -> None:
        """A code names one class: rows keep the code, and the sentence is found by it. A class without a code of its
        own is read back as the one whose code it has."""
        super().__init_subclass__()
        if "code" in cls.__dict__:
            cls._by_code.setdefault(cls.code, cls)

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params

    def stored_params(self) -> dict[str, int | str]:
        """The params as a row keeps them: numbers as they are, everything else as text, cut where it has no end."""
        return {name: value if isinstance(value, int) else str(value)[:STORED] for name, value in self.params.items()}

    def __str__(self) -> str:
        return str(self.message) % _Filled(for_reader(self.params)) if self.params else str(self.message)

    @classmethod
    def of(cls, code: str) -> type[DomainError] | None:
        """The class that a stored code names."""
        return cls._by_code.get(code)

    @classmethod
    def stored(cls, code: str, params: Mapping[str, Any]) -> DomainError:
        """An error that was stored as code and params, as it was raised."""
        return (cls.of(code) or Refused)(**params)

    @classmethod
    def sentence(cls, code: str, params: dict[str, Any]) -> str:
        """The sentence of an error that was stored as code and params, in the reader's language now."""
        found = cls.of(code)
        return str(cls.message) if found is None else str(found.message) % _Filled(for_reader(params))


class Refused(DomainError):
    """A rule said no; the sentence is for the reader, who decides what to do."""

    code = "refused"
    message = _("This cannot be done.")
    by_state: ClassVar[bool] = False  # it is the state of the thing that forbids it, not what was asked


class AlreadyDone(Refused):
    """Somebody did it before: another tab, a colleague. Nothing is done again. `name` is who, `at` when (as text)."""

    code = "already_done"
    message = _("This was done already, by %(name)s on %(at)s: nothing was done again.")

    @classmethod
    def told(cls, who: object, at: dt.datetime, **more: Any) -> AlreadyDone:
        moment = timezone.localtime(at)
        shown = f"{date_format(moment, 'SHORT_DATE_FORMAT')} {date_format(moment, 'H:i')}"
        return cls(name=str(who or "–"), at=shown, **more)


class ReasonMissing(Refused):
    code = "reason_missing"
    message = _("Say why: the reseller reads it.")


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


class TooManyTries(TryLater):
    """A limit on how often was met (core/inbound/throttles.py): HTTP 429."""

    code = "too_many_tries"
    message = _("Too many attempts: wait a few minutes, then try again.")
