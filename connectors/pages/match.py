"""The shops' SKUs that are not ours yet: tied once, they free every order that waits for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required
from catalog.articles import find_articles
from catalog.models import Variant
from catalog.queries import code_key, find_skus
from connectors import queries
from connectors.errors import NotMatched
from connectors.matching import single, suggestions
from connectors.pages.forms import MatchForm
from connectors.pages.inbox import may_order
from core.errors import DomainError
from core.pagination import keyset_page

SHOWN = 25  # unknown SKUs on one page; those that most orders wait for come first


@require_safe
@member_required
def match(request: PortalRequest) -> HttpResponse:
    """connectors:match."""
    return _page(request)


def _page(request: PortalRequest, failed: MatchForm | None = None, status: int = 200) -> HttpResponse:
    shops = queries.shops(request.dropshipper)
    unknown = single.unmatched(shops)
    shown = unknown[:SHOWN]
    guesses = suggestions.suggest(shown)
    rows: list[Any] = []
    for entry in shown:
        prefix = f"{entry.shop.pk}"
        form = MatchForm(initial={"subject": entry.subject, "quantity": 1}, auto_id=f"m{len(rows)}_%s")
        if failed is not None and failed.data.get("subject") == entry.subject and failed.data.get("shop") == prefix:
            failed.auto_id = form.auto_id
            form = failed
        rows.append((entry, guesses.get((entry.shop.pk, entry.subject)), form))
    context = {
        "rows": rows,
        "shops": shops,
        "many_shops": len(shops) > 1,
        "left": len(unknown) - len(shown),
        "subjects": len(unknown),
        "waiting": len({pk for entry in unknown for pk in entry.order_ids}),
        "form": failed,
        "page": keyset_page(
            queries.matches(request.dropshipper), by=("-at", "-id"), cursor=request.GET.get("cursor"), size=20
        ),
        "may_order": may_order(request),
    }
    return render(request, "connectors/match.html", context, status=status)


@require_POST
@role_required("orders")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:accept: one subject of one shop is a product of ours, or none."""
    shop = queries.access_shop(request.dropshipper, pk)
    form = MatchForm({**request.POST.dict(), "shop": str(shop.pk)})
    if not form.is_valid():
        return _page(request, form, 422)
    data = form.cleaned_data
    variant: Variant | None = None
    if "not_ours" not in request.POST:
        variant = find_skus([data["sku"]]).get(code_key(data["sku"])) if data["sku"] else None
        if variant is None:
            form.add_error("sku", _("No product of ours has this SKU or EAN.") if data["sku"] else str(NotMatched()))
            return _page(request, form, 422)
    try:
        freed = single.accept(
            shop, data["subject"], variant.pk if variant else None, data["quantity"], by=request.user.pk
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("connectors:match")
    messages.success(request, _told(data["subject"], variant, data["quantity"], freed))
    return redirect("connectors:match")


def _told(subject: str, variant: Variant | None, quantity: int, freed: int) -> str:
    theirs = subject.partition(":")[2]
    if variant is None:
        words = _("%(theirs)s is not ours: it is left out of the orders.") % {"theirs": theirs}
    else:
        words = _("%(theirs)s is %(n)s × %(sku)s.") % {"theirs": theirs, "n": quantity, "sku": variant.sku}
    ready = ngettext("%(n)s order is now ready.", "%(n)s orders are now ready.", freed) % {"n": freed}
    return f"{words} {ready}" if freed else words


@require_POST
@role_required("orders")
def forget(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:forget: a match is no more; orders that have it keep it."""
    found = queries.access_match(request.dropshipper, pk)
    single.forget(found.shop, found.subject)
    messages.success(request, _("Forgotten: new orders are looked up by SKU again."))
    return redirect("connectors:match")


@require_safe
@member_required
def match_search(request: PortalRequest) -> HttpResponse:
    """connectors:match_search, for htmx: products whose SKU, EAN or name begins or sounds like what is typed."""
    field = request.GET.get("field", "sku")  # a page with many fields says which one is typed in
    text = request.GET.get(field, "").strip()[:100]
    return render(request, "connectors/_match_options.html", {"variants": find_articles(text)})
