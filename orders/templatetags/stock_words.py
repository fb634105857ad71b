"""What templates say about the pieces that there are. `{% load stock_words %}`."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.mci import icon
from orders.models import Order, OrderLine

register = template.Library()


@register.simple_tag
def at_hand(available: int, wanted: int) -> SafeString:
    """What there is of an article for so many pieces: short is never green, and says so in words and with an icon."""
    if available <= 0:
        tone, name, words = "bad", "circle-x", _("out of stock")
    elif available < wanted:
        tone, name = "bad", "alert-triangle"
        words = _("only %(n)s available of %(wanted)s") % {"n": available, "wanted": wanted}
    else:
        tone, name, words = "ok", "circle-check", _("available %(n)s") % {"n": available}
    sign, short_ = icon(name, "icon-sm"), int(available < wanted)
    return format_html('<span class="{} mci-at-hand" data-short="{}">{}{}</span>', tone, short_, sign, words)


@register.filter
def wanted_of(order: Order, line: OrderLine) -> int:
    """The pieces of a line's article that the order wants, all its lines together. The lines must be prefetched."""
    rows = [row for row in order.lines.all() if row.variant_id == line.variant_id and not row.ignored]
    return sum(row.quantity for row in rows)
