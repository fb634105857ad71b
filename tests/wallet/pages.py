"""Reading the wallet's pages: by their data attributes, never by their words."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


def at(day: str, time: str = "12:00") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day} {time}").replace(tzinfo=ROME)


def figures(answer: Any, name: str) -> list[str]:
    """All values of `data-name` in the page's own part, in order."""
    return re.findall(rf'data-{name}="([^"]*)"', answer.content.decode().split("<main", 1)[1])


def figure(answer: Any, name: str) -> D:
    (value,) = figures(answer, name)
    return D(value)


def movements(answer: Any) -> list[tuple[str, D, D]]:
    """Kind, amount, balance after: of each row of the page."""
    rows = zip(figures(answer, "kind"), figures(answer, "amount"), figures(answer, "balance"), strict=True)
    return [(kind, D(amount), D(balance)) for kind, amount, balance in rows]


def next_page(answer: Any) -> str:
    """The address of the next page, or nothing."""
    found = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
    return found[1].replace("&amp;", "&") if found else ""
