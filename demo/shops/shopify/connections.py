"""Connections: pages of a list that changes under the reader. A cursor is opaque and belongs to its own query."""

import base64
import binascii
import json
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from operator import itemgetter
from typing import Any

from .execution import FieldError
from .gids import Doc

Key = tuple[Any, ...]
EVERYTHING: ContextVar[bool] = ContextVar("EVERYTHING", default=False)  # within a bulk operation lists have no pages
MOST = 250


def _cursor(key: Key, scope: int) -> str:
    text = json.dumps({"last_id": key[-1], "last_value": key[:-1], "q": scope}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _read(cursor: str, scope: int) -> Key:
    try:
        found = json.loads(base64.b64decode(cursor, validate=True))
        key = (*found["last_value"], found["last_id"])
        mine = found["q"] == scope
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise FieldError("Invalid cursor for current pagination sort.", "BAD_REQUEST") from None
    if not mine:
        raise FieldError("Invalid cursor for current pagination sort.", "BAD_REQUEST")
    return key


Row = tuple[Key, Doc]


def connection(
    docs: Iterable[Doc],
    show: Callable[[Doc], Any],
    key: Callable[[Doc], Key],
    *,
    about: str,
    first: int | None = None,
    after: str | None = None,
    reverse: bool = False,
) -> Doc:
    """A page of `docs` ordered by `key`, whose last part is the id: after a cursor comes what is beyond it *now*.

    `about` names the query (parent, filter, sort key): a cursor of another one is refused.
    """
    return page_of(rows_of(docs, key), show, about=about, first=first, after=after, reverse=reverse)


def rows_of(docs: Iterable[Doc], key: Callable[[Doc], Key]) -> list[Row]:
    return sorted(((key(doc), doc) for doc in docs), key=itemgetter(0))


def page_of(
    rows: list[Row],
    show: Callable[[Doc], Any],
    *,
    about: str,
    first: int | None = None,
    after: str | None = None,
    reverse: bool = False,
) -> Doc:
    """Of rows in order."""
    first = _checked(first, len(rows))
    scope = zlib.crc32(f"{about}|{reverse}".encode())
    last = _read(after, scope) if after is not None else None
    if reverse:
        end = len(rows) if last is None else bisect_left(rows, last, key=itemgetter(0))
        begun, left = len(rows) - end, max(0, end - first)
        page = rows[left:end][::-1]
        more = left > 0
    else:
        begun = 0 if last is None else bisect_right(rows, last, key=itemgetter(0))
        page = rows[begun : begun + first]
        more = begun + len(page) < len(rows)
    nodes = [show(doc) for _, doc in page]

    def edges() -> list[Doc]:
        return [{"node": node, "cursor": _cursor(row[0], scope)} for node, row in zip(nodes, page, strict=True)]

    return {
        "nodes": nodes,
        "edges": edges,
        "pageInfo": {
            "hasNextPage": more,
            "hasPreviousPage": begun > 0,
            "startCursor": _cursor(page[0][0], scope) if page else None,
            "endCursor": _cursor(page[-1][0], scope) if page else None,
        },
    }


def _checked(first: int | None, everything: int) -> int:
    if EVERYTHING.get():
        return everything
    if first is None:
        raise FieldError("you must provide one of first or last", "BAD_REQUEST")
    if first > MOST:
        raise FieldError(f"The value for first cannot exceed {MOST}", "BAD_REQUEST")
    if first < 0:
        raise FieldError("first must be greater than or equal to 0", "BAD_REQUEST")
    return first
