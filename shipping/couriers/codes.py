"""A courier's codes and what they mean for us: a file `events.csv` in its folder, whose rows staff may replace. A code
that is in neither is unknown: it is shown and moves nothing."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from shipping.couriers.base import Access, Flag, Meaning, State


def read_table(path: Path) -> dict[str, Meaning]:
    """`code;state;flags;text`, flags with blanks between them. A code twice, or a state or flag that is none, is a
    mistake in the file: ValueError."""
    found: dict[str, Meaning] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            code = row["code"].strip()
            if not code or code in found:
                raise ValueError(f"{path.name}: {code or 'no code'}")
            flags = frozenset(Flag(flag) for flag in row["flags"].split())
            found[code] = Meaning(code, State(row["state"].strip()), flags, row["text"].strip())
    return found


def meaning(access: Access, table: Mapping[str, Meaning], code: str) -> Meaning | None:
    """What staff said of a code goes before the folder's table."""
    return access.codes.get(code) or table.get(code)
