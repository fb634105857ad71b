"""Searching by several things at once: a number, a tracking number, a name. Each way is a question of its own that an
index answers; with one OR over all of them PostgreSQL reads the whole table (2.9 s at a million orders)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import AutoField, BigAutoField, Func, Lookup, Model, Q, QuerySet, TextField
from django.db.models.lookups import Contains

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.http import HttpRequest

    _Base = ModelAdmin[Any]
    _Lookup = Lookup[Any]
else:
    _Base, _Lookup = object, Lookup

_M = TypeVar("_M", bound=Model)


@AutoField.register_lookup
@BigAutoField.register_lookup
class Among(_Lookup):
    """`pk__among=[…]`: as `__in`, in one parameter however many they are, and a statement of its own kind also for
    none."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, list(self.rhs)]


class Folded(Func):
    """The form in which names are looked for: small letters without accents (catalog/migrations/0003_search.py), which
    an index of trigrams holds."""

    template = "catalog_fold(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


# "ordine n. 113", "#113", "n° MCI-000113": what people write before a number.
_CALLED = re.compile(r"(?:ordine|order|ord)?\.? ?(?:n|nr|no|num)?[.°º]? ?(?:#|(?=\d|mci[ -]?\d))", re.IGNORECASE)
_MOST_WORDS = 8


def fold(text: str) -> str:
    """What catalog_fold() of the database does, near enough for the words of a search."""
    plain = unicodedata.normalize("NFKD", text.replace("\0", " ").replace("’", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()


def named(field: str, text: str) -> Q:
    """Whose `field` has all the words, in any order, with or without accents and capital letters: “rossi niccolo'” is
    Niccolò Rossi. Of no word none."""
    words: list[str] = []
    short = ""
    for one in fold(text).split()[:_MOST_WORDS]:
        word = one.strip(",;.'`\"")
        if word and len(word) < 3:  # no index holds it alone: it is looked for with its neighbour, “de luca”
            short = f"{short} {word}".lstrip()
        elif word:
            words.append(f"{short} {word}".lstrip())
            short = ""
    if short:
        words[-1:] = [f"{words[-1]} {short}" if words else short]
    every = Q()
    for word in words:
        every &= Q(Contains(Folded(field), word))
    return every if words else Q(pk__in=[])


def bare_number(text: str) -> str:
    """A number as it is asked for, without what people write around it: “ordine #113”, “MCI 000113”."""
    plain = " ".join(text.split())
    called = _CALLED.match(plain)
    return re.sub(r"(?i)^mci (?=\d)", "MCI-", plain[called.end() :] if called else plain)


def by_any(rows: QuerySet[_M], ways: Iterable[Q]) -> QuerySet[_M]:
    """Of `rows` those that one of the ways finds; `rows` is asked once a way, so give it narrow: a tenant's own."""
    first, *others = [rows.filter(way).order_by().values("pk") for way in ways]
    return rows.filter(pk__in=first.union(*others, all=True) if others else first)


def first_ids(rows: QuerySet[Any], *, most: int = 100) -> list[int]:
    """The ids of a few, for a way through another table: the planner then knows that there are few."""
    return list(rows.order_by().values_list("pk", flat=True)[:most])


class IndexedSearch(_Base):
    """For a ModelAdmin of a table that grows: the search box asks by `search_ways`, never by an OR over columns."""

    def search_ways(self, text: str) -> list[Q]:
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip().replace("\0", "")
        return (by_any(queryset, self.search_ways(text)) if text else queryset), False
