"""What the reseller types to connect a Shopify shop, and what he may choose about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from connectors.platforms.homes import typed_address
from connectors.platforms.keys import apart
from connectors.platforms.shopify.webhooks import shop_address
from connectors.platforms.ways import Way, WaysForm
from core import lines

_TOKEN = re.compile(r"shp[a-z]{2}_[A-Za-z0-9]{16,128}", re.ASCII)
_ITS_TOKEN = re.compile(r"\bshp(?!ss_)[a-z]{2}_[A-Za-z0-9]{16,128}\b", re.ASCII)
_ITS_SECRET = re.compile(r"\bshpss_[A-Za-z0-9]{16,128}\b", re.ASCII)
_CLIENT = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)


def clean_address(typed: str) -> str:
    """The shop's address from what was typed: its name, its myshopify.com address or a page of its administration.
    ValueError for anything else: from a domain of its own nobody can tell which shop it is."""
    words = re.sub(r"^[a-z]+://", "", typed_address(typed).lower())
    page = re.match(r"admin\.shopify\.com/store/([a-z0-9-]+)", words)
    host = f"{page[1]}.myshopify.com" if page else words.partition("/")[0].partition("?")[0]
    if host.partition(":")[0] in settings.EGRESS_ALLOW:  # a demo shop, which may lie below another's address
        host = "/".join(words.partition("?")[0].split("/")[:3]) if "/prova/" in words else host
    if re.fullmatch(r"[a-z0-9][a-z0-9-]*", host) and host not in settings.EGRESS_ALLOW:
        host = f"{host}.myshopify.com"
    found = shop_address(host)
    if not found:
        raise ValueError(typed)
    return found


class ConnectForm(WaysForm):
    """`mode` app: he approves the portal's app; own_app: likewise one that he made himself; token: he copies it."""

    WAYS: ClassVar[Mapping[str, Way]] = {
        "app": Way(
            _("You sign in to Shopify, press “Install” and come back: there is nothing to copy."),
            "connectors/shopify/_way_app.html",
            _("Go on to Shopify"),
        ),
        "own_app": Way(
            _("You make an app for your shop alone, copy its two codes here, and then install it."),
            "connectors/shopify/_way_own_app.html",
            _("Go on to Shopify"),
            ("client_id", "client_secret"),
        ),
        "token": Way(
            _("You have a custom app from before 2026, whose token begins with shpat_, and copy it here."),
            "connectors/shopify/_way_token.html",
            _("Test and connect"),
            ("access_token", "client_secret"),
        ),
    }

    mode = forms.ChoiceField(label=_("How to connect"), choices=[], widget=forms.RadioSelect)
    address = forms.CharField(
        label=_("Address of the shop"),
        max_length=200,
        help_text=_("The one that ends in .myshopify.com; you see it in Shopify under Settings → Domains."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "placeholder": "….myshopify.com"}),
    )
    client_id = forms.CharField(
        label=_("Client ID of your app"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    client_secret = forms.CharField(
        label=_("Client secret of your app"),
        max_length=300,
        required=False,
        help_text=_("Shopify signs with it what it tells MCI."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    access_token = forms.CharField(
        label=_("Access token"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "placeholder": "shpat_"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("own_app", _("Approve an app that I made for my shop")),
            ("token", _("Paste the token of a custom app")),
        ]
        if settings.SHOPIFY_CLIENT_ID and settings.SHOPIFY_CLIENT_SECRET:
            choices.insert(0, ("app", _("Approve MCI in my shop (recommended)")))
        self.fields["mode"].choices = choices  # type: ignore[attr-defined]
        self.fields["mode"].initial = choices[0][0]

    def clean_address(self) -> str:
        try:
            return clean_address(self.cleaned_data["address"])
        except ValueError:
            words = _(
                "This is not the address that Shopify gave your shop: it ends in .myshopify.com, and you find it in"
                " Shopify under Settings → Domains."
            )
            raise forms.ValidationError(words, code="bad_address") from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        needed = {"own_app": ("client_id", "client_secret"), "token": ("access_token", "client_secret")}
        if cleaned.get("mode") == "token":
            apart(cleaned, {"access_token": _ITS_TOKEN, "client_secret": _ITS_SECRET})
        for name in needed.get(cleaned.get("mode", ""), ()):
            value = cleaned.get(name, "").strip()
            if not (_TOKEN if name == "access_token" else _CLIENT).fullmatch(value):
                self.add_error(name, forms.ValidationError(_("Copy it whole, as Shopify shows it."), code="malformed"))
            cleaned[name] = value
        return cleaned


class OptionsForm(lines.Form):
    """What only a Shopify shop asks. `facts`: what the shop says of itself."""

    location = forms.ChoiceField(
        label=_("Location in Shopify"),
        required=False,
        help_text=_("Where the stock that MCI keeps is shown."),
    )
    notify = forms.BooleanField(
        label=_("Shopify writes to the customer when the parcel leaves"), required=False, initial=True
    )
    mark_paid = forms.BooleanField(
        label=_("Mark COD orders as paid when the courier has paid out the cash"), required=False
    )
    cancel = forms.BooleanField(
        label=_("Cancel the order in Shopify when it is cancelled here"),
        required=False,
        help_text=_("The customer is written to and refunded; it cannot be undone. Without it the order gets a tag."),
    )

    def __init__(self, *args: Any, facts: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(row.get("id")), str(row.get("name"))) for row in facts.get("locations") or []]
        self.fields["location"].choices = [("", _("The first that serves online orders")), *known]  # type: ignore[attr-defined]
