"""The API keys of a company and what was asked with them: an owner's alone."""

from __future__ import annotations

import datetime as dt
import ipaddress

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, role_required
from accounts.errors import KeyRevoked
from accounts.keys import keys
from accounts.keys.scopes import WORDS
from accounts.models import ApiKey
from accounts.queries import access_api_key
from accounts.queries import api_keys as keys_of
from accounts.queries import api_requests as requests_of
from accounts.sign_in.reauth import recently_proven
from core import lines
from core.errors import Refused, TooManyTries
from core.inbound import throttles
from core.pagination import keyset_page

MOST_NETWORKS = 20


class ApiKeyForm(lines.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("The program that will use it.")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), choices=list(WORDS.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("It works for"),
        choices=[
            ("365", gettext_lazy("a year")),
            ("90", gettext_lazy("90 days")),
            ("30", gettext_lazy("30 days")),
            ("0", gettext_lazy("as long as it is not revoked")),
        ],
        coerce=int,
    )
    networks = forms.CharField(
        label=gettext_lazy("Only from these addresses"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("IP addresses or networks, one a line: 203.0.113.7, 203.0.113.0/24. Empty: anywhere."),
    )

    def clean_networks(self) -> list[str]:
        found = []
        for text in self.cleaned_data["networks"].replace(",", " ").replace(";", " ").split():
            try:
                found.append(str(ipaddress.ip_network(text)))
            except ValueError:
                words = _("“%(text)s” is no IP address and no network.") % {"text": text[:60]}
                raise forms.ValidationError(words, code="network") from None
        if len(found) > MOST_NETWORKS:
            raise forms.ValidationError(_("At most %(most)s addresses.") % {"most": MOST_NETWORKS}, code="too_many")
        return found


@role_required()
@recently_proven
def api_keys(request: PortalRequest) -> HttpResponse:
    """The keys and the form for a new one. A new key is shown in the answer to the form, and never again."""
    form = ApiKeyForm(request.POST if request.method == "POST" else None)
    status, made = 200, None
    if form.is_bound:
        made = _made(request, form) if form.is_valid() else None
        if made is None:
            status = 422
        else:
            form = ApiKeyForm()
    context = {
        "rows": [
            (key, [words for scope, words in WORDS.items() if scope in key.scopes])
            for key in keys_of(request.dropshipper)
        ],
        "form": form,
        "made": made,
    }
    return render(request, "accounts/api_keys.html", context, status=status)


def _made(request: PortalRequest, form: ApiKeyForm) -> tuple[ApiKey, str] | None:
    data = form.cleaned_data
    until = timezone.now() + dt.timedelta(days=data["days"]) if data["days"] else None
    try:
        throttles.take("api-key", str(request.dropshipper.pk), limit=20, seconds=24 * 3600)
        return keys.make(
            request.dropshipper,
            name=data["name"],
            scopes=data["scopes"],
            networks=data["networks"],
            expires_at=until,
            by=request.user,
        )
    except (Refused, TooManyTries) as refusal:
        form.add_error("name", str(refusal))
        return None


@require_POST
@role_required()
@recently_proven
def api_key_revoke(request: PortalRequest, pk: int) -> HttpResponse:
    key = access_api_key(request.dropshipper, pk)
    try:
        keys.revoke(key, by=request.user)
        messages.success(request, _("The key “%(name)s” works no more.") % {"name": key.name})
    except KeyRevoked as refusal:
        messages.info(request, str(refusal))
    return redirect("accounts:api_keys")


@require_safe
@role_required()
def api_requests(request: PortalRequest) -> HttpResponse:
    """The log of the last 30 days, newest first."""
    page = keyset_page(requests_of(request.dropshipper), by=("-id",), cursor=request.GET.get("cursor"))
    return render(request, "accounts/api_requests.html", {"page": page})
