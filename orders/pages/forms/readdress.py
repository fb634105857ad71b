"""Where a sent order goes, as a person types it: the recipient's fields of the order form, strict."""

from __future__ import annotations

import copy
from typing import Any

from django import forms

from core import lines
from core.address import Address
from core.postal.countries import COUNTRIES
from orders.entry.forms import OrderForm
from orders.intake.data import ADDRESS
from orders.models import Order

FIELDS = ("name", "phone", "street", "postcode", "city", "province", "street2", "company", "email", "country", "note")
_NEEDED = ("name", "street", "postcode", "city", "country")


class ReaddressForm(lines.Form):
    """`version` is the order that the page showed. What a province or postcode is worth is judged by the act."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[name] = copy.deepcopy(OrderForm.base_fields[name])
            self.fields[name].required = name in _NEEDED
            self.fields[name].widget.attrs["autocomplete"] = "off"
        country = (self.data if self.is_bound else self.initial).get("country")
        self.fields["province"].required = country in (None, "", "IT")
        if order.country not in dict(COUNTRIES):
            self.fields["country"].choices = [*COUNTRIES, (order.country, order.country)]  # type: ignore[attr-defined]

    def clean_province(self) -> str:
        text: str = self.cleaned_data["province"]
        return text.upper() if len(text) == 2 else text

    @property
    def address(self) -> Address:
        return Address(**{name: self.cleaned_data.get(name) or "" for name in ADDRESS})

    @property
    def note(self) -> str:
        return self.cleaned_data.get("note") or ""
