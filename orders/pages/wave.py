"""One wave on the phone: scan a shelf, scan the goods; what remains is always there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import StaffRequest, permission_required
from catalog import shelves
from core.errors import DomainError
from core.requests import whole_number
from orders import queries
from orders.models import Order
from orders.pages import scanning
from orders.pages.print_run import form_of
from orders.warehouse import packing
from orders.warehouse import waves as acts


@require_safe
@permission_required("orders.see_desk")
def wave(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:wave."""
    found = acts.access(pk)
    rows = acts.rows(found) if not found.is_over else []
    mine = found.by_id == request.user.pk and request.user.has_perm("orders.pack_parcel")
    orders = acts.held_orders(found)
    context = {
        "wave": found,
        "rows": rows,
        "left": acts.remaining(rows),
        "seen": acts.taken(rows),
        "orders": orders,
        "order_ids": ",".join(str(order.pk) for order in orders),
        "said": scanning.said(request),
        "mine": mine,
        "may_give_back": request.user.has_perm("orders.pack_parcel") and not found.is_over,
        **form_of(request),
    }
    return render(request, "orders/wave.html", context)


@require_POST
@permission_required("orders.pack_parcel")
def wave_scan(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:wave_scan: a scanned shelf or article, or the row's own button. An order leads to the bench."""
    by, seen = request.user.pk, scanning.seen(request)
    if (order := _order_of(scanning.scanned(request))) is not None:
        try:
            packing.begin(order.pk, by=by)
        except DomainError as error:
            scanning.say(request, str(error), good=False)
            return redirect("orders:wave", pk)
        return redirect("orders:bench_order", order.pk)
    try:
        if "variant" in request.POST:
            variant = whole_number(request.POST["variant"]) or 0
            sign = -1 if "back" in request.POST else 1
            done = acts.take(pk, variant, by=by, quantity=sign * scanning.quantity(request), seen=seen)
        else:
            done = acts.scan(pk, scanning.scanned(request), by=by, quantity=scanning.quantity(request), seen=seen)
    except DomainError as error:
        scanning.say(request, str(error), good=False)
    else:
        scanning.say(request, _words(done))
    return redirect("orders:wave", pk)


def _order_of(text: str) -> Order | None:
    """The order that a scan names; what may be goods or a shelf is no order here."""
    if not text or shelves.is_shelf(text) or shelves.goods(text):
        return None
    try:
        return queries.by_scan(text)
    except Http404:
        return None


def _words(done: acts.Scanned) -> str:
    left = ngettext("%(n)s piece still to take", "%(n)s pieces still to take", done.left) % {"n": done.left}
    if not done.pieces:
        take = _("%(shelf)s: take %(n)s × %(sku)s")
        return take % {"shelf": done.row.shelf, "n": done.row.remaining, "sku": done.row.sku}
    if not done.left:
        return _("%(sku)s: that was the last piece. To the packing bench.") % {"sku": done.row.sku}
    if done.pieces < 0:
        return _("%(sku)s: put back. %(left)s.") % {"sku": done.row.sku, "left": left}
    return f"+{done.pieces} {done.row.sku}. {left}."


@require_POST
@permission_required("orders.pack_parcel")
def wave_back(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:wave_back: its orders wait again for whoever comes."""
    try:
        acts.give_back(pk, by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:wave", pk)
    messages.success(request, _("The orders wait again. Bring back what was taken."))
    return redirect("orders:waves")


@require_safe
@permission_required("orders.pack_parcel")
def wave_list(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:wave_list: the pick list on paper."""
    found = acts.access(pk)
    try:
        data = acts.paper(found)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:wave", pk)
    headers = {"Content-Disposition": f'inline; filename="{found.number}.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=headers)
