"""What the entry form offers while one types: articles of the catalogue, and the company's own customers."""

from __future__ import annotations

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PortalRequest, role_required
from catalog.articles import find_articles
from catalog.models import Variant
from orders.entry import recipients


def articles_like(text: str) -> list[Variant]:
    """With their pictures."""
    found = find_articles(text)
    prefetch_related_objects(found, "product__images")
    return found


@require_safe
@role_required("orders")
def articles(request: PortalRequest) -> HttpResponse:
    """orders:articles: options of a combobox."""
    text = request.GET.get("text", "")[:100]
    return render(request, "orders/_article_options.html", {"variants": articles_like(text), "text": text})


@require_safe
@role_required("orders")
def customers(request: PortalRequest) -> HttpResponse:
    """orders:customers: options of a combobox; by name, or by telephone."""
    text = request.GET.get("text", "")[:100]
    by_phone = request.GET.get("field") == "phone"
    found = recipients.like(request.dropshipper.pk, **{"phone" if by_phone else "name": text})
    return render(request, "orders/_customer_options.html", {"known": found})
