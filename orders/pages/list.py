"""The reseller's orders: the Dropshipping Shop's list, and what the pages of one order share."""

from __future__ import annotations

import uuid
from collections.abc import Container, Mapping
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.access import PortalRequest, member_required, sees_customers
from accounts.models import Member
from core import filters
from core.errors import DomainError
from core.inbound import redirects
from core.pagination import keyset_page
from core.requests import whole_number
from orders import problems, queries
from orders.dispatch import plan, progress, readiness
from orders.entry import half_typed
from orders.models import Order
from orders.pages import export
from orders.pages.forms.list import FindForm
from orders.veil import veil_orders

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """An order in a list, with what its dispatch would cost while it is open; `goes`: it is counted among the ready
    ones (orders/dispatch/readiness.py); `at`: waiting or running in a run that is under way; `key` makes its button's
    click unique."""

    order: Order
    price: plan.Price | None
    refusal: DomainError | None
    key: uuid.UUID
    goes: bool = False
    at: str = ""

    @property
    def can_sync(self) -> bool:
        return self.order.state == Order.State.READY and self.refusal is None and not self.at


def rows_of(
    orders: list[Order],
    *,
    dropshipper_id: int,
    known: readiness.Readiness | None = None,
    under_way: Mapping[int, str] | None = None,
    veiled: bool = False,
) -> list[Row]:
    """Rows for one page: all open orders are priced by one plan, each as if it went alone; then `veiled` for the
    accounting."""
    open_ids = [order.pk for order in orders if order.is_open]
    planned: dict[int, plan.PlanRow] = {}
    if open_ids:
        priced = plan.plan(open_ids, dropshipper_id=dropshipper_id, alone=True)
        planned = {row.order.pk: row for row in priced.rows}
        orders = queries.read_again(orders, {pk: row.order.state for pk, row in planned.items()})
    going: Container[int] = known.going if known else ()
    rows = []
    for order in veil_orders(orders, veiled=veiled):
        found = planned.get(order.pk) if order.is_open else None
        price, refusal = (found.price, found.refusal) if found else (None, None)
        rows.append(Row(order, price, refusal, uuid.uuid4(), order.pk in going, (under_way or {}).get(order.pk, "")))
    return rows


def may_order(request: PortalRequest) -> bool:
    return request.member.role in (Member.Role.OWNER, Member.Role.ORDERS)


@require_safe
@member_required
def list_orders(request: PortalRequest) -> HttpResponse:
    """orders:list, the Dropshipping Shop."""
    form = FindForm(request.GET)
    # The search field of the top bar looks everywhere; the list's own sends its source along.
    wanted = form.wanted(
        default_tab="all", default_source="all" if request.GET.get("q") else "manual", contacts=sees_customers(request)
    )
    filters.tell_wrong_dates(request, form)
    run = progress.active_run(request.dropshipper, wanted.source)
    known = readiness.of(request.dropshipper.pk)
    page = keyset_page(
        queries.for_rows(queries.find(request.dropshipper, wanted, known)),
        by=("-id",),
        cursor=request.GET.get("cursor"),
        size=PAGE_SIZE,
    )
    counts = queries.tab_counts(request.dropshipper, wanted, known)
    under_way = progress.under_way(run, [order.pk for order in page.rows])
    context = {
        "find": form,
        "wanted": wanted,
        "narrowed": bool(wanted.text or wanted.payment or wanted.problem or wanted.since or wanted.until),
        "tabs": [(tab, label, counts[tab]) for tab, (label, _q) in queries.TABS.items()],
        "page": page,
        "rows": rows_of(
            list(page.rows),
            dropshipper_id=request.dropshipper.pk,
            known=known,
            under_way=under_way,
            veiled=not sees_customers(request),
        ),
        "problem_choices": [
            (code, problems.name(code))
            for code in queries.problem_codes(request.dropshipper)
            if code in problems.CATALOGUE
        ],
        "may_order": may_order(request),
        "half": half_typed.told(half_typed.new_one(request.dropshipper.pk, request.user.pk))
        if may_order(request)
        else None,
        "ready": counts["ready"],
        "counts_here": counts[wanted.tab],
        "methods": queries.methods_on_offer() if wanted.tab == "ship" else (),
        "here": request.get_full_path(),
        **(progress.panel(run) if run else {}),
    }
    return render(request, "orders/list.html", context)


@require_safe
@member_required
def export_orders(request: PortalRequest) -> HttpResponseBase:
    """orders:export: the list as it is filtered; no file when one of its dates is none."""
    form = FindForm(request.GET)
    wanted = form.wanted(default_tab="all", default_source="manual", contacts=sees_customers(request))
    if filters.tell_wrong_dates(request, form):
        return redirect("orders:list")
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


def back(request: PortalRequest, order: Order) -> HttpResponse:
    """To the page that the form came from (`next`), if it is one of ours, else to the order."""
    return redirects.back(request, reverse("orders:detail", args=[order.pk]))


def method_asked(text: str) -> int | None:
    """A method that may be chosen, or None."""
    pk = whole_number(text, 9)
    return None if pk is None else queries.method_on_offer(pk)
