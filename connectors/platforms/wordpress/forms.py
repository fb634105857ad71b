"""What the reseller types to connect a WordPress shop: its address; the plugin brings the rest."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors.platforms.ways import WaysForm
from connectors.platforms.woocommerce.forms import clean_address


class ConnectForm(WaysForm):
    address = forms.CharField(
        label=_("Address of the shop"),
        max_length=200,
        help_text=_("As you see it in the browser, for example https://www.myshop.it"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "placeholder": "https://"}),
    )

    def clean_address(self) -> str:
        try:
            return clean_address(self.cleaned_data["address"])
        except ValueError:  # idna's error is one too
            raise forms.ValidationError(_("This is not the address of a shop."), code="bad_address") from None
