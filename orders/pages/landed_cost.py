"""The landed-cost panel: a page of its own, and a part of the product's page (which is in a lower room)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import PortalRequest, member_required
from catalog.models import Variant
from catalog.queries import code_key, find_skus
from core.address import Address, PlaceDoubt, check_place, places_for_postcode
from core.places import abroad, outside_customs
from orders.dispatch.landed_cost import landed, provinces_near
from orders.pages.forms.landed_cost import LandedForm

FIGURES = "landed-figures"  # the part of the panel that changes while one types


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@member_required
def landed_cost(request: PortalRequest) -> HttpResponseBase:
    """orders:landed_cost. A plain GET is a page; htmx gets the panel, or only its figures. 422: unreadable."""
    asked = request.GET.get("sku", "")
    if not asked:
        return redirect("catalog:list")
    variant = find_skus([asked]).get(code_key(asked))
    if variant is None or not (variant.active and variant.product.active):
        raise Http404
    variants = list(Variant.objects.filter(product=variant.product_id, active=True).order_by("net_price", "id"))
    form = LandedForm({"quantity": "1", "country": "IT"} | request.GET.dict() | {"sku": variant.sku}, variants=variants)
    context: dict[str, Any] = {"form": form, "variant": variant, "product": variant.product, "one": len(variants) == 1}
    is_read = form.is_valid()
    if is_read:
        context |= _figures(variant, form.cleaned_data)
    name = "landed_cost.html"
    if request.htmx:
        name = "_landed_figures.html" if request.htmx.target == FIGURES else "_landed.html"
    answer: HttpResponse = render(request, f"orders/{name}", context, status=200 if is_read else 422)
    return answer


def _is_special(postcode: str) -> bool:
    return bool(abroad(postcode) or outside_customs(postcode, ""))


def _figures(variant: Variant, said: dict[str, Any]) -> dict[str, Any]:
    at_home = said["country"] == "IT"
    places = places_for_postcode(said["postcode"]) if at_home else []
    provinces = sorted({place.province for place in places})
    doubts: list[PlaceDoubt] = []
    if at_home and said["postcode"] and not places:
        provinces = provinces_near(said["postcode"])
    if at_home and said["postcode"] and (not places or _is_special(said["postcode"])):
        doubts = check_place(Address("", "", said["postcode"], "", ""))
    wanted = said["province"].upper()
    province = wanted if wanted in provinces else (provinces[0] if provinces else "")
    cost = landed(
        variant,
        said["quantity"],
        country=said["country"],
        province=province,
        postcode=said["postcode"],
        sale_total=said["price"],
    )
    cities = [place.city for place in places if place.province == province]
    return {
        "cost": cost,
        "quantity": said["quantity"],
        "postcode": said["postcode"],
        "country": said["country"],
        "province": province,
        "provinces": provinces,
        "doubt": doubts[0] if doubts else None,
        "city": cities[0] if len(cities) == 1 else "",
    }
