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
from accounts.sign_in.reauth import recently_proven
from core.errors import AlreadyDone, DomainError
from core.lines import one_dot
from core.pagination import keyset_page
from core.requests import whole_number
from core.templatetags.mci import euro
from wallet import adjustments, reversals, second_person, topups
from wallet.models import Proposal, TopUp
from wallet.pages.forms import AdjustmentForm, DecisionForm
from wallet.queries import adjusted, balances, decided_top_ups, desk_top_ups, waiting_adjustments, with_proposals

CREDIT, REJECT, ADJUST = "wallet.credit_topup", "wallet.reject_topup", "wallet.adjust"
# Who may propose a kind of money may confirm it; and where its desk is.
KINDS: dict[str, tuple[str, Any, str]] = {
    Proposal.Kind.TOP_UP: (CREDIT, topups.confirm_credit, "wallet:topups_desk"),
    Proposal.Kind.ADJUSTMENT: (ADJUST, adjustments.confirm, "wallet:adjustments"),
    Proposal.Kind.TOP_UP_REVERSAL: (CREDIT, reversals.confirm_top_up, "wallet:adjustments"),
}
UNDO = "undo_top_up"  # in the session: what was credited a moment ago, offered to be taken back


@require_http_methods(["GET", "POST"])
@permission_required("wallet.view_topup", act=(CREDIT, REJECT))
@recently_proven
def topups_desk(request: StaffRequest) -> HttpResponse:
    """Open top-ups, the oldest first, and what was decided lately. A POST credits or rejects one, or takes a credit
    back; a second click says who did it and when, and changes nothing. A large amount waits for a second person."""
    if request.method == "GET":
        return _desk(request)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _desk(request, error=_("Credit or reject."))
    decision = form.cleaned_data["decision"]
    must_have(request, REJECT if decision == "reject" else CREDIT)
    found = get_object_or_404(TopUp.objects.select_related("dropshipper"), pk=form.cleaned_data["top_up"])
    who = {"amount": euro(found.amount), "name": found.dropshipper.name}
    try:
        words = _decide(request, found.pk, decision, form.cleaned_data["reason"])
    except AlreadyDone as error:
        messages.warning(request, f"{who['amount']}, {who['name']}: {error}")
    except DomainError as error:
        return _desk(request, wrong=found.pk, error=f"{who['amount']}, {who['name']}: {error}")
    else:
        messages.success(request, one_dot(words % who))
    return redirect(request.get_full_path())


def _decide(request: StaffRequest, pk: int, decision: str, reason: str) -> str:
    """Does it; the sentence that says what was done."""
    by = request.user.pk
    if decision == "reject":
        topups.reject(pk, reason=reason, by=by)
        return _("The top-up of %(amount)s of %(name)s was rejected.")
    if decision == "take_back":
        if reversals.take_back_top_up(pk, reason=reason, by=by).status == TopUp.Status.REVERSED:
            return _("%(amount)s taken back from %(name)s.")
        return _("Taking back %(amount)s from %(name)s now waits for a second person.")
    if topups.credit(pk, by=by).is_open:
        return _("%(amount)s for %(name)s now wait for a second person, who confirms them on this page.")
    request.session[UNDO] = pk
    return _("%(amount)s credited to %(name)s.")


def _desk(request: StaffRequest, *, wrong: int = 0, error: str = "") -> HttpResponse:
    done = request.GET.get("show") == "decided"
    page = keyset_page(
        decided_top_ups() if done else desk_top_ups(),
        by=("-decided_at", "-id") if done else ("id",),
        cursor=request.GET.get("cursor"),
    )
    undo = request.session.pop(UNDO, None) if request.method == "GET" else None
    context = {
        "page": page,
        "rows": with_proposals(page.rows),
        "done": done,
        "undo": undo and TopUp.objects.filter(pk=undo, status="credited").select_related("dropshipper").first(),
        "may_credit": request.user.has_perm(CREDIT),
        "may_reject": request.user.has_perm(REJECT),
        "wrong": wrong,
        "error": error,
        "reason": request.POST.get("reason", ""),
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
        asked = whole_number(request.POST.get("dropshipper") or request.GET.get("dropshipper", ""))
        whose = None if asked is None else Dropshipper.objects.filter(pk=asked).first()
        initial = {"key": uuid.uuid4(), "dropshipper": whose}
        form = AdjustmentForm(request.POST if request.method == "POST" else None, initial=initial) if whose else None
    asks = False
    if request.method == "POST" and form and form.is_valid() and form.cleaned_data["sure"] != "0":
        asks = form.cleaned_data["sure"] != "1"
        if not asks and _adjust(request, form):
            return redirect("wallet:adjustments")
    balance = balances(form.initial["dropshipper"].pk).available if form else None
    context = {
        "asks": asks and form and form.cleaned_data,
        "after": balance + form.cleaned_data["amount"] if asks and form and balance is not None else None,
        "page": keyset_page(adjusted(), by=("-id",), cursor=request.GET.get("cursor")),
        "waiting": waiting_adjustments(),
        "form": form,
        "whose": form and form.initial["dropshipper"],
        "balance": balance,
        "may_adjust": request.user.has_perm(ADJUST),
    }
    refused = request.method == "POST" and not asks
    return render(request, "wallet/adjustments.html", context, status=422 if refused else 200)


def _adjust(request: StaffRequest, form: AdjustmentForm) -> bool:
    said = form.cleaned_data
    try:
        waits = adjustments.adjust(
            said["dropshipper"].pk, said["amount"], reason=said["reason"], key=said["key"], by=request.user.pk
        )
    except AlreadyDone as error:
        messages.warning(request, str(error))
        return True
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
    proposal = get_object_or_404(Proposal, pk=pk, kind__in=KINDS)  # what another room confirms is not for this page
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
    except AlreadyDone as error:
        messages.warning(request, str(error))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words % {"amount": euro(done.amount), "name": done.dropshipper.name})
    return redirect(desk)
