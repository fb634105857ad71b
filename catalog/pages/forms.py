"""The catalogue's filter form, read from the address: what it does not understand is left out, never an error page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import search
from core import lines
from core.fields import AmountField

ORDER_LABELS = {
    "new": _("Newest first"),
    "name": _("Name"),
    "price": _("Price, lowest first"),
    "price_down": _("Price, highest first"),
    "margin": _("Margin before shipping, highest first"),
    "stock": _("Stock, highest first"),
}


class FilterForm(lines.Form):
    q = forms.CharField(label=_("Search by name, SKU, EAN"), max_length=100, required=False)
    category = forms.CharField(max_length=50, required=False, widget=forms.HiddenInput)
    available = forms.BooleanField(label=_("Available now"), required=False)
    price_from = AmountField(label=_("Net price from (€)"), most=12, required=False)
    price_to = AmountField(label=_("to (€)"), most=12, required=False)
    sort = forms.ChoiceField(label=_("Sort by"), choices=list(ORDER_LABELS.items()), required=False)
    view = forms.ChoiceField(choices=[("cards", "cards"), ("table", "table")], required=False, widget=forms.HiddenInput)

    def wish(self, cursor: str | None) -> search.Wish:
        self.is_valid()
        said = self.cleaned_data
        return search.Wish(
            text=said.get("q") or "",
            category=said.get("category") or "",
            available=bool(said.get("available")),
            price_from=said.get("price_from"),
            price_to=said.get("price_to"),
            order=said.get("sort") or "new",
            cursor=cursor,
        )

    @property
    def shown_view(self) -> str:
        return self.cleaned_data.get("view") or "cards"
