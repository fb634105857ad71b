"""Text within its place: shrunk to a smallest size, then wrapped, then cut with an ellipsis. Never over something
else, and the house number survives every cut."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shipping.papers.fonts import Face, printable, width

ELLIPSIS = "…"
LEADING = 1.18
_STEPS = 24  # sizes that are tried between the largest and the smallest, at most
# Where the door ends and the way inside begins.
_INSIDE = re.compile(
    r"[\s,;(–-]+(?:sc(?:ala)?|int(?:erno)?|app|pal|ed|piano|p\.|c/o|presso|citofon\w*)\b", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?<!\w)(?:(?:n(?:r|um|ro)?[.°º]?|km\.?)\s?)?\d{1,6}(?:\s?[/-]\s?\w{1,4}\b|\s?[A-Za-z]\b|\s(?:bis|ter|quater)\b)*"
    r"|\bs\.?n\.?c\b\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fit:
    """Lines and the size (points) in which they hold."""

    size: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * LEADING


def fit(text: str, room: float, *, face: Face, size: float, least: float, lines: int = 1, street: bool = False) -> Fit:
    """`text` within `room` points and as many lines. One line as large as it can be, else as few lines as hold it in a
    size between, else `lines` in the smallest size, the last with an ellipsis. Of a street the number stays."""
    text = printable(text)
    if not text:
        return Fit(size, ())
    for one in _sizes(size, least):
        if width(text, face, one) <= room:
            return Fit(one, (text,))
    if lines > 1:
        height = max(size, lines * least) * LEADING
        for one in _sizes(size, least):
            found = wrapped(text, room, face, one)
            if len(found) <= lines and len(found) * one * LEADING <= height + 0.01:
                return Fit(one, tuple(found))
    if street:
        return Fit(least, _street(text, room, face, least, lines))
    return Fit(least, _shortened("", text, "", room, face, least, lines))


def wrapped(text: str, room: float, face: Face, size: float) -> list[str]:
    """`text` in lines of at most `room` points, broken between words, an endless word wherever it must be."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, face, size) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        while width(word, face, size) > room and len(word) > 1:
            end = _holds(word, room, face, size)
            lines.append(word[:end])
            word = word[end:]
        line = word
    return [*lines, line] if line else lines


def cut(text: str, room: float, face: Face, size: float) -> str:
    """`text` in one line of at most `room` points; what is cut off is seen by an ellipsis."""
    found = _shortened("", printable(text), "", room, face, size, 1)
    return found[0] if found else ""


def civic(street: str) -> tuple[str, str, str]:
    """(before, house number, after): the last number before the way inside, "" when there is none."""
    inside = _INSIDE.search(street)
    door = street[: inside.start()] if inside else street
    found = [*_NUMBER.finditer(door)] or [*_NUMBER.finditer(street)]
    if not found:
        return street, "", ""
    last = found[-1]
    return street[: last.start()].rstrip(" ,"), last[0].strip(), street[last.end() :].strip()


def _street(text: str, room: float, face: Face, size: float, lines: int) -> tuple[str, ...]:
    """The smallest form: what stands after the number gives way before the street's name, the number never."""
    before, number, after = civic(text)
    if not number:
        return _shortened("", text, "", room, face, size, lines)
    if len(wrapped(f"{before} {number}{ELLIPSIS}", room, face, size)) <= lines:
        return _shortened(f"{before} {number} ".lstrip(), after, "", room, face, size, lines)
    return _shortened("", before, f" {number}", room, face, size, lines)


def _shortened(head: str, text: str, tail: str, room: float, face: Face, size: float, lines: int) -> tuple[str, ...]:
    """`head`, as much of `text` as holds, an ellipsis where some of it is lost, and `tail`."""

    def form(length: int) -> list[str]:
        kept = text if length == len(text) else f"{text[:length].rstrip(' ,;-')}{ELLIPSIS}"
        return wrapped(f"{head}{kept}{tail}", room, face, size)

    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(form(middle)) <= lines else (low, middle - 1)
    return tuple(form(low)[:lines])


def _holds(text: str, room: float, face: Face, size: float) -> int:
    """How many signs of `text` hold in `room`, one at least."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle], face, size) <= room else (low, middle - 1)
    return low


def _sizes(size: float, least: float) -> list[float]:
    steps = min(_STEPS, max(1, int((size - least) * 2)))
    return [size - (size - least) * step / steps for step in range(steps + 1)] if size > least else [least]
