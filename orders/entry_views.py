"""The entry form of the Dropshipping Shop: new and edit, with the figures of `plan.preview` live beside it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PortalRequest, role_required
from catalog.queries import code_key, find_skus
from core.address import check_place, places_for_postcode
from core.errors import DomainError
from orders import amend, dispatch, figures, intake, plan, queries, typed
from orders.entry import create_once
from orders.errors import SentBefore, StaleEdit
from orders.forms import MAX_LINES, OrderForm
from orders.models import DispatchItem, Order
from orders.problems import is_settled_by_edit

STRICT = ("send", "sync", "again")  # it leaves the form as an order: what a parcel needs must be there
SAVING = (*STRICT, "draft")
typed.ADDRESS = ("name", "street", "postcode", "city", "province", "country", "company", "street2", "phone", "email")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def new(request: PortalRequest) -> HttpResponse:
    """orders:new."""
    if request.method == "POST":
        return _posted(request, None)
    last = Order.objects.filter(dropshipper=request.dropshipper, method__active=True).order_by("-pk")
    initial = {"key": uuid.uuid4(), "method": last.values_list("method_id", flat=True).first()}
    rows = [{"sku": sku[:100], "quantity": 1} for sku in request.GET.getlist("sku")[:MAX_LINES]]
    return _show(request, OrderForm(initial=initial, strict=True), typed.formset(rows or [{"quantity": 1}]), None)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:edit: an open order; one that was sent shows its page instead."""
    order = queries.for_detail(queries.access_order(request.dropshipper, pk))
    request.menu = order.source
    if not order.is_open:
        messages.info(request, _("Order %(number)s can no longer be changed.") % {"number": order.number})
        return redirect("orders:detail", order.pk)
    if request.method == "POST":
        return _posted(request, order)
    initial = {name: getattr(order, name) for name in typed.ADDRESS}
    initial |= {"key": uuid.uuid4(), "version": order.version, "note": order.note, "sale_total": order.sale_total}
    collect = order.to_collect if order.to_collect != order.sale_total else None
    initial |= {"payment": order.payment, "to_collect": collect, "method": order.method_id}
    rows = [{"row": line.pk, "sku": typed.shown_sku(line), "quantity": line.quantity} for line in typed.own(order)]
    form = OrderForm(initial=initial, order=order, strict=True)
    return _show(request, form, typed.formset(rows or [{"quantity": 1}]), order)


@require_POST
@role_required("orders")
def preview(request: PortalRequest) -> HttpResponse:
    """orders:preview: the live figures of what is being typed; writes nothing."""
    post, rows = typed.read(request.POST)
    asked = request.GET.get("order", "")
    order = None
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        order = queries.for_detail(queries.access_order(request.dropshipper, int(asked)))
    form = OrderForm(post, order=order, strict=False)
    context = live(request, form, typed.formset(rows, post), order) | {"oob": True}
    return render(request, "orders/_live.html", context)


def _posted(request: PortalRequest, order: Order | None) -> HttpResponse:
    post, rows = typed.read(request.POST)
    do, _dash, what = post.get("do", "recalculate").partition(":")
    if do == "add":
        rows.append({"quantity": "1"})
    elif do == "remove" and what.isascii() and what.isdigit() and int(what) < len(rows):
        del rows[int(what)]
    elif do == "use" and what.count("|") in (2, 3):
        post["postcode"], post["city"], post["province"], *country = what.split("|")
        post["country"] = country[0] if country else "IT"
    if do in SAVING:
        rows = [row for row in rows if str(row["sku"]).strip()] or [{"sku": "", "quantity": "1"}]
    form = OrderForm(post, order=order, strict=do in STRICT)
    lines = typed.formset(rows or [{"quantity": "1"}], post)
    if do not in SAVING:
        form.is_valid()
        form.errors.clear()  # nothing is being sent: what is missing is not wrong yet
        return _show(request, form, lines, order)
    valid = form.is_valid() & lines.is_valid()
    if do in STRICT:
        valid &= typed.articles_are_known(form, lines, order)
    if not valid:
        return _show(request, form, lines, order, status=422)
    try:
        saved = _save(request, form, lines, order, draft=do == "draft")
    except DomainError as error:
        if isinstance(error, StaleEdit) and order is not None:
            form.data["version"] = str(order.version)  # type: ignore[index]
        if isinstance(error, SentBefore):
            form.data["key"] = str(uuid.uuid4())  # type: ignore[index]
        form.add_error(None, str(error))
        return _show(request, form, lines, order, status=422, stale=isinstance(error, StaleEdit))
    return _after(request, saved, do, form.cleaned_data["key"])


def _after(request: PortalRequest, saved: Order, do: str, key: uuid.UUID) -> HttpResponse:
    if do == "sync":
        seen = figures.brought(request.POST.get("seen", ""))
        item = dispatch.dispatch_now(
            saved.pk, dropshipper_id=request.dropshipper.pk, key=key, by=request.user.pk, seen=seen
        )
        words = f"{saved.number}: {dispatch.outcome_sentence(item)}"
        if item.result == DispatchItem.Result.REFUSED:
            safe = _("The order is saved and nothing was charged.")
            messages.error(request, f"{words} {safe}")
        else:
            messages.success(request, words)
    elif do == "draft":
        messages.success(request, _("Draft %(number)s saved.") % {"number": saved.number})
    else:
        messages.success(request, _("Order %(number)s saved.") % {"number": saved.number})
    return redirect("orders:new") if do == "again" else redirect("orders:detail", saved.pk)


def _save(request: PortalRequest, form: OrderForm, lines: typed.Lines, order: Order | None, *, draft: bool) -> Order:
    data, cleaned = typed.order_data(form, lines, order), form.cleaned_data
    method_id = queries.method_on_offer(cleaned.get("method"))
    if order is None:
        return create_once(
            data,
            key=cleaned["key"],
            dropshipper_id=request.dropshipper.pk,
            by=request.user.pk,
            draft=draft,
            method_id=method_id,
        )
    return amend.edit(
        order.pk,
        data,
        version=cleaned.get("version") or 0,
        by=request.user.pk,
        method_id=method_id,
        draft=draft and order.state == Order.State.DRAFT,
    )


def live(request: PortalRequest, form: OrderForm, lines: typed.Lines, order: Order | None) -> dict[str, Any]:
    """The context of orders/_live.html: figures, articles and doubts about the place, from what is typed so far."""
    if form.is_bound:
        form.is_valid()
        lines.is_valid()
        data = typed.order_data(form, lines, order)
    else:
        data = typed.data_of(order) if order else intake.OrderData(typed.address_of({}), [], Order.Payment.PREPAID)
    method_id = form.cleaned_data.get("method") if form.is_bound else form.initial.get("method")
    # The preview looks articles up by our SKU: a line that was tied by hand carries the shop's own.
    read = [typed.typed(line) for line in lines]
    shown = [intake.LineData(sku, "", quantity) for sku, quantity in read if sku]
    figures = plan.preview(
        intake.OrderData(
            data.address,
            shown,
            data.payment,
            currency=data.currency,
            sale_total=data.sale_total,
            to_collect=data.to_collect,
        ),
        method_id=method_id,
        dropshipper_id=request.dropshipper.pk,
    )
    variants = find_skus(sku for sku, _quantity in read)
    prefetch_related_objects(list(variants.values()), "product__images")
    postcode = data.address.postcode if data.address.country == "IT" else ""
    return {
        "form": form,
        "lines": lines,
        "articles": [
            typed.Line(line, variants.get(code_key(sku)), bool(sku) and code_key(sku) not in variants)
            for line, (sku, _quantity) in zip(lines, read, strict=True)
        ],
        "preview": figures,
        "figures": figures.price,
        "quotes": [(quote, figures.prices.get(quote.method_id)) for quote in figures.quotes],
        "method_id": method_id,
        "is_cod": data.payment == Order.Payment.COD,
        "doubts": check_place(data.address) if data.address.postcode or data.address.city else [],
        "places": places_for_postcode(postcode),
        "order": order,
    }


def _show(
    request: PortalRequest,
    form: OrderForm,
    lines: typed.Lines,
    order: Order | None,
    *,
    status: int = 200,
    stale: bool = False,
) -> HttpResponse:
    context = live(request, form, lines, order) | {
        "stale": stale,
        "settles": [row for row in order.problems.all() if is_settled_by_edit(row)] if order else [],
        "empty_article": typed.Line(lines.empty_form, None, False),
        "line_errors": [(field, error) for line in lines for field in line for error in field.errors]
        if lines.is_bound and status == 422
        else [],
        "list_errors": lines.non_form_errors() if lines.is_bound and status == 422 else [],
    }
    return render(request, "orders/entry.html", context, status=status)
