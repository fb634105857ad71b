"""A pasted list of tracking numbers: what it says, then exactly that."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import StaffRequest, permission_required
from core.errors import DomainError
from orders import queries
from orders.fulfilment import number_lists
from orders.pages.desk import desk_page
from orders.pages.forms.desk import TrackingListForm


@require_POST
@permission_required("orders.ship_parcel")
def ship_many(request: StaffRequest) -> HttpResponse:
    """orders:ship_many: shows what a pasted list would do, line by line. Sends nothing."""
    form = TrackingListForm(request.POST)
    if "again" in request.POST and form.is_valid():
        return desk_page(request, queries.DeskFind(), tracking_form=form, opened=True)
    if not form.is_valid():
        return desk_page(request, queries.DeskFind(), tracking_form=form, refused=True)
    rows = number_lists.preview(form.cleaned_data["lines"])
    if not rows:
        form.add_error("lines", _("No line names an order."))
        return desk_page(request, queries.DeskFind(), tracking_form=form, refused=True)
    counts = Counter(row.verdict for row in rows)
    context = {
        "rows": rows,
        "counts": [(verdict, n) for verdict, n in counts.most_common()],
        "may_send": sum(row.verdict.may for row in rows),
        "ticked": sum(row.verdict.ticked for row in rows),
        "sealed": number_lists.sealed(rows),
        "form": form,
    }
    return render(request, "orders/desk_list.html", context)


@require_POST
@permission_required("orders.ship_parcel")
def ship_listed(request: StaffRequest) -> HttpResponse:
    """orders:ship_listed: sends what was ticked of the shown list; what changed meanwhile is told and stays."""
    try:
        done = number_lists.send(request.POST.get("sealed", ""), request.POST.getlist("line"), by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:desk")
    failed = [one for one in done if one.error]
    sent = len(done) - len(failed)
    if not done:
        messages.warning(request, _("No line was ticked: nothing was sent."))
    if sent:
        words = ngettext("%(n)s parcel is on its way.", "%(n)s parcels are on their way.", sent)
        messages.success(request, words % {"n": sent})
    if not failed:
        return redirect("orders:desk")
    # What did not go stays in the field, to be mended; what had gone before does not.
    open_ = [one.typed for one in failed if not one.again]
    again = TrackingListForm(initial={"lines": "\n".join(open_)})
    return desk_page(request, queries.DeskFind(), tracking_form=again, outcomes=failed, refused=True)
