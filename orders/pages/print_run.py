"""Papers at the desk: of one parcel at once, of many by a run that is watched, and its file."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, StaffRequest, member_required, permission_required, sees_customers
from core import strict
from core.errors import DomainError
from core.requests import STOP_POLLING, whole_number
from orders import queries, tasks
from orders.entry import typed
from orders.warehouse import papers, print_runs

LAST = "paper"  # in the session: what this desk printed last; the next form begins with it
CHOICES = [(paper.code, paper.name) for paper in papers.PAPERS.values()]


def form_of(request: StaffRequest) -> dict[str, object]:
    """What the form of a print shows: the papers, the one of last time, a key for the click."""
    return {"papers": CHOICES, "paper": request.session.get(LAST, CHOICES[0][0]), "print_key": uuid.uuid4()}


@require_POST
@permission_required("orders.pack_parcel")
def print_paper(request: StaffRequest, pk: int) -> HttpResponse:
    """orders:print_paper: the file of one parcel's paper. POST, for it is noted and may take a number."""
    order, code = queries.access_any_order(pk), request.POST.get("paper", "")
    try:
        printed = papers.print_one(order.pk, code, by=request.user.pk)
    except DomainError as error:
        messages.error(request, f"{order.number}: {error}")
        return redirect("orders:desk_order", order.pk)
    request.session[LAST] = code
    return _file(printed.data, printed.media, printed.name)


@require_POST
@permission_required("orders.pack_parcel")
def print_many(request: StaffRequest) -> HttpResponse:
    """orders:print_many: books the papers of the marked parcels, or of all of a list; a worker makes them."""
    asked, code = request.POST, request.POST.get("paper", "")
    first = whole_number(asked.get("start", ""), 1) or 1
    try:
        run = print_runs.start(
            _chosen(request),
            code,
            key=typed.key_of(asked.get("key", "")),
            by=request.user.pk,
            first_label=min(first, 4),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:desk")
    request.session[LAST] = code
    transaction.on_commit(partial(tasks.nudge_prints))
    return redirect("orders:print_run", run.key)


def _chosen(request: StaffRequest) -> list[int]:
    asked = request.POST
    if "all" in asked:
        state = asked.get("state", "")
        wanted = queries.DeskFind(
            state=state if state in queries.DESK_STATES else "to_pick",
            courier=strict.text(asked.get("courier", ""), 50),
            text=strict.text(asked.get("q", ""), 100),
        )
        found = queries.desk(wanted).prefetch_related(None).order_by("shipment_id")
        return list(found.values_list("pk", flat=True)[: queries.BULK_LIMIT])
    texts = [text for value in asked.getlist("order") for text in value.split(",")]
    return [pk for text in texts if (pk := whole_number(text)) is not None]


@require_safe
@permission_required("orders.pack_parcel")
def print_run(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """orders:print_run: a run's page; for htmx its panel, with 286 once there is nothing more to come."""
    run = print_runs.access_run(key)
    context = {
        "run": run,
        "progress": print_runs.progress(run),
        "name": papers.paper(run.paper).name,
        "is_pdf": papers.paper(run.paper).media == papers.PDF,
    }
    if request.htmx:
        return render(request, "orders/_print_panel.html", context, status=STOP_POLLING if run.is_over else 200)
    return render(request, "orders/print_run.html", context)


@require_safe
@permission_required("orders.pack_parcel")
def print_file(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """orders:print_file: what the run made; the same bytes each time."""
    run = print_runs.access_run(key)
    if run.file is None:
        raise Http404(_("There is no file (yet)."))
    wanted = papers.paper(run.paper)
    return _file(bytes(run.file), wanted.media, f"{wanted.code}-{run.created_at:%Y%m%d-%H%M}.{wanted.ending}")


@require_safe
@member_required
def transport_document(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:transport_document, for the reseller, who is its buyer: a document that was numbered, as it was printed.
    Not for who is shown no customers, for it says where the goods go."""
    order = queries.access_order(request.dropshipper, pk)
    if not sees_customers(request):
        raise PermissionDenied
    try:
        data = papers.copy_of_transport_document(order.pk)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:detail", order.pk)
    return _file(data, papers.PDF, f"{order.number}-ddt.pdf")


def _file(data: bytes, media: str, name: str) -> HttpResponse:
    """A PDF opens in the browser, where it is printed; what a printer alone reads is saved."""
    way = "inline" if media == papers.PDF else "attachment"
    return HttpResponse(data, content_type=media, headers={"Content-Disposition": f'{way}; filename="{name}"'})
