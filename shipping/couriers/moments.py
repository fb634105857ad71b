"""Dates and hours as couriers write them: local time of Rome, turned into UTC."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[./-]?(\d{2})[./-]?(\d{2})", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?", re.ASCII)
_SHEET_BEGINS = dt.date(1899, 12, 30)  # day 0 of a spreadsheet


def day(text: str) -> dt.date | None:
    """24.11.2026, 24/11/26, 2026-11-24, 20261124, or a spreadsheet's number of days; None for anything else."""
    plain = text.strip().split(" ")[0].split("T")[0]
    if found := _DAY_FIRST.fullmatch(plain):
        date, month, year = int(found[1]), int(found[2]), int(found[3])
        year += 2000 if year < 100 else 0
    elif found := _YEAR_FIRST.fullmatch(plain):
        year, month, date = int(found[1]), int(found[2]), int(found[3])
    elif plain.isascii() and plain.isdigit() and 30_000 <= int(plain) <= 80_000:
        return _SHEET_BEGINS + dt.timedelta(days=int(plain))
    else:
        return None
    try:
        return dt.date(year, month, date)
    except ValueError:
        return None


def hour(text: str) -> dt.time:
    """09.05, 9:05, 09:05:00; midnight when it is not told."""
    found = _HOUR.fullmatch(text.strip())
    try:
        return dt.time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else dt.time()
    except ValueError:
        return dt.time()


def moment(date: str, time: str = "") -> dt.datetime | None:
    """UTC; None when the date is none. The hour that occurs twice in autumn is its first."""
    found = day(date)
    if found is None:
        return None
    return dt.datetime.combine(found, hour(time or date.strip().partition(" ")[2]), ROME).astimezone(dt.UTC)
