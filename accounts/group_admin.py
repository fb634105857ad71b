"""The groups of the supplier's people: what each may do, in words. Superusers alone change them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core import lines

_ACTIONS = {
    "view": gettext_lazy("see: %(what)s"),
    "add": gettext_lazy("add: %(what)s"),
    "change": gettext_lazy("change: %(what)s"),
    "delete": gettext_lazy("delete: %(what)s"),
}


def label(permission: Permission) -> str:
    """What it allows, in the reader's language: "Orders · see: parcels"; a room's own acts have their own sentence."""
    kind: ContentType = permission.content_type
    model = kind.model_class()
    if model is None:
        return str(permission)
    room = str(model._meta.app_config.verbose_name)
    action, _sign, name = permission.codename.partition("_")
    if action in _ACTIONS and name == kind.model:
        return f"{room} · {_ACTIONS[action] % {'what': model._meta.verbose_name_plural}}"
    return f"{room} · {_(permission.name)}"


def meaningful(request: HttpRequest) -> QuerySet[Permission]:
    """The permissions that open something: the rooms' own acts, and Django's own as far as the administration lets a
    superuser do it. What no page asks for (sessions, the books' rows to be changed) is not offered."""
    # These two have no desk of that name in the administration, but ask for the permission.
    allowed = {("catalog", "stock", "change_stock"), ("connectors", "delivery", "change_delivery")}
    for model, desk in admin.site._registry.items():
        allowed |= {(model._meta.app_label, str(model._meta.model_name), name) for name in _offered(desk, request)}
        for inline in desk.get_inline_instances(request):
            meta = inline.model._meta
            allowed |= {(meta.app_label, str(meta.model_name), name) for name in _offered(inline, request, None)}
    wanted = []
    for row in Permission.objects.select_related("content_type"):
        kind = row.content_type
        own = row.codename.removesuffix(f"_{kind.model}") not in _ACTIONS
        if (own and kind.model_class() is not None) or (kind.app_label, kind.model, row.codename) in allowed:
            wanted.append(row.pk)
    found = Permission.objects.filter(pk__in=wanted).select_related("content_type")
    return found.order_by("content_type__app_label", "content_type__model", "codename")


def _offered(desk: Any, request: HttpRequest, *of: None) -> set[str]:
    """Codenames of what this desk (an inline: `of` its parent) lets a superuser do."""
    name = desk.opts.model_name
    return {f"{action}_{name}" for action in _ACTIONS if getattr(desk, f"has_{action}_permission")(request, *of)}


class _Labelled(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return label(obj)


class GroupForm(lines.ModelForm):
    permissions = _Labelled(
        label=gettext_lazy("May"),
        queryset=Permission.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Group
        fields = ("name", "permissions")


class GroupAdmin(admin.ModelAdmin):
    """What one takes from a group is taken from all its people at their next click."""

    form = GroupForm
    list_display = ("name", "people")
    search_fields = ("name",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.base_fields["permissions"].queryset = meaningful(request)  # type: ignore[attr-defined]
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(how_many=Count("user"))

    @admin.display(description=gettext_lazy("people"))
    def people(self, group: Any) -> int:
        return int(group.how_many)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its people and what it may, instead of a row for each permission by the name of a table."""
        protected = super().get_deleted_objects(objs, request)[3]
        groups = list(objs)
        people = User.objects.filter(groups__in=groups).distinct().count()
        told = ngettext("%(n)s person loses what it allows", "%(n)s people lose what it allows", people) % {"n": people}
        counts = {capfirst(Group._meta.verbose_name_plural): len(groups)}
        return [*map(str, groups), told], counts, set(), protected

    def _may(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
