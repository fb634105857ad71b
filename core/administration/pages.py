"""Pages of the administration that only show: rows which the acts alone write."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

ROWS_SHOWN = 100  # of an inline: a run may have ten thousand
RAW_SHOWN = 64_000  # characters of a body


class _Nobody:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(_Nobody, admin.ModelAdmin):
    """Nobody adds, changes or deletes here, whatever his permissions."""

    show_full_result_count = False
    list_per_page = 50


class FirstRows(BaseInlineFormSet):
    """The first rows, and how many there are in all."""

    def get_queryset(self) -> QuerySet[Any]:
        if not hasattr(self, "_queryset"):
            rows = super().get_queryset()
            self.all_rows = rows.count()
            self._queryset: QuerySet[Any] = rows[:ROWS_SHOWN]
        return self._queryset


class ReadOnlyInline(_Nobody, admin.TabularInline):
    """A table of the rows that hang from the one on the page; no inputs in it."""

    template = "admin/edit_inline/rows.html"
    formset = FirstRows
    extra = 0
    max_num = 0
    can_delete = False
    classes = ["mci-rows"]


class KeysOnly(AutocompleteSelect):
    """Django's asks the database for what was posted, also when that is no key: a 500 instead of a message. And its box
    has a name."""

    @property
    def media(self) -> Any:
        return super().media + forms.Media(js=["mci/admin-autocomplete.js"])

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if self._is_key(one)], attr)

    def _is_key(self, value: Any) -> bool:
        try:
            self.choices.queryset.model._meta.pk.to_python(value)
        except ValidationError:
            return False
        return True


class Autocompletes(admin.options.BaseModelAdmin):
    """For pages and inlines that have `autocomplete_fields`."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KeysOnly(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class EditableList(admin.ModelAdmin):
    """A list with inputs in its rows, each of which says what it is and of which row."""

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        kind = super().get_changelist_form(request, **kwargs)

        class Named(kind):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                row = f": {self.instance}" if self.instance.pk else ""
                for field in self.fields.values():
                    field.widget.attrs["aria-label"] = f"{capfirst(str(field.label))}{row}"

        return Named


def may_see(request: HttpRequest, model: type[Model], row: Model | None = None) -> bool:
    """Whether this reader can open a page of the administration about such a row."""
    desk = admin.site._registry.get(model)
    return desk is not None and desk.has_view_or_change_permission(request, row)


def link(request: HttpRequest, row: Model) -> SafeString | str:
    """The row's name, as a link where its reader may follow it."""
    meta = row._meta
    if not may_see(request, type(row), row):
        return str(row)
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, row)


def yes_or_no(value: bool | None) -> SafeString:
    """Django's sign of a boolean, whose name is Python's "True" to who does not see it."""
    sign, words = {True: ("yes", _("Yes")), False: ("no", _("No")), None: ("unknown", _("Unknown"))}[value]
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{sign}.svg"), words)


def as_sent(text: str) -> SafeString:
    """What somebody else's system wrote, letter by letter: no words of ours, so no translation."""
    return format_html('<pre translate="no" class="mci-raw">{}</pre>', text[:RAW_SHOWN])


def code(text: Any) -> SafeString | str:
    """A key, an address, a name that a shop gave: letter by letter, on the line."""
    return format_html('<code translate="no">{}</code>', text) if text not in (None, "") else "–"


def as_data(value: Any) -> SafeString | str:
    """What was kept as data, one thing a line."""
    if value in (None, {}, [], ""):
        return "–"
    return as_sent(json.dumps(value, ensure_ascii=False, indent=2))
