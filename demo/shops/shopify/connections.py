"""Connections: pages of a list that changes under the reader. A cursor is opaque and belongs to its own query."""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterable
from contextvars import ContextVar
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
    if EVERYTHING.get():
        first = None
    elif first is None:
        raise FieldError("you must provide one of first or last", "BAD_REQUEST")
    elif first > MOST:
        raise FieldError(f"The value for first cannot exceed {MOST}", "BAD_REQUEST")
    elif first < 0:
        raise FieldError("first must be greater than or equal to 0", "BAD_REQUEST")
    scope = zlib.crc32(f"{about}|{reverse}".encode())
    rows = sorted(((key(doc), doc) for doc in docs), key=lambda row: row[0], reverse=reverse)
    begun = 0
    if after is not None:
        last = _read(after, scope)
        begun = next((n for n, row in enumerate(rows) if (row[0] < last if reverse else row[0] > last)), len(rows))
    page = rows[begun:] if first is None else rows[begun : begun + first]
    nodes = [show(doc) for _, doc in page]

    def edges() -> list[Doc]:
        return [{"node": node, "cursor": _cursor(row[0], scope)} for node, row in zip(nodes, page, strict=True)]

    return {
        "nodes": nodes,
        "edges": edges,
        "pageInfo": {
            "hasNextPage": begun + len(page) < len(rows),
            "hasPreviousPage": begun > 0,
            "startCursor": _cursor(page[0][0], scope) if page else None,
            "endCursor": _cursor(page[-1][0], scope) if page else None,
        },
    }
