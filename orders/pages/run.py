"""Sincronizza on the page: one order at once; many by a plan seen before the click and a run seen after it."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required, sees_customers
from core.errors import DomainError
from core.requests import STOP_POLLING
from orders import queries, tasks
from orders.dispatch import figures, plan, progress, runs
from orders.entry import typed
from orders.models import DispatchItem
from orders.pages import export
from orders.pages.forms.list import FindForm
from orders.pages.list import back, csv_answer, method_asked
from orders.veil import veil_orders


@require_POST
@role_required("orders")
def sync(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:sync: Sincronizza of one order, done when the answer comes. The same form twice is the same click."""
    order = queries.access_order(request.dropshipper, pk)
    try:
        item = runs.dispatch_now(
            order.pk,
            dropshipper_id=request.dropshipper.pk,
            key=typed.key_of(request.POST.get("key", "")),
            by=request.user.pk,
            method_id=method_asked(request.POST.get("method", "")),
            seen=figures.brought(request.POST.get("seen", "")),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return back(request, order)
    tell(request, order.number, item)
    return back(request, order)


def tell(request: PortalRequest, number: str, item: DispatchItem) -> None:
    """The outcome of one order as a message."""
    words = f"{number}: {runs.outcome_sentence(item)}"
    if item.result == DispatchItem.Result.REFUSED:
        messages.error(request, f"{words} {_('Nothing was charged.')}")
    elif item.result == DispatchItem.Result.ALREADY:
        messages.info(request, words)
    else:
        messages.success(request, words)


def _chosen(request: PortalRequest) -> list[int]:
    """The orders that a plan is about: those ticked, those that a run did not send, or all ready ones of a list."""
    asked = request.GET
    if "run" in asked:
        run = progress.access_run(request.dropshipper, typed.key_of(asked["run"]))
        return list(progress.items(run, "refused", "stopped").values_list("order_id", flat=True)[: queries.BULK_LIMIT])
    if "all" in asked:
        wanted = FindForm({**asked.dict(), "tab": "ready"}).wanted(
            default_tab="ready", default_source="manual", contacts=sees_customers(request)
        )
        found = queries.find(request.dropshipper, wanted).order_by("pk")
        return list(found.values_list("pk", flat=True)[: queries.BULK_LIMIT])
    return queries.own_ids(request.dropshipper, asked.getlist("order"))


@require_safe
@member_required
def plan_page(request: PortalRequest) -> HttpResponse:
    """orders:plan: what Sincronizza of these orders would do, before the click. For htmx only the figures."""
    ids = _chosen(request)
    method_id = method_asked(request.GET.get("method", ""))
    planned = plan.plan(ids, dropshipper_id=request.dropshipper.pk, method_id=method_id)
    veil_orders([row.order for row in planned.rows], veiled=not sees_customers(request))
    request.menu = request.GET.get("source", "manual")
    going = [row for row in planned.rows if row.goes]
    context = {
        "plan": planned,
        "going": going,
        "going_ids": ",".join(str(row.order.pk) for row in going),
        "seen": planned.seen,
        "left": [row for row in planned.rows if not row.goes],
        "method_id": method_id,
        "key": uuid.uuid4(),
        "source": request.GET.get("source", "manual"),
        "count": len(ids),
        "limit": queries.BULK_LIMIT,
    }
    context["methods"] = queries.methods_on_offer()
    if request.htmx:
        return render(request, "orders/_bulk.html", context)
    return render(request, "orders/plan.html", context)


@require_POST
@role_required("orders")
def start(request: PortalRequest) -> HttpResponse:
    """orders:start: books the run; a worker does it. While one is under way for this list, that one is shown."""
    ids = queries.own_ids(request.dropshipper, request.POST.getlist("order"))
    key = typed.key_of(request.POST.get("key", ""))
    source = "".join(char for char in request.POST.get("source", "")[:20] if char.isalnum() or char in "-_")
    try:
        run = runs.start(
            ids,
            dropshipper_id=request.dropshipper.pk,
            key=key,
            by=request.user.pk,
            method_id=method_asked(request.POST.get("method", "")),
            seen=figures.brought_by_id(request.POST.get("seen", "")),
            source=source or "manual",
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:list")
    if run.key != key:
        messages.info(request, _("A sync is already in progress: here it is."))
    transaction.on_commit(partial(tasks.nudge))
    return redirect("orders:run", run.key)


@require_safe
@member_required
def run(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """orders:run: a run's page; for htmx its panel, with 286 once there is nothing more to come."""
    found = progress.access_run(request.dropshipper, key)
    request.menu = found.source
    context = progress.panel(found)
    if request.htmx:
        # The live region speaks every few seconds, not at every poll.
        context["oob_status"] = found.is_over or context["progress"].done % 5 == 0
        status = STOP_POLLING if found.is_over else 200
        return render(request, "orders/_run_panel.html", context, status=status)
    return render(request, "orders/run.html", context)


@require_POST
@role_required("orders")
def run_stop(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """orders:run_stop: no new batch is begun; what is done stays done."""
    found = progress.access_run(request.dropshipper, key)
    runs.stop(found.pk, dropshipper_id=request.dropshipper.pk)
    left = progress.progress(found).left
    messages.info(
        request,
        ngettext("Stopping: %(n)s order was still waiting.", "Stopping: %(n)s orders were still waiting.", left)
        % {"n": left},
    )
    return redirect("orders:run", found.key)


@require_safe
@member_required
def run_export(request: PortalRequest, key: uuid.UUID) -> HttpResponseBase:
    """orders:run_export: each order's result as CSV."""
    found = progress.access_run(request.dropshipper, key)
    return csv_answer(export.results(found), f"mci-sync-{found.created_at:%Y%m%d-%H%M}.csv")
