"""The inbox of a platform: the orders of its shops, from arrival to delivery, and Sincronizza for many of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required, sees_customers
from accounts.models import Member
from connectors import queries, tasks
from connectors.intake import figures as inbox_figures
from connectors.intake import pull
from connectors.models import Shop
from connectors.pages.forms import FindForm, on_offer
from connectors.platforms import platform as platform_of
from core.errors import DomainError, TooManyTries
from core.inbound import throttles
from core.pagination import keyset_page
from core.requests import STOP_POLLING, whole_number
from orders import queries as orders_queries
from orders import tasks as orders_tasks
from orders.dispatch import figures, plan, progress, readiness, runs
from orders.pages import export
from orders.pages.choose_shipping import choose
from orders.pages.list import csv_answer
from orders.problems import CATALOGUE
from orders.veil import veil_orders
from shipping.tariffs.quotes import Tariff

PAGE_SIZE = 50


def key_of(text: str) -> uuid.UUID:
    """The key of a click; a form without one (or with nonsense) is a click of its own."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


def may_order(request: PortalRequest) -> bool:
    return request.member.role in (Member.Role.OWNER, Member.Role.ORDERS)


@require_safe
@member_required
def inbox(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:inbox."""
    api = platform_of(platform)
    if request.htmx and "part" in request.GET:
        return _part(request, platform, request.GET["part"])
    shops = queries.shops(request.dropshipper, platform)
    in_the_way = queries.in_the_way(request.dropshipper, platform)
    form = FindForm(request.GET, shops=shops, problems=[code for code, _n in in_the_way])
    wanted = form.wanted(platform, contacts=sees_customers(request))
    run = _run_to_show(request, platform)  # before the rows: they show all that a run which is over did
    tariff = Tariff.load()
    known = readiness.of(request.dropshipper.pk, tariff)
    counts = queries.tab_counts(request.dropshipper, wanted, known)
    whole = queries.tab_counts(request.dropshipper, queries.Find(platform), known) if wanted.narrowed else counts
    found = orders_queries.for_rows(queries.find(request.dropshipper, wanted, known))
    page = keyset_page(found, by=("-id",), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    rows, sums = inbox_figures.rows_and_sums(
        list(page.rows),
        known.of_source(platform)[: queries.PRICED_READY],
        known,
        dropshipper_id=request.dropshipper.pk,
        under_way=progress.under_way(run, [order.pk for order in page.rows]),
        tariff=tariff,
    )
    veil_orders([row.order for row in rows], veiled=not sees_customers(request))
    context = {
        "api": api,
        "platform": platform,
        "shops": shops,
        "shop_names": ", ".join(shop.name for shop in shops),
        "many_shops": len(shops) > 1,
        "troubled": [shop for shop in shops if shop.state == Shop.State.BROKEN],
        "paused": [shop for shop in shops if shop.state == Shop.State.PAUSED],
        "active": [shop for shop in shops if shop.state == Shop.State.ACTIVE],
        "importing": any(shop.last_pull_at is None and shop.state == Shop.State.ACTIVE for shop in shops),
        "find": form,
        "wanted": wanted,
        "tabs": [(tab, label, counts[tab]) for tab, (label, _q) in queries.TABS.items()],
        "counts": whole,  # the figures on top are of the whole inbox, the tabs under the filters
        "fixes": fixes(in_the_way),
        "page": page,
        "rows": rows,
        "sums": sums,
        "priced_limit": queries.PRICED_READY,
        "newest": max((row.order.pk for row in rows), default=0)
        if wanted.tab in ("sync", "all") and not request.GET.get("cursor") and not wanted.narrowed
        else 0,
        "may_order": may_order(request),
        "methods": on_offer() if wanted.tab == "ship" else (),
        "counts_here": counts[wanted.tab],
        "here": request.get_full_path(),
        **(progress.panel(run) if run else {}),
    }
    return render(request, "connectors/inbox.html", context)


def fixes(in_the_way: Iterable[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """What is in the way of the open orders, in groups of what is to be mended: the code of a group that has only one
    (for a link), its words, how many orders."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for code, number in in_the_way:
        if code in CATALOGUE:
            groups.setdefault(CATALOGUE[code].mend, []).append((code, number))
    found = []
    for mend, members in groups.items():
        number = sum(n for _code, n in members)
        words = {
            "match": ngettext("%(n)s SKU", "%(n)s SKUs", number),
            "address": ngettext("%(n)s address", "%(n)s addresses", number),
            "payment": ngettext("%(n)s payment", "%(n)s payments", number),
            "look": ngettext("%(n)s question", "%(n)s questions", number),
            "conflict": ngettext("%(n)s conflict", "%(n)s conflicts", number),
            "amount": ngettext("%(n)s COD amount", "%(n)s COD amounts", number),
        }.get(mend, ngettext("%(n)s order", "%(n)s orders", number))
        found.append((members[0][0] if len(members) == 1 else "", words % {"n": number}, number))
    return sorted(found, key=lambda group: -group[2])


def _part(request: PortalRequest, platform: str, part: str) -> HttpResponse:
    """What an open page asks for by itself: more orders than it shows, how far the first import is."""
    if part == "importing":
        shops = queries.shops(request.dropshipper, platform)
        waiting = [shop for shop in shops if shop.last_pull_at is None and shop.state == Shop.State.ACTIVE]
        if not waiting:
            return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
        counts = queries.tab_counts(request.dropshipper, queries.Find(platform, "all"))
        return render(request, "connectors/_importing.html", {"platform": platform, "number": counts["all"]})
    after = request.GET.get("after", "")
    arrived = queries.arrived_since(request.dropshipper, platform, whole_number(after) or 0)
    context = {"platform": platform, "number": arrived, "after": after, "here": request.htmx.current_url_abs_path}
    return render(request, "connectors/_arrived.html", context)


def _run_to_show(request: PortalRequest, platform: str) -> Any:
    """The run that the address names, else the one that is under way."""
    if "run" in request.GET:
        return progress.access_run(request.dropshipper, key_of(request.GET["run"]))
    return progress.active_run(request.dropshipper, platform)


def _wanted(request: PortalRequest, platform: str) -> queries.Find:
    asked = request.POST if request.method == "POST" else request.GET
    shops = queries.shops(request.dropshipper, platform)
    return FindForm(asked, shops=shops, problems=list(CATALOGUE)).wanted(platform, contacts=sees_customers(request))


@require_POST
@role_required("orders")
def selection(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:selection, for htmx: the bar of the selected orders, priced. Changes nothing."""
    platform_of(platform)
    wanted = _wanted(request, platform)
    ids = (
        queries.open_ids(request.dropshipper, wanted)
        if request.POST.get("everything")
        else queries.own_ids(request.dropshipper, platform, request.POST.getlist("order"))
    )
    planned = plan.plan(ids, dropshipper_id=request.dropshipper.pk)
    context = {
        "platform": platform,
        "ids": ids,
        "plan": planned,
        "going": [row.order.pk for row in planned.rows if row.goes],
        "key": uuid.uuid4(),
        "methods": on_offer(),
        "everything": bool(request.POST.get("everything")),
        "openable": queries.tab_counts(request.dropshipper, wanted)[wanted.tab] if wanted.tab in _OPEN_TABS else 0,
        "here": request.htmx.current_url_abs_path or "",
    }
    return render(request, "connectors/_selection.html", context)


_OPEN_TABS = ("sync", "ready", "ship", "fix")


@require_POST
@role_required("orders")
def sync(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:sync: books a run over the selected orders; the panel on top of the inbox shows how it goes. While one
    is under way, that one is shown."""
    platform_of(platform)
    ids = queries.own_ids(request.dropshipper, platform, request.POST.getlist("order"))
    key = key_of(request.POST.get("key", ""))
    try:
        run = runs.start(
            ids,
            dropshipper_id=request.dropshipper.pk,
            key=key,
            by=request.user.pk,
            seen=figures.brought_by_id(request.POST.get("seen", "")),
            source=platform,
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("connectors:inbox", platform)
    if run.key != key:
        messages.info(request, _("A sync is already in progress: here it is."))
    transaction.on_commit(partial(orders_tasks.nudge))
    return redirect(f"{reverse('connectors:inbox', args=[platform])}?{urlencode({'run': run.key})}")


@require_POST
@role_required("orders")
def choose_shipping(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:choose_shipping: one method for all the selected orders, or for all that the inbox shows."""
    platform_of(platform)
    if request.POST.get("everything"):
        ids = queries.open_ids(request.dropshipper, _wanted(request, platform))
    else:
        ids = queries.own_ids(request.dropshipper, platform, request.POST.getlist("order"))
    choose(request, ids)
    return back(request, platform)


@require_safe
@member_required
def export_orders(request: PortalRequest, platform: str) -> HttpResponseBase:
    """connectors:export: the inbox as it is filtered, as CSV."""
    platform_of(platform)
    found = queries.find(request.dropshipper, _wanted(request, platform))
    return csv_answer(
        export.orders(found, veiled=not sees_customers(request)), f"mci-{platform}-{localdate():%Y%m%d}.csv"
    )


@require_POST
@role_required("orders")
def fetch(request: PortalRequest, platform: str) -> HttpResponse:
    """connectors:fetch: the shops are read as soon as a worker is free; more clicks are no more reads."""
    platform_of(platform)
    shops = [shop for shop in queries.shops(request.dropshipper, platform) if shop.state == Shop.State.ACTIVE]
    if shops and not _asked_just_now(request):
        for shop in shops:
            pull.ask_now(shop.pk)
    if shops:
        transaction.on_commit(tasks.nudge_pull)
        messages.info(request, _("Reading the shop now: new orders appear here in a few seconds."))
    else:
        messages.warning(request, _("No shop is connected: there is nothing to read."))
    return back(request, platform)


def _asked_just_now(request: PortalRequest) -> bool:
    """So many clicks that more would only wear the shops out; what they asked for is under way."""
    try:
        throttles.take("read a shop now", str(request.dropshipper.pk), limit=6, seconds=60)
    except TooManyTries:
        return True
    return False


def back(request: PortalRequest, platform: str) -> HttpResponse:
    """To the page that the form came from, if it is an address of this inbox, else to the inbox."""
    home = reverse("connectors:inbox", args=[platform])
    target = request.POST.get("next", "")
    safe = target == home or (target.startswith(f"{home}?") and "\\" not in target and "\n" not in target)
    return redirect(target if safe else home)
