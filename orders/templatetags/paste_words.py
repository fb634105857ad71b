"""A pasted text with what was made of its words. `{% load paste_words %}`."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from orders.paste.filling import Mark

register = template.Library()


@register.simple_tag
def pasted_text(marks: Iterable[Mark]) -> SafeString:
    """The text as it stands, its line ends too: a template's own spaces would stand among them."""
    return format_html_join("", "{}", ((_one(mark),) for mark in marks))


def _one(mark: Mark) -> SafeString:
    if not mark.label:
        return format_html("<span>{}</span>", mark.text)
    tone = "unsure" if mark.unsure else "sure"
    return format_html('<mark class="{}"><span>{}</span><small>{}</small></mark>', tone, mark.text, mark.label)
