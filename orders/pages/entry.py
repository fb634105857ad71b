"""The entry form of the Dropshipping Shop: new and edit, with the figures of `plan.preview` live beside it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PortalRequest, role_required
from accounts.kept import forms
from core.errors import DomainError
from core.requests import whole_number
from orders import queries
from orders.dispatch import figures, runs
from orders.entry import half_typed, marketplaces, recipients, typed
from orders.entry.forms import MAX_LINES, OrderForm
from orders.entry.live import live
from orders.errors import SentBefore, StaleEdit
from orders.intake import editing
from orders.intake.idempotency import create_once
from orders.models import DispatchItem, HalfTyped, Order
from orders.pages import entry_pasted
from orders.pages import half_typed as half_typed_page
from orders.pages.entry_search import articles_like
from orders.problems import is_settled_by_edit

STRICT = ("send", "sync", "again")  # it leaves the form as an order: what a parcel needs must be there
SAVING = (*STRICT, "draft")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def new(request: PortalRequest) -> HttpResponse:
    """orders:new."""
    if request.method == "POST":
        return _posted(request, None)
    initial: dict[str, Any] = {"key": uuid.uuid4()}
    rows = [{"sku": sku[:100], "quantity": 1} for sku in request.GET.getlist("sku")[:MAX_LINES]]
    return _open(request, initial, rows, None)


def _open(
    request: PortalRequest, initial: dict[str, Any], rows: list[dict[str, Any]], order: Order | None
) -> HttpResponse:
    """The form for the first time: with what was half typed where that is asked for (`?half`), else with its offer."""
    half, gone = half_typed.both(half_typed_page.place_of(request, order))
    offer: dict[str, Any] = {"revision": 0, "gone": half_typed.told(gone, order)}
    kept_form = forms.of_page(request)
    if kept_form is not None:
        return _interrupted(request, kept_form, order, half)
    if half is not None and "half" in request.GET:
        offer |= {"revision": half.revision, "resumed": half_typed.told(half, order)}
        post, said = half_typed_page.post_of(half)
        form = OrderForm(post, order=order)
        form.is_valid()
        form.errors.clear()  # as it was left: what is missing is not wrong yet
        return _show(request, form, typed.formset(said or [{"quantity": "1"}], post), order, more=offer)
    offer["half"] = half_typed.told(half, order)
    form = OrderForm(initial=initial, order=order, strict=True)
    return _show(request, form, typed.formset(rows or [{"quantity": 1}]), order, more=offer)


def _interrupted(
    request: PortalRequest, fields: forms.Fields, order: Order | None, half: HalfTyped | None
) -> HttpResponse:
    """The form as it was sent when the session was over: all its rows, and its key, so that it is one order also if it
    had arrived before."""
    said = QueryDict(mutable=True)
    for name, text in fields:
        said.appendlist(name, text)
    post, rows = typed.read(said)
    offer: dict[str, Any] = {"revision": half_typed_page.revision_of(post)}
    if half is not None and half.key != typed.key_of(post.get("key", "")):
        offer["half"] = half_typed.told(half, order)
    form = OrderForm(post, order=order)
    form.is_valid()
    form.errors.clear()
    return _show(request, form, typed.formset(rows or [{"quantity": "1"}], post), order, more=offer)


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
    initial |= {"marketplace": order.source_label, "reference": order.source_number}
    return _open(request, initial, rows, order)


@require_POST
@role_required("orders")
def preview(request: PortalRequest) -> HttpResponse:
    """orders:preview: the live figures of what is being typed; writes nothing."""
    post, rows = typed.read(request.POST)
    order = half_typed_page.asked_order(request)
    if order is not None:
        order = queries.for_detail(order)
    form = OrderForm(post, order=order, strict=False)
    context = live(request, form, typed.formset(rows, post), order) | {"oob": True}
    return render(request, "orders/_live.html", context)


def _posted(request: PortalRequest, order: Order | None) -> HttpResponse:
    post, rows = typed.read(request.POST)
    do, _dash, what = post.get("do", "recalculate").partition(":")
    if do == "add":
        rows.append({"quantity": "1"})
    elif do == "remove" and (row := whole_number(what)) is not None and row < len(rows):
        del rows[row]
    elif do == "use" and what.count("|") in (2, 3):
        post["postcode"], post["city"], post["province"], *country = what.split("|")
        post["country"] = country[0] if country else "IT"
    if do in SAVING:
        rows = [row for row in rows if str(row["sku"]).strip()] or [{"sku": "", "quantity": "1"}]
    found = _asked(request, do, what, post, rows)
    form = OrderForm(post, order=order, strict=do in STRICT)
    lines = typed.formset(rows or [{"quantity": "1"}], post)
    if do not in SAVING:
        form.is_valid()
        for name in set(form.errors) - {"pasted", "whole"}:  # nothing is being sent: what is missing is not wrong yet
            del form.errors[name]
        return _show(request, form, lines, order, more=found | _kept(request, post, rows, order))
    valid = form.is_valid() & lines.is_valid()
    if do in STRICT:
        valid &= typed.articles_are_known(form, lines, order)
    if not valid:
        return _show(request, form, lines, order, status=422, more=_kept(request, post, rows, order))
    try:
        saved = _save(request, form, lines, order, draft=do == "draft")
    except DomainError as error:
        if isinstance(error, StaleEdit) and order is not None:
            form.data["version"] = str(order.version)  # type: ignore[index]
        if isinstance(error, SentBefore):
            form.data["key"] = str(uuid.uuid4())  # type: ignore[index]
        form.add_error(None, str(error))
        still = _kept(request, form.data, rows, order)  # type: ignore[arg-type]
        return _show(request, form, lines, order, status=422, stale=isinstance(error, StaleEdit), more=still)
    half_typed.sent(half_typed_page.place_of(request, order), key=form.cleaned_data["key"])
    return _after(request, saved, do, form.cleaned_data["key"])


def _asked(request: PortalRequest, do: str, what: str, post: QueryDict, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a button of the form without JavaScript looks for or puts in: articles by name, a customer of before."""
    tenant = request.dropshipper.pk
    if do == "find":
        text = post.get("find", "").strip()
        return {"found": articles_like(text), "found_for": text}
    if do == "pick" and what:
        rows[:] = [row for row in rows if str(row["sku"]).strip()]
        rows.append({"sku": what[:100], "quantity": "1"})
        post["find"] = ""
    elif do == "customers":
        by_name = recipients.like(tenant, name=post.get("name", ""))
        return {"known": by_name or recipients.like(tenant, phone=post.get("phone", "")), "known_asked": True}
    elif do in ("read", "take"):
        return entry_pasted.asked(do, what, post, rows)
    elif do == "customer" and (customer := whole_number(what)) is not None:
        known = recipients.one(tenant, customer)
        for name in recipients.FIELDS if known else ():
            post[name] = getattr(known.order, name)  # type: ignore[union-attr]
    return {}


def _kept(request: PortalRequest, post: QueryDict, rows: list[dict[str, Any]], order: Order | None) -> dict[str, Any]:
    """Keeps what a round trip brought, for those without JavaScript; says so where another window's is kept."""
    kept_now = half_typed_page.keep_typed(request, order, said=(post, rows))
    if kept_now.outcome == "other":
        return {"revision": 0, "other": half_typed.told(kept_now.row, order)}
    return {"revision": kept_now.row.revision if kept_now.row else 0}


def _after(request: PortalRequest, saved: Order, do: str, key: uuid.UUID) -> HttpResponse:
    if do == "sync":
        seen = figures.brought(request.POST.get("seen", ""))
        item = runs.dispatch_now(
            saved.pk, dropshipper_id=request.dropshipper.pk, key=key, by=request.user.pk, seen=seen
        )
        words = f"{saved.number}: {runs.outcome_sentence(item)}"
        if item.result == DispatchItem.Result.REFUSED:
            safe = _("The order is saved and nothing was charged.")
            messages.error(request, f"{words} {safe}")
        else:
            messages.success(request, words)
    elif do == "draft":
        messages.success(request, _("Draft %(number)s saved.") % {"number": saved.number})
    else:
        messages.success(request, _("Order %(number)s saved.") % {"number": saved.number})
    if twin := marketplaces.typed_before(
        saved.dropshipper_id, marketplace=saved.source_label, reference=saved.source_number, but=saved.pk
    ):
        words = _("%(reference)s was typed before, in %(number)s: is it the same order?")
        messages.warning(request, words % {"reference": saved.source_number, "number": twin.number})
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
    return editing.edit(
        order.pk,
        data,
        version=cleaned.get("version") or 0,
        by=request.user.pk,
        method_id=method_id,
        draft=draft and order.state == Order.State.DRAFT,
    )


def _show(
    request: PortalRequest,
    form: OrderForm,
    lines: typed.Lines,
    order: Order | None,
    *,
    status: int = 200,
    stale: bool = False,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    context = live(request, form, lines, order) | {
        **(more or {}),
        "stale": stale,
        "marketplaces": marketplaces.KNOWN,
        "settles": [row for row in order.problems.all() if is_settled_by_edit(row)] if order else [],
        "empty_article": typed.Line(lines.empty_form, None, False),
        "line_errors": [(field, error) for line in lines for field in line for error in field.errors]
        if lines.is_bound and status == 422
        else [],
        "list_errors": lines.non_form_errors() if lines.is_bound and status == 422 else [],
    }
    return render(request, "orders/entry.html", context, status=status)
