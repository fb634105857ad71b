"""A reseller's cases: the list, one of them, and the form that opens one for a delivered order."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PortalRequest, member_required, role_required, sees_customers
from core.errors import DomainError
from core.pagination import keyset_page
from orders import queries
from orders.failed import cases as acts
from orders.failed import lists
from orders.pages.forms.returns import CaseForm
from orders.pages.list import may_order


@require_safe
@member_required
def list_cases(request: PortalRequest) -> HttpResponse:
    """orders:cases."""
    page = keyset_page(lists.mine(request.dropshipper), by=("-id",), cursor=request.GET.get("cursor"))
    return render(request, "orders/cases.html", {"page": page})


@require_safe
@member_required
def case(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:case."""
    found = lists.access_case(request.dropshipper, pk)
    if not sees_customers(request):
        found.note = found.answer = ""
    context = {
        "case": found,
        "order": found.order,
        "lines": lists.lines_of(found),
        "money": lists.money_of(found, lists.preview(found)),
    }
    return render(request, "orders/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def new(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:case_new: pieces, reason, note."""
    order = queries.access_order(request.dropshipper, pk)
    request.menu = order.source
    left, reasons = acts.pieces_left(order), acts.reasons(order)
    form = CaseForm(request.POST if request.method == "POST" else None, left=left, reasons=reasons)
    refused = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = acts.open_case(
                order.pk,
                form.pieces(),
                reason=said["reason"],
                note=said["note"],
                key=said["key"],
                by=request.user.pk,
            )
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(request, _("%(number)s is asked for: we answer here.") % {"number": made.number})
            return redirect("orders:case", made.pk)
    context = {
        "order": order,
        "form": form,
        "refused": refused,
        "possible": bool(reasons) and any(left.values()),
        "may": may_order(request),
    }
    return render(request, "orders/case_new.html", context, status=422 if refused or form.errors else 200)
