"""A pasted list of tracking numbers, as the desk's person goes about it: pasted, read, the ticked ones sent."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse


def preview(client: Any, lines: str) -> tuple[Any, dict[int, str]]:
    """The page, and what it says of each line."""
    page = client.post(reverse("orders:ship_many"), {"lines": lines})
    found = re.findall(r'data-line="(\d+)" data-verdict="(\w+)"', page.content.decode())
    return page, {int(line): verdict for line, verdict in found}


def ticked(page: Any) -> list[str]:
    return re.findall(r'name="line" value="(\d+)"[^>]* checked', page.content.decode())


def send(client: Any, page: Any, *more: int, lines: list[str] | None = None) -> Any:
    """Sends what is ticked on the page, and `more` lines that a person ticks."""
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page.content.decode())
    chosen = [*(ticked(page) if lines is None else lines), *map(str, more)]
    return client.post(reverse("orders:ship_listed"), {"sealed": sealed, "line": chosen})
