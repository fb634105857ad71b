"""Filters beside the lists of the administration, for columns that hold a code. Django's own shows the codes as they
are stored, and reads the whole table to find them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

Words = str | Promise


def by_words(
    field: str, title: Words, words: Callable[[], Iterable[tuple[str, Words]]]
) -> type[admin.SimpleListFilter]:
    """A filter on the codes that `words` names. The address keeps the form that Django's own would have."""

    class ByWords(admin.SimpleListFilter):
        parameter_name = field if "__" in field else f"{field}__exact"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(code, str(said)) for code, said in words()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            value = self.value()
            known = {code for code, _said in words()}
            return queryset.filter(**{field: value}) if value in known else queryset

    ByWords.title = title  # type: ignore[assignment]
    return ByWords
