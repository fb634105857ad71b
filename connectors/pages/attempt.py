"""The page of a connection that was begun: it shows each step happen, in whatever tab it is opened, and asks the one
who began it what only he can say."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, role_required
from connectors import queries, tasks
from connectors.connect import acts, demo_shop, mending
from connectors.errors import AttemptOver
from connectors.models import ConnectAttempt
from connectors.pages.wizard import query_of
from connectors.platforms import platform as platform_of
from connectors.platforms.errors import ShopUnreachable
from connectors.platforms.paired import Paired
from connectors.shops import limits
from core.errors import DomainError, for_reader
from core.requests import STOP_POLLING, whole_number
from core.sealed import SecretUnreadable

NOTHING_NEW = 204  # htmx leaves the page as it is
P = ConnectAttempt.Phase


@require_safe
@role_required("orders")
def attempt(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:attempt. For htmx its panel, nothing while nothing is new, 286 once there is nothing more to come."""
    found = queries.access_attempt(request.dropshipper, request.user, pk)
    if found.phase == P.DONE and found.shop is not None:
        return _done(request, found)
    context = _context(request, found)
    if request.htmx:
        if context["stamp"] == request.GET.get("seen"):
            return HttpResponse(status=STOP_POLLING if context["final"] else NOTHING_NEW)
        status = STOP_POLLING if context["final"] else 200
        return render(request, "connectors/_attempt.html", context, status=status)
    return render(request, "connectors/attempt.html", context)


def _context(request: PortalRequest, found: ConnectAttempt) -> dict[str, Any]:
    api = platform_of(found.platform)
    try:
        way = found.read("way")
    except SecretUnreadable:  # the keys of the fields were changed meanwhile: it must be begun again
        way = {}
    declined = found.phase == P.WAITING and request.GET.get("declined") == "1"
    step = "over" if found.is_over else "declined" if declined else str(found.phase)
    if step == P.WAITING:
        step = "pair" if way.get("code") else "approve"
    here = reverse("connectors:attempt", args=[found.pk])
    stamp = f"{step}-{found.trouble}-{found.tries}-{found.version}"
    query = {"seen": stamp, **({"declined": "1"} if declined else {})}
    return {
        "api": api,
        "attempt": found,
        "step": step,
        "steps": _steps(found, bool(way), step),
        "target": way.get("redirect", ""),
        "code": way.get("code", ""),
        "package": api.package(settings.SITE_URL) if isinstance(api, Paired) else None,
        "trouble": _trouble(found),
        "receiver": acts.receiver_of(found.dropshipper),
        "may_again": bool(found.form_sealed),
        "here": here,
        "poll": f"{here}?{urlencode(query)}",
        "stamp": stamp,
        # A plugin may bring its code again, once what was in its way is mended.
        "final": step == "over" or (step in (P.FAILED, "declined") and not isinstance(api, Paired)),
        "mend": _mend(found),
        "mending": mending.of(found.platform, found.trouble if step == P.FAILED else ""),
        "other": _other(found) if step == P.FAILED else "",
        "demo": demo_shop.address_of(found.platform, found.dropshipper) == found.address,
    }


def _trouble(found: ConnectAttempt) -> str:
    """In words. What has failed for good is not tried again by itself: its sentence does not promise so."""
    if found.phase == P.FAILED and found.trouble == ShopUnreachable.code:
        return _("The shop does not answer (%(reason)s).") % for_reader({"reason": "–", **found.trouble_params})
    return DomainError.sentence(found.trouble, found.trouble_params) if found.trouble else ""


def _mend(found: ConnectAttempt) -> str:
    """The form again, with what he typed but the secrets."""
    form = reverse("connectors:connect", args=[found.platform])
    if found.renews_id is not None:
        form = reverse("connectors:reconnect", args=[found.renews_id])
    return f"{form}?attempt={found.pk}"


def _other(found: ConnectAttempt) -> str:
    """The form of the other way to connect the same store, where that may work; "" for none."""
    slug = mending.of(found.platform, found.trouble).other
    if slug not in settings.PLATFORMS:
        return ""
    return f"{reverse('connectors:connect', args=[slug])}?{urlencode({'address': found.address})}"


_ORDER = (P.ASKED, P.WAITING, P.ANSWERED, P.PENDING, P.CONFIRMED, P.KEPT)


def _steps(found: ConnectAttempt, by_shop: bool, step: str) -> list[tuple[Any, str]]:
    """The steps of the connection in words, each done | now | bad | to_come. Pasted keys need no answer of the shop."""
    words = [(P.ASKED, _("MCI looks at the address"))]
    if by_shop or found.answered_at:
        words += [
            (P.WAITING, _("You approve in your shop")),
            (P.ANSWERED, _("MCI tries the connection")),
            (P.PENDING, _("You confirm that it is your shop")),
        ]
    words += [(P.CONFIRMED, _("The shop is connected")), (P.KEPT, _("Its orders come in by themselves"))]
    at = found.phase
    if at == P.FAILED:
        at = P.ANSWERED if found.answered_at else P.WAITING if by_shop else P.ASKED
    now = _ORDER.index(P(at)) if at in _ORDER else len(_ORDER)
    wrong = found.phase == P.FAILED or step in ("over", "declined")
    return [
        (label, "done" if _ORDER.index(phase) < now else "to_come" if _ORDER.index(phase) > now else _now(wrong, found))
        for phase, label in words
    ]


def _now(wrong: bool, found: ConnectAttempt) -> str:
    if wrong:
        return "bad"
    return "yours" if found.phase in (P.WAITING, P.PENDING) else "now"


def _done(request: PortalRequest, found: ConnectAttempt) -> HttpResponse:
    """On to the rules of the shop; whoever comes back to the page of the attempt is led there again."""
    assert found.shop is not None
    target = f"{reverse('connectors:shop_rules', args=[found.shop.pk])}?new=1"
    transaction.on_commit(tasks.nudge_pull)
    if request.htmx:
        messages.success(request, _("%(name)s is connected: its orders are being read.") % {"name": found.shop.name})
        return HttpResponse(status=STOP_POLLING, headers={"HX-Redirect": target})
    return redirect(target)


@require_POST
@role_required("orders")
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:attempt_confirm: “it is my shop”, by the one who began; to everybody else the attempt is not there."""
    found = queries.access_attempt(request.dropshipper, request.user, pk)
    if found.phase == P.PENDING and request.POST.get("seen") != found.version:
        messages.warning(request, _("Another shop has answered since this page was opened: look at it first."))
        return redirect("connectors:attempt", found.pk)
    try:
        acts.confirm(found, by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        transaction.on_commit(tasks.nudge_connect)
    return redirect("connectors:attempt", found.pk)


@require_POST
@role_required("orders")
def drop(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:attempt_drop: “it is not my shop”."""
    found = queries.access_attempt(request.dropshipper, request.user, pk)
    acts.drop(found, by=request.user.pk)
    return redirect("connectors:attempt", found.pk)


@require_POST
@role_required("orders")
def again(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:attempt_again: the same once more, after what was in the way."""
    found = queries.access_attempt(request.dropshipper, request.user, pk)
    try:
        limits.connect(request.dropshipper.pk)
        acts.try_again(found, by=request.user.pk)
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        transaction.on_commit(tasks.nudge_connect)
    return redirect("connectors:attempt", found.pk)


@require_safe
@role_required("orders")
def returned(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:returned: the reseller is back from his shop, which puts what he decided into the address. The keys
    come by another way, perhaps a moment later."""
    number = whole_number(request.GET.get("attempt", "")) or 0
    found = queries.access_attempt(request.dropshipper, request.user, number)
    if found.platform != platform:
        raise Http404(platform)
    target = reverse("connectors:attempt", args=[found.pk])
    return redirect(f"{target}?declined=1" if request.GET.get("success") == "0" else target)


@require_safe
@role_required("orders")
def came_back(request: PortalRequest, slug: str) -> HttpResponse:
    """hooks:callback of a platform whose answer comes by the reseller's browser: it is kept, and its page shows the
    rest. Only the browser of the one who began counts."""
    params, api = query_of(request), platform_of(slug)
    token = api.callback_token(params)
    found = queries.own_attempt(slug, token, by=request.user.pk, dropshipper=request.dropshipper)
    if found is None:  # begun in another account, in another browser, or never
        context = {"api": api, "words": str(AttemptOver())}
        return render(request, "connectors/not_connected.html", context, status=403)
    # A second loading of the same address finds the attempt used; what went wrong is noted in it. Its page says both.
    with contextlib.suppress(DomainError):
        acts.receive(slug, token=token, payload=params, by=request.user.pk)
        transaction.on_commit(tasks.nudge_connect)
    return redirect("connectors:attempt", found.pk)
