"""A shop's products that are ours, and who keeps their stock."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PortalRequest, member_required, role_required
from connectors import listings as acts
from connectors import queries, stock_levels, tasks
from connectors.forms import StockForm
from connectors.models import Shop
from connectors.platforms import platform as platform_of
from connectors.views import may_order
from core.errors import DomainError
from core.pagination import keyset_page


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def listings(request: PortalRequest, pk: int) -> HttpResponseBase:
    """connectors:listings. POST: the merchant's word on the stock."""
    shop = queries.access_shop(request.dropshipper, pk)
    if request.method == "POST":
        return _keep_stock(request, shop)
    return _page(request, shop, StockForm(initial={"on": shop.stock_on, "buffer": shop.stock_buffer}))


def _page(request: PortalRequest, shop: Shop, form: StockForm, status: int = 200) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = {
        "shop": shop,
        "api": platform_of(shop.platform),
        "form": form,
        "q": text,
        "page": keyset_page(queries.listings(shop, text), by=("sku", "id"), cursor=request.GET.get("cursor"), size=50),
        "how_many": shop.listings.count(),
        "behind": stock_levels.count_behind(shop),
        "refused": shop.listings.exclude(error="").count(),
        "may_order": may_order(request) and shop.state != Shop.State.GONE,
    }
    return render(request, "connectors/listings.html", context, status=status)


@role_required("orders")
def _keep_stock(request: PortalRequest, shop: Shop) -> HttpResponse:
    form = StockForm(request.POST)
    if not form.is_valid():
        return _page(request, shop, form, 422)
    on = form.cleaned_data["on"]
    acts.keep_stock(shop, on=on, buffer=form.cleaned_data["buffer"], by=request.user.pk)
    transaction.on_commit(tasks.nudge_stock)
    messages.success(
        request,
        _("From now on the shop shows the stock of the warehouse.")
        if on
        else _("The stock is yours again: the shop keeps the figures that it has."),
    )
    return redirect("connectors:listings", shop.pk)


@require_POST
@role_required("orders")
def compare(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:compare: reads the shop's products now."""
    shop = queries.access_shop(request.dropshipper, pk)
    try:
        found = acts.compare(shop)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            ngettext(
                "%(seen)s product read, %(ours)s of ours.", "%(seen)s products read, %(ours)s of ours.", found.seen
            )
            % {"seen": found.seen, "ours": found.ours},
        )
        transaction.on_commit(tasks.nudge_news)
    return redirect("connectors:listings", shop.pk)
