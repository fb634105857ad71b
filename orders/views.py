"""The reseller's orders: the Dropshipping Shop's list, an order's page, and the small decisions about one order."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required, sees_customers
from accounts.models import Member
from core import redirects
from core.address import check_place, is_known
from core.errors import DomainError
from core.pagination import keyset_page
from orders import amend, entry, export, fulfilment, plan, problems, progress, queries, typed
from orders.forms import FindForm
from orders.models import Order
from orders.problems import is_alert
from orders.veil import veil_order, veil_orders, veil_told
from shipping.tracking import STILL_HERE
from wallet.queries import entries_of

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """An order in a list, with what its dispatch would cost while it is open; `key` makes its button's click unique."""

    order: Order
    price: plan.Price | None
    refusal: DomainError | None
    key: uuid.UUID

    @property
    def can_sync(self) -> bool:
        return self.order.state == Order.State.READY


def rows_of(orders: list[Order], *, dropshipper_id: int, veiled: bool = False) -> list[Row]:
    """Rows for one page: all open orders are priced by one plan, each as if it went alone; then `veiled` for the
    accounting."""
    open_ids = [order.pk for order in orders if order.is_open]
    planned: dict[int, plan.PlanRow] = {}
    if open_ids:
        priced = plan.plan(open_ids, dropshipper_id=dropshipper_id, alone=True)
        planned = {row.order.pk: row for row in priced.rows}
    rows = []
    for order in veil_orders(orders, veiled=veiled):
        known = planned.get(order.pk)
        rows.append(Row(order, known.price if known else None, known.refusal if known else None, uuid.uuid4()))
    return rows


def may_order(request: PortalRequest) -> bool:
    return request.member.role in (Member.Role.OWNER, Member.Role.ORDERS)


@require_safe
@member_required
def list_orders(request: PortalRequest) -> HttpResponse:
    """orders:list, the Dropshipping Shop."""
    form = FindForm(request.GET)
    # The search field of the top bar looks everywhere; the list's own sends its source along.
    wanted = form.wanted(default_tab="all", default_source="all" if request.GET.get("q") else "manual")
    page = keyset_page(
        queries.for_rows(queries.find(request.dropshipper, wanted)),
        by=("-id",),
        cursor=request.GET.get("cursor"),
        size=PAGE_SIZE,
    )
    counts = queries.tab_counts(request.dropshipper, wanted)
    run = progress.active_run(request.dropshipper, "manual")
    context = {
        "find": form,
        "wanted": wanted,
        "narrowed": bool(wanted.text or wanted.payment or wanted.problem or wanted.since or wanted.until),
        "tabs": [(tab, label, counts[tab]) for tab, (label, _q) in queries.TABS.items()],
        "page": page,
        "rows": rows_of(list(page.rows), dropshipper_id=request.dropshipper.pk, veiled=not sees_customers(request)),
        "problem_choices": [
            (code, problems.name(code))
            for code in queries.problem_codes(request.dropshipper)
            if code in problems.CATALOGUE
        ],
        "may_order": may_order(request),
        "ready": counts["ready"],
        **(progress.panel(run) if run else {}),
    }
    return render(request, "orders/list.html", context)


@require_safe
@member_required
def export_orders(request: PortalRequest) -> HttpResponseBase:
    """orders:export: the list as it is filtered."""
    wanted = FindForm(request.GET).wanted(default_tab="all", default_source="manual")
    return csv_answer(
        export.orders(queries.find(request.dropshipper, wanted), veiled=not sees_customers(request)),
        f"mci-orders-{localdate():%Y%m%d}.csv",
    )


def csv_answer(lines: object, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        lines,  # type: ignore[arg-type]
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@member_required
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:detail."""
    order = queries.access_order(request.dropshipper, pk)
    order = queries.for_detail(order)
    request.menu = order.source
    preview = None
    if order.is_open:
        preview = plan.preview(typed.data_of(order), method_id=order.method_id, dropshipper_id=request.dropshipper.pk)
    events = list(order.events.select_related("by").order_by("-id")[:200])
    doubts, agrees = (check_place(order.address), is_known(order.address)) if order.is_open else ([], False)
    if not sees_customers(request):
        veil_order(order)
        veil_told(events)
    return render(
        request,
        "orders/detail.html",
        {
            "order": order,
            "preview": preview,
            "figures": preview.price if preview else order,
            "doubts": doubts,
            "agrees": agrees,
            "alerts": [problem for problem in order.problems.all() if is_alert(problem.code)],
            "blocking": [problem for problem in order.problems.all() if problem.blocking],
            "events": events,
            "entries": entries_of(order.reference) if order.shipment_id else [],
            "key": uuid.uuid4(),
            "may_order": may_order(request),
            "may_lower": order.shipment is not None and order.shipment.state in STILL_HERE,
            "may_cancel": order.is_open or (order.shipment is not None and order.shipment.state == "to_pick"),
            "may_sync": order.state == Order.State.READY,
        },
    )


def back(request: PortalRequest, order: Order) -> HttpResponse:
    """To the page that the form came from (`next`), if it is one of ours, else to the order."""
    return redirects.back(request, reverse("orders:detail", args=[order.pk]))


@require_POST
@role_required("orders")
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:cancel. Cancelled already: it says so and changes nothing."""
    order = queries.access_order(request.dropshipper, pk)
    try:
        fulfilment.cancel(order.pk, by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Order %(number)s is cancelled.") % {"number": order.number})
    return back(request, order)


@require_POST
@role_required("orders")
def duplicate(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:duplicate: a draft with the same customer and articles, ready to be changed."""
    order = queries.access_order(request.dropshipper, pk)
    try:
        copy = entry.once(
            lambda: amend.duplicate(order.pk, by=request.user.pk),
            key=typed.key_of(request.POST.get("key", "")),
            dropshipper_id=request.dropshipper.pk,
            content=f"copy of {order.pk}",
        )
    except DomainError as error:
        messages.error(request, str(error))
        return back(request, order)
    messages.info(request, _("This is a copy of %(number)s: check it and send it.") % {"number": order.number})
    return redirect("orders:edit", copy.pk)


@require_POST
@role_required("orders")
def payment(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:payment: a person says whether it is prepaid or COD."""
    order = queries.access_order(request.dropshipper, pk)
    kind = request.POST.get("kind", "")
    if kind in (Order.Payment.PREPAID, Order.Payment.COD):
        try:
            amend.decide_payment(order.pk, kind, by=request.user.pk)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Payment set: %(kind)s.") % {"kind": Order.Payment(kind).label})
    return back(request, order)


def method_asked(text: str) -> int | None:
    """A method that may be chosen, or None."""
    return queries.method_on_offer(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_POST
@role_required("orders")
def method(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:method: the shipping of one open order."""
    order = queries.access_order(request.dropshipper, pk)
    method_id = method_asked(request.POST.get("method", ""))
    if method_id:
        amend.choose_method([order.pk], method_id, dropshipper_id=request.dropshipper.pk, by=request.user.pk)
    else:
        messages.error(request, _("Choose a shipping method."))
    return back(request, order)
