"""The end of the day: what each courier takes over, closed once, on paper for the driver. By scanner: the courier's
code opens its day, the same code once more closes it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import StaffRequest, permission_required
from core.errors import DomainError
from orders.pages import scanning
from orders.warehouse import manifests as acts
from shipping.models import Courier

SHOWN = 200


@require_safe
@permission_required("orders.see_desk")
def manifests(request: StaffRequest) -> HttpResponse:
    """orders:manifests."""
    context = {
        "days": acts.today(),
        "lately": acts.lately()[:60],
        "said": scanning.said(request),
        "may": request.user.has_perm("orders.ship_parcel"),
    }
    return render(request, "orders/manifests.html", context)


@require_POST
@permission_required("orders.ship_parcel")
def manifest_scan(request: StaffRequest) -> HttpResponse:
    """orders:manifest_scan: a courier's code."""
    text = scanning.scanned(request)
    courier = Courier.objects.filter(code__iexact=text).first()
    if courier is None:
        scanning.say(request, _("No courier is called “%(text)s”.") % {"text": text}, good=False)
        return redirect("orders:manifests")
    return redirect("orders:manifest_day", courier.code)


@require_safe
@permission_required("orders.see_desk")
def manifest_day(request: StaffRequest, code: str) -> HttpResponse:
    """orders:manifest_day: what would be on the courier's manifest now, and what cannot leave."""
    courier = get_object_or_404(Courier, code=code)
    day = next((one for one in acts.today() if one.courier.pk == courier.pk), None)
    context = {
        "courier": courier,
        "day": day,
        "ready": acts.to_hand_over(courier.pk)[:SHOWN],
        "packed": acts.without_number(courier.pk)[:SHOWN],
        "said": scanning.said(request),
        "may": request.user.has_perm("orders.ship_parcel"),
    }
    return render(request, "orders/manifest_day.html", context)


@require_POST
@permission_required("orders.ship_parcel")
def manifest_close(request: StaffRequest, code: str) -> HttpResponse:
    """orders:manifest_close: closes the day. With a scan only the courier's own code does."""
    courier = get_object_or_404(Courier, code=code)
    text = scanning.scanned(request)
    if "scan" in request.POST and text.casefold() != courier.code.casefold():
        words = _("Scan %(code)s again to close the day.") % {"code": courier.code}
        scanning.say(request, words, good=False)
        return redirect("orders:manifest_day", courier.code)
    try:
        made = acts.close(courier.pk, by=request.user.pk)
    except DomainError as error:
        messages.warning(request, str(error))
        return redirect("orders:manifest_day", courier.code)
    scanning.say(request, _("%(number)s is closed: print it for the driver.") % {"number": made.number})
    return redirect("orders:manifest", made.pk)


@require_safe
@permission_required("orders.see_desk")
def manifest(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:manifest: a closed one."""
    found = acts.access(pk)
    rows = acts.rows_of(found)
    context = {
        "manifest": found,
        "rows": rows,
        "stayed": sum(row.stayed for row in rows),
        "said": scanning.said(request),
        "may": request.user.has_perm("orders.ship_parcel"),
    }
    return render(request, "orders/manifest.html", context)


@require_safe
@permission_required("orders.ship_parcel")
def manifest_file(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:manifest_file: the paper that the driver signs."""
    found = acts.access(pk)
    headers = {"Content-Disposition": f'inline; filename="{found.number}.pdf"'}
    return HttpResponse(acts.paper(found), content_type="application/pdf", headers=headers)
