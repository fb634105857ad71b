"""Keyset pages: a page is found by the last row of the one before, so page 500 costs as much as page 1."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import connection, models
from django.utils.formats import number_format

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page; a cursor is None where there is nothing more on that side."""

    rows: Sequence[Row]
    next_cursor: str | None
    prev_cursor: str | None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_others(self) -> bool:
        return self.next_cursor is not None or self.prev_cursor is not None


def _pack(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _encode(row: models.Model, names: Sequence[str], *, back: bool) -> str:
    values = [_pack(_value(row, name)) for name in names]
    text = json.dumps([int(back), *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: models.Model, name: str) -> Any:
    value: Any = row
    for part in name.split("__"):
        value = getattr(value, part)
    return value


def _field(model: type[models.Model], name: str) -> models.Field | None:
    field: Any = None
    try:
        for part in name.split("__"):
            field = model._meta.get_field(part)
            model = field.related_model or model
    except FieldDoesNotExist:
        return None  # an annotation: its value is compared as it is
    return field


def _decode(cursor: str | None, model: type[models.Model], names: Sequence[str]) -> tuple[bool, list[Any]] | None:
    """What a cursor says, or None for none and for nonsense (a person may shorten an address by hand)."""
    if not cursor or len(cursor) > 1000:
        return None
    try:
        packed = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(packed, list) or len(packed) != len(names) + 1 or packed[0] not in (0, 1):
            return None
        values = []
        for name, value in zip(names, packed[1:], strict=True):
            if value is None or isinstance(value, list | dict):
                return None
            field = _field(model, "id" if name == "pk" else name)
            clean = field.to_python(value) if field else value
            if isinstance(field, models.IntegerField) and not -(2**63) <= clean < 2**63:
                return None
            if isinstance(clean, str) and "\x00" in clean.encode().decode():  # half a character is a ValueError
                return None
            if isinstance(clean, dt.datetime) and clean.tzinfo is None:
                return None
            if isinstance(clean, Decimal) and not clean.is_finite():
                return None
            values.append(clean)
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError, ValidationError):
        return None
    return bool(packed[0]), values


def _beyond(names: Sequence[str], down: Sequence[bool], values: Sequence[Any]) -> models.Q:
    """The rows after `values` in the order: (a < x) or (a = x and b < y)…, plus a plain bound that an index can use."""
    after = models.Q()
    for index, name in enumerate(names):
        equal = {names[k]: values[k] for k in range(index)}
        after |= models.Q(**equal, **{f"{name}__{'lt' if down[index] else 'gt'}": values[index]})
    return models.Q(**{f"{names[0]}__{'lte' if down[0] else 'gte'}": values[0]}) & after


def is_cursor(cursor: str, model: type[models.Model], by: Sequence[str]) -> bool:
    """Whether it is one of a list of `model` in the order `by`, for who must not take nonsense for the first page."""
    return _decode(cursor, model, [name.removeprefix("-") for name in by]) is not None


def keyset_page(
    queryset: models.QuerySet[Row],
    *,
    by: Sequence[str] = ("-created_at", "-id"),
    cursor: str | None = None,
    size: int = 50,
    wrap: bool = True,
) -> Page[Row]:
    """One page of `queryset` in the order `by`, whose last part must be unique and whose parts must not be null.

    A cursor that says nothing sensible is the first page. `wrap`: so is one beyond the end, for a person; a program
    that walks the pages would walk for ever. One query, of `size` + 1 rows."""
    names = [name.removeprefix("-") for name in by]
    down = [name.startswith("-") for name in by]
    decoded = _decode(cursor, queryset.model, names)
    whole, back = queryset, False
    if decoded is not None:
        back, values = decoded
        turned = [not flag for flag in down] if back else down
        queryset = queryset.filter(_beyond(names, turned, values))
        order = [f"{'-' if flag else ''}{name}" for name, flag in zip(names, turned, strict=True)]
    else:
        order = list(by)
    rows = list(queryset.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if back:
        rows.reverse()
    if not rows:
        # Beyond an end (rows went away meanwhile): the first page is more use than an empty one.
        return Page([], None, None) if decoded is None or not wrap else keyset_page(whole, by=by, size=size)
    has_next = more if not back else True
    has_prev = more if back else decoded is not None
    return Page(
        rows,
        _encode(rows[-1], names, back=False) if has_next else None,
        _encode(rows[0], names, back=True) if has_prev else None,
    )


CHUNK = 500  # rows of one statement of `walk`


def walk(queryset: models.QuerySet[Row], *, by: Sequence[str] = ("-id",)) -> Iterator[Row]:
    """All rows of `queryset` in the order `by` (as in `keyset_page`), for a file that is streamed: CHUNK at a time,
    each by a short statement of its own. The memory is that of one chunk however many there are, no cursor stays open
    between them, and each runs as the tenant that is in force then. A row that changes meanwhile is there once or, if
    it left the list, not at all."""
    names = [name.removeprefix("-") for name in by]
    down = [name.startswith("-") for name in by]
    rest = queryset.order_by(*by)
    while True:
        number = 0
        for row in list(rest[:CHUNK]):
            yield row
            last, number = row, number + 1
        if number < CHUNK:
            return
        values = [_value(last, name) for name in names]
        del row, last
        rest = queryset.filter(_beyond(names, down, values)).order_by(*by)


@dataclass(frozen=True, slots=True)
class Count:
    """How many, up to a limit: `10.000+` beyond it."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return number_format(self.number, use_l10n=True, force_grouping=True) + ("+" if self.more else "")

    def __bool__(self) -> bool:
        return self.number > 0


def bounded_count(queryset: models.QuerySet[Any], limit: int = 10_000) -> Count:
    """Counts at most `limit` rows: a number for a tab must not cost a walk over millions."""
    found = queryset.order_by().values("pk")[: limit + 1].count()
    return Count(limit, more=True) if found > limit else Count(found)


def bounded_counts(named: Mapping[str, models.QuerySet[Any]], limit: int = 1_000) -> dict[str, Count]:
    """Rows of each, up to `limit`, in one statement: the numbers of a bar of tabs."""
    selects: list[str] = []
    params: list[Any] = []
    for rows in named.values():
        sql, values = rows.order_by().values("pk")[: limit + 1].query.sql_with_params()
        selects.append(f"(SELECT count(*) FROM ({sql}) t)")  # noqa: S608 - the ORM's own SQL; values are parameters
        params.extend(values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(selects)}", params)
        found = cursor.fetchone()
    return {name: Count(min(n, limit), more=n > limit) for name, n in zip(named, found, strict=True)}
