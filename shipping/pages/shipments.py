"""The reseller's parcels: where they are and where their cash is. Nothing is changed here."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.access import PortalRequest, StaffRequest, member_required, permission_required, sees_customers
from core.pagination import keyset_page
from shipping import queries, veil
from shipping.models import Courier
from shipping.pages import export
from shipping.pages.forms import FindForm
from shipping.parcels import courier_file as files

PAGE_SIZE = 50
MOST_EVENTS = 200


@require_safe
@member_required
def list_shipments(request: PortalRequest) -> HttpResponse:
    """shipping:list."""
    form = FindForm(request.GET)
    wanted = form.wanted()
    page = keyset_page(
        queries.find(request.dropshipper, wanted), by=("-id",), cursor=request.GET.get("cursor"), size=PAGE_SIZE
    )
    counts = queries.tab_counts(request.dropshipper, wanted)
    if not sees_customers(request):
        for shipment in page.rows:
            veil.veil(shipment)
    context = {
        "find": form,
        "wanted": wanted,
        "tabs": [(tab, label, counts[tab]) for tab, (label, _states) in queries.TABS.items()],
        "page": page,
        "total": counts[wanted.tab],
        "couriers": queries.couriers(request.dropshipper),
        "cod": queries.cod_sums(request.dropshipper),
    }
    return render(request, "shipping/list.html", context)


@require_safe
@member_required
def export_shipments(request: PortalRequest) -> HttpResponseBase:
    """shipping:export: the list as it is filtered."""
    found = queries.find(request.dropshipper, FindForm(request.GET).wanted())
    return StreamingHttpResponse(
        export.shipments(found, veiled=not sees_customers(request)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="mci-shipments-{localdate():%Y%m%d}.csv"'},
    )


@require_safe
@permission_required("shipping.courier_file")
def courier_file(request: StaffRequest, code: str) -> HttpResponseBase:
    """shipping:courier_file, for the warehouse: the parcels that wait, for the courier's own program."""
    courier = get_object_or_404(Courier, code=code)
    return StreamingHttpResponse(
        files.lines(courier),
        content_type=f"text/csv; charset={files.encoding(courier)}",
        headers={"Content-Disposition": f'attachment; filename="{courier.code}-{localdate():%Y%m%d}.csv"'},
    )


@require_safe
@member_required
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """shipping:detail."""
    shipment = queries.access_shipment(request.dropshipper, pk)
    if not sees_customers(request):
        veil.veil(shipment)
    events = list(shipment.events.exclude(axis="paper").order_by("-id")[:MOST_EVENTS])
    # The last time that each was reached; where it stayed, only the amount became another.
    steps = [event for event in reversed(events) if event.axis == "cash" and event.from_value != event.to_value]
    cash_at = {event.to_value: event.at for event in steps}
    return render(request, "shipping/detail.html", {"shipment": shipment, "events": events, "cash_at": cash_at})
