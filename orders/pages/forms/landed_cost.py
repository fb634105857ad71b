"""The question of the landed-cost panel, read from the address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from core import lines
from core.fields import AmountField
from core.postal.countries import COUNTRIES

_CAP = re.compile(r"\d{5}", re.ASCII)
_ABROAD = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,10}", re.ASCII)


class LandedForm(lines.Form):
    """An article, how many, where to; `price` is what the customer pays for all of it, VAT included."""

    use_required_attribute = False

    sku = forms.ChoiceField(label=_("Variant"))
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=9999,
        localize=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    postcode = forms.CharField(
        label=_("Postcode (CAP)"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRIES)
    province = forms.CharField(max_length=2, required=False)
    price = AmountField(label=_("Customer pays (€)"), required=False)

    def __init__(self, *args: Any, variants: Sequence[Variant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sku"].choices = [(v.sku, v.title or v.sku) for v in variants]  # type: ignore[attr-defined]
        if len(variants) == 1:
            self.fields["sku"].widget = forms.HiddenInput()
        priced = all(v.retail_price is not None for v in variants)
        self.fields["price"].help_text = (
            _("VAT included. Empty: the suggested retail price.") if priced else _("For all pieces, VAT included.")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        text = data.get("postcode", "").upper()
        pattern = _CAP if data.get("country") == "IT" else _ABROAD
        if text and not pattern.fullmatch(text):
            words = (
                _("An Italian postcode has five digits.")
                if data.get("country") == "IT"
                else _("This is not a postcode.")
            )
            self.add_error("postcode", forms.ValidationError(words, code="postcode"))
        return data | {"postcode": text}
