"""The filters of the COD page, in its address."""

from __future__ import annotations

import datetime as dt

from django import forms

from core import lines
from orders.fulfilment import cod


class CodForm(lines.Form):
    """Nonsense in one of them leaves that one out."""

    state = forms.ChoiceField(choices=[(name, words) for name, (words, _states) in cod.STATES.items()], required=False)
    courier = forms.SlugField(max_length=50, required=False)
    q = forms.CharField(max_length=100, required=False)
    first = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    last = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def wanted(self) -> cod.Find:
        self.is_valid()
        data = self.cleaned_data
        first, last = _sane(data.get("first")), _sane(data.get("last"))
        if first and last and first > last:
            first, last = last, first
        return cod.Find(
            state=data.get("state") or "all",
            courier=data.get("courier", ""),
            text=data.get("q", ""),
            first=first,
            last=last,
        )


def _sane(day: dt.date | None) -> dt.date | None:
    """A date that the database and its time zone can hold."""
    return min(max(day, dt.date(2000, 1, 1)), dt.date(2999, 12, 31)) if day else None
