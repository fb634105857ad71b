"""What the desks that scan share: the outcome of the last scan, large and read out, and quantities."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access import StaffRequest
from core import strict
from core.requests import whole_number
from orders.warehouse.errors import QuantityUnread

SAID = "scan_said"  # in the session: what the last scan did, shown once on the page that follows


@dataclass(frozen=True, slots=True)
class Said:
    words: str
    good: bool


def say(request: StaffRequest, words: str, *, good: bool = True) -> None:
    request.session[SAID] = [words, good]


def said(request: StaffRequest) -> Said | None:
    """Once: the next page does not say it again."""
    kept = request.session.pop(SAID, None)
    return Said(*kept) if kept else None


def scanned(request: StaffRequest) -> str:
    """What the scanner typed."""
    return strict.text(request.POST.get("scan", ""), 100).strip()


def quantity(request: StaffRequest) -> int:
    """How many pieces one scan stands for; 1 where nothing was typed. Raises QuantityUnread."""
    text = request.POST.get("quantity", "").strip()
    pieces = whole_number(text, 4) if text else 1
    if not pieces:
        raise QuantityUnread(text=text[:20])
    return pieces


def seen(request: StaffRequest) -> int | None:
    """How much was counted on the page that was sent."""
    return whole_number(request.POST.get("seen", ""), 9)
