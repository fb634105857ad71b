"""One row of an inbox: its shipping, its payment, its Sincronizza. For htmx the row comes back as it is now."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PortalRequest, role_required, sees_customers
from connectors import queries
from connectors.intake import figures as inbox_figures
from connectors.intake import gateways, upsert
from connectors.pages.forms import FindForm, PaymentForm, ShippingForm
from connectors.pages.inbox import back, fixes, key_of, may_order
from connectors.platforms import platform as platform_of
from core.errors import DomainError
from core.inbound import redirects
from orders import queries as orders_queries
from orders.dispatch import figures, readiness, runs
from orders.intake import editing
from orders.models import Order
from orders.pages.questions import settle
from orders.pages.run import tell
from orders.problems import CATALOGUE
from orders.questions import conflicts
from shipping.tariffs.quotes import Tariff


@require_POST
@role_required("orders")
def shipping(request: PortalRequest, platform: str, pk: int) -> HttpResponse:
    """connectors:shipping: the shipping of one order."""
    found = queries.access_inbox_order(request.dropshipper, platform, pk)
    form = ShippingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a shipping method."))
    else:
        changed = editing.choose_method(
            [pk], form.cleaned_data["method"].pk, dropshipper_id=request.dropshipper.pk, by=request.user.pk
        )
        found.order.refresh_from_db(fields=["state"])  # type: ignore[union-attr]
        if not changed and not found.order.is_open:  # type: ignore[union-attr]
            messages.error(request, _("This order was already sent or cancelled: its shipping is not changed."))
    return _row(request, platform, pk) if request.htmx else back(request, platform)


@require_POST
@role_required("orders")
def sync_order(request: PortalRequest, platform: str, pk: int) -> HttpResponse:
    """connectors:sync_order: Sincronizza of one order, done when the answer comes. The same form twice is one click."""
    found = queries.access_inbox_order(request.dropshipper, platform, pk)
    number = found.number or str(pk)
    try:
        item = runs.dispatch_now(
            pk,
            dropshipper_id=request.dropshipper.pk,
            key=key_of(request.POST.get("key", "")),
            by=request.user.pk,
            seen=figures.brought(request.POST.get("seen", "")),
            source=platform,
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        tell(request, f"#{number}", item)
    return _row(request, platform, pk) if request.htmx else back(request, platform)


@require_POST
@role_required("orders")
def take_lines(request: PortalRequest, platform: str, pk: int) -> HttpResponse:
    """connectors:take_lines: of the articles that were changed here and in the shop, the shop's; with the links that
    the reseller made since."""
    row = queries.access_inbox_order(request.dropshipper, platform, pk)
    reading = upsert.reread(row)
    if reading is None:
        messages.error(request, _("What the shop wrote is not kept any more: change the articles by hand."))
        return redirect("orders:detail", pk)
    data = upsert.data_of(row.shop, reading)
    return settle(
        request,
        pk,
        lambda: conflicts.take_lines(pk, data.lines, by=request.user.pk, seen=request.POST.get("seen", "")),
        _("The shop's word was taken."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def payment(request: PortalRequest, platform: str, pk: int) -> HttpResponse:
    """connectors:payment: what the shop says of the payment, and what the reseller decides; a page, for htmx a sheet
    over the inbox."""
    row = queries.access_inbox_order(request.dropshipper, platform, pk)
    order = row.order
    assert order is not None
    reading = upsert.reread(row)
    learns = reading if reading is not None and reading.rule_applies else None
    gateway, title = (learns.gateway, learns.gateway_title) if learns else ("", "")
    method, tag = gateways.subject_of(learns) if learns else ("", "")
    form = PaymentForm(
        request.POST if request.method == "POST" else None,
        gateway=method,
        tag=tag,
        initial={"kind": order.payment},
    )
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["kind"]
        try:
            editing.decide_payment(pk, kind, by=request.user.pk)
            changed = 0
            asked = bool(form.cleaned_data.get("remember") and gateway)
            # That this one's money has come says nothing of the next one's.
            waits = kind == Order.Payment.PREPAID and learns is not None and learns.payment == Order.Payment.AWAITING
            if asked and waits:
                messages.info(
                    request, _("Not remembered: each order paid in this way waits until its own money has come.")
                )
            elif asked:
                changed = upsert.learn_payment(row.shop, gateway, kind, by=request.user.pk)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _decided(row.number or str(pk), kind, changed))
            return back(request, platform)
    context = {
        "api": platform_of(platform),
        "platform": platform,
        "form": form,
        "row": row,
        "order": order,
        "about": tag or method,
        "title": title,
        "next": redirects.ours(
            request, request.POST.get("next") or request.htmx.current_url_abs_path or request.GET.get("next", "")
        ),
    }
    template = "connectors/_payment_sheet.html" if request.htmx else "connectors/payment.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _decided(number: str, kind: str, changed: int) -> str:
    words = _("Order #%(number)s: %(kind)s.") % {"number": number, "kind": Order.Payment(kind).label}
    if changed:
        words += " " + ngettext("%(n)s more order changed with it.", "%(n)s more orders changed with it.", changed) % {
            "n": changed
        }
    return words


def _row(request: PortalRequest, platform: str, pk: int) -> HttpResponse:
    """The row as it is now with the figures on top, for htmx."""
    mine = queries.find(request.dropshipper, queries.Find(platform, "all")).filter(pk=pk)
    tariff = Tariff.load()
    known = readiness.of(request.dropshipper.pk, tariff)
    rows, sums = inbox_figures.rows_and_sums(
        list(orders_queries.for_rows(mine)),
        known.of_source(platform)[: queries.PRICED_READY],
        known,
        dropshipper_id=request.dropshipper.pk,
        tariff=tariff,
    )
    address = urlsplit(request.htmx.current_url or "")
    filters = FindForm(
        QueryDict(address.query), shops=queries.shops(request.dropshipper, platform), problems=list(CATALOGUE)
    )
    wanted = filters.wanted(platform, contacts=sees_customers(request))
    counts = queries.tab_counts(request.dropshipper, wanted, known)
    context = {
        "api": platform_of(platform),
        "platform": platform,
        "row": rows[0],
        "tab_counts": counts,
        "sums": sums,
        "counts": queries.tab_counts(request.dropshipper, queries.Find(platform), known),
        "fixes": fixes(queries.in_the_way(request.dropshipper, platform)),
        "priced_limit": queries.PRICED_READY,
        "may_order": may_order(request),
        "many_shops": request.POST.get("many") == "1",
        "here": request.htmx.current_url_abs_path or "",
        "oob": True,
    }
    return render(request, "connectors/_row_changed.html", context)
