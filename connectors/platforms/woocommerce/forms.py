"""What the reseller types to connect a WooCommerce shop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from connectors.platforms.homes import typed_address
from connectors.platforms.keys import apart
from connectors.platforms.ways import Way, WaysForm
from core import lines

# What people paste: a page of the back office, the API, the checkout. Not “/shop”: a whole WordPress may live there.
_TAIL = re.compile(
    r"/(?:wp-admin|wp-login\.php|wp-json|index\.php|wc-api|wc-auth|cart|carrello|checkout|cassa|my-account)(?:/.*)?$"
)


_KEY, _SECRET = (re.compile(rf"\b{prefix}_[A-Za-z0-9]{{20,64}}\b", re.ASCII) for prefix in ("ck", "cs"))

ADDRESS_LENGTH = 200  # of the columns that keep it


def clean_address(text: str) -> str:
    """The home address of a shop from what was typed: scheme added, query and known pages cut. ValueError if none."""
    text = typed_address(text)
    if not re.match(r"[a-z]+://", text, re.IGNORECASE):
        text = f"https://{text}"
    parts = urlsplit(text)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.password is not None:
        raise ValueError(text)
    own = host in settings.EGRESS_ALLOW
    if not own and not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", _ascii(host)):
        raise ValueError(text)
    scheme = parts.scheme if own else "https"
    usual = {80 if parts.scheme == "http" else 443, 443 if scheme == "https" else 80}  # as typed, and as it is called
    port = f":{parts.port}" if parts.port and parts.port not in usual else ""
    address = f"{scheme}://{_ascii(host)}{port}{_TAIL.sub('', parts.path).rstrip('/')}"
    if len(address) > ADDRESS_LENGTH or not lines.is_one_line(address):  # a name grows when it is put into ASCII
        raise ValueError(text)
    return address


def _ascii(host: str) -> str:
    return host.lower().rstrip(".").encode("idna").decode()


class ConnectForm(WaysForm):
    """`mode` "auth": the reseller approves in his shop; "keys": he made keys there and copies them."""

    WAYS: ClassVar[Mapping[str, Way]] = {
        "auth": Way(
            _("You sign in to your shop, press “Approve” and come back: there is nothing to copy."),
            "connectors/woocommerce/_way_auth.html",
            _("Go on to my shop"),
        ),
        "keys": Way(
            _("You make a key in WooCommerce and copy its two halves into this page."),
            "connectors/woocommerce/_way_keys.html",
            _("Test and connect"),
            ("consumer_key", "consumer_secret"),
        ),
    }

    mode = forms.ChoiceField(
        label=_("How to connect"),
        choices=[("auth", _("Approve in my shop (recommended)")), ("keys", _("Paste the keys of the REST API"))],
        initial="auth",
        widget=forms.RadioSelect,
    )
    address = forms.CharField(
        label=_("Address of the shop"),
        max_length=200,
        help_text=_("As you see it in the browser, for example https://www.myshop.it"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "placeholder": "https://"}),
    )
    consumer_key = forms.CharField(
        label=_("Consumer key"),
        max_length=300,  # a browser cuts what is pasted without a word
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "ck_"}),
    )
    consumer_secret = forms.CharField(
        label=_("Consumer secret"),
        max_length=300,  # a browser cuts what is pasted without a word
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "placeholder": "cs_"}),
    )

    def clean_address(self) -> str:
        try:
            return clean_address(self.cleaned_data["address"])
        except ValueError:  # idna's error is one too
            raise forms.ValidationError(_("This is not the address of a shop."), code="bad_address") from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("mode") == "keys":
            apart(cleaned, {"consumer_key": _KEY, "consumer_secret": _SECRET})
            for name, prefix in (("consumer_key", "ck_"), ("consumer_secret", "cs_")):
                value = cleaned.get(name, "").strip()
                if not re.fullmatch(rf"{prefix}[A-Za-z0-9]{{20,64}}", value):
                    self.add_error(
                        name, forms.ValidationError(_("It begins with %(prefix)s"), params={"prefix": prefix})
                    )
                cleaned[name] = value
        return cleaned
