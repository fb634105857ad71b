"""Whose rows the database shows and takes, now: those of one reseller, all, or none.

The second fence, behind the queries that ask for the tenant's rows anyway: PostgreSQL keeps it (docs/decisions/0012).
What is in force here, core/postgresql tells the database with the next statement. A request begins with nobody's rows;
only who the visitor is, or one of the few doors that say so, opens more. Workers, beat and commands work for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

P = ParamSpec("P")
R = TypeVar("R")

EVERYBODY = "*"
NOBODY = ""

# What holds where nothing was put in force: this process is a worker or a command until it says that it serves pages.
_of_process = EVERYBODY
_now: ContextVar[str | None] = ContextVar("mci_tenant", default=None)


def serve_pages() -> None:
    """This process is a web server: what runs in it outside of a request sees nobody's rows."""
    global _of_process
    _of_process = NOBODY


def in_force() -> str:
    """The id of a dropshipper as digits, EVERYBODY or NOBODY."""
    now = _now.get()
    return _of_process if now is None else now


@contextmanager
def of(tenant: int | str) -> Iterator[None]:
    """Within, only this dropshipper's rows are there (an id), or all (EVERYBODY), or none (NOBODY)."""
    token = _now.set(str(tenant) if tenant in (EVERYBODY, NOBODY) else str(int(tenant)))
    try:
        yield
    finally:
        _now.reset(token)


def everybody() -> AbstractContextManager[None]:
    """Within, all resellers' rows are there. For what asks across resellers by its nature: who is signing in, whose
    webhook this is."""
    return of(EVERYBODY)


def across(act: Callable[P, R]) -> Callable[P, R]:
    """A function that asks across resellers by its nature: whether another account has this store already."""

    @wraps(act)
    def asks(*args: P.args, **kwargs: P.kwargs) -> R:
        with of(EVERYBODY):
            return act(*args, **kwargs)

    return asks


class FenceMiddleware:
    """A request begins with nobody's rows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with of(NOBODY):
            return self.get_response(request)


def kept_for(response: HttpResponseBase) -> HttpResponseBase:
    """A streamed answer runs after the middleware has left: each of its pieces is made with what is in force now."""
    if response.streaming and not isinstance(response, FileResponse):
        response.streaming_content = _pieces(iter(response.streaming_content), in_force())  # type: ignore[attr-defined]
    return response


def _pieces(pieces: Iterator[bytes], tenant: str) -> Iterator[bytes]:
    while True:
        with of(tenant):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
