"""The table of who pays: for the staff, who change it from a day on; and for resellers, who read it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PortalRequest, StaffRequest, member_required, permission_required
from accounts.sign_in.reauth import recently_proven
from core.errors import DomainError
from core.requests import whole_number
from orders.failed import who_pays
from orders.failed.who_pays import EDITED
from orders.models import WhoPays
from orders.pages.forms.returns import RuleForm

EDIT = "orders.edit_who_pays"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.see_returns", act=EDIT)
@recently_proven
def table(request: StaffRequest) -> HttpResponse:
    """orders:who_pays. `?rule=`: its history, and for those who may the form of its next version."""
    asked = whole_number(request.POST.get("rule") or request.GET.get("rule", ""))
    rule = get_object_or_404(WhoPays, pk=asked) if asked is not None else None
    versions = who_pays.versions(rule.reason, rule.fault) if rule else []
    newest = max(versions, key=lambda row: row.pk, default=None)
    may = request.user.has_perm(EDIT)
    form, refused = None, ""
    if newest is not None and may:
        stands = {name: getattr(newest, name) for name in EDITED}
        form = RuleForm(request.POST if request.method == "POST" else None, initial=stands)
    if request.method == "POST" and form is not None and rule is not None and form.is_valid():
        said = form.cleaned_data
        try:
            who_pays.change(rule.pk, {name: said[name] for name in EDITED}, since=said["since"], by=request.user.pk)
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(request, _("The rule is changed; what has begun keeps its own."))
            return redirect("orders:who_pays")
    context = {
        "rules": who_pays.table(),
        "rule": newest,
        "versions": versions,
        "form": form,
        "may": may,
        "refused": refused,
    }
    wrong = refused or (form is not None and form.errors)
    return render(request, "orders/who_pays.html", context, status=422 if wrong else 200)


@require_safe
@member_required
def terms(request: PortalRequest) -> HttpResponse:
    """orders:terms: what a return costs, before it happens."""
    return render(request, "orders/terms.html", {"rules": who_pays.table()})
