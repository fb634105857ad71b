"""The warehouse's desk: what to pick, oldest first; packed, handed to the courier, delivered, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import StaffRequest, permission_required
from accounts.sign_in.reauth import recently_proven
from core import strict
from core.errors import AlreadyDone, DomainError, Refused
from core.pagination import keyset_page
from orders import problems, queries
from orders.failed import lists
from orders.fulfilment import parcels, undo
from orders.models import Order
from orders.pages.forms.desk import NewNumberForm, TrackingForm, TrackingListForm
from orders.pages.print_run import form_of
from orders.warehouse import holding
from orders.warehouse.papers import printed_before
from shipping.models import Courier
from shipping.parcels import numbers, tracking
from wallet.queries import entries_of, waiting_of

PAGE_SIZE = 50


ACTS = {
    "pack": "orders.pack_parcel",
    "ship": "orders.ship_parcel",
    "deliver": "orders.deliver_parcel",
    "remit": "orders.remit_cash",
    "cancel": "orders.cancel_parcel",
    "courier_file": "shipping.courier_file",
}
# Who may do a step may take it back.
UNDO_NEEDS = {"unpacked": "pack", "unshipped": "ship", "undelivered": "deliver"}
UNDO = "undo_parcel"  # in the session: what was done on the list a moment ago


def acts_of(request: StaffRequest) -> set[str]:
    """What this person may do here: who may only look finds no button."""
    return {act for act, permission in ACTS.items() if request.user.has_perm(permission)}


@require_safe
@permission_required("orders.see_desk")
def desk(request: StaffRequest) -> HttpResponse:
    """orders:desk. A scanned label (an exact number) opens its order."""
    asked = request.GET
    text = strict.text(asked.get("q", ""), 100)
    if text and "scan" in asked:
        try:
            return redirect("orders:desk_order", queries.by_scan(text).pk)
        except Http404:
            messages.warning(request, _("No parcel is called “%(text)s”.") % {"text": text})
    state = asked.get("state", "to_pick")
    wanted = queries.DeskFind(
        state=state if state in queries.DESK_STATES else "to_pick",
        courier=strict.text(asked.get("courier", ""), 50),
        text=text,
    )
    return desk_page(request, wanted)


def desk_page(request: StaffRequest, wanted: queries.DeskFind, **extra: Any) -> HttpResponse:
    newest_first = wanted.state in ("shipped", "delivered")
    page = keyset_page(
        queries.desk(wanted),
        by=("-shipment_id",) if newest_first else ("shipment_id",),
        cursor=request.GET.get("cursor"),
        size=PAGE_SIZE,
    )
    counts = queries.desk_counts(wanted.courier)
    context = {
        "wanted": wanted,
        "page": page,
        "tabs": [(state, counts[state]) for state in queries.DESK_STATES],
        "couriers": Courier.objects.filter(active=True),
        "tracking_form": TrackingListForm(),
        "may": acts_of(request),
        "undo": _undone_soon(request),
        **form_of(request),
        **extra,
    }
    return render(request, "orders/desk.html", context, status=422 if extra.get("refused") else 200)


@require_safe
@permission_required("orders.see_desk")
def desk_order(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:desk_order: one parcel to pick and to send."""
    return order_page(request, pk, TrackingForm())


def order_page(request: StaffRequest, pk: int, form: TrackingForm, **extra: Any) -> HttpResponse:
    order = queries.for_detail(queries.access_any_order(pk))
    cash = order.shipment.cash if order.shipment else ""
    may, state = acts_of(request), order.shipment.state if order.shipment else ""
    step = undo.step_of(order)
    last = tracking.last_step(order.shipment) if order.shipment and step else None
    context = {
        "order": order,
        "form": form,
        "step": step if UNDO_NEEDS.get(step, "") in may else "",
        "last_step": last,
        # What was done a moment ago, and by the reader, needs no thinking about its reason.
        "soon": bool(last and last.by_id == request.user.pk and timezone.now() - last.at < undo.SOON),
        "may_cash_back": "remit" in may and cash == "remitted",
        "cash_waits": waiting_of(order.reference) if cash == "remitted" else None,
        "may_renumber": "ship" in may and state in undo.ON_THE_ROAD,
        "number_form": NewNumberForm(),
        "alerts": [problem for problem in order.problems.all() if problems.is_alert(problem.code)],
        "events": order.events.select_related("by").order_by("-id")[:200],
        "entries": entries_of(order.reference),
        "cases": lists.cases_of(order) if order.shipment else [],
        "may_return": request.user.has_perm("orders.see_returns") and lists.may_be_taken_in(order),
        "still_here": state in ("to_pick", "packed"),
        "at_it": next(iter(holding.at_it(order)), None) if state == "to_pick" else None,
        "may_print": "pack" in may and state not in ("", "cancelled"),
        "may_pack": "pack" in may and state == "to_pick",
        "may_ship": "ship" in may and state in ("to_pick", "packed"),
        "may_deliver": "deliver" in may and state in ("shipped", "out_for_delivery", "held"),
        "may_remit": "remit" in may and cash == "collected",
        "may_cancel": "cancel" in may and (order.is_open or state in ("to_pick", "packed")),
        **extra,
    }
    if context["may_print"]:
        context |= {**form_of(request), "printed": printed_before(order)}
    refused = form.errors or extra.get("refused")
    return render(request, "orders/desk_order.html", context, status=422 if refused else 200)


def _undone_soon(request: StaffRequest) -> Order | None:
    """What this person did a moment ago from the list, to be taken back; once."""
    pk = request.session.pop(UNDO, None) if request.method == "GET" else None
    order = Order.objects.select_related("shipment", "dropshipper").filter(pk=pk).first() if pk else None
    return order if order is not None and undo.step_of(order) else None


def act_on(request: StaffRequest, pk: int, act: Callable[[int], Any], done: str) -> HttpResponse:
    """Does one step and says so; what was done before is told, with who did it and when. Back to the desk's list when
    the form asks for it, else to the parcel."""
    order = queries.access_any_order(pk)
    to_list = request.POST.get("next") == "desk"
    try:
        act(order.pk)
    except AlreadyDone as error:
        messages.warning(request, f"{order.number}: {error}")
    except DomainError as error:
        messages.error(request, f"{order.number}: {error}")
    else:
        messages.success(request, done % {"number": order.number})
        if to_list:
            request.session[UNDO] = order.pk
    if to_list:
        return redirect("orders:desk")
    return redirect("orders:desk_order", order.pk)


@require_POST
@permission_required("orders.pack_parcel")
def pack(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:pack."""
    shown = request.POST.get("collect")
    return act_on(
        request,
        pk,
        lambda order: parcels.mark_packed(order, by=request.user.pk, shown=shown, at_the_desk=True),
        _("%(number)s is packed."),
    )


@require_POST
@permission_required("orders.ship_parcel")
def ship(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:ship: handed to the courier, with its tracking number."""
    form = TrackingForm(request.POST)
    if not form.is_valid():
        return order_page(request, pk, form)
    number, shown = form.cleaned_data["tracking"], request.POST.get("collect")
    if asks_about(queries.access_any_order(pk), form):
        return order_page(request, pk, form)

    def act(order: int) -> Order:
        return parcels.mark_shipped(
            order, tracking_number=number, by=request.user.pk, shown=shown, at_the_desk=True, unusual=True
        )

    return act_on(request, pk, act, _("%(number)s is on its way."))


def asks_about(order: Order, form: TrackingForm) -> bool:
    """Whether the number is an unusual one of its courier, and nobody said that it is right all the same."""
    if order.shipment is None or form.cleaned_data["unusual"]:
        return False
    try:
        numbers.must_be_usual(order.shipment.method.courier, form.cleaned_data["tracking"])
    except Refused as refusal:
        form.add_error("tracking", str(refusal))
        form.asks = True
        return True
    return False


@require_POST
@permission_required("orders.deliver_parcel")
def deliver(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:deliver."""
    return act_on(
        request,
        pk,
        lambda order: parcels.mark_delivered(order, by=request.user.pk, at_the_desk=True),
        _("%(number)s is delivered."),
    )


@require_POST
@permission_required("orders.remit_cash")
@recently_proven
def remit(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:remit: the courier's cash for this parcel is on the supplier's account."""
    return act_on(
        request,
        pk,
        lambda order: parcels.mark_remitted(order, by=request.user.pk, at_the_desk=True),
        _("%(number)s: the cash is in and the reseller has the margin."),
    )


@require_POST
@permission_required("orders.cancel_parcel")
def staff_cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:staff_cancel: while the parcel is here; stock, money and COD booking are reversed."""
    return act_on(
        request,
        pk,
        lambda order: parcels.cancel(order, by=request.user.pk, staff=True),
        _("%(number)s is cancelled and everything was reversed."),
    )
