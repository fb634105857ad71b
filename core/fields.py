"""Fields that forms of several rooms share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from core.money import ZERO, BadAmount, from_person


class AmountField(forms.CharField):
    """EUR as an Italian types it (12,50 and 12.50 are the same); cleaned to a Decimal of two places, or None when it is
    empty. `negative`: what a negative amount means is for who asked."""

    def __init__(self, *, most: int = 16, negative: bool = False, placeholder: str = "", **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "maxlength": str(most)}
        if placeholder:
            attrs["placeholder"] = placeholder
        super().__init__(**{"widget": forms.TextInput(attrs=attrs), **kwargs})
        self._most, self._negative = MaxLengthValidator(most), negative

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        self._most(text)
        try:
            amount = from_person(text)
        except BadAmount as error:
            raise forms.ValidationError(str(error), code=error.code) from None
        if amount < ZERO and not self._negative:
            raise forms.ValidationError(_("An amount cannot be negative."), code="negative")
        return amount

    def prepare_value(self, value: Any) -> Any:
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value
