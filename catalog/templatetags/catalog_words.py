"""How the catalogue speaks: stock in words, weights and sizes as people say them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Variant
from core.templatetags.mci import badge

register = template.Library()

FEW = 5  # from here down a reader is told that these are the last
MANY = 100  # from here up the exact number is of no use to him
NBSP = "\u00a0"


@register.simple_tag
def stock_badge(pieces: int, restock_on: dt.date | None = None) -> SafeString:
    """`Available 120+`, `Last 4`, `Sold out, back on 28 November`: words and number, never a colour alone."""
    if pieces > FEW:
        shown = f"{_grouped(pieces // 10 * 10)}+" if pieces >= MANY else str(pieces)
        return badge("ok", _("Available %(pieces)s") % {"pieces": shown}, "circle-check")
    if pieces > 0:
        return badge("warn", ngettext("Last piece", "Last %(pieces)s", pieces) % {"pieces": pieces}, "flame")
    if restock_on and restock_on >= localdate():
        day = date_format(restock_on, "MONTH_DAY_FORMAT")
        return badge("neutral", _("Sold out, back on %(day)s") % {"day": day}, "clock")
    return badge("danger", _("Sold out"), "circle-x")


def _grouped(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


@register.filter
def kilos(grams: int) -> str:
    """`650 g` below a kilogram, `1,2 kg` from there."""
    if grams < 1000:
        return f"{grams}{NBSP}g"
    return f"{number_format((Decimal(grams) / 1000).normalize(), use_l10n=True)}{NBSP}kg"


@register.filter
def centimetres(variant: Variant) -> str:
    """`30 × 20 × 10,5 cm`, or "" when no side was measured."""
    sides = (variant.length_mm, variant.width_mm, variant.height_mm)
    if not all(sides):
        return ""
    shown = [number_format(Decimal(side) / 10, decimal_pos=None if side % 10 else 0, use_l10n=True) for side in sides]
    return f"{f'{NBSP}×{NBSP}'.join(shown)}{NBSP}cm"


@register.filter
def share_of_price(variant: Variant) -> str:
    """The margin at the suggested retail price as a share of that price: `38 %`; "" when there is no such price."""
    if not variant.retail_price or variant.margin is None:
        return ""
    return f"{round(variant.margin * 100 / variant.retail_price)}{NBSP}%"


@register.filter
def vat_of(variant: Variant) -> Decimal:
    """VAT on one piece, EUR."""
    return variant.gross_price - variant.net_price


@register.filter
def percent(rate: Decimal) -> str:
    """A rate as people write it: `22 %`, `5,5 %`."""
    text = format(rate.normalize(), "f")
    return f"{number_format(Decimal(text), use_l10n=True)}{NBSP}%"
