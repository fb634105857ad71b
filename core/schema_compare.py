"""What differs between the schema that is there and the one that is wanted, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.schema import PARTS, Schema

MISSING, OTHER, EXTRA = "missing", "other", "extra"
_ONE = {
    "columns": "column",
    "constraints": "constraint",
    "indexes": "index",
    "triggers": "trigger",
    "functions": "function",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """`part` is one of PARTS, "tables", "functions" or "extensions"; `how` missing, other or extra."""

    part: str
    how: str
    table: str
    name: str
    wanted: str = ""
    there: str = ""

    def __str__(self) -> str:
        if self.part == "tables":
            return f"table {self.name} is missing"
        if self.part == "extensions":
            return f"extension {self.name} is missing"
        what = f"{_ONE[self.part]} {self.name}" + (f" of {self.table}" if self.table else "")
        if self.how == MISSING:
            return f"{what} is missing"
        if self.how == EXTRA:
            return f"{what} should not be there: {_short(self.there)}"
        if self.part == "functions":
            return f"{what} has another body than the code's"
        return f"{what} is “{_short(self.there)}” and should be “{_short(self.wanted)}”"


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"


def differences(there: Schema, wanted: Schema) -> list[Difference]:
    """What keeps `there` from being `wanted`. Tables and functions that the code does not know are none of its
    business; a column too many is one only where it keeps rows from being written.

    Definitions are the server's own text, which may read differently on another major version than the one that the
    wanted schema was written down with: then only names, types and NOT NULL are compared."""
    return list(_tables(there, wanted)) + list(_functions(there, wanted))


def _tables(there: Schema, wanted: Schema) -> Iterator[Difference]:
    same_server = there["server"] == wanted["server"]
    for name in wanted["extensions"]:
        if name not in there["extensions"]:
            yield Difference("extensions", MISSING, "", name)
    for table, parts in wanted["tables"].items():
        if table not in there["tables"]:
            yield Difference("tables", MISSING, table, table)
            continue
        found = there["tables"][table]
        for part in PARTS:
            for name, definition in parts[part].items():
                have = found[part].get(name)
                if have is None:
                    yield Difference(part, MISSING, table, name, definition)
                elif not _same(have, definition) and (same_server or _plainly_other(part, have, definition)):
                    yield Difference(part, OTHER, table, name, definition, have)
            for name, have in found[part].items():
                if name not in parts[part] and not (part == "columns" and _may_be_left_empty(have)):
                    yield Difference(part, EXTRA, table, name, "", have)


def _functions(there: Schema, wanted: Schema) -> Iterator[Difference]:
    known = {signature.partition("(")[0] for signature in wanted["functions"]}
    for signature, definition in wanted["functions"].items():
        have = there["functions"].get(signature)
        if have is None:
            yield Difference("functions", MISSING, "", signature, definition)
        elif have != definition and (there["server"] == wanted["server"] or _body(have) != _body(definition)):
            yield Difference("functions", OTHER, "", signature, definition, have)
    for signature, have in there["functions"].items():  # the same name with other arguments: calls are ambiguous
        if signature.partition("(")[0] in known and signature not in wanted["functions"]:
            yield Difference("functions", EXTRA, "", signature, "", have)


_TEXT_CASTS = re.compile(r"::(?:character varying|text)(?:\[\])?")
_NEEDLESS_BRACKETS = re.compile(r"\(('[^']*'|\w+|ARRAY\[[^\]]*\])\)(?! USING)")


def _same(one: str, other: str) -> bool:
    """Also where one of them went through a dump: the server then writes the casts of a list of texts otherwise."""
    return one == other or _plain(one) == _plain(other)


def _plain(definition: str) -> str:
    text = _TEXT_CASTS.sub("", definition)
    while (less := _NEEDLESS_BRACKETS.sub(r"\1", text)) != text:
        text = less
    return text


def _plainly_other(part: str, have: str, wanted: str) -> bool:
    if part == "columns":
        return have.partition(" DEFAULT ")[0] != wanted.partition(" DEFAULT ")[0]
    bad = ("NOT VALID", "INVALID", "SWITCHED OFF")
    return any(have.endswith(word) and not wanted.endswith(word) for word in bad)


def _body(definition: str) -> str:
    return definition.partition("\nAS ")[2]


def _may_be_left_empty(column: str) -> bool:
    return "NOT NULL" not in column or any(word in column for word in ("DEFAULT", "IDENTITY", "GENERATED"))
