"""What a report is: by which names it is recognised, what its columns are, what in it is not for us to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Row = Mapping[str, str]  # field → cell


def _never(row: Row) -> str:
    return ""


def _always(row: Row) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Report:
    """`signature`: names (orders/imports/values.py::heading) that must all be there, `without`: none of them may;
    `columns`: field → names, of which the first that says something counts. `left`: why a row is left out ("" for
    none); `held`: what a person must have seen; `take`: the report to download instead of this one. `day_first`: how
    its dates in figures are meant. `goods`: whether a row is an article. `tells_cancelled`: the column by which the
    report would say that the buyer wants it no more."""

    code: str
    name: str
    marketplace: str
    signature: frozenset[str]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    take: str = ""
    left: Callable[[Row], str] = _never
    held: Callable[[Row], str] = _never
    is_order: Callable[[Row], bool] = _always
    day_first: bool | None = None
    needs_number: bool = True
    tells_cancelled: str = ""
    remarks: tuple[str, ...] = ()


def names(**fields: str) -> dict[str, tuple[str, ...]]:
    """`number="order id|id"` → {"number": ("order id", "id")}."""
    return {to: tuple(words.split("|")) for to, words in fields.items()}


def row_of(columns: Mapping[str, tuple[str, ...]], at: Mapping[str, int], cells: tuple[str, ...]) -> dict[str, str]:
    """Field → cell; of the columns of a field the first that says something."""
    row: dict[str, str] = {}
    for field_name, known in columns.items():
        for name in known:
            place = at.get(name)
            if place is not None and place < len(cells) and cells[place]:
                row[field_name] = cells[place]
                break
    return row
