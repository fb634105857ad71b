"""The warehouse's desk: what to pick, oldest first; packed, handed to the courier, delivered, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import StaffRequest, permission_required
from accounts.reauth import recently_proven
from core import strict
from core.errors import DomainError
from core.pagination import keyset_page
from orders import fulfilment, problems, queries, tracking_numbers
from orders.forms import TrackingForm, TrackingListForm
from orders.models import Order
from shipping.models import Courier
from wallet.queries import entries_of

PAGE_SIZE = 50


ACTS = {
    "pack": "orders.pack_parcel",
    "ship": "orders.ship_parcel",
    "deliver": "orders.deliver_parcel",
    "remit": "orders.remit_cash",
    "cancel": "orders.cancel_parcel",
    "courier_file": "shipping.courier_file",
}


def _acts(request: StaffRequest) -> set[str]:
    """What this person may do here: who may only look finds no button."""
    return {act for act, permission in ACTS.items() if request.user.has_perm(permission)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line of a pasted list."""

    typed: str
    order: Order | None
    error: str


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
    return _desk(request, wanted)


def _desk(request: StaffRequest, wanted: queries.DeskFind, **extra: Any) -> HttpResponse:
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
        "may": _acts(request),
        **extra,
    }
    return render(request, "orders/desk.html", context, status=422 if extra.get("refused") else 200)


@require_safe
@permission_required("orders.see_desk")
def desk_order(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:desk_order: one parcel to pick and to send."""
    return _desk_order(request, pk, TrackingForm())


def _desk_order(request: StaffRequest, pk: int, form: TrackingForm) -> HttpResponse:
    order = queries.for_detail(queries.access_any_order(pk))
    may, state = _acts(request), order.shipment.state if order.shipment else ""
    context = {
        "order": order,
        "form": form,
        "alerts": [problem for problem in order.problems.all() if problems.is_alert(problem.code)],
        "events": order.events.select_related("by").order_by("-id")[:200],
        "entries": entries_of(order.reference),
        "still_here": state in ("to_pick", "packed"),
        "may_pack": "pack" in may and state == "to_pick",
        "may_ship": "ship" in may and state in ("to_pick", "packed"),
        "may_deliver": "deliver" in may and state in ("shipped", "out_for_delivery", "held"),
        "may_remit": "remit" in may and bool(order.shipment and order.shipment.cash == "collected"),
        "may_cancel": "cancel" in may and (order.is_open or state in ("to_pick", "packed")),
    }
    return render(request, "orders/desk_order.html", context, status=422 if form.errors else 200)


def _act(request: StaffRequest, pk: int, act: Callable[[int], Order], done: str) -> HttpResponse:
    """Does one step and says so; back to the desk's list when the form asks for it, else to the parcel."""
    order = queries.access_any_order(pk)
    try:
        act(order.pk)
    except DomainError as error:
        messages.error(request, f"{order.number}: {error}")
    else:
        messages.success(request, done % {"number": order.number})
    if request.POST.get("next") == "desk":
        return redirect("orders:desk")
    return redirect("orders:desk_order", order.pk)


@require_POST
@permission_required("orders.pack_parcel")
def pack(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:pack."""
    shown = request.POST.get("collect")
    return _act(
        request,
        pk,
        lambda order: fulfilment.mark_packed(order, by=request.user.pk, shown=shown),
        _("%(number)s is packed."),
    )


@require_POST
@permission_required("orders.ship_parcel")
def ship(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:ship: handed to the courier, with its tracking number."""
    form = TrackingForm(request.POST)
    if not form.is_valid():
        return _desk_order(request, pk, form)
    tracking, shown = form.cleaned_data["tracking"], request.POST.get("collect")

    def act(order: int) -> Order:
        return fulfilment.mark_shipped(
            order, tracking_number=tracking, by=request.user.pk, shown=shown, at_the_desk=True
        )

    return _act(request, pk, act, _("%(number)s is on its way."))


@require_POST
@permission_required("orders.deliver_parcel")
def deliver(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:deliver."""
    return _act(
        request, pk, lambda order: fulfilment.mark_delivered(order, by=request.user.pk), _("%(number)s is delivered.")
    )


@require_POST
@permission_required("orders.remit_cash")
@recently_proven
def remit(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:remit: the courier's cash for this parcel is on the supplier's account."""
    return _act(
        request,
        pk,
        lambda order: fulfilment.mark_remitted(order, by=request.user.pk),
        _("%(number)s: the cash is in and the reseller has the margin."),
    )


@require_POST
@permission_required("orders.cancel_parcel")
def staff_cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:staff_cancel: while the parcel is here; stock, money and COD booking are reversed."""
    return _act(
        request,
        pk,
        lambda order: fulfilment.cancel(order, by=request.user.pk, staff=True),
        _("%(number)s is cancelled and everything was reversed."),
    )


@require_POST
@permission_required("orders.ship_parcel")
def ship_many(request: StaffRequest) -> HttpResponse:
    """orders:ship_many: a pasted list; each line goes or says why not. Pasted twice is once."""
    form = TrackingListForm(request.POST)
    if not form.is_valid():
        return _desk(request, queries.DeskFind(), tracking_form=form, refused=True)
    outcomes = [_ship_line(request, number, tracking) for number, tracking in form.pairs()]
    failed = [outcome for outcome in outcomes if outcome.error]
    sent = len(outcomes) - len(failed)
    if sent:
        messages.success(
            request, ngettext("%(n)s parcel is on its way.", "%(n)s parcels are on their way.", sent) % {"n": sent}
        )
    if not failed:
        return redirect("orders:desk")
    # What did not go stays in the field, to be mended.
    again = TrackingListForm(initial={"lines": "\n".join(outcome.typed for outcome in failed)})
    return _desk(request, queries.DeskFind(), tracking_form=again, outcomes=failed, refused=True)


def _ship_line(request: StaffRequest, number: str, tracking: str) -> Outcome:
    typed = f"{number} {tracking}".strip()
    if not tracking:
        return Outcome(typed, None, _("The tracking number is missing."))
    try:
        order = queries.by_scan(number)
    except Http404:
        return Outcome(typed, None, _("No such order."))
    try:
        given = tracking_numbers.number(tracking)
        fulfilment.mark_shipped(order.pk, tracking_number=given, by=request.user.pk, at_the_desk=True)
    except DomainError as error:
        return Outcome(typed, order, str(error))
    return Outcome(typed, order, "")
