"""What the payment methods and tags of a shop mean: seen, set and forgotten."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import PortalRequest, role_required
from connectors import queries
from connectors.intake import upsert
from connectors.pages.forms import PaymentRuleForm
from connectors.platforms import platform as platform_of


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("orders")
def payment_rules(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:payment_rules."""
    shop = queries.access_shop(request.dropshipper, pk)
    known = list(shop.payment_rules.select_related("by").order_by("gateway"))
    if request.method == "POST" and "forget" in request.POST:
        changed = upsert.forget_payment(shop, request.POST["forget"].replace("\0", ""), by=request.user.pk)
        messages.success(request, _said(_("Forgotten: the shop's own word counts again."), changed))
        return redirect("connectors:payment_rules", pk)
    form = PaymentRuleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        changed = upsert.learn_payment(shop, data["gateway"], data["kind"], by=request.user.pk)
        messages.success(request, _said(_("Remembered for this shop."), changed))
        return redirect("connectors:payment_rules", pk)
    ruled = {rule.gateway for rule in known}
    seen = [(name, count) for name, count in upsert.methods_seen(shop).items() if name not in ruled]
    context = {"shop": shop, "api": platform_of(shop.platform), "form": form, "rules": known, "seen": seen}
    return render(request, "connectors/payment_rules.html", context, status=422 if form.errors else 200)


def _said(words: str, changed: int) -> str:
    if not changed:
        return words
    more = ngettext("%(n)s open order changed with it.", "%(n)s open orders changed with it.", changed) % {"n": changed}
    return f"{words} {more}"
