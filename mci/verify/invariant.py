"""One thing that must always be true, as a question to the live database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Check:
    """`find` yields a sentence for each row that breaks it. `number`: its number in docs/architecture.md."""

    number: str
    title: str
    find: Callable[[], Iterator[str]]


def by_sql(sentence: str, query: str) -> Callable[[], Iterator[str]]:
    """Rows of `query` are findings, told by `sentence` with {0}, {1}… for its columns."""

    def find() -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            for row in cursor.fetchall():
                yield sentence.format(*row)

    return find
