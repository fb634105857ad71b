"""Goods for tests: a product with one variant and its stock, in one line."""

from __future__ import annotations

import io
from decimal import Decimal
from itertools import count
from typing import Any

from PIL import Image

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


def many(products: int, *, variants: int = 1, prefix: str = "Articolo") -> list[Product]:
    """A catalogue of some size in a few statements: prices, brands and pieces differ."""
    shelf = category("Magazzino", "magazzino")
    made = Product.objects.bulk_create(
        Product(name=f"{prefix} {n % 17:02d} {n:04d}", slug=f"many-{n}", category=shelf, brand=f"Marca {n % 5}")
        for n in range(products)
    )
    skus = Variant.objects.bulk_create(
        Variant(
            product=product,
            sku=f"MANY-{number:04d}-{v}",
            ean=f"{number * 10 + v:013d}",
            title=f"Taglia {v}",
            net_price=Decimal(5 + number % 9) + Decimal(v) / 10,
            retail_price=Decimal(20 + number % 13) if number % 4 else None,
            weight_g=300,
        )
        for number, product in enumerate(made)
        for v in range(variants)
    )
    stock.receive_all({variant.pk: variant.pk % 7 for variant in skus}, by=None)
    return made


def picture(colour: str = "#3538cd", size: tuple[int, int] = (1200, 900), kind: str = "PNG") -> io.BytesIO:
    """An image file as a person would upload it."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    file.seek(0)
    return file
