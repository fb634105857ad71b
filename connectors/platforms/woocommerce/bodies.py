"""A product draft in WooCommerce's words. Pure; labels are in the language that is on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from connectors.platforms.goods import ProductDraft, VariantDraft

REFERENCE = "_mci_reference"  # meta: this product is ours, and which
PICTURES = "_mci_pictures"  # meta: which pictures it has, so that they are not fetched twice
SAFETY = "_mci_safety"  # meta: the GPSR block, for themes that show it in a place of its own
_GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523125")}


def parent_sku(draft: ProductDraft) -> str:
    """A variable product needs a SKU of its own to be found again by; a simple one has its variant's."""
    if len(draft.variants) == 1 and not draft.options:
        return draft.variants[0].sku
    name = draft.reference
    return name if len(name) <= 90 else f"{name[:80]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def is_variable(draft: ProductDraft) -> bool:
    return bool(draft.options)


def product(draft: ProductDraft, *, category: int | None, unit: str) -> dict[str, Any]:
    """All but its pictures, its variations, and whether it is on sale."""
    found: dict[str, Any] = {
        "name": draft.title,
        "type": "variable" if is_variable(draft) else "simple",
        "sku": parent_sku(draft),
        "description": draft.html + draft.safety_html,
        "attributes": _attributes(draft),
        "meta_data": [
            {"key": REFERENCE, "value": draft.reference},
            {"key": SAFETY, "value": draft.safety_html},
        ],
    }
    if category is not None:
        found["categories"] = [{"id": category}]
    if is_variable(draft):
        return {**found, "manage_stock": False}
    return {**found, **_sold(draft.variants[0], unit)}


def variation(draft: ProductDraft, variant: VariantDraft, *, unit: str) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "status": "publish",
        "attributes": [
            {"name": name, "option": value} for name, value in zip(draft.options, variant.options, strict=True)
        ],
        "meta_data": [{"key": REFERENCE, "value": draft.reference}],
        **_sold(variant, unit),
    }


def prices(price: Decimal, compare_at: Decimal | None) -> dict[str, str]:
    """WooCommerce strikes the regular price through where there is a sale price."""
    if compare_at is None:
        return {"regular_price": str(price), "sale_price": ""}
    return {"regular_price": str(compare_at), "sale_price": str(price)}


def pictures(draft: ProductDraft) -> dict[str, Any]:
    return {
        "images": [
            {"src": url, "name": draft.title, "alt": draft.title, "position": n} for n, url in enumerate(draft.images)
        ],
        "meta_data": [{"key": PICTURES, "value": picture_mark(draft)}],
    }


def picture_mark(draft: ProductDraft) -> str:
    return hashlib.sha256("\n".join(draft.images).encode()).hexdigest()[:16]


def meta_of(row: Mapping[str, Any], key: str) -> str:
    """A text of the product's meta data; "" if it has none."""
    for meta in row.get("meta_data") or []:
        if isinstance(meta, dict) and meta.get("key") == key and isinstance(meta.get("value"), str):
            return str(meta["value"])
    return ""


def weight(grams: int, unit: str) -> str:
    found = (Decimal(grams) / _GRAMS.get(unit, _GRAMS["kg"])).quantize(Decimal("0.001")).normalize()
    return f"{found:f}"


def _sold(variant: VariantDraft, unit: str) -> dict[str, Any]:
    return {
        **prices(variant.price, variant.compare_at),
        "global_unique_id": variant.ean,
        "weight": weight(variant.weight_g, unit),
        "manage_stock": True,
        "stock_quantity": variant.quantity,
        "backorders": "no",
    }


def _attributes(draft: ProductDraft) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if draft.brand:
        found.append({"name": _("Brand"), "visible": True, "variation": False, "options": [draft.brand]})
    for number, name in enumerate(draft.options):
        values: Sequence[str] = list(dict.fromkeys(variant.options[number] for variant in draft.variants))
        found.append({"name": name, "visible": True, "variation": True, "options": values})
    return found
