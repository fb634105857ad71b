"""The connected shops: their health, and what can be done about it."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required
from connectors import queries, tasks
from connectors.connect import acts, demo_shop, import_settings
from connectors.intake import deliveries, gateways
from connectors.matching import single
from connectors.models import Delivery, Shop, ShopAsk
from connectors.news import sweep
from connectors.pages import asked
from connectors.pages.forms import GatewaysForm, RulesForm
from connectors.pages.inbox import may_order
from connectors.platforms import platform as platform_of
from connectors.platforms import platforms
from connectors.shops import health_card, limits
from core.errors import DomainError
from core.pagination import keyset_page

EVENTS_SHOWN = 30


@require_safe
@member_required
def shops(request: PortalRequest) -> HttpResponse:
    """connectors:shops."""
    found = queries.shops(request.dropshipper, gone=True)
    traffic = queries.traffic(shop.pk for shop in found)
    live = [shop for shop in found if shop.state != Shop.State.GONE]
    rows = [(shop, platform_of(shop.platform), traffic[shop.pk]) for shop in found]
    context = {
        "rows": [row for row in rows if row[0].state != Shop.State.GONE],
        "gone": [row for row in rows if row[0].state == Shop.State.GONE],
        "platforms": platforms(),
        "unmatched": len(single.unmatched(live)) if live else 0,
        "begun": [(one, platform_of(one.platform)) for one in queries.begun(request.dropshipper, request.user)],
        "may_order": may_order(request),
    }
    return render(request, "connectors/shops.html", context)


@require_safe
@member_required
def shop(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:shop, the health card."""
    found = queries.access_shop(request.dropshipper, pk)
    if request.htmx and request.GET.get("part") == asked.PART:
        return asked.part(request, found, ShopAsk.What.TEST, ShopAsk.What.LEAVE)
    unknown = single.unmatched([found]) if found.state != Shop.State.GONE else []
    proof = found.proofs.order_by("-pk").first()
    context = {
        "shop": found,
        "api": platform_of(found.platform),
        "traffic": queries.traffic([found.pk])[found.pk],
        "unmatched": len(unknown),
        "events": list(found.events.order_by("-at", "-pk")[:EVENTS_SHOWN]),
        "dead": keyset_page(
            queries.dead_deliveries(found), by=("-received_at", "-id"), cursor=request.GET.get("cursor"), size=20
        ),
        "troubles": found.facts.get("troubles") or [],
        "gateways": [row for row in found.facts.get("gateways") or [] if row.get("enabled")],
        "payment_rules": list(found.payment_rules.select_related("by").order_by("gateway")),
        "news_waiting": sweep.waiting(found),
        "proof": proof,
        "next_try": found.pull_after > timezone.now(),
        "lines": health_card.lines(found, proof) if found.state != Shop.State.GONE else [],
        "calls": list(found.calls.order_by("-pk")[: health_card.CALLS_SHOWN]),
        "stuck": list(sweep.said(found)[:EVENTS_SHOWN]),
        "asked": asked.shown(found, ShopAsk.What.TEST, ShopAsk.What.LEAVE),
        "here": request.path,
        "may_order": may_order(request),
        "demo": demo_shop.is_demo(found),
    }
    return render(request, "connectors/shop.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def shop_rules(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:shop_rules: the last step of the wizard, and a page of its own later."""
    found = queries.access_shop(request.dropshipper, pk)
    initial = {"method": found.method_id, "since": localtime(found.import_since).date()}
    form = RulesForm(request.POST if request.method == "POST" else None, initial=initial)
    fresh = "new" in request.GET
    more = platform_of(found.platform).options_form
    options = more(request.POST or None, facts=found.facts, initial=found.options, prefix="options") if more else None
    asked = gateways.questions(found)
    payments = GatewaysForm(request.POST or None, questions=asked, prefix="gateways") if asked else None
    forms = [one for one in (form, options, payments) if one is not None]
    valid = [one.is_valid() for one in forms]  # of all: each says what is wrong with it
    if request.method == "POST" and all(valid):
        method = form.cleaned_data["method"]
        changed = import_settings.set_rules(
            found,
            method_id=method.pk if method else None,
            since=form.cleaned_data["since"],
            by=request.user.pk,
            options=options.cleaned_data if options else None,
        )
        judged = gateways.answer(found, payments.cleaned_data, by=request.user.pk) if payments else 0
        transaction.on_commit(tasks.nudge_pull)
        words = _("Rules saved.")
        if changed:
            words += " " + ngettext("Shipping given to %(n)s order.", "Shipping given to %(n)s orders.", changed) % {
                "n": changed
            }
        if judged:
            words += " " + ngettext(
                "%(n)s open order changed with it.", "%(n)s open orders changed with it.", judged
            ) % {"n": judged}
        messages.success(request, words)
        return redirect("connectors:inbox", found.platform) if fresh else redirect("connectors:shop", found.pk)
    context = {
        "shop": found,
        "api": platform_of(found.platform),
        "form": form,
        "options": options,
        "payments": payments,
        "fresh": fresh,
        "demo": demo_shop.is_demo(found),
    }
    wrong = any(one.errors for one in forms)
    return render(request, "connectors/shop_rules.html", context, status=422 if wrong else 200)


@require_POST
@role_required("orders")
def pause(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:pause."""
    return _do(request, pk, acts.pause, _("Paused: webhooks are still kept, nothing is asked of the shop."))


@require_POST
@role_required("orders")
def resume(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:resume. A shop to reconnect is not resumed but connected again."""
    found = queries.access_shop(request.dropshipper, pk)
    if found.state == Shop.State.BROKEN:
        return redirect("connectors:reconnect", found.pk)
    answer = _do(request, pk, acts.resume, _("Connected again: it is being read now."))
    transaction.on_commit(tasks.nudge_pull)
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def disconnect(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:disconnect: says what stays and what ends, then does it."""
    found = queries.access_shop(request.dropshipper, pk)
    if request.method != "POST":
        traffic = queries.traffic([found.pk])[found.pk]
        context = {"shop": found, "api": platform_of(found.platform), "traffic": traffic}
        return render(request, "connectors/disconnect.html", context)
    _do(request, pk, acts.disconnect, _("Disconnected. Its orders stay here."))
    transaction.on_commit(tasks.nudge_asked)
    return redirect("connectors:shops")


@require_POST
@role_required("orders")
def check(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:check: the live test of a connected shop, which mends its webhooks; a worker makes it."""
    found = queries.access_shop(request.dropshipper, pk)
    asked.book(request, found, ShopAsk.What.TEST)
    return redirect("connectors:shop", found.pk)


@require_POST
@role_required("orders")
def tell(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:tell: what the shop did not take is told again."""
    found = queries.access_shop(request.dropshipper, pk)
    try:
        limits.tell(found)
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        sweep.try_again(found)
        transaction.on_commit(tasks.nudge_news)
        messages.info(request, _("The shop is being told again."))
    return redirect("connectors:shop", found.pk)


@require_POST
@role_required("orders")
def replay(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:replay: a message that could not be read is read again."""
    found = queries.access_delivery(request.dropshipper, pk)
    if found.state == Delivery.State.DEAD:
        deliveries.replay(found.pk, by=request.user.pk)
    messages.info(request, _("It is being read again."))
    return redirect("connectors:shop", found.shop_id)


def _do(request: PortalRequest, pk: int, act: object, words: str) -> HttpResponse:
    found = queries.access_shop(request.dropshipper, pk)
    try:
        act(found, by=request.user.pk)  # type: ignore[operator]
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("connectors:shop", found.pk)
