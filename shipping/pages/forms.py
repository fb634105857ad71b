"""What people ask of the shipments, and what the supplier types about couriers and prices."""

from __future__ import annotations

from django import forms

from core import lines
from shipping import queries


class FindForm(lines.Form):
    """The filters of the list, in the page's address. Nonsense in one of them leaves that one out."""

    tab = forms.ChoiceField(choices=[(tab, label) for tab, (label, _states) in queries.TABS.items()], required=False)
    q = forms.CharField(max_length=100, required=False)
    courier = forms.SlugField(max_length=50, required=False)
    cash = forms.ChoiceField(choices=[(cash, label) for cash, (label, _q) in queries.CASH.items()], required=False)

    def wanted(self) -> queries.Find:
        self.is_valid()
        data = self.cleaned_data
        return queries.Find(
            tab=data.get("tab") or "all",
            text=data.get("q", ""),
            courier=data.get("courier", ""),
            cash=data.get("cash", ""),
        )
