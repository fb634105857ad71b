"""Staff: the resellers, and the word on those who wait."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import StaffRequest, must_have, permission_required
from accounts.companies import approval
from accounts.models import Dropshipper
from accounts.pages.forms import DecisionForm
from accounts.queries import access_company, changes, changes_of, companies, companies_by_status
from accounts.sign_in.reauth import recently_proven
from core.errors import Refused
from core.pagination import keyset_page

READ = "accounts.view_dropshipper"
CHANGE = "accounts.change_dropshipper"  # the company's data
APPROVE, SUSPEND = "accounts.approve_dropshipper", "accounts.suspend_dropshipper"


@require_safe
@permission_required(READ)
def dropshippers(request: StaffRequest) -> HttpResponse:
    """Tabs by state; those who wait come first."""
    counts = companies_by_status()
    status = request.GET.get("status", "")
    if status not in Dropshipper.Status.values:
        status = Dropshipper.Status.PENDING if counts[Dropshipper.Status.PENDING] else Dropshipper.Status.ACTIVE
    text = request.GET.get("q", "").strip().replace("\x00", "")[:100]
    page = keyset_page(companies(status, text), cursor=request.GET.get("cursor"), size=50)
    tabs = [(value, label, counts[value]) for value, label in Dropshipper.Status.choices]
    context = {"page": page, "tabs": tabs, "status": status, "text": text}
    context["waiting_changes"] = changes(decided=False).count()
    return render(request, "accounts/dropshippers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(READ, act=(APPROVE, SUSPEND))
@recently_proven
def dropshipper(request: StaffRequest, pk: int) -> HttpResponse:
    """One company: its data, its people, and the decision, for those who may take it."""
    company = access_company(pk)
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        word = request.POST.get("decision")
        # Who lets a company in may turn it away; who stops one may let it go on.
        suspending = word == "suspend" or (word == "approve" and company.status == Dropshipper.Status.SUSPENDED)
        must_have(request, SUSPEND if suspending else APPROVE)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                if word == "approve":
                    approval.approve(pk, by=request.user)
                elif word == "reject":
                    approval.reject(pk, by=request.user, reason=reason)
                elif word == "suspend":
                    approval.suspend(pk, by=request.user, reason=reason)
                messages.success(request, _("Done: %(name)s was told by e-mail.") % {"name": company.name})
                return redirect("accounts:dropshipper", pk=pk)
            except Refused as refusal:
                form.add_error("reason", str(refusal))
        status = 422
    stopped = company.status == Dropshipper.Status.SUSPENDED
    context = {
        "company": company,
        "form": form,
        "changes": changes_of(company),
        "may_approve": company.status != Dropshipper.Status.ACTIVE
        and request.user.has_perm(SUSPEND if stopped else APPROVE),
        "may_reject": company.status == Dropshipper.Status.PENDING and request.user.has_perm(APPROVE),
        "may_suspend": company.status == Dropshipper.Status.ACTIVE and request.user.has_perm(SUSPEND),
        "may_change": request.user.has_perm(CHANGE),
        "may_adjust": request.user.has_perm("wallet.adjust"),
    }
    return render(request, "accounts/dropshipper.html", context, status=status)
