"""Lines of log that nobody outside can write: paths, names and what shops say stand in them."""

from __future__ import annotations

import logging
import re

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")


class OneLine(logging.Formatter):
    """A message is one line, its control characters are written out; what follows it (a traceback) is set in."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\x0d").replace("\n", "\n  ")
