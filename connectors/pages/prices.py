"""A shop's price rules: the list, one rule with its effect before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required
from connectors import queries, tasks
from connectors.listings import publish_queries, selling
from connectors.listings.prices import drift, formula, levels
from connectors.listings.prices import rules as price_rules
from connectors.models import PriceRule, Shop
from connectors.pages.inbox import may_order
from connectors.pages.price_form import PriceDriftForm, RuleForm
from connectors.platforms import platform as platform_of
from core.errors import DomainError


@require_safe
@member_required
def prices(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:prices: the shop's rules, the usual one first."""
    shop = queries.access_shop(request.dropshipper, pk)
    rules = list(publish_queries.rules_with_use(shop))
    context = {
        "shop": shop,
        "api": platform_of(shop.platform),
        "rules": rules or price_rules.rules_of(shop),
        "behind": levels.count_behind(shop),
        "refusal": selling.refusal(shop.facts),
        "form": PriceDriftForm(initial={"drift": shop.price_drift}),
        "asked": drift.asked(shop).count(),
        "may_order": may_order(request) and shop.state != Shop.State.GONE,
    }
    return render(request, "connectors/prices.html", context)


@require_POST
@role_required("orders")
def price_drift_choice(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:price_drift: what becomes of a price that somebody changes in the shop."""
    shop = queries.access_shop(request.dropshipper, pk)
    form = PriceDriftForm(request.POST)
    if form.is_valid():
        drift.choose(shop, form.cleaned_data["drift"], by=request.user.pk)
        transaction.on_commit(tasks.nudge_news)
        messages.success(request, _("Saved."))
    return redirect("connectors:prices", shop.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def price_rule(request: PortalRequest, pk: int, rule: int | None = None) -> HttpResponse:
    """connectors:price_rule and connectors:price_rule_new. For htmx, and with `do=look`, only shows what the rule
    would do; nothing is kept before *Save*."""
    shop = queries.access_shop(request.dropshipper, pk)
    if rule is None:
        found = PriceRule(shop=shop, is_default=not shop.price_rules.exists())
    else:
        found = publish_queries.access_rule(shop, rule)
    name, was_default = found.name, found.is_default
    form = RuleForm(request.POST if request.method == "POST" else None, instance=found, shop=shop)
    right = not form.is_bound or form.is_valid()
    looking = bool(request.htmx) or request.POST.get("do") == "look"
    if request.method == "POST" and right and not looking:
        if was_default and not found.is_default:
            found.is_default = found.category_id is None  # another one must take its place first
        price_rules.save(found, by=request.user.pk)
        transaction.on_commit(tasks.nudge_news)
        refusal = selling.refusal(shop.facts)
        if refusal:
            messages.warning(request, _("The rule is saved, but no price goes out: %(why)s") % {"why": refusal})
        else:
            messages.success(request, _("The rule is saved: the prices go to the shop now."))
        return redirect("connectors:prices", shop.pk)
    context = {
        "shop": shop,
        "api": platform_of(shop.platform),
        "form": form,
        "rule": found if rule else None,
        "rule_name": name,
        **(_effect(shop, found) if right else {}),
    }
    if request.htmx:
        return render(request, "connectors/_price_effect.html", context)
    return render(request, "connectors/price_rule.html", context, status=200 if right else 422)


def _effect(shop: Shop, rule: PriceRule) -> dict[str, Any]:
    reckon = price_rules.as_rule(rule)
    variants = publish_queries.examples(shop, rule.category_id)
    return {
        "examples": [(row, formula.price(reckon, price_rules.cost_of(row))) for row in variants],
        "effect": levels.effect(shop, rule),
    }


@require_POST
@role_required("orders")
def price_rule_delete(request: PortalRequest, pk: int, rule: int) -> HttpResponse:
    """connectors:price_rule_delete."""
    shop = queries.access_shop(request.dropshipper, pk)
    try:
        price_rules.delete(publish_queries.access_rule(shop, rule), by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        transaction.on_commit(tasks.nudge_news)
        messages.success(request, _("The rule is deleted: its products follow the others."))
    return redirect("connectors:prices", shop.pk)
