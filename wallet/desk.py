"""The staff's desks of money: top-ups to be credited when the bank shows them, adjustments, and what of both waits for
a second person."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import StaffRequest, must_have, permission_required
from accounts.models import Dropshipper
from accounts.reauth import recently_proven
from core.errors import DomainError
from core.lines import one_dot
from core.pagination import keyset_page
from core.templatetags.mci import euro
from wallet import adjustments, second_person, topups
from wallet.forms import AdjustmentForm, DecisionForm
from wallet.models import Proposal, TopUp
from wallet.queries import adjusted, balances, decided_top_ups, desk_top_ups, waiting_adjustments, with_proposals

CREDIT, REJECT, ADJUST = "wallet.credit_topup", "wallet.reject_topup", "wallet.adjust"
# Who may propose a kind of money may confirm it; and where its desk is.
KINDS: dict[str, tuple[str, Any, str]] = {
    Proposal.Kind.TOP_UP: (CREDIT, topups.confirm_credit, "wallet:topups_desk"),
    Proposal.Kind.ADJUSTMENT: (ADJUST, adjustments.confirm, "wallet:adjustments"),
}


@require_http_methods(["GET", "POST"])
@permission_required("wallet.view_topup", act=(CREDIT, REJECT))
@recently_proven
def topups_desk(request: StaffRequest) -> HttpResponse:
    """Open top-ups, the oldest first, and what was decided lately. A POST credits or rejects one; a second click says
    what was decided and changes nothing. A large credit waits for a second person."""
    if request.method == "GET":
        return _desk(request)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _desk(request, error=_("Credit or reject."))
    credits_it = form.cleaned_data["decision"] == "credit"
    must_have(request, CREDIT if credits_it else REJECT)
    found = get_object_or_404(TopUp, pk=form.cleaned_data["top_up"])
    try:
        if credits_it:
            done = topups.credit(found.pk, by=request.user.pk)
            words = _("%(amount)s credited to %(name)s.")
            if done.is_open:
                words = _("%(amount)s for %(name)s now wait for a second person, who confirms them on this page.")
        else:
            done = topups.reject(found.pk, reason=form.cleaned_data["reason"], by=request.user.pk)
            words = _("The top-up of %(amount)s of %(name)s was rejected.")
    except DomainError as error:
        return _desk(request, wrong=found.pk, error=str(error))
    messages.success(request, one_dot(words % {"amount": euro(done.amount), "name": done.dropshipper.name}))
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
        "rows": with_proposals(page.rows),
        "done": done,
        "may_credit": request.user.has_perm(CREDIT),
        "may_reject": request.user.has_perm(REJECT),
        "wrong": wrong,
        "error": error,
        "reason": request.POST.get("reason", "")[:200],
    }
    return render(request, "wallet/topups_desk.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@permission_required("wallet.view_entry", act=ADJUST)
@recently_proven
def adjustments_desk(request: StaffRequest) -> HttpResponse:
    """wallet:adjustments. What was adjusted, the newest first, and what waits; for those who may, with a reseller in
    the address, a new one."""
    form = None
    if request.user.has_perm(ADJUST):
        asked = request.POST.get("dropshipper") or request.GET.get("dropshipper", "")
        known = asked.isascii() and asked.isdigit() and len(asked) < 19
        whose = Dropshipper.objects.filter(pk=int(asked)).first() if known else None
        initial = {"key": uuid.uuid4(), "dropshipper": whose}
        form = AdjustmentForm(request.POST if request.method == "POST" else None, initial=initial) if whose else None
    if request.method == "POST" and form and form.is_valid() and _adjust(request, form):
        return redirect("wallet:adjustments")
    context = {
        "page": keyset_page(adjusted(), by=("-id",), cursor=request.GET.get("cursor")),
        "waiting": waiting_adjustments(),
        "form": form,
        "whose": form and form.initial["dropshipper"],
        "balance": balances(form.initial["dropshipper"].pk).available if form else None,
        "may_adjust": request.user.has_perm(ADJUST),
    }
    return render(request, "wallet/adjustments.html", context, status=422 if request.method == "POST" else 200)


def _adjust(request: StaffRequest, form: AdjustmentForm) -> bool:
    said = form.cleaned_data
    try:
        waits = adjustments.adjust(
            said["dropshipper"].pk, said["amount"], reason=said["reason"], key=said["key"], by=request.user.pk
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    words = _("%(amount)s for %(name)s: done.")
    if waits:
        words = _("%(amount)s for %(name)s now wait for a second person, who confirms them on this page.")
    messages.success(request, words % {"amount": euro(said["amount"]), "name": said["dropshipper"].name})
    return True


@require_POST
@permission_required(CREDIT, act=(CREDIT, ADJUST))
@recently_proven
def second(request: StaffRequest, pk: int) -> HttpResponse:
    """wallet:second: the word of the second person on a proposal; or the first one takes it back."""
    proposal = get_object_or_404(Proposal, pk=pk)
    permission, confirm, desk = KINDS[proposal.kind]
    must_have(request, permission)
    decision = request.POST.get("decision")
    if decision not in ("confirm", "refuse"):  # a form that was cut on its way decides nothing
        messages.error(request, _("Confirm or refuse."))
        return redirect(desk)
    try:
        if decision == "confirm":
            done = confirm(proposal.pk, by=request.user.pk)
            words = _("%(amount)s for %(name)s: confirmed.")
        else:
            done = second_person.refuse(proposal.pk, by=request.user.pk)
            words = _("%(amount)s for %(name)s: not confirmed, nothing was moved.")
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words % {"amount": euro(done.amount), "name": done.dropshipper.name})
    return redirect(desk)
