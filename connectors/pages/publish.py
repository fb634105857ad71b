"""Products into a shop: what would happen, then the run."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required
from connectors import queries, tasks
from connectors.listings import publish_queries, publishing, selling
from connectors.listings.prices import rules as price_rules
from connectors.models import PriceRule, Shop
from connectors.pages import export
from connectors.pages.inbox import key_of, may_order
from connectors.platforms import platform as platform_of
from core.errors import DomainError
from core.requests import STOP_POLLING
from orders.pages.list import csv_answer

SHOWN = 100


def _chosen(request: PortalRequest) -> list[int]:
    """The products that the page is about: those ticked, a category's, or those that a run did not bring in."""
    if "run" in request.GET:
        run = publish_queries.access_publish_run(request.dropshipper, key_of(request.GET["run"]))
        found = publish_queries.items(run, "refused", "stopped").order_by("position")
        return list(found.values_list("product_id", flat=True))
    if request.GET.get("category"):
        return publish_queries.ids_of_category(request.GET["category"])
    return publish_queries.numbers(request.GET.getlist("product"))[: publishing.LIMIT]


def _shop(request: PortalRequest, shops: list[Shop]) -> Shop | None:
    """The shop that the address names, else the first: of the reseller's own."""
    wanted = publish_queries.numbers(request.GET.getlist("shop"))
    return next((shop for shop in shops if shop.pk in wanted), shops[0] if shops else None)


def _rule(rules: list[PriceRule], texts: list[str]) -> PriceRule | None:
    """None: each product by its category."""
    wanted = publish_queries.numbers(texts)
    return next((rule for rule in rules if rule.pk in wanted), None)


@require_safe
@role_required("orders")
def publish(request: PortalRequest) -> HttpResponse:
    """connectors:publish: into which shop, at which price, and what it would do. Changes nothing."""
    ids, shops = _chosen(request), queries.shops(request.dropshipper)
    shop = _shop(request, shops)
    context: dict[str, Any] = {
        "shops": shops,
        "shop": shop,
        "count": len(ids),
        "limit": publishing.LIMIT,
        "shown": SHOWN,
        "key": uuid.uuid4(),
        "own": request.GET.get("own") == "on",
    }
    if shop is not None:
        rules = price_rules.rules_of(shop)
        rule = _rule(rules, request.GET.getlist("rule"))
        plan = publishing.plan(shop, ids, rule=rule, own_prices=context["own"])
        context |= {
            "api": platform_of(shop.platform),
            "rules": [row for row in rules if row.pk],
            "default_rule": next(row for row in rules if row.is_default),
            "rule": rule,
            "plan": plan,
            "own_left": sum(row.kind == "own" for row in plan.left),
            "active": publish_queries.active_publish_run(shop),
            "refusal": selling.refusal(shop.facts),
        }
    return render(request, "connectors/publish.html", context)


@require_POST
@role_required("orders")
def publish_start(request: PortalRequest) -> HttpResponse:
    """connectors:publish_start: books the run; a worker does it. While one is under way for the shop, that is shown."""
    pk = publish_queries.numbers(request.POST.getlist("shop"))
    shop = queries.access_shop(request.dropshipper, pk[0] if pk else 0)
    rule = _rule(list(shop.price_rules.all()), request.POST.getlist("rule"))
    return begin(
        request,
        shop,
        publish_queries.numbers(request.POST.getlist("product")),
        rule_id=rule.pk if rule else None,
        own_prices=request.POST.get("own") == "on",
    )


def begin(request: PortalRequest, shop: Shop, ids: list[int], **how: Any) -> HttpResponse:
    """A run by a click, and its page."""
    key = key_of(request.POST.get("key", ""))
    try:
        run = publishing.start(shop, ids, key=key, by=request.user.pk, **how)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("connectors:listings", shop.pk)
    if run.key != key:
        messages.info(request, _("This shop is being worked on already: here is how far it is."))
    transaction.on_commit(tasks.nudge_publish)
    return redirect("connectors:publish_run", run.key)


@require_safe
@member_required
def publish_run(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """connectors:publish_run: for htmx its panel, with 286 once there is nothing more to come."""
    found = publish_queries.access_publish_run(request.dropshipper, key)
    context = publish_queries.panel(found) | {"may_order": may_order(request)}
    if request.htmx:
        context["oob_status"] = found.is_over or context["progress"].done % 5 == 0
        status = STOP_POLLING if found.is_over else 200
        return render(request, "connectors/_publish_panel.html", context, status=status)
    context["api"] = platform_of(found.shop.platform)
    return render(request, "connectors/publish_run.html", context)


@require_POST
@role_required("orders")
def publish_stop(request: PortalRequest, key: uuid.UUID) -> HttpResponse:
    """connectors:publish_stop."""
    found = publish_queries.access_publish_run(request.dropshipper, key)
    publishing.stop(found)
    transaction.on_commit(tasks.nudge_publish)
    messages.info(request, _("Stopping: what is in the shop stays there."))
    return redirect("connectors:publish_run", found.key)


@require_safe
@member_required
def publish_export(request: PortalRequest, key: uuid.UUID) -> HttpResponseBase:
    """connectors:publish_export: each product's result as CSV."""
    found = publish_queries.access_publish_run(request.dropshipper, key)
    return csv_answer(export.results(found), f"mci-publish-{found.created_at:%Y%m%d-%H%M}.csv")
