"""The balance as a drawing: the points are computed here, the template draws the SVG. No script, no colour."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format, number_format

from core.templatetags.mci import MINUS
from wallet.statement.history import Day

LINES = 4  # of the grid, about
LABEL_WIDTH = 130  # of "Today 1,234.56 €"
DIGIT = 6.5  # the width of one, at the size of the axes
BARS_AT_MOST = 92


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a place of an axis."""

    at: str
    text: str
    text_at: str


@dataclass(frozen=True, slots=True)
class Bar:
    css: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One SVG. All coordinates are strings with a decimal point: templates must not localise them."""

    css: str
    width: int
    height: int
    left: int
    right: int
    grid: list[Mark]
    dates: list[Mark]
    line: str
    area: str
    bars: list[Bar]
    end_x: str
    end_y: str
    label_y: str
    dates_y: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The same days for wide and for narrow screens; and the days on which something moved, for the table."""

    wide: Drawing
    narrow: Drawing
    first: Day
    last: Day
    lowest: Decimal
    moved: list[Day]


def chart(days: Sequence[Day]) -> Chart:
    """Draws `days` (oldest first, at least one)."""
    return Chart(
        wide=_draw(days, "wid", width=820, height=262, dates=8),
        narrow=_draw(days, "nar", width=370, height=238, dates=5),
        first=days[0],
        last=days[-1],
        lowest=min(day.balance for day in days),
        moved=[day for day in reversed(days) if day.incoming or day.outgoing],
    )


def _step(span: float) -> float:
    """A round distance between grid lines: 1, 2 or 5 times a power of ten, whole euros."""
    raw = max(span / LINES, 1.0)
    power = 10 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)


def _weeks(days: Sequence[Day]) -> list[tuple[int, Decimal, Decimal]]:
    """Incoming and outgoing by group of days, so that a year's bars can be told apart; with the group's middle."""
    size = math.ceil(len(days) / BARS_AT_MOST)
    groups = [days[start : start + size] for start in range(0, len(days), size)]
    return [
        (
            n * size + len(group) // 2,
            sum((day.incoming for day in group), Decimal(0)),
            sum((day.outgoing for day in group), Decimal(0)),
        )
        for n, group in enumerate(groups)
    ]


def _draw(days: Sequence[Day], css: str, *, width: int, height: int, dates: int) -> Drawing:
    right = width - 10
    top, bottom, bars_bottom, bars_height = 36, height - 82, height - 26, 46
    low = min(0.0, *(float(day.balance) for day in days))
    high = max(float(day.balance) for day in days)
    step = _step(max(high, 0.0) - low)
    low, high = math.floor(low / step) * step, max(math.ceil(max(high, 0.0) / step) * step, low + step)
    count = round((high - low) / step)
    labels = [(low + step * n, _axis(low + step * n)) for n in range(count + 1)]
    left = max(40, round(DIGIT * max(len(text) for _value, text in labels)) + 10)
    slot = (right - left) / len(days)

    def x_of(n: float) -> float:
        return left + slot * (n + 0.5)

    def y_of(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    path = f"M{x_of(0):.1f},{y_of(float(days[0].balance)):.1f}"
    for n, day in enumerate(days[1:], 1):
        path += f" H{x_of(n):.1f}" + (f" V{y_of(float(day.balance)):.1f}" if day.balance != days[n - 1].balance else "")
    every = math.ceil(len(days) / dates)
    # The label of the last day stands above whatever part of the line it covers.
    under = [y_of(float(day.balance)) for n, day in enumerate(days) if x_of(n + 1) >= right - LABEL_WIDTH]
    return Drawing(
        css=css,
        width=width,
        height=height,
        left=left,
        right=right,
        grid=[Mark(f"{y_of(value):.1f}", text, f"{y_of(value) + 4:.1f}") for value, text in labels],
        dates=[
            Mark(f"{min(x_of(n), width - DIGIT / 2 * len(text) - 2):.1f}", text, "")
            for n, text in (
                (n, _day(days[n].date, len(days))) for n in range((len(days) - 1) % every, len(days), every)
            )
        ],
        line=path,
        area=f"{path} V{y_of(max(low, 0.0)):.1f} H{x_of(0):.1f} Z",
        bars=_bars(days, slot, x_of=x_of, bottom=bars_bottom, height=bars_height),
        end_x=f"{x_of(len(days) - 1):.1f}",
        end_y=f"{y_of(float(days[-1].balance)):.1f}",
        label_y=f"{max(min(under) - 12, 14):.1f}",
        dates_y=height - 6,
    )


def _bars(days: Sequence[Day], slot: float, *, x_of: Callable[[float], float], bottom: int, height: int) -> list[Bar]:
    groups = _weeks(days)
    most = max((max(float(incoming), -float(outgoing)) for _n, incoming, outgoing in groups), default=0.0)
    if not most:
        return []
    width = min(9.2, slot * len(days) / len(groups) * 0.38)
    bars = []
    for n, incoming, outgoing in groups:
        middle = x_of(n)
        for css, value, x in (("cin", float(incoming), middle - width - 0.4), ("cout", -float(outgoing), middle + 0.4)):
            if value:
                tall = max(1.0, value / most * height)
                bars.append(Bar(css, f"{x:.1f}", f"{bottom - tall:.1f}", f"{width:.1f}", f"{tall:.1f}"))
    return bars


def _axis(value: float) -> str:
    minus = MINUS if value < 0 else ""
    return f"{minus}{number_format(abs(round(value)), use_l10n=True, force_grouping=True)}"


def _day(day: dt.date, count: int) -> str:
    return date_format(day, "M y" if count > 180 else "d/m")
