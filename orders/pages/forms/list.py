"""What the orders' list is asked, in its address."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core import lines
from orders import queries
from orders.entry.pasted_lines import read_pasted as read_pasted
from orders.models import Order


class FindForm(lines.Form):
    """The filters of a list, in the page's address. Nonsense in one of them leaves that one out."""

    tab = forms.ChoiceField(choices=[(tab, label) for tab, (label, _q) in queries.TABS.items()], required=False)
    source = forms.SlugField(max_length=20, required=False)
    q = forms.CharField(max_length=100, required=False)
    payment = forms.ChoiceField(choices=[("", _("Any payment")), *Order.Payment.choices], required=False)
    problem = forms.SlugField(max_length=40, required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def wanted(self, *, default_tab: str, default_source: str, contacts: bool = False) -> queries.Find:
        self.is_valid()
        data = self.cleaned_data
        source = data.get("source") or default_source
        return queries.Find(
            tab=data.get("tab") or default_tab,
            source="" if source == "all" else source,
            text=data.get("q", ""),
            payment=data.get("payment", ""),
            problem=data.get("problem", ""),
            since=data.get("since"),
            until=data.get("until"),
            contacts=contacts,
        )
