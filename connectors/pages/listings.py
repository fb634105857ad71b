"""A shop's products that are ours: what it shows of them, what it should, and who keeps stock and prices."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required
from connectors import queries, tasks
from connectors.listings import compare as acts
from connectors.listings import publish_queries, selling, stock
from connectors.listings.prices import drift, levels
from connectors.models import PublishRun, Shop, ShopAsk
from connectors.pages import asked
from connectors.pages.export import listings as listing_lines
from connectors.pages.forms import StockForm
from connectors.pages.inbox import may_order
from connectors.pages.publish import begin
from connectors.platforms import platform as platform_of
from connectors.shops import limits
from core import strict
from core.errors import DomainError
from core.pagination import keyset_page
from orders.pages.list import csv_answer


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def listings(request: PortalRequest, pk: int) -> HttpResponseBase:
    """connectors:listings. POST: the merchant's word on the stock."""
    shop = queries.access_shop(request.dropshipper, pk)
    if request.method == "POST":
        return _keep_stock(request, shop)
    if request.htmx and request.GET.get("part") == asked.PART:
        return asked.part(request, shop, ShopAsk.What.COMPARE)
    return _page(request, shop, StockForm(initial={"on": shop.stock_on, "buffer": shop.stock_buffer}))


def _page(request: PortalRequest, shop: Shop, form: StockForm, status: int = 200) -> HttpResponse:
    text, shown = strict.text(request.GET.get("q", ""), 100), _shown(request)
    found = publish_queries.listings(shop, text, shown)
    page = keyset_page(found, by=("sku", "id"), cursor=request.GET.get("cursor"), size=50)
    counts = publish_queries.listing_counts(shop)
    behind = stock.count_behind(shop) + levels.count_behind(shop)
    context: dict[str, Any] = {
        "shop": shop,
        "api": platform_of(shop.platform),
        "form": form,
        "q": text,
        "shown": shown,
        "tabs": [(name, label, counts[name]) for name, (label, _q) in publish_queries.SHOWN.items()],
        "page": page,
        "rows": publish_queries.rows(shop, page.rows),
        "how_many": counts["all"],
        "behind": behind,
        "refusal": selling.refusal(shop.facts),
        "key": uuid.uuid4(),
        "active": publish_queries.active_publish_run(shop),
        "rules": list(shop.price_rules.all()),
        "asked": asked.shown(shop, ShopAsk.What.COMPARE),
        "here": request.path,
        "may_order": may_order(request) and shop.state != Shop.State.GONE,
    }
    return render(request, "connectors/listings.html", context, status=status)


def _shown(request: PortalRequest) -> str:
    shown = request.GET.get("show", "all")
    return shown if shown in publish_queries.SHOWN or shown == publish_queries.BEHIND else "all"


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
    """connectors:compare: a worker reads the shop's products now."""
    shop = queries.access_shop(request.dropshipper, pk)
    asked.book(request, shop, ShopAsk.What.COMPARE)
    return redirect("connectors:listings", shop.pk)


@require_POST
@role_required("orders")
def act(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:listings_act: what is done with the ticked products. `do`: off | again | price, with `price` auto (by
    category), mine (the merchant's), or the number of a rule; ours | theirs: the word on a price that was changed in
    the shop."""
    shop = queries.access_shop(request.dropshipper, pk)
    chosen = publish_queries.own_listings(shop, request.POST.getlist("listing"))
    do = request.POST.get("do", "")
    if do == "off":
        ours = chosen.filter(ours=True, off_at=None).order_by("variant__product__name")
        ids = list(dict.fromkeys(ours.values_list("variant__product_id", flat=True)))
        return begin(request, shop, ids, kind=PublishRun.Kind.UNPUBLISH)
    if do == "price":
        said = request.POST.get("price", "")
        on, rule = said != "mine", publish_queries.numbers([said])
        try:
            number = acts.keep_prices(chosen, on=on, rule_id=rule[0] if rule else None, shop=shop)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("connectors:listings", shop.pk)
        words = (
            ngettext("MCI keeps the price of %(n)s product.", "MCI keeps the price of %(n)s products.", number)
            if on
            else ngettext("The price of %(n)s product is yours.", "The price of %(n)s products is yours.", number)
        )
        _say(request, words, number, _("Tick the products that you mean."))
    elif do == "ours":
        number = drift.take_ours(chosen, shop)
        words = ngettext("MCI’s price goes back: %(n)s product.", "MCI’s price goes back: %(n)s products.", number)
        _say(request, words, number, _("This was settled already."))
    elif do == "theirs":
        number = drift.keep_theirs(chosen)
        words = ngettext("The price of %(n)s product is yours.", "The price of %(n)s products is yours.", number)
        _say(request, words, number, _("This was settled already."))
    elif do == "again":
        try:
            limits.tell(shop)
        except DomainError as error:
            messages.warning(request, str(error))
        else:
            acts.try_again(chosen)
            messages.info(request, _("The shop is being told again."))
    transaction.on_commit(tasks.nudge_news)
    return redirect("connectors:listings", shop.pk)


def _say(request: PortalRequest, words: str, number: int, otherwise: str) -> None:
    """What was done, or why nothing was: nothing was ticked, or another tab was faster."""
    if number:
        messages.success(request, words % {"n": number})
    else:
        messages.info(request, otherwise)


@require_safe
@member_required
def export_listings(request: PortalRequest, pk: int) -> HttpResponseBase:
    """connectors:listings_export: the list under its filter as CSV."""
    shop = queries.access_shop(request.dropshipper, pk)
    found = publish_queries.listings(shop, strict.text(request.GET.get("q", ""), 100), _shown(request))
    return csv_answer(listing_lines(shop, found), f"mci-products-{shop.pk}.csv")
