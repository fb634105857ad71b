"""The desk's ways back: a step taken by mistake, cash that is not in after all, a wrong tracking number."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import StaffRequest, must_have, permission_required
from accounts.sign_in.reauth import recently_proven
from core.errors import AlreadyDone, DomainError
from orders import queries
from orders.fulfilment import undo
from orders.pages.desk import ACTS, UNDO_NEEDS, act_on, asks_about, order_page
from orders.pages.forms.desk import NewNumberForm, TrackingForm
from wallet import reversals
from wallet.queries import waiting_of

_DONE = {
    "unpacked": gettext_lazy("%(number)s is to be picked again."),
    "unshipped": gettext_lazy("%(number)s is here again."),
    "undelivered": gettext_lazy("%(number)s is on its way again."),
}


@require_POST
@permission_required("orders.pack_parcel", act=("orders.pack_parcel", "orders.ship_parcel", "orders.deliver_parcel"))
def take_back(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:take_back: the last step of the parcel, by who may do that step."""
    step, reason = request.POST.get("step", ""), request.POST.get("reason", "")
    if step not in UNDO_NEEDS:
        messages.error(request, _("Say which step is to be taken back."))
        return redirect("orders:desk_order", pk)
    must_have(request, ACTS[UNDO_NEEDS[step]])
    return act_on(
        request, pk, lambda order: undo.take_back(order, step, reason=reason, by=request.user.pk), str(_DONE[step])
    )


@require_POST
@permission_required("orders.remit_cash")
@recently_proven
def cash_back(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:cash_back: the cash of this parcel is not in; or the second person's word on it."""
    order, by = queries.access_any_order(pk), request.user.pk
    decision = request.POST.get("decision", "")
    proposal = waiting_of(order.reference)
    words = _("%(number)s: the cash was taken back from the wallet.")
    try:
        if not decision:
            if not undo.take_back_cash(order.pk, reason=request.POST.get("reason", ""), by=by):
                words = _("%(number)s: so much waits for a second person, who confirms it on this page.")
        elif proposal is None:
            messages.warning(request, _("%(number)s: this was decided already.") % {"number": order.number})
            return redirect("orders:desk_order", order.pk)
        elif decision == "confirm":
            undo.confirm_cash(order.pk, proposal.pk, by=by)
        elif decision == "refuse":
            reversals.refuse(proposal.pk, by=by)
            words = _("%(number)s: not confirmed, nothing was moved.")
        else:
            messages.error(request, _("Confirm or refuse."))
            return redirect("orders:desk_order", order.pk)
    except AlreadyDone as error:
        messages.warning(request, f"{order.number}: {error}")
    except DomainError as error:
        messages.error(request, f"{order.number}: {error}")
    else:
        messages.success(request, words % {"number": order.number})
    return redirect("orders:desk_order", order.pk)


@require_POST
@permission_required("orders.ship_parcel")
def renumber(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:renumber: the right tracking number of a parcel that left under a wrong one."""
    form = NewNumberForm(request.POST)
    if not form.is_valid() or asks_about(queries.access_any_order(pk), form):
        return order_page(request, pk, TrackingForm(), number_form=form, refused=True)
    said = form.cleaned_data

    def act(order: int) -> object:
        return undo.renumber(order, said["tracking"], reason=said["reason"], by=request.user.pk, unusual=True)

    return act_on(request, pk, act, _("%(number)s has its right number; the shop and the reseller are told."))
