"""Searching by several things at once: a number, a tracking number, a name. Each way is a question of its own that an
index answers; with one OR over all of them PostgreSQL reads the whole table (2.9 s at a million orders)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import AutoField, BigAutoField, Lookup, Model, Q, QuerySet

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
