"""The waves at work, and the form of a new one: courier, cut-off, age, or the marked orders of the desk."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import StaffRequest, permission_required
from core import lines
from core.errors import DomainError
from core.requests import whole_number
from orders.queries import BULK_LIMIT
from orders.warehouse import waves as acts
from shipping.models import Courier


class WaveForm(lines.Form):
    """Which orders: all that wait when nothing is chosen."""

    courier = forms.ModelChoiceField(
        Courier.objects.filter(active=True), label=_("Courier"), required=False, empty_label=_("All couriers")
    )
    cut_off = forms.TimeField(
        label=_("Sent to us until (today)"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    hours = forms.IntegerField(label=_("At least so many hours old"), required=False, min_value=1, max_value=720)
    most = forms.IntegerField(label=_("Orders, at most"), min_value=1, max_value=acts.MOST, initial=50)

    def until(self) -> dt.datetime | None:
        """The earlier of cut-off and age."""
        said, found = self.cleaned_data, []
        if said["cut_off"] is not None:
            found.append(timezone.make_aware(dt.datetime.combine(timezone.localdate(), said["cut_off"])))
        if said["hours"]:
            found.append(timezone.now() - dt.timedelta(hours=said["hours"]))
        return min(found, default=None)


@require_safe
@permission_required("orders.see_desk")
def waves(request: StaffRequest) -> HttpResponse:
    """orders:waves."""
    return _page(request, WaveForm())


def _page(request: StaffRequest, form: WaveForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "waves": acts.at_work()[:100],
        "waiting": acts.waiting().count(),
        "may": request.user.has_perm("orders.pack_parcel"),
    }
    return render(request, "orders/waves.html", context, status=status)


@require_POST
@permission_required("orders.pack_parcel")
def wave_new(request: StaffRequest) -> HttpResponse:
    """orders:wave_new: of the form, or of the orders that were marked at the desk."""
    marked = [pk for value in request.POST.getlist("order")[:BULK_LIMIT] if (pk := whole_number(value)) is not None]
    if not marked and "marked" in request.POST:
        messages.error(request, gettext("Mark the orders to pick first."))
        return redirect("orders:desk")
    form = WaveForm(request.POST)
    if not marked and not form.is_valid():
        return _page(request, form, 422)
    try:
        if marked:
            wave = acts.start(by=request.user.pk, order_ids=marked)
        else:
            courier = form.cleaned_data["courier"]
            wave = acts.start(
                by=request.user.pk,
                courier_id=courier.pk if courier else None,
                until=form.until(),
                most=form.cleaned_data["most"],
            )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:waves")
    return redirect("orders:wave", wave.pk)
