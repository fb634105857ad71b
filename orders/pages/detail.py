"""An order's page, and the decisions about one order that its buttons take. Each says what it did, or what had been
done before: by another tab, by a colleague, by the shop."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, referring_page, role_required, sees_customers
from core.errors import DomainError
from core.templatetags.mci import euro
from orders import queries
from orders.dispatch import plan, readiness
from orders.entry import typed
from orders.errors import NotEditable
from orders.fulfilment import cancel as cancelling
from orders.intake import editing, idempotency
from orders.models import Order
from orders.pages import detail_page
from orders.pages.list import Row, back, may_order, method_asked
from orders.templatetags.orders_words import list_url
from orders.veil import veil_order, veil_told


@require_safe
@member_required
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:detail."""
    order = queries.for_detail(queries.access_order(request.dropshipper, pk))
    request.menu = order.source
    preview = row = None
    if order.is_open:
        preview = plan.preview(typed.data_of(order), method_id=order.method_id, dropshipper_id=request.dropshipper.pk)
        goes = preview.refusal is None and order.state == Order.State.READY
        goes = goes and order.pk in readiness.of(request.dropshipper.pk).going
        row = Row(order, preview.price, preview.refusal, uuid.uuid4(), goes)
    events = list(order.events.select_related("by").order_by("-id")[:200])
    sees, href = sees_customers(request), _list_of(request, order)
    page = detail_page.page_of(order, preview, may=may_order(request), list_href=href, sees=sees)
    if not sees:
        veil_order(order)
        veil_told(events)
    context = {"order": order, "page": page, "preview": preview, "row": row, "events": events}
    return render(request, "orders/detail.html", context | {"may_order": may_order(request)})


def _list_of(request: PortalRequest, order: Order) -> str:
    """The list that the order was opened from, with its filters and at its row; of any other way here the order's own
    list."""
    home, came = list_url(order.source), referring_page(request).partition("#")[0]
    if came.partition("?")[0] in (home, reverse("orders:list")):
        home = came
    return f"{home}#o{order.pk}"


@require_POST
@role_required("orders")
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:cancel. `was`: what the page showed, open or sent. Cancelled already: it says so and changes nothing."""
    order = queries.access_order(request.dropshipper, pk)
    try:
        found = cancelling.cancel(order.pk, by=request.user.pk, shown_open=request.POST.get("was") == "open")
    except DomainError as error:
        messages.error(request, str(error))
        return back(request, order)
    params = {"number": order.number, "amount": euro(found.given_back)}
    if not found.done:
        messages.info(request, _("Order %(number)s was cancelled already: nothing was done now.") % params)
    elif found.given_back:
        words = _("Order %(number)s is cancelled: %(amount)s, VAT included, are back in the wallet.")
        messages.success(request, words % params)
    else:
        messages.success(request, _("Order %(number)s is cancelled.") % params)
    return back(request, order)


@require_POST
@role_required("orders")
def restore(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:restore: a cancellation is taken back. Open already: it says so."""
    order = queries.access_order(request.dropshipper, pk)
    try:
        done = cancelling.restore(order.pk, by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
        return back(request, order)
    if done:
        messages.success(
            request, _("Order %(number)s is open again: look at it and send it.") % {"number": order.number}
        )
    else:
        messages.info(request, _("Order %(number)s is open already.") % {"number": order.number})
    return back(request, order)


@require_POST
@role_required("orders")
def duplicate(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:duplicate: a draft with the same customer and articles, ready to be changed."""
    order = queries.access_order(request.dropshipper, pk)
    try:
        copy = idempotency.once(
            lambda: editing.duplicate(order.pk, by=request.user.pk),
            key=typed.key_of(request.POST.get("key", "")),
            dropshipper_id=request.dropshipper.pk,
            content=f"copy of {order.pk}",
        )
    except DomainError as error:
        messages.error(request, str(error))
        return back(request, order)
    messages.info(request, _("This is a copy of %(number)s: check it and send it.") % {"number": order.number})
    return redirect("orders:edit", copy.pk)


@require_POST
@role_required("orders")
def payment(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:payment: a person says whether it is prepaid or COD."""
    order = queries.access_order(request.dropshipper, pk)
    kind = request.POST.get("kind", "")
    if kind not in (Order.Payment.PREPAID, Order.Payment.COD):
        messages.error(request, _("Say whether it is prepaid or cash on delivery."))
        return back(request, order)
    try:
        editing.decide_payment(order.pk, kind, by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Payment set: %(kind)s.") % {"kind": Order.Payment(kind).label})
    return back(request, order)


@require_POST
@role_required("orders")
def method(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:method: the shipping of one open order. By that method already: it says so."""
    order = queries.access_order(request.dropshipper, pk)
    method_id = method_asked(request.POST.get("method", ""))
    if not method_id:
        messages.error(request, _("Choose a shipping method."))
        return back(request, order)
    changed = editing.choose_method([order.pk], method_id, dropshipper_id=request.dropshipper.pk, by=request.user.pk)
    order = queries.access_order(request.dropshipper, pk)
    words = {"method": order.method or "–"}
    if changed:
        messages.success(request, _("Shipping: %(method)s.") % words)
    elif order.is_open:
        messages.info(request, _("The shipping was %(method)s already.") % words)
    else:
        messages.error(request, str(NotEditable(number=order.number)))
    return back(request, order)
