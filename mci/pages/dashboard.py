"""The overview: for a reseller what needs him now and how it goes, for the staff what waits on the desks."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.access import PortalRequest, StaffRequest, member_required, staff_required
from accounts.models import Member
from mci.operation import watch
from mci.pages import figures, setup
from orders.entry import half_typed
from wallet.queries import balances


def dashboard(request: PortalRequest) -> HttpResponseBase:
    """`/` for everyone: staff without a company get the desks."""
    if request.user.is_authenticated and request.user.is_staff and request.dropshipper is None:
        return staff_dashboard(request)
    return portal_dashboard(request)


@member_required
def portal_dashboard(request: PortalRequest) -> HttpResponse:
    pk = request.dropshipper.pk
    now, before = figures.periods(pk)
    problems = figures.problems(pk)
    reasons = [(code, figures.reason(code), count) for code, count in problems.waiting]
    sent = [(code, figures.reason(code), count) for code, count in problems.sent]
    parcels, to_do = figures.parcels(request.dropshipper), figures.to_do(request.dropshipper)
    broken = figures.broken_shops(pk)
    last_orders = figures.last_orders(pk)
    progress = setup.progress(request.dropshipper)
    types = request.member.role != Member.Role.ACCOUNTING
    half = half_typed.told(half_typed.new_one(pk, request.user.pk)) if types else None
    context = {
        "progress": progress,
        # A new account sees what to set up instead of a page of zeros.
        "is_new": not (progress.is_over or last_orders or to_do.total or broken),
        "to_do": to_do,
        "half": half,
        "has_to_do": bool(
            half or to_do.ready or to_do.to_ship or to_do.drafts or reasons or sent or broken or parcels["held"]
        ),
        "reasons": reasons,
        "sent": sent,
        "broken_shops": broken,
        "balances": balances(pk),
        "now": now,
        "before": before,
        "in_warehouse": parcels["warehouse"],
        "on_the_road": parcels["road"],
        "held": parcels["held"],
        "sees_money": request.member.role != Member.Role.ORDERS,
        "last_orders": last_orders,
    }
    return render(request, "mci/dashboard.html", context)


@staff_required
def staff_dashboard(request: StaffRequest) -> HttpResponse:
    """Of the figures each sees those that he may act on, of the desks those that he may read."""
    has = request.user.has_perm
    may = {
        "prepare": has("orders.see_desk"),
        "credit": has("wallet.credit_topup"),
        "adjust": has("wallet.adjust"),
        "approve": has("accounts.approve_dropshipper"),
        "change": has("accounts.change_dropshipper"),
        "anything": bool(request.user.is_superuser or request.user.get_all_permissions()),
    }
    context = {"desk": figures.desk(), "may": may, "troubles": watch.sentences()}
    return render(request, "mci/staff_dashboard.html", context)
