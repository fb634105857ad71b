"""Damages that no test has to notice, with the reason (exempt.toml). They are counted apart."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("exempt.toml")
KINDS = ("equivalent", "second guard", "only speed", "only words")


@dataclass(frozen=True)
class Exemption:
    """`line` stands in the file; `change` is looked for in what comes in its place."""

    file: str
    line: str
    change: str
    kind: str
    reason: str

    def covers(self, path: str, diff: str) -> bool:
        lines = diff.splitlines()
        before = "\n".join(line[1:] for line in lines if line.startswith("-"))
        after = "\n".join(line[1:] for line in lines if line.startswith("+"))
        return path == self.file and self.line in before and re.search(self.change, after) is not None


def table() -> list[Exemption]:
    return [Exemption(**row) for row in tomllib.loads(TABLE.read_text())["exempt"]]


def of(path: str, diff: str, rows: list[Exemption]) -> Exemption | None:
    return next((row for row in rows if row.covers(path, diff)), None)
