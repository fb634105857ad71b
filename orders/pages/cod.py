"""The COD page of the wallet. It joins money, orders and parcels, which is this room's to do; its address is the
wallet's (mci/urls.py)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.access import PortalRequest, role_required
from core import filters
from core.pagination import keyset_page
from orders.fulfilment import cod as parcels
from orders.pages.forms.cod import CodForm
from shipping.queries import couriers
from wallet.queries import balances

PAGE_SIZE = 50


@require_safe
@role_required("accounting")
def cod(request: PortalRequest) -> HttpResponse:
    """wallet:cod."""
    form = CodForm(request.GET)
    wanted = form.wanted()
    filters.tell_wrong_dates(request, form)
    found = parcels.with_parcels(parcels.find(request.dropshipper, wanted))
    page = keyset_page(found, by=("-id",), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    sums = parcels.sums(request.dropshipper, wanted)
    context = {
        "wanted": wanted,
        "tabs": [(state, words, sums[state].count) for state, (words, _states) in parcels.STATES.items()],
        "page": page,
        "rows": [parcels.row_of(order) for order in page.rows],
        "sums": sums,
        "shown": sums[wanted.state],
        "couriers": couriers(request.dropshipper),
        "balances": balances(request.dropshipper.pk),
    }
    return render(request, "wallet/cod.html", context)


@require_safe
@role_required("accounting")
def cod_export(request: PortalRequest) -> HttpResponseBase:
    """wallet:cod_export: the list as it is filtered, whole."""
    form = CodForm(request.GET)
    found = parcels.find(request.dropshipper, form.wanted())
    if filters.tell_wrong_dates(request, form):
        return redirect("wallet:cod")
    name = f"mci-cod-{localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        parcels.export(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
