"""The staff's desk of top-ups: what resellers say they sent, oldest first, to be credited when the bank shows it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import StaffRequest, staff_required
from accounts.reauth import recently_proven
from core.errors import DomainError
from core.pagination import keyset_page
from core.templatetags.mci import euro
from wallet import topups
from wallet.forms import DecisionForm
from wallet.models import TopUp
from wallet.queries import decided_top_ups, desk_top_ups

PERMISSION = "wallet.change_topup"


@require_http_methods(["GET", "POST"])
@staff_required
@recently_proven
def topups_desk(request: StaffRequest) -> HttpResponse:
    """Open top-ups, the oldest first, and what was decided lately. A POST credits or rejects one; a second click says
    what was decided and changes nothing."""
    if request.method == "GET":
        return _desk(request)
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _desk(request, error=_("Credit or reject."))
    found = get_object_or_404(TopUp, pk=form.cleaned_data["top_up"])
    try:
        if form.cleaned_data["decision"] == "credit":
            done = topups.credit(found.pk, by=request.user.pk)
            words = _("%(amount)s credited to %(name)s.")
        else:
            done = topups.reject(found.pk, reason=form.cleaned_data["reason"], by=request.user.pk)
            words = _("The top-up of %(amount)s of %(name)s was rejected.")
    except DomainError as error:
        return _desk(request, wrong=found.pk, error=str(error))
    messages.success(request, words % {"amount": euro(done.amount), "name": done.dropshipper.name})
    return redirect(request.get_full_path())


def _desk(request: StaffRequest, *, wrong: int = 0, error: str = "") -> HttpResponse:
    done = request.GET.get("show") == "decided"
    page = keyset_page(
        decided_top_ups() if done else desk_top_ups(),
        by=("-decided_at", "-id") if done else ("id",),
        cursor=request.GET.get("cursor"),
    )
    context = {
        "page": page,
        "done": done,
        "may_decide": request.user.has_perm(PERMISSION),
        "wrong": wrong,
        "error": error,
        "reason": request.POST.get("reason", "")[:200],
    }
    return render(request, "wallet/topups_desk.html", context, status=422 if error else 200)
