"""Badges of imports and of their rows."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from core.templatetags.mci import badge
from orders.models import Import, ImportRow

register = template.Library()
_BATCH = {"mapping": "warn", "checking": "info", "ready": "info", "importing": "info", "done": "ok", "undoing": "info"}
_ROW = {"valid": "ok", "warning": "warn", "held": "warn", "error": "danger", "created": "ok"}


@register.simple_tag
def import_badge(batch: Import) -> SafeString:
    """How far an import is."""
    return badge(_BATCH.get(batch.state, "neutral"), batch.get_state_display())


@register.simple_tag
def import_row_badge(row: ImportRow) -> SafeString:
    """What becomes of a row."""
    return badge(_ROW.get(row.state, "neutral"), row.get_state_display())
