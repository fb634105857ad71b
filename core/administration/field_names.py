"""The names that people read for a table and its fields, where the model does not say them itself: the administration
shows them as labels and columns. They are given when the apps are ready, not in the model's class, because a name there
is a part of the schema's history and each change of words would be a migration."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Field, Model
from django.utils.functional import Promise

Words = str | Promise


def give(model: type[Model], names: Mapping[str, Words], *, one: Words = "", many: Words = "") -> None:
    """Names for fields of `model`, and for one row and many of it. A name that a field has in its class stays."""
    for name, words in names.items():
        field = model._meta.get_field(name)
        assert isinstance(field, Field)
        if not isinstance(field._verbose_name, Promise):  # type: ignore[attr-defined]
            field.verbose_name = words  # type: ignore[assignment]
    if one:
        model._meta.verbose_name = one  # type: ignore[assignment]
    if many:
        model._meta.verbose_name_plural = many  # type: ignore[assignment]
