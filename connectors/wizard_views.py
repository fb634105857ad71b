"""Connecting a shop, step by step: which platform, which shop, does it answer, how its orders come in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PortalRequest, role_required
from connectors import connect as acts
from connectors import queries, tasks
from connectors.models import Shop
from connectors.platforms import platform as platform_of
from connectors.platforms import platforms
from core.errors import DomainError, TryLater

STOP_POLLING = 286


@require_safe
@role_required("orders")
def choose(request: PortalRequest) -> HttpResponse:
    """connectors:choose, the first step; with one platform there is nothing to choose."""
    found = platforms()
    if len(found) == 1:
        return redirect("connectors:connect", found[0].slug)
    return render(request, "connectors/choose.html", {"platforms": found})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def connect(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:connect: the address, and the keys or the shop's own approval."""
    return _connect(request, platform, None)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def reconnect(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:reconnect: the same steps for a shop that we know; its orders and rules stay."""
    found = queries.access_shop(request.dropshipper, pk)
    return _connect(request, found.platform, found)


def _connect(request: PortalRequest, platform: str, shop: Shop | None) -> HttpResponse:
    api = platform_of(platform)
    initial = {"address": shop.address} if shop else {}
    form = api.connect_form(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            started = acts.begin(platform, form.cleaned_data, dropshipper_id=request.dropshipper.pk, by=request.user.pk)
        except DomainError as error:
            words = str(error)
            if isinstance(error, TryLater):
                words += " " + _("Check the address, and try again in a minute.")
            form.add_error("address" if "address" in form.fields else None, words)
        else:
            if started.shop is not None:
                return _done(request, started.shop)
            # A link and not a redirect: form-action of our CSP lets no form lead out of the portal.
            context = {"api": api, "attempt": started.attempt, "target": started.redirect}
            return render(request, "connectors/approve.html", context)
    context = {
        "api": api,
        "form": form,
        "shop": shop,
        "help_page": getattr(api, "help_page", ""),
        "action": reverse("connectors:reconnect", args=[shop.pk])
        if shop
        else reverse("connectors:connect", args=[platform]),
    }
    return render(request, "connectors/connect.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("orders")
def returned(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:returned: the reseller is back from his shop. The keys come by another way, perhaps a moment later."""
    number = request.GET.get("attempt", "")
    attempt = queries.access_attempt(
        request.dropshipper, platform, int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    )
    if attempt.shop is not None:
        answer = _done(request, attempt.shop)
        if request.htmx:
            return HttpResponse(status=STOP_POLLING, headers={"HX-Redirect": answer["Location"]})
        return answer
    declined = request.GET.get("success") == "0"
    context: dict[str, Any] = {
        "api": platform_of(platform),
        "attempt": attempt,
        "declined": declined,
        "over": attempt.expires_at < timezone.now(),
        "trouble": DomainError.sentence(attempt.trouble, attempt.trouble_params) if attempt.trouble else "",
    }
    context["waiting"] = not (declined or context["over"] or context["trouble"])
    if request.htmx:
        return render(request, "connectors/_returned.html", context)
    return render(request, "connectors/returned.html", context)


def _done(request: PortalRequest, shop: Shop) -> HttpResponse:
    transaction.on_commit(tasks.nudge_pull)
    messages.success(request, _("%(name)s is connected: its orders are being read.") % {"name": shop.name})
    return redirect(f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1")
