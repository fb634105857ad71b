"""Connecting a shop, step by step: which platform, which shop, does it answer, how its orders come in."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PortalRequest, member_required, role_required
from accounts.sign_in.reauth import recently_proven
from connectors import queries, tasks
from connectors.connect import acts, demo_shop, guessing
from connectors.errors import ConnectedHere
from connectors.models import ConnectAttempt, Shop
from connectors.platforms import platform as platform_of
from connectors.platforms import platforms
from connectors.platforms.about import NEVER
from connectors.platforms.homes import home_key
from connectors.platforms.paired import Paired
from connectors.shops import limits
from core.errors import DomainError
from core.requests import whole_number
from core.sealed import SecretUnreadable


@require_safe
@role_required("orders")
def choose(request: PortalRequest) -> HttpResponse:
    """connectors:choose, the first step: which platform is it? `address`: of the shop, to be guessed from; nobody is
    called. With one platform there is nothing to choose."""
    found = platforms()
    demo = demo_shop.addresses(request.dropshipper)
    if len(found) == 1 and not demo:
        return redirect("connectors:connect", found[0].slug)
    typed = request.GET.get("address", "")
    asked = guessing.guess(typed, request.dropshipper) if "address" in request.GET else None
    context = {
        "platforms": found,
        "typed": typed[: guessing.LONGEST],
        "guess": asked,
        "guessed": [api.slug for api in asked.found] if asked else [],
        "demo": [(platform_of(slug), address) for slug, address in demo.items()],
        "begun": [(one, platform_of(one.platform)) for one in queries.begun(request.dropshipper, request.user)],
    }
    return render(request, "connectors/choose.html", context)


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
        address = platform_of(platform).install_address(query_of(request))
    except DomainError as error:
        context = {"api": platform_of(platform), "words": str(error)}
        return render(request, "connectors/not_connected.html", context, status=400)
    return redirect(f"{reverse('connectors:connect', args=[platform])}?{urlencode({'address': address})}")


def query_of(request: PortalRequest) -> dict[str, str]:
    """The query, each name once: what was signed must be what is read."""
    if any(len(values) != 1 for _name, values in request.GET.lists()):
        raise SuspiciousOperation("a name twice in the query")
    return request.GET.dict()


def _connect(request: PortalRequest, platform: str, shop: Shop | None) -> HttpResponse:
    """The form is looked at and kept; what the shop says to it is for the page of the attempt."""
    api = platform_of(platform)
    before = _before(request, platform) if request.method != "POST" else None
    initial = _initial(request, api, before, shop)
    known: Shop | None = None
    form = api.connect_form(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        known = _known(request, platform, form.cleaned_data["address"]) if shop is None else None
        try:
            mine = {"dropshipper_id": request.dropshipper.pk, "by": request.user.pk}
            if known is not None:
                raise ConnectedHere(name=known.name)
            limits.connect(request.dropshipper.pk)
            attempt = acts.begin(platform, form.cleaned_data, renews=shop, **mine)
        except DomainError as error:
            form.add_error("address", str(error))
        else:
            transaction.on_commit(tasks.nudge_connect)
            return redirect("connectors:attempt", attempt.pk)
    context = {
        "api": api,
        "paired": isinstance(api, Paired),
        "known": known,
        "demo": demo_shop.address_of(platform, request.dropshipper),
        "typed": initial.get("address", ""),
        "never": NEVER,
        "callback": f"{settings.SITE_URL}/connect/{platform}/callback/",
        "scopes": [str(right.scope) for right in api.about.rights],
        "download": reverse("connectors:package", args=[platform]),
        "form": form,
        "shop": shop,
        "trouble": DomainError.sentence(before.trouble, before.trouble_params) if before and before.trouble else "",
        "help_page": getattr(api, "help_page", ""),
        "action": reverse("connectors:reconnect", args=[shop.pk])
        if shop
        else reverse("connectors:connect", args=[platform]),
    }
    return render(request, "connectors/connect.html", context, status=422 if form.errors else 200)


def _known(request: PortalRequest, slug: str, address: str) -> Shop | None:
    """His own shop at this address, where it works: there is nothing to connect."""
    same = [shop for shop in queries.shops(request.dropshipper, slug) if home_key(shop.address) == home_key(address)]
    return next((shop for shop in same if shop.state != Shop.State.BROKEN and not shop.trouble), None)


def _before(request: PortalRequest, slug: str) -> ConnectAttempt | None:
    """The attempt that the form is opened again for: one of his own, or none."""
    number = whole_number(request.GET.get("attempt", "")) or 0
    found = queries.access_attempt(request.dropshipper, request.user, number) if number else None
    return found if found is not None and found.platform == slug else None


def _initial(request: PortalRequest, api: Any, before: ConnectAttempt | None, shop: Shop | None) -> dict[str, str]:
    """What the form begins with: of an attempt before all that he typed but the secrets."""
    way = {"mode": request.GET["way"]} if request.GET.get("way") else {}
    if before is not None:
        open_ones = {name for name, field in api.connect_form().fields.items() if not is_secret(name, field)}
        try:
            typed = before.read("form")
        except SecretUnreadable:
            typed = {}
        return {"address": before.address} | {name: typed[name] for name in open_ones if name in typed} | way
    return {"address": shop.address if shop else request.GET.get("address", "")[:200], **way}


def is_secret(name: str, field: forms.Field) -> bool:
    """Not shown again: what is typed hidden, and keys that are not."""
    return isinstance(field.widget, forms.PasswordInput) or name.endswith(("_key", "_token", "_secret"))


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
