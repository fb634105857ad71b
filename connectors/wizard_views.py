"""Connecting a shop, step by step: which platform, which shop, does it answer, how its orders come in."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PortalRequest, member_required, role_required
from accounts.reauth import recently_proven
from connectors import connect as acts
from connectors import queries, tasks
from connectors.errors import AttemptOver
from connectors.models import Shop
from connectors.platforms import platform as platform_of
from connectors.platforms import platforms
from connectors.platforms.errors import ReconnectNeeded
from connectors.platforms.paired import Paired
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
@recently_proven
def connect(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:connect: the address, and the keys or the shop's own approval."""
    return _connect(request, platform, None)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
@recently_proven
def reconnect(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:reconnect: the same steps for a shop that we know; its orders and rules stay."""
    found = queries.access_shop(request.dropshipper, pk)
    return _connect(request, found.platform, found)


@require_safe
@role_required("orders")
def install(request: PortalRequest, platform: str) -> HttpResponse:
    """hooks:install: the reseller opened the portal from within his shop. Nothing is begun by a mere link: it leads to
    the form with the shop's address in it."""
    try:
        address = platform_of(platform).install_address(_query(request))
    except DomainError as error:
        return render(request, "connectors/not_connected.html", _refused(platform, error), status=400)
    return redirect(f"{reverse('connectors:connect', args=[platform])}?{urlencode({'address': address})}")


@require_safe
@role_required("orders")
def came_back(request: PortalRequest, slug: str) -> HttpResponse:
    """hooks:callback of a platform that answers through the browser. Only the one who began may end it: the token in
    somebody else's hands connects nothing."""
    payload = _query(request)
    token = platform_of(slug).callback_token(payload)
    attempt = queries.own_attempt(slug, token, by=request.user.pk, dropshipper=request.dropshipper)
    if attempt is None:
        return render(request, "connectors/not_connected.html", _refused(slug, AttemptOver()), status=403)
    # A second loading of the same address finds the attempt used; what went wrong is noted in it. Its page says both.
    with contextlib.suppress(DomainError):
        acts.receive(slug, token=token, payload=payload, by=request.user.pk)
        transaction.on_commit(tasks.nudge_connect)
    return redirect(f"{reverse('connectors:returned', args=[slug])}?attempt={attempt.pk}")


def _query(request: PortalRequest) -> dict[str, str]:
    """The query, each name once: what was signed must be what is read."""
    if any(len(values) != 1 for _name, values in request.GET.lists()):
        raise SuspiciousOperation("a name twice in the query")
    return request.GET.dict()


def _refused(platform: str, error: DomainError) -> dict[str, Any]:
    return {"api": platform_of(platform), "words": str(error)}


def _connect(request: PortalRequest, platform: str, shop: Shop | None) -> HttpResponse:
    api = platform_of(platform)
    initial = {"address": shop.address if shop else request.GET.get("address", "")[:200]}
    form = api.connect_form(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            started = acts.begin(platform, form.cleaned_data, dropshipper_id=request.dropshipper.pk, by=request.user.pk)
        except DomainError as error:
            words = str(error)
            if isinstance(error, TryLater):
                words += " " + _("Check the address, and try again in a minute.")
            form.add_error(_field_of(form, error), words)
        else:
            if started.shop is not None:
                return _done(request, started.shop)
            # A link and not a redirect: form-action of our CSP lets no form lead out of the portal.
            context = {"api": api, "attempt": started.attempt, "target": started.redirect, "code": started.code}
            context["back"] = f"{reverse('connectors:returned', args=[platform])}?attempt={started.attempt.pk}"
            if isinstance(api, Paired):
                context["package"] = api.package(settings.SITE_URL)
            return render(request, "connectors/pair.html" if started.code else "connectors/approve.html", context)
    context = {
        "api": api,
        "paired": isinstance(api, Paired),
        "download": reverse("connectors:package", args=[platform]),
        "form": form,
        "shop": shop,
        "help_page": getattr(api, "help_page", ""),
        "action": reverse("connectors:reconnect", args=[shop.pk])
        if shop
        else reverse("connectors:connect", args=[platform]),
    }
    return render(request, "connectors/connect.html", context, status=422 if form.errors else 200)


def _field_of(form: forms.Form, error: DomainError) -> str | None:
    """Where an error stands: keys that the shop refuses at the keys that were pasted, the rest at the address."""
    if isinstance(error, ReconnectNeeded) or error.code == "not_all_granted":
        secrets = [name for name, field in form.fields.items() if isinstance(field.widget, forms.PasswordInput)]
        typed = [name for name in secrets if form.cleaned_data.get(name)]
        if typed:
            return typed[-1]
    return "address" if "address" in form.fields else None


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
    api = platform_of(platform)
    trying = attempt.try_after is not None  # a worker goes on with what the shop brought
    context: dict[str, Any] = {
        "api": api,
        "attempt": attempt,
        "back": request.get_full_path(),
        "declined": declined,
        "trying": trying,
        "over": attempt.expires_at < timezone.now() and not trying,
        "trouble": DomainError.sentence(attempt.trouble, attempt.trouble_params) if attempt.trouble else "",
    }
    # A plugin may bring its code again, once what was in its way is mended.
    final = declined or context["over"] or (context["trouble"] and not trying and not isinstance(api, Paired))
    context["polls"] = not final
    if request.htmx:
        return render(request, "connectors/_returned.html", context)
    return render(request, "connectors/returned.html", context)


@require_safe
@member_required
def package(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:package: the plugin that a platform's shops run, as a zip. A 404 where a platform has none."""
    api = platform_of(platform)
    if not isinstance(api, Paired):
        raise Http404(platform)
    found = api.package(settings.SITE_URL)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"', "Cache-Control": "private, no-cache"}
    answer = HttpResponse(found.body, content_type="application/zip", headers=headers)
    answer["ETag"] = f'"{hashlib.sha256(found.body).hexdigest()[:32]}"'
    return answer


def _done(request: PortalRequest, shop: Shop) -> HttpResponse:
    transaction.on_commit(tasks.nudge_pull)
    messages.success(request, _("%(name)s is connected: its orders are being read.") % {"name": shop.name})
    return redirect(f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1")
