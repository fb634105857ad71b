"""The daily proofs of a shop, as a record that the reseller can open."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required
from connectors import queries
from connectors.models import Shop, ShopAsk
from connectors.pages import asked
from connectors.pages.inbox import may_order
from connectors.platforms import platform as platform_of
from core.pagination import keyset_page


@require_safe
@member_required
def proofs(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:proofs."""
    shop = queries.access_shop(request.dropshipper, pk)
    if request.htmx and request.GET.get("part") == asked.PART:
        return asked.part(request, shop, ShopAsk.What.PROVE)
    context = {
        "asked": asked.shown(shop, ShopAsk.What.PROVE),
        "here": request.path,
        "shop": shop,
        "api": platform_of(shop.platform),
        "page": keyset_page(shop.proofs.all(), by=("-id",), cursor=request.GET.get("cursor"), size=30),
        "may_order": may_order(request) and shop.state == Shop.State.ACTIVE,
    }
    return render(request, "connectors/proofs.html", context)


@require_POST
@role_required("orders")
def prove(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:prove: a worker holds the lists against each other now."""
    shop = queries.access_shop(request.dropshipper, pk)
    if shop.state != Shop.State.ACTIVE:
        messages.error(request, _("The shop is not connected."))
    else:
        asked.book(request, shop, ShopAsk.What.PROVE)
    return redirect("connectors:proofs", shop.pk)
