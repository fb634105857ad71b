"""Files of orders: the list with its upload, the template, and one import from its check to its orders."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PortalRequest, role_required
from core import sheet
from core.errors import DomainError
from core.pagination import keyset_page
from core.requests import STOP_POLLING
from orders import tasks
from orders.entry import marketplaces
from orders.imports import acts, confirmations, grid, looks, taking
from orders.imports.formats import template
from orders.imports.words import sentence
from orders.models import Import, ImportRow
from orders.pages.forms.imports import ColumnsForm, RowForm, UploadForm
from orders.pages.list import csv_answer


def _place() -> int:
    """Which names our own table has: 1 Italian, 2 English."""
    return 2 if (get_language() or "it").startswith("en") else 1


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def imports(request: PortalRequest) -> HttpResponse:
    """orders:imports: upload, and what was uploaded."""
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        file = request.FILES.get("file")
        if form.is_valid() and isinstance(file, UploadedFile):
            try:
                batch, new = taking.take(
                    file.read(grid.MOST_BYTES + 1),
                    name=str(file.name or ""),
                    marketplace=form.cleaned_data["marketplace"],
                    dropshipper_id=request.dropshipper.pk,
                    by=request.user.pk,
                )
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                if not new:
                    messages.info(request, _("This file was uploaded before: this is what came of it."))
                transaction.on_commit(partial(tasks.nudge_imports))
                return redirect("orders:import_one", batch.key)
        status = 422
    page = keyset_page(taking.imports_of(request.dropshipper.pk), by=("-id",), cursor=request.GET.get("cursor"))
    context = {"form": form, "page": page, "marketplaces": marketplaces.KNOWN}
    return render(request, "orders/imports.html", context, status=status)


@require_safe
@role_required("orders")
def import_template(request: PortalRequest) -> HttpResponseBase:
    """orders:import_template: our own table with an example, in the reader's language."""
    example = {
        "marketplace": "eBay",
        "number": "12-34567-89012",
        "name": "Maria Bianchi",
        "line1": "Via Garibaldi 12",
        "postcode": "10122",
        "city": "Torino",
        "province": "TO",
        "country": "IT",
        "phone": sheet.dialled("+393331234567"),
        "sku": "MCI-0001",
        "quantity": 1,
    }
    head = [column[_place()] for column in template.COLUMNS]
    rows = [[example.get(name, "") for name, _it, _en in template.COLUMNS]]
    return csv_answer(sheet.sheet(head, rows), "mci-ordini.csv" if _place() == 1 else "mci-orders.csv")


@require_safe
@role_required("orders")
def import_one(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """orders:import_one: an import's page; for htmx its panel while a worker is at it, then 286 and the page anew."""
    batch = taking.access_import(request.dropshipper.pk, key)
    figures = looks.figures(batch)
    if request.htmx:
        answer = render(request, "orders/_import_panel.html", _context(batch, figures))
        if not batch.is_working:
            answer.status_code = STOP_POLLING
            answer["HX-Refresh"] = "true"
        return answer
    return _page(request, batch, figures)


def _context(batch: Import, figures: looks.Figures) -> dict[str, Any]:
    trouble = DomainError.sentence(batch.trouble, batch.trouble_params) if batch.trouble else ""
    return {"batch": batch, "figures": figures, "trouble": trouble}


def _page(
    request: PortalRequest, batch: Import, figures: looks.Figures, *, columns: ColumnsForm | None = None, **more: Any
) -> HttpResponse:
    tabs = looks.tabs(figures)
    tab = request.GET.get("tab", "") or (tabs[0][0] if tabs else "")
    page = keyset_page(looks.rows_of(batch, tab), by=("position",), cursor=request.GET.get("cursor"))
    if batch.state == Import.State.MAPPING:
        columns = columns or _columns_form(batch)
        more["sample"] = taking.table_kept(batch).rows[:3]
    context = {
        **_context(batch, figures),
        "tabs": tabs,
        "tab": tab,
        "page": page,
        "rows": [looks.shown(row) for row in page],
        "unknown": looks.unknown_articles(batch) if not batch.is_working else [],
        "remarks": [sentence(code, {}) for code in batch.remarks],
        "columns": columns,
        "marketplaces": marketplaces.KNOWN,
        "back": [] if batch.is_working else confirmations.offered(batch),
        "may_undo": figures.counts.get(ImportRow.State.CREATED, 0) and not acts.sent_of(batch),
        **more,
    }
    return render(request, "orders/import_one.html", context, status=422 if columns and columns.errors else 200)


def _columns_form(batch: Import, data: Any = None) -> ColumnsForm:
    kept = batch.table
    initial = {"marketplace": batch.marketplace}
    return ColumnsForm(data, head=kept.get("head", []), guessed=kept.get("guess", {}), initial=initial)


@require_POST
@role_required("orders")
def import_columns(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """orders:import_columns: what the columns of a file of one's own are."""
    batch = taking.access_import(request.dropshipper.pk, key)
    form = _columns_form(batch, request.POST)
    if form.is_valid():
        try:
            taking.confirm_columns(
                key,
                form.chosen(),
                marketplace=form.cleaned_data["marketplace"],
                dropshipper_id=request.dropshipper.pk,
                by=request.user.pk,
            )
        except DomainError as error:
            if batch.state != Import.State.MAPPING:
                messages.error(request, str(error))
                return redirect("orders:import_one", key)
            form.add_error(None, str(error))
        else:
            transaction.on_commit(partial(tasks.nudge_imports))
            return redirect("orders:import_one", key)
    return _page(request, batch, looks.figures(batch), columns=form)


@require_POST
@role_required("orders")
def import_start(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """orders:import_start: the valid rows become orders. No money moves by it."""
    return _do(request, key, lambda: acts.start(key, by=request.user.pk, dropshipper_id=request.dropshipper.pk))


@require_POST
@role_required("orders")
def import_undo(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """orders:import_undo: its orders are cancelled, while nothing of them was sent."""
    return _do(request, key, lambda: acts.take_back(key, by=request.user.pk, dropshipper_id=request.dropshipper.pk))


@require_POST
@role_required("orders")
def import_link(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """orders:import_link: which article of ours a marketplace's SKU is."""
    sku, ours = request.POST.get("sku", "")[:100], request.POST.get("ours", "")[:100]
    return _do(request, key, lambda: acts.link_article(key, sku=sku, ours=ours, dropshipper_id=request.dropshipper.pk))


def _do(request: PortalRequest, key: uuid.UUID, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        transaction.on_commit(partial(tasks.nudge_imports))
    return redirect("orders:import_one", key)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def import_row(request: PortalRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """orders:import_row: one order of the file, to be mended or accepted."""
    batch = taking.access_import(request.dropshipper.pk, key)
    row = get_object_or_404(batch.rows.select_related("order"), pk=pk)
    if row.state not in acts.OPEN_ROWS or batch.is_working:
        return redirect("orders:import_one", key)
    form = RowForm(request.POST if request.method == "POST" else None, row=row)
    tenant, do = request.dropshipper.pk, request.POST.get("do", "")
    if request.method == "POST" and (do in ("accept", "postcode") or form.is_valid()):
        try:
            if do == "accept":
                row = acts.accept(key, pk, dropshipper_id=tenant)
            elif do == "postcode":
                row = acts.use_postcode(key, pk, dropshipper_id=tenant)
            else:
                row = acts.mend(key, pk, fields=form.said(), pieces=form.pieces(), dropshipper_id=tenant)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("orders:import_one", key)
        if row.state == ImportRow.State.ERROR:
            messages.warning(request, _("Saved, and there is still something to mend."))
            return redirect("orders:import_row", key, pk)
        messages.success(request, _("Row %(line)s is mended.") % {"line": row.line})
        return redirect("orders:import_one", key)
    context = {"batch": batch, "one": looks.shown(row), "form": form}
    return render(request, "orders/import_row.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("orders")
def import_errors(request: PortalRequest, key: uuid.UUID) -> HttpResponseBase:
    """orders:import_errors: what was not imported, as our own table with what is wrong."""
    batch = taking.access_import(request.dropshipper.pk, key)
    return csv_answer(looks.not_imported(batch, place=_place()), f"mci-errori-{batch.pk}.csv")


@require_safe
@role_required("orders")
def import_back(request: PortalRequest, key: uuid.UUID, kind: str) -> HttpResponseBase:
    """orders:import_back: the file that the marketplace takes, of the parcels that have their numbers."""
    batch = taking.access_import(request.dropshipper.pk, key)
    made = confirmations.file_of(batch, kind)
    answer = HttpResponse(made.data, content_type=made.media)
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer
