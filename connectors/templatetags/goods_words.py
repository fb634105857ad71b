"""What templates say about products in shops and their prices. `{% load goods_words %}`."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from connectors.listings.outcomes import code_words, outcome, refusal_of, vat_by_hand
from connectors.models import PriceRule, PublishItem, PublishRun
from core.errors import DomainError
from core.templatetags.mci import euro

register = template.Library()


@register.filter
def outcome_words(item: PublishItem) -> str:
    return outcome(item)


@register.filter
def refusal_words_of(item: PublishItem) -> str:
    return refusal_of(item)


@register.filter
def shop_code_words(code: str) -> str:
    """Why the shop did not take a figure."""
    return code_words(code)


@register.filter
def vat_by_hand_words(rate: Decimal) -> str:
    return vat_by_hand(f"{rate.normalize():f}")


@register.filter
def trouble_of_run(run: PublishRun) -> str:
    return DomainError.sentence(run.trouble, run.trouble_params) if run.trouble else ""


@register.filter
def rule_words(rule: PriceRule) -> str:
    """`Our cost × 2,2 + 1,50 € + VAT, up to the next ,90`."""
    words = str(_("our cost") if rule.base == PriceRule.Base.COST else _("suggested retail price"))
    if rule.factor != 1:
        words += f" × {number_format(rule.factor.normalize(), use_l10n=True)}"
    if rule.amount:
        words += f" {'+' if rule.amount > 0 else '−'} {euro(abs(rule.amount))}"
    if rule.add_vat:
        words += f" + {_('VAT')}"
    if rule.rounding != PriceRule.Rounding.NONE:
        words += f", {str(rule.get_rounding_display())[0].lower()}{str(rule.get_rounding_display())[1:]}"
    return words[0].upper() + words[1:]
