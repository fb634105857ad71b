"""Periods that have a name: a month, a quarter, a year; half open, in the time zone of the supplier."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MONTHS, QUARTERS, YEARS = 12, 6, 5  # how many of each are offered
_NAMED = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2])|-Q([1-4]))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last one, both included; None is open."""

    first: dt.date | None = None
    last: dt.date | None = None

    @property
    def start(self) -> dt.datetime | None:
        return midnight(self.first) if self.first else None

    @property
    def end(self) -> dt.datetime | None:
        return midnight(self.last + dt.timedelta(days=1)) if self.last else None


def midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def named(text: str) -> Period | None:
    """`2026-10`, `2026-Q3` and `2026` are a month, a quarter and a year; anything else is None."""
    found = _NAMED.fullmatch(text)
    if found is None:
        return None
    year, month, quarter = int(found[1]), found[2], found[3]
    if month:
        return _months(year, int(month), 1)
    return _months(year, int(quarter) * 3 - 2, 3) if quarter else _months(year, 1, 12)


def _months(year: int, month: int, count: int) -> Period:
    after = dt.date(year + (month + count - 1) // 12, (month + count - 1) % 12 + 1, 1)
    return Period(dt.date(year, month, 1), after - dt.timedelta(days=1))


Choice = tuple[str, str]


def choices(today: dt.date) -> list[tuple[str | Promise, list[Choice]]]:
    """What a person picks from, the present ones first, in groups: (name of the group, [(value, words)])."""
    return [
        (gettext_lazy("Month"), [_month(today, back) for back in range(MONTHS)]),
        (gettext_lazy("Quarter"), [_quarter(today, back) for back in range(QUARTERS)]),
        (gettext_lazy("Year"), [(str(year), str(year)) for year in range(today.year, today.year - YEARS, -1)]),
    ]


def _month(today: dt.date, back: int) -> Choice:
    at = today.year * 12 + today.month - 1 - back
    day = dt.date(at // 12, at % 12 + 1, 1)
    return f"{day:%Y-%m}", date_format(day, "F Y")


def _quarter(today: dt.date, back: int) -> Choice:
    at = today.year * 4 + (today.month - 1) // 3 - back
    year, number = at // 4, at % 4 + 1
    words = _("Quarter %(number)s of %(year)s") % {"number": number, "year": year}
    return f"{year}-Q{number}", words
