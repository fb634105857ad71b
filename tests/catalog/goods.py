"""Goods for tests: a product with one variant and its stock, in one line."""

from __future__ import annotations

from itertools import count
from typing import Any

from catalog import stock
from catalog.models import Category, Product, Variant

_numbers = count(1)


def category(name: str = "Casa", slug: str = "casa") -> Category:
    return Category.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def product(name: str = "Lampada da tavolo", **fields: Any) -> Product:
    fields.setdefault("category", category())
    fields.setdefault("slug", f"product-{next(_numbers)}")
    return Product.objects.create(name=name, **fields)


def variant(pieces: int = 10, **fields: Any) -> Variant:
    """A variant of 12.00 EUR net, 22 % VAT, 800 g, with `pieces` on hand."""
    number = next(_numbers)
    if "product" not in fields:
        fields["product"] = product()
    fields = {"sku": f"SKU-{number:04d}", "net_price": "12.00", "weight_g": 800, **fields}
    made = Variant.objects.create(**fields)
    if pieces:
        stock.receive(made.pk, pieces, by=None)
    made.refresh_from_db()
    return made
