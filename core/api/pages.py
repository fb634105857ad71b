"""Lists of the API: by cursor (core/pagination.py), at most 100 a page, without a total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import models
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.problems import FieldError, Problem
from core.api.shapes import Shape
from core.pagination import is_cursor, keyset_page
from core.requests import whole_number

Row = TypeVar("Row", bound=models.Model)
SIZE, MOST = 50, 100


def parameter(name: str, detail: str = "") -> Problem:
    """What is said of a parameter of the address that is not as it should be."""
    return Problem(400, "bad_parameter", errors=[FieldError(f"?{name}", "bad_parameter", detail or name)])


def known(request: Request, *names: str) -> None:
    """Raises Problem for a parameter that nobody reads: a filter that is misspelt must not give everything."""
    for name in request.query_params:
        if name not in (*names, "fields"):
            raise parameter(name)


def whole(request: Request, name: str, default: int | None = None, *, most: int = 2**31 - 1) -> int | None:
    """A whole number of the address within 0…`most`, or `default` where it is not there."""
    text = request.query_params.get(name)
    if text is None:
        return default
    number = whole_number(text, 18)
    if number is None or number > most:
        raise parameter(name)
    return number


def one_of(request: Request, name: str, choices: Sequence[str], default: str = "") -> str:
    text = request.query_params.get(name)
    if text is None:
        return default
    if text not in choices:
        raise parameter(name, ", ".join(choices))
    return str(text)


def size(request: Request) -> int:
    found = whole(request, "limit", SIZE, most=MOST)
    if not found:
        raise parameter("limit", f"1–{MOST}")
    return found


def only(request: Request, shape: type[Shape]) -> frozenset[str] | None:
    """`?fields=id,number`: the members of `shape` that are wanted; None for all."""
    text = request.query_params.get("fields")
    if text is None:
        return None
    names = frozenset(text.split(","))
    if odd := names - set(shape._declared_fields):
        raise parameter("fields", ", ".join(sorted(odd))[:200])
    return names


def one(request: Request, shape: type[Shape], row: Any) -> Response:
    return Response(shape(row, only=only(request, shape)).data)


def listed(
    request: Request,
    rows: models.QuerySet[Row],
    shape: type[Shape],
    *,
    by: Sequence[str] = ("-id",),
    made: Callable[[list[Row]], Sequence[Any]] | None = None,
    mark: str = "",
    cursor: str | None = None,
) -> Response:
    """One page of `rows` as `shape`; `made` turns a page's rows into what the shape reads. The last page has no
    next_cursor; beyond the end a page is empty, never the first one again. `mark` goes along before the cursor, and
    `cursor` is what came without it."""
    if not mark:
        cursor = request.query_params.get("cursor")
    if cursor is not None and not is_cursor(cursor, rows.model, by):
        raise Problem(400, "bad_cursor")
    page = keyset_page(rows, by=by, cursor=cursor, size=size(request), wrap=False)
    found = made(list(page.rows)) if made else page.rows
    data = shape(found, many=True, only=only(request, shape)).data
    following = mark + page.next_cursor if page.next_cursor else None
    answer = Response({"data": data, "next_cursor": following})
    if following:
        query = request.query_params.copy()
        query["cursor"] = following
        answer["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'
    return answer
