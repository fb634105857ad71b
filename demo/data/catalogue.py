"""Puts the goods into the catalogue: rows, pictures, pieces on the shelf."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from django.db import connection
from django.utils.text import slugify

from catalog import images, stock
from catalog.models import Category, Product, Stock, Variant
from demo.data import makers
from demo.data.goods import Article, articles
from demo.pictures import draw

CATEGORIES = (
    "Casa Cucina Illuminazione Fai_da_te Giardino Elettronica Ufficio Viaggio Sport Benessere Abbigliamento Bambini "
    "Animali Dispensa"
).split()
SOLD_OUT = 14
LOW = 18


def make(now: dt.datetime, *, by: int) -> list[Variant]:
    """The catalogue; returns the variants of which there are plenty, for the orders of the demo."""
    goods = articles()
    names = [name.replace("_", " ") for name in CATEGORIES]
    categories = {
        name: Category(name=name, slug=slugify(name), position=position) for position, name in enumerate(names)
    }
    Category.objects.bulk_create(categories.values())
    by_brand = makers.make(article.brand for article in goods)
    products = [
        Product(
            name=article.name,
            slug=_slug(article),
            category=categories[article.category],
            brand=article.brand,
            description_html=article.description,
            option_names=article.option_names,
            maker=by_brand[article.brand],
            warnings=makers.warnings(article.category),
            created_at=now - dt.timedelta(days=420 - 416 * number / len(goods)),
        )
        for number, article in enumerate(goods)
    ]
    Product.objects.bulk_create(products)
    variants = [
        _variant(product, article, number)
        for product, article in zip(products, goods, strict=True)
        for number in range(len(article.pieces))
    ]
    Variant.objects.bulk_create(variants)
    return _shelves(variants, now, by=by)


def _variant(product: Product, article: Article, number: int) -> Variant:
    piece = article.pieces[number]
    side = round((piece.grams * 5_000) ** (1 / 3)) + 20  # a box of about 200 g a litre
    return Variant(
        product=product,
        sku=piece.sku,
        ean=piece.ean,
        title=piece.title,
        net_price=piece.net,
        vat_rate=article.vat,
        retail_price=piece.retail,
        weight_g=piece.grams,
        length_mm=round(side * 1.3),
        width_mm=side,
        height_mm=round(side * 0.7),
    )


def draw_missing(told: Callable[[int, int], object] = lambda done, of: None) -> int:
    """Draws what the demo's products look like where a picture is missing; how many were drawn. Not in a transaction:
    two threads keep them, each with a connection of its own. `told` hears now and then how many of all are done."""
    bare = {product.slug: product for product in Product.objects.filter(images=None)}
    jobs = [(bare[slug], article) for article in articles() if (slug := _slug(article)) in bare]
    all_of_them, drawn, said = sum(len(article.colours) for _product, article in jobs), 0, 0
    with ThreadPoolExecutor(2) as pool:
        for colours in pool.map(_draw, jobs):
            drawn += colours
            if drawn >= said + all_of_them / 5 and drawn < all_of_them:
                said = drawn
                told(drawn, all_of_them)
    return drawn


def _draw(job: tuple[Product, Article]) -> int:
    product, article = job
    try:
        for position, colour in enumerate(article.colours):
            file = io.BytesIO()
            draw(article.art, colour).save(file, "PNG", compress_level=1)
            file.seek(0)
            images.add(product, file, name=product.slug, position=position)
    finally:
        connection.close()
    return len(article.colours)


def _slug(article: Article) -> str:
    return slugify(f"{article.name} {article.pieces[0].sku[:9]}")


def _shelves(variants: list[Variant], now: dt.datetime, *, by: int) -> list[Variant]:
    """Some are sold out with a day of return, some nearly; of the others there are plenty."""
    chance = random.Random("shelves")
    fixed = [variant for variant in variants if len(variant.sku) == 9 and variant.sku <= "SCN-00012"]
    rest = [variant for variant in variants if variant not in fixed]
    odd = chance.sample(rest, SOLD_OUT + LOW)
    out, low = odd[:SOLD_OUT], odd[SOLD_OUT:]
    plenty = [variant for variant in variants if variant not in odd]
    pieces = {variant.pk: chance.randint(60, 320) for variant in plenty}
    pieces |= {variant.pk: chance.randint(1, 4) for variant in low}
    stock.receive_all(pieces, by=by, reference="inventory")
    Stock.objects.filter(variant__in=chance.sample(plenty, 40)).update(buffer=5)
    for number, variant in enumerate(out):
        back = (now + dt.timedelta(days=chance.randint(4, 30))).date() if number % 3 else None
        stock.arrange(variant.pk, buffer=0, restock_on=back)
    return [variant for variant in plenty if variant.net_price < Decimal(60)]
