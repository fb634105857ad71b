"""The Italian provinces of the checkout's select: code and name."""

from pathlib import Path

_LINES = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
PROVINCES = [(line[:2], line[3:]) for line in _LINES]
CODES = {code for code, _ in PROVINCES}
