"""The catalogue's pages. Every reseller sees the same goods and prices; what it costs to send them is in orders."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.access import PortalRequest, member_required
from accounts.models import Member
from catalog import descriptions, images, safety, search
from catalog.pages.forms import FilterForm
from catalog.queries import access_product, code_key, find_skus


@require_safe
@member_required
def list_products(request: PortalRequest) -> HttpResponseBase:
    """Search and filters are in the address. A SKU or EAN written in full opens its product."""
    form = FilterForm(request.GET)
    wish = form.wish(request.GET.get("cursor"))
    if wish.text:
        variant = find_skus([wish.text]).get(code_key(wish.text))
        if variant is not None and variant.active and variant.product.active:
            query = urlencode({"sku": variant.sku})
            return redirect(f"{reverse('catalog:product', args=[variant.product.slug])}?{query}")
    found = search.find(wish)
    branches = search.branches()
    filters = {"q", "category", "available", "price_from", "price_to"}
    context = {
        "form": form,
        "wish": wish,
        "found": found,
        "branches": branches,
        "category_name": search.name_of(branches, wish.category),
        "may_order": _may_order(request),
        "view": form.shown_view,
        "is_filtered": any(form.cleaned_data.get(name) for name in filters) or bool(form.errors),
    }
    return render(request, "catalog/list.html", context)


@require_safe
@member_required
def product(request: PortalRequest, slug: str) -> HttpResponse:
    """One product. `?sku=` marks the variant that was looked for, and is the one that the cost panel starts with."""
    shown = access_product(slug)
    variants = list(shown.variants.all())
    wanted = code_key(request.GET.get("sku", ""))
    chosen = next((variant for variant in variants if code_key(variant.sku) == wanted), variants[0])
    context = {
        "product": shown,
        "variants": variants,
        "chosen": chosen,
        "is_marked": bool(wanted) and code_key(chosen.sku) == wanted,
        "images": list(shown.images.all()),
        "big": images.SIZES[0],
        "may_order": _may_order(request),
        "description": descriptions.clean(shown.description_html),
        "safety": safety.html(shown),
    }
    return render(request, "catalog/product.html", context)


@require_safe
@member_required
def product_images(request: PortalRequest, slug: str) -> HttpResponse:
    """The pictures of a product in one ZIP, to put them in a shop."""
    shown = access_product(slug)
    answer = HttpResponse(images.archive(shown), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{shown.slug}.zip"'
    return answer


def _may_order(request: PortalRequest) -> bool:
    return request.member.role in (Member.Role.OWNER, Member.Role.ORDERS)
