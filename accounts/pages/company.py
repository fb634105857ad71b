"""Changed company data: an owner withdraws a request, staff decides on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PortalRequest, StaffRequest, permission_required, role_required
from accounts.companies import changes as company_changes
from accounts.pages import desk
from accounts.pages.forms import DecisionForm
from accounts.queries import access_change, changes, rows_of_change
from accounts.sign_in.reauth import recently_proven
from core.errors import Refused
from core.pagination import keyset_page


@require_POST
@role_required()
def company_change_withdraw(request: PortalRequest) -> HttpResponse:
    company_changes.withdraw(request.dropshipper)
    messages.success(request, _("The request was withdrawn: your data stay as they are."))
    return redirect("accounts:settings")


@require_safe
@permission_required(desk.READ)
def company_changes_desk(request: StaffRequest) -> HttpResponse:
    """What waits, oldest first; or what was decided, newest first."""
    decided = request.GET.get("show") == "decided"
    order = ("-id",) if decided else ("id",)
    page = keyset_page(changes(decided=decided), by=order, cursor=request.GET.get("cursor"), size=50)
    return render(request, "accounts/company_changes.html", {"page": page, "decided": decided})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(desk.READ, act=desk.CHANGE)
@recently_proven
def company_change(request: StaffRequest, pk: int) -> HttpResponse:
    """Old and new values side by side, and the decision, for those who may take it."""
    may_decide = request.user.has_perm(desk.CHANGE)
    change = access_change(pk)
    form = DecisionForm(request.POST or None)
    word = request.POST.get("decision")
    if word in ("approve", "refuse") and form.is_valid():
        try:
            if word == "approve":
                company_changes.approve(pk, by=request.user)
            else:
                company_changes.refuse(pk, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, _("Done: %(name)s was told by e-mail.") % {"name": change.dropshipper.name})
            return redirect("accounts:company_change", pk=pk)
        except Refused as refusal:
            form.add_error("reason", str(refusal))
    context = {"change": change, "rows": rows_of_change(change), "form": form, "may_decide": may_decide}
    return render(request, "accounts/company_change.html", context, status=422 if form.is_bound else 200)
