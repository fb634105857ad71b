"""A product draft in WooCommerce's words. Pure; labels are in the language that is on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from connectors.platforms.errors import PriceNotExact, TaxClassMissing, TaxClassUnknown
from connectors.platforms.goods import ProductDraft, VariantDraft
from connectors.platforms.tax import class_for, entered_for
from core.errors import Refused

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


@dataclass(frozen=True, slots=True)
class Terms:
    """How the shop wants figures: its unit of weight, and its facts about tax (connectors/platforms/tax.py)."""

    unit: str
    facts: Mapping[str, Any]

    def tax_class(self, draft: ProductDraft) -> str:
        """Of the product as a whole: that of its first variant."""
        return class_for(self.facts, draft.variants[0].vat_rate) or ""


def product(draft: ProductDraft, *, category: int | None, terms: Terms, stock: bool) -> dict[str, Any]:
    """All but its pictures, its variations, and whether it is on sale. `stock`: with the pieces too."""
    found: dict[str, Any] = {
        "name": draft.title,
        "type": "variable" if is_variable(draft) else "simple",
        "sku": parent_sku(draft),
        "description": draft.html + draft.safety_html,
        "attributes": _attributes(draft),
        "tax_class": terms.tax_class(draft),
        "meta_data": [
            {"key": REFERENCE, "value": draft.reference},
            {"key": SAFETY, "value": draft.safety_html},
        ],
    }
    if category is not None:
        found["categories"] = [{"id": category}]
    if is_variable(draft):
        return {**found, "manage_stock": False}
    return {**found, **_sold(draft.variants[0], terms, stock=stock)}


def variation(draft: ProductDraft, variant: VariantDraft, *, terms: Terms, stock: bool) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "status": "publish",
        "tax_class": "parent" if variant.vat_rate == draft.variants[0].vat_rate else _class_of(variant, terms),
        "attributes": [
            {"name": name, "option": value} for name, value in zip(draft.options, variant.options, strict=True)
        ],
        "meta_data": [{"key": REFERENCE, "value": draft.reference}],
        **_sold(variant, terms, stock=stock),
    }


def refusal(draft: ProductDraft, terms: Terms) -> Refused | None:
    """Why it cannot be written on these terms."""
    for variant in draft.variants:
        tax_class = class_for(terms.facts, variant.vat_rate)
        if tax_class is None:
            rate = f"{variant.vat_rate.normalize():f}"
            hidden = terms.facts.get("tax_rates") is None
            return TaxClassUnknown(rate=rate) if hidden else TaxClassMissing(rate=rate)
        for amount in (variant.price, variant.compare_at):
            if amount is not None and entered_for(terms.facts, amount, tax_class) is None:
                return PriceNotExact()
    return None


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


def _class_of(variant: VariantDraft, terms: Terms) -> str:
    return class_for(terms.facts, variant.vat_rate) or ""


def _sold(variant: VariantDraft, terms: Terms, *, stock: bool) -> dict[str, Any]:
    tax_class = _class_of(variant, terms)
    price = entered_for(terms.facts, variant.price, tax_class)
    assert price is not None  # see `refusal`
    compare_at = None if variant.compare_at is None else entered_for(terms.facts, variant.compare_at, tax_class)
    return {
        **prices(price, compare_at),
        "global_unique_id": variant.ean,
        "weight": weight(variant.weight_g, terms.unit),
        "manage_stock": True,
        **({"stock_quantity": variant.quantity} if stock else {}),
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
