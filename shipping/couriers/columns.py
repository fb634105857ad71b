"""Which column of a file is which: guessed from its heading by synonyms, or as staff saved it. What was guessed is
shown before anything is taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core import table
from core.table import Table
from shipping.couriers import workbook
from shipping.couriers.errors import FileUnreadable

_LOOK_AT = 12  # lines of a file among which its heading is looked for


@dataclass(frozen=True, slots=True)
class Preview:
    """`columns`: the position by field; `heading`: as it is written; `samples`: the first rows; `unused`: headings that
    nobody reads; `first`: the line that the rows begin on, as an index of Table.rows."""

    columns: Mapping[str, int]
    heading: Sequence[str]
    samples: Sequence[Sequence[str]]
    unused: Sequence[str]
    first: int

    def cell(self, row: Sequence[str], name: str) -> str:
        at = self.columns.get(name)
        return row[at].strip() if at is not None and at < len(row) else ""


def load(name: str, data: bytes) -> Table:
    """CSV or XLSX, by what is in it and not by its name. Raises FileUnreadable."""
    found = workbook.read(data) if data.startswith(b"PK\x03\x04") else table.read(data)
    if found.trouble:
        raise FileUnreadable(text=_reason(found.trouble) or name)
    return found


def _reason(trouble: str) -> str:
    reasons = {
        "empty": _("it is empty"),
        "workbook": _("it is an old Excel file: save it as .xlsx or .csv"),
        "unreadable": _("it is damaged"),
        "too_large": _("it is too long"),
    }
    return reasons.get(trouble, "")


def key(heading: str) -> str:
    """ "N. Spedizione" and "n spedizione" are the same heading."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def preview(
    found: Table, synonyms: Mapping[str, Sequence[str]], saved: Mapping[str, str], needed: Sequence[Sequence[str]]
) -> Preview:
    """`synonyms`: by field, best first. `saved`: heading by field, goes before any guess. `needed`: of each group one
    field must be there. A file may have a title above its heading. Raises FileUnreadable."""
    best: tuple[int, int, dict[str, int]] = (0, 0, {})
    for at, (_line, cells) in enumerate(found.rows[:_LOOK_AT]):
        columns = _columns(cells, synonyms, saved)
        if len(columns) > best[0]:
            best = (len(columns), at, columns)
    columns, at = best[2], best[1]
    missing = [group[0] for group in needed if not any(name in columns for name in group)]
    if missing:
        raise FileUnreadable(text=_("no column for: %(names)s") % {"names": ", ".join(missing)})
    heading = found.rows[at][1]
    used = set(columns.values())
    return Preview(
        columns=columns,
        heading=heading,
        samples=[cells for _line, cells in found.rows[at + 1 : at + 6]],
        unused=[cell for position, cell in enumerate(heading) if position not in used and cell.strip()],
        first=at + 1,
    )


def _columns(cells: Sequence[str], synonyms: Mapping[str, Sequence[str]], saved: Mapping[str, str]) -> dict[str, int]:
    keys = [key(cell) for cell in cells]
    columns: dict[str, int] = {}
    for name, words in synonyms.items():
        wanted = [key(saved[name])] if saved.get(name) else [key(word) for word in words]
        for word in wanted:
            if word in keys and keys.index(word) not in columns.values():
                columns[name] = keys.index(word)
                break
    return columns
