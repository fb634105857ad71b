"""The staff's desk of returns: what came back is scanned and inspected, what it does to the money is read line by line
and then settled; cases of resellers are decided; what was lost is claimed, and found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import StaffRequest, must_have, permission_required
from accounts.sign_in.reauth import recently_proven
from core import strict
from core.errors import AlreadyDone, DomainError
from core.money import ZERO
from core.pagination import keyset_page
from orders import queries
from orders.failed import cases, lists, lost, returned
from orders.models import Case, Order
from orders.pages.forms.returns import (
    ArrivalForm,
    BackForm,
    ClaimForm,
    DecisionForm,
    InspectionForm,
    LossForm,
    PaidForm,
)

SEE, TAKE, SETTLE = "orders.see_returns", "orders.take_return", "orders.settle_return"
DECIDE, PURSUE = "orders.decide_case", "orders.pursue_claim"
PAGE_SIZE = 50


@require_safe
@permission_required(SEE)
def desk(request: StaffRequest) -> HttpResponse:
    """orders:returns. A scanned code opens its case, or the parcel to be taken in."""
    text = strict.text(request.GET.get("q", ""), 100)
    if text and "scan" in request.GET:
        try:
            found = lists.by_scan(text)
        except Http404:
            messages.warning(request, _("Nothing is called “%(text)s”.") % {"text": text})
        else:
            return redirect("orders:return_case" if isinstance(found, Case) else "orders:return_in", found.pk)
    tab = request.GET.get("tab", "")
    tab = tab if tab in lists.TABS else "inspect"
    newest_first = tab == "done"
    page = keyset_page(
        lists.desk(tab),
        by=("-id",) if newest_first else ("id",),
        cursor=request.GET.get("cursor"),
        size=PAGE_SIZE,
    )
    counts = lists.desk_counts()
    context = {
        "tab": tab,
        "tabs": [(name, words, counts[name]) for name, (words, _of) in lists.TABS.items()],
        "page": page,
        "on_the_way": lists.on_their_way_back(),
    }
    return render(request, "orders/returns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(SEE, act=TAKE)
def take_in(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:return_in: a parcel that was never delivered is here; its order's page of returns."""
    order = queries.for_detail(queries.access_any_order(pk))
    form = ArrivalForm(request.POST if request.method == "POST" else None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            case = returned.arrive(
                order.pk, reason=said["reason"], fault=said["fault"], note=said["note"], by=request.user.pk
            )
        except AlreadyDone as error:
            messages.warning(request, f"{order.number}: {error}")
            return redirect("orders:return_in", order.pk)
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(request, _("%(number)s is here: look at each piece.") % {"number": order.number})
            return redirect("orders:return_case", case.pk)
    return _undelivered(request, order, form, LossForm(), refused)


def _undelivered(
    request: StaffRequest, order: Order, form: ArrivalForm, loss_form: LossForm, refused: str = ""
) -> HttpResponse:
    """The page of a parcel that was not delivered: it is back, or it is lost. What was typed stays after an error."""
    may = request.user.has_perm
    loss = lists.undelivered(order)
    context = {
        "order": order,
        "form": form,
        "loss_form": loss_form,
        "refused": refused,
        "cases": lists.cases_of(order),
        "may_take": may(TAKE) and lists.may_come_back(order),
        "may_lose": may(SETTLE) and lists.may_be_taken_in(order),
        "loss": loss if loss and may(SETTLE) else None,
    }
    wrong = refused or form.errors or loss_form.errors
    return render(request, "orders/return_in.html", context, status=422 if wrong else 200)


@require_safe
@permission_required(SEE)
def case(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:return_case."""
    return case_page(request, lists.access_any_case(pk))


def case_page(request: StaffRequest, found: Case, **extra: Any) -> HttpResponse:
    lines, may = lists.lines_of(found), request.user.has_perm
    S = Case.State
    claim = getattr(found, "claim", None)
    open_claim = claim is not None and claim.state in ("open", "sent")
    context = {
        "case": found,
        "order": found.order,
        "lines": lines,
        "money": lists.money_of(found, lists.preview(found)),
        "inspection": InspectionForm(case=found, found=lines) if found.state == S.ARRIVED and may(TAKE) else None,
        "may_settle": may(SETTLE) and found.state == S.ARRIVED and returned.is_inspected(lines),
        "decision": DecisionForm() if found.state == S.ASKED and may(DECIDE) else None,
        "may_receive": may(TAKE) and found.state == S.APPROVED,
        "may_credit": may(SETTLE) and found.state == S.WAITING,
        "may_find": may(SETTLE) and found.kind == Case.Kind.LOST and found.state in (S.WAITING, S.SETTLED),
        "back": BackForm(found=lines) if found.state == S.SETTLED else None,
        "claim": claim,
        "claim_form": ClaimForm.of(claim) if claim and open_claim and may(PURSUE) else None,
        "paid_form": PaidForm() if open_claim and may(PURSUE) else None,
        "refused": "",
        **extra,
    }
    return render(request, "orders/return_case.html", context, status=422 if extra else 200)


def _act(request: StaffRequest, pk: int, act: Callable[[Case], Any], done: str, **again: Any) -> HttpResponse:
    """Does one step of a case and says so; a refusal stays on the page with what was typed."""
    found = lists.access_any_case(pk)
    try:
        act(found)
    except AlreadyDone as error:
        messages.warning(request, f"{found.number}: {error}")
    except DomainError as error:
        return case_page(request, lists.access_any_case(pk), refused=str(error), **again)
    else:
        messages.success(request, done % {"number": found.number})
    return redirect("orders:return_case", pk)


@require_POST
@permission_required(TAKE)
def inspect(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:return_inspect: how each piece was found; nothing is posted."""
    found = lists.access_any_case(pk)
    form = InspectionForm(request.POST, case=found, found=lists.lines_of(found))
    if not form.is_valid():
        return case_page(request, found, inspection=form)
    said, by = form.cleaned_data, request.user.pk

    def act(one: Case) -> Case:
        storage, back = said["storage_net"] or ZERO, said.get("back_price")
        return returned.inspect(one.pk, form.found(), by=by, storage_net=storage, back_price=back)

    return _act(request, pk, act, _("%(number)s: inspected. Nothing is posted yet."), inspection=form)


@require_POST
@permission_required(SETTLE)
@recently_proven
def settle(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:return_settle: money, stock and order as the page showed it."""
    shown = request.POST.get("shown", "")[:60]
    return _act(
        request,
        pk,
        lambda one: returned.settle(one.pk, shown=shown, by=request.user.pk),
        _("%(number)s is settled: money, stock and order."),
    )


@require_POST
@permission_required(DECIDE)
@recently_proven
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:case_decide. POST `do`: approve or refuse."""
    refuses = request.POST.get("do") == "refuse"
    found, form = lists.access_any_case(pk), DecisionForm(request.POST, approves=not refuses)
    if not form.is_valid():
        return case_page(request, found, decision=form)
    said, by = form.cleaned_data, request.user.pk
    if refuses:
        return _act(
            request,
            pk,
            lambda one: cases.refuse(one.pk, answer=said["answer"], by=by),
            _("%(number)s: not approved, the reseller reads why."),
            decision=form,
        )
    return _act(
        request,
        pk,
        lambda one: cases.approve(one.pk, fault=said["fault"], answer=said["answer"], by=by),
        _("%(number)s: approved, its pieces may come."),
        decision=form,
    )


@require_POST
@permission_required(TAKE)
def receive(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:case_receive: the pieces of a customer are here, or need not come."""
    return _act(
        request,
        pk,
        lambda one: cases.receive(one.pk, by=request.user.pk),
        _("%(number)s is here: look at each piece."),
    )


# ---- losses and claims


@require_POST
@permission_required(SETTLE)
@recently_proven
def lose(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:lose: the courier lost this order's parcel."""
    order, form = queries.access_any_order(pk), LossForm(request.POST)
    if not form.is_valid():
        return _undelivered(request, queries.for_detail(order), ArrivalForm(), form)
    try:
        made = lost.lose(order.pk, by=request.user.pk, **form.cleaned_data)
    except AlreadyDone as error:
        messages.warning(request, f"{order.number}: {error}")
    except DomainError as error:
        return _undelivered(request, queries.for_detail(order), ArrivalForm(), form, str(error))
    else:
        messages.success(request, _("%(number)s is lost: the claim begins.") % {"number": order.number})
        return redirect("orders:return_case", made.pk)
    return redirect("orders:return_in", order.pk)


@require_POST
@permission_required(SETTLE)
@recently_proven
def loss(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:loss. POST `do`: credit (a loss that waits), delivered or back (found again)."""
    by, do = request.user.pk, request.POST.get("do", "")
    if do == "credit":
        return _act(request, pk, lambda one: lost.decide(one.pk, by=by), _("%(number)s: the reseller is credited."))
    if do == "delivered":
        words = _("%(number)s: delivered after all, the sale stands again.")
        return _act(request, pk, lambda one: lost.delivered_after_all(one.order_id, by=by), words)
    if do != "back":
        messages.error(request, _("Say what happened."))
        return redirect("orders:return_case", pk)

    found = lists.access_any_case(pk)
    form = BackForm(request.POST, found=lists.lines_of(found))
    if not form.is_valid():
        return case_page(request, found, back=form)

    def back(one: Case) -> Order:
        return lost.back_after_all(one.order_id, form.restock(), by=by)

    return _act(request, pk, back, _("%(number)s: it is back, what can be sold again is in stock."), back=form)


@require_POST
@permission_required(PURSUE)
@recently_proven
def claim(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:claim. POST `do`: send, paid, refused."""
    must_have(request, PURSUE)
    found, by, do = lists.access_any_claim(pk), request.user.pk, request.POST.get("do", "")
    if do == "send":
        form = ClaimForm(request.POST)
        if not form.is_valid():
            return case_page(request, lists.access_any_case(found.case_id), claim_form=form)
        said = form.cleaned_data
        words = _("%(number)s: claimed from the courier.")
        return _act(request, found.case_id, lambda _one: lost.send(found.pk, **said, by=by), words, claim_form=form)
    if do == "paid":
        paid = PaidForm(request.POST)
        if not paid.is_valid():
            return case_page(request, lists.access_any_case(found.case_id), paid_form=paid)
        amount = paid.cleaned_data["paid"]
        words = _("%(number)s: the courier’s money is booked.")
        return _act(
            request, found.case_id, lambda _one: lost.paid(found.pk, amount=amount, by=by), words, paid_form=paid
        )
    if do == "refused":
        note = strict.text(request.POST.get("note", ""), 500)
        words = _("%(number)s: the courier does not pay.")
        return _act(request, found.case_id, lambda _one: lost.not_paid(found.pk, note=note, by=by), words)
    messages.error(request, _("Say what happened."))
    return redirect("orders:return_case", found.case_id)
