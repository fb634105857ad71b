"""What of a text is not spoken for yet: each reader takes its words, and the next looks at the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from orders.paste.cleaning import Line, lines_of

_TAKEN = "\x00"


class Ground:
    """A cleaned text and what of it is taken. `left` has the same length, with taken signs blanked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[Line] = lines_of(text)
        self._left = list(text)
        stamped = [False] * len(text)
        for line in self.lines:
            stamped[line.start : line.end] = [True] * len(line.text)
        for at, sign in enumerate(text):
            if not stamped[at] and sign != "\n":
                self._left[at] = _TAKEN

    def take(self, start: int, end: int) -> None:
        self._left[start:end] = [_TAKEN if sign != "\n" else sign for sign in self._left[start:end]]

    def is_free(self, start: int, end: int) -> bool:
        return _TAKEN not in self._left[start:end]

    def left(self, line: Line) -> str:
        """The line with blanks where it is taken."""
        return "".join(self._left[line.start : line.end]).replace(_TAKEN, "\x01")

    def search(
        self, pattern: re.Pattern[str], lines: Iterable[Line] | None = None
    ) -> Iterator[tuple[Line, re.Match[str]]]:
        """All finds in what is free; a find that begins before another's end is none. What is taken meanwhile is not
        found."""
        for line in self.lines if lines is None else lines:
            for match in pattern.finditer(self.left(line)):
                if self.is_free(line.start + match.start(), line.start + match.end()):
                    yield line, match

    def before(self, line: Line, at: int, most: int = 40) -> str:
        """What stands before `at` in its line, taken or not."""
        return line.text[max(0, at - most) : at]

    def segments(self, line: Line) -> Iterator[tuple[str, int]]:
        """What is free of a line in pieces (at commas, semicolons, bars, brackets, spaced dashes): text and start."""
        for match in re.finditer(r"(?:(?! [-–—/] |//|[,;:|()\x01]|\.\s).)+", self.left(line)):
            piece = match.group()
            plain = piece.strip(" .:-–—*•+=")
            if plain:
                yield plain, line.start + match.start() + piece.index(plain)
