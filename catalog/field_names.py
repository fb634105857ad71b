"""What the administration calls the fields of the catalogue (core/administration/field_names.py)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product, ProductImage, Stock, StockMove, Variant
from core.administration.field_names import give


def say() -> None:
    give(Category, {"parent": _("belongs to")})
    give(Product, {"created_at": _("created on"), "updated_at": _("changed on")})
    give(ProductImage, {"product": _("product"), "file": _("picture"), "position": _("position")})
    give(Variant, {"product": _("product"), "sku": _("SKU"), "ean": _("EAN")})
    give(Stock, {"variant": _("variant"), "updated_at": _("changed on")})
    give(
        StockMove,
        {
            "variant": _("variant"),
            "kind": _("which movement"),
            "reference": _("what for"),
            "by": _("who"),
            "at": _("at"),
        },
    )
