"""What the templates of the administration need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from core.administration import pages

register = template.Library()


@register.simple_tag(takes_context=True)
def shown(context: Mapping[str, Any], field: Any) -> Any:
    """What a field that is not edited holds. Django makes a link of every row that it names, also for those whom its
    page refuses."""
    request = context["request"]
    field.get_admin_url = lambda _relation, row: pages.link(request, row)
    return field.contents()


@register.simple_tag(takes_context=True)
def entry_link(context: Mapping[str, Any], entry: Any) -> str:
    """The address of what an entry of the history is about, for who may still see it; else nothing."""
    kind = entry.content_type.model_class() if entry.content_type_id else None
    if entry.is_deletion() or kind is None or not pages.may_see(context["request"], kind):
        return ""
    return entry.get_admin_url() or ""
