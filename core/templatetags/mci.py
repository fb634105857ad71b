"""What every template speaks with: money, icons, badges, empty states. A builtin: no {% load %} needed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core import strict

register = template.Library()

NBSP = "\u00a0"
MINUS = "\u2212"
TONES = {
    "ok": "b-ok",
    "info": "b-info",
    "warn": "b-warn",
    "danger": "b-bad",
    "neutral": "b-neu",
    "cod": "b-cod",
    "prepaid": "b-neu",
}
ICON_OF_TONE = {"cod": "cash", "prepaid": "credit-card"}


def _amount(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None


def _euro(amount: Decimal) -> str:
    return f"{number_format(abs(amount), decimal_pos=2, use_l10n=True, force_grouping=True)}{NBSP}€"


@register.filter
def euro(value: Any) -> str:
    """`1.234,56 €` in the reader's language; a loss has a minus sign (U+2212); nothing for None."""
    amount = _amount(value)
    if amount is None:
        return ""
    return f"{MINUS if amount < 0 else ''}{_euro(amount)}"


@register.filter
def signed_euro(value: Any) -> str:
    """As `euro`, with + or − always: a movement, a margin."""
    amount = _amount(value)
    if amount is None:
        return ""
    sign = MINUS if amount < 0 else "+" if amount > 0 else ""
    return f"{sign}{_euro(amount)}"


@register.filter
def one_line(text: Any) -> str:
    """For letters: what somebody wrote, on one line. Rows of earlier versions may hold line breaks."""
    return strict.text(text, 300)


@register.filter
def plain_number(value: Any) -> str:
    """A number for a machine (an attribute, a progress): a point and no grouping, in every language."""
    return "" if value is None else str(value)


@register.filter
def long_day(day: dt.date) -> str:
    """`giovedì 26 novembre 2026`, which Django would write with capitals; `Thursday 26 November 2026`. A moment is
    written as its day in the reader's time zone."""
    if isinstance(day, dt.datetime):
        day = timezone.localtime(day).date()
    text = date_format(day, "l j F Y")
    return text.lower() if get_language() == "it" else text


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite (static/vendor/tabler-icons/icons.txt), hidden from screen readers: put words beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css,
        static("vendor/tabler-icons/icons.svg"),
        name,
    )


@register.simple_tag
def badge(tone: str, text: Any, icon_name: str = "", title: str = "") -> SafeString:
    """`{% badge "cod" "COD 49,90 €" %}`; tones: ok, info, warn, danger, neutral, cod, prepaid (TONES)."""
    name = icon_name or ICON_OF_TONE.get(tone, "")
    return format_html(
        '<span class="bdg {}"{}>{}{}</span>',
        TONES.get(tone, TONES["neutral"]),
        format_html(' title="{}"', title) if title else "",
        icon(name) if name else "",
        text,
    )


@register.inclusion_tag("_empty_state.html")
def empty_state(
    icon_name: str, title: Any, text: Any = "", *, url: str = "", label: Any = "", action_icon: str = ""
) -> dict:
    """What an empty list shows: what belongs here, and what to do (`url` is an address, `label` its button)."""
    return {
        "icon_name": icon_name,
        "title": title,
        "text": text,
        "url": url,
        "label": label,
        "action_icon": action_icon,
    }


@register.simple_tag
def platform_mark(slug: str, mark: str, css: str = "") -> SafeString:
    """The lettered mark of a platform: `Wc` for WooCommerce."""
    return format_html('<span class="mark mci-mark mark-{} {}" aria-hidden="true">{}</span>', slug, css, mark)


@register.simple_tag
def url_if(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, or "" when what it is about is not there (an argument that is None). A name that is no
    page's fails, as `{% url %}` does."""
    if None in args or None in kwargs.values():
        return ""
    return reverse(name, args=args, kwargs=kwargs)


@register.filter
def web(address: Any) -> str:
    """An address that somebody else gave, for a link: "" unless a browser goes there by http or https."""
    return strict.web(address, 2000)


@register.filter
def initials(name: str) -> str:
    """`Linda Marchetti` is LM, `ada@x.it` is A."""
    words = [word for word in str(name).split("@")[0].replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"
