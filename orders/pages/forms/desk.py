"""What the warehouse's desk types: couriers' numbers, one and many."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core import lines
from core.errors import Refused
from orders.entry.pasted_lines import read_pasted as read_pasted
from orders.fulfilment import tracking_numbers


class TrackingForm(lines.Form):
    tracking = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    # Ticked by who looked at the label once more; asked only where the number is an unusual one of its courier.
    unusual = forms.BooleanField(label=_("I looked: this number is right"), required=False)
    asks = False

    def clean_tracking(self) -> str:
        try:
            return tracking_numbers.number(self.cleaned_data["tracking"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


class NewNumberForm(TrackingForm):
    """Another number for a parcel that left under a wrong one, and why."""

    reason = forms.CharField(
        label=_("Reason, shown to the reseller"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class TrackingListForm(lines.Form):
    """Many parcels at once: our number and the tracking number, one parcel per line."""

    lines = forms.CharField(
        label=_("Order and tracking number"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_(
            "One parcel per line: MCI-000123, then the tracking number. Or a courier's or a spreadsheet's list as it"
            " is, with its first line. Nothing is sent before you have seen what it says."
        ),
    )
    MOST = 500

    def clean_lines(self) -> str:
        """All of them or none: what is left out would be a parcel that nobody hears of."""
        text: str = self.cleaned_data["lines"]
        count = sum(1 for line in text.splitlines() if line.strip())
        if count > self.MOST:
            words = _("At most %(most)s lines at once, and these are %(count)s: paste them in parts.")
            raise forms.ValidationError(words, code="too_many", params={"most": self.MOST, "count": count})
        return text
