"""The form of a price rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Category
from connectors.models import PriceRule, Shop
from core import lines


class RuleForm(lines.ModelForm):
    """The shop comes from the address, never from the form."""

    class Meta:
        model = PriceRule
        fields = [
            *("name", "category", "is_default", "base", "factor", "amount", "add_vat", "rounding", "margin"),
            "compare_at",
        ]
        help_texts = {
            "amount": _("May be negative."),
            "add_vat": _("The catalogue's prices are net: without VAT the shop would sell for less than it seems."),
            "margin": _("The floor: whatever the rule says, no product is offered for less. 0: never below its cost."),
            "compare_at": _(
                "Only where it is higher than the price. Mind the law (EU “Omnibus”): an announced reduction must show"
                " the lowest price of the last 30 days, and the suggested retail price is not that price."
            ),
        }
        widgets = {
            "factor": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            "amount": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            "margin": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.shop = shop
        taken = shop.price_rules.exclude(pk=self.instance.pk).exclude(category=None).values("category")
        categories: Any = self.fields["category"]
        categories.queryset = Category.objects.select_related("parent").exclude(Q(pk__in=taken))
        categories.empty_label = _("All categories")
        self.fields["is_default"].label = _("The shop's usual rule")
        for name in ("factor", "amount", "margin"):
            self.fields[name].localize = True
            self.fields[name].widget.is_localized = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("category") and data.get("is_default"):
            words = _("A rule for one category cannot be the usual one.")
            self.add_error("is_default", forms.ValidationError(words, code="default"))
        return data


class PriceDriftForm(lines.Form):
    """The merchant's word on prices that somebody changes in his shop."""

    drift = forms.ChoiceField(
        label=_("If somebody changes a price in the shop that MCI keeps"),
        choices=Shop.PriceDrift.choices,
        widget=forms.RadioSelect,
    )
