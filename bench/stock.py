"""100,000 stock figures that changed: the calls that tell them, against the fewest that each platform's API allows."""

from __future__ import annotations

import json
import math
import time

from django.db import connection

from accounts.models import Dropshipper
from bench import memory, shops
from bench.report import Result
from catalog.models import Category, Product, Variant
from connectors.listings import stock
from connectors.models import Listing, Shop
from connectors.platforms import platform
from core import http
from core.postgresql.owner import as_owner

CHANGES = 100_000
PLATFORMS = ("woocommerce", "wordpress", "shopify")
_STOCK = """
    INSERT INTO catalog_stock (variant_id, on_hand, reserved, buffer, version, updated_at)
    SELECT id, 7, 0, 0, 1, now() FROM catalog_variant WHERE product_id = %s ON CONFLICT (variant_id) DO NOTHING
"""


def measure(*, rounds: int) -> list[Result]:
    seller = Dropshipper.objects.create(name="Bench stock", vat_number="03740811207", status="active")
    variants = _variants()
    results = []
    for slug in PLATFORMS:
        with shops.served(slug, products=CHANGES) as served:
            shop = _connect(seller, slug, served)
            _list(shop, variants, served)
            calls: list[http.Made] = []
            token = http.watching.set(calls.append)
            try:
                stock.tell(shop, until=time.monotonic() + 1)
                early = memory.peak()
                stock.tell(shop, until=math.inf)
            finally:
                http.watching.reset(token)
            late = memory.peak()
        if stock.count_behind(shop) or {call.result for call in calls} != {"200"}:
            raise AssertionError(f"{slug}: {stock.count_behind(shop)} figures are not told.")
        fewest = math.ceil(CHANGES / platform(slug).stock_batch)
        name = f"{CHANGES:,} stock figures to {slug}"
        results += [
            Result(f"{name}, calls", "", [len(calls)], [fewest], "arithmetic minimum", at_most=1.001),
            Result(f"{name}, memory", "MiB", [late], [early], "after one second", at_most=1.1),
        ]
    return results


def _variants() -> list[int]:
    category, _made = Category.objects.get_or_create(slug="bench-stock", defaults={"name": "Bench"})
    product = Product.objects.create(name="Bench stock", slug="bench-stock", category=category)
    rows = (
        Variant(product=product, sku=f"BENCH-S-{n:06}", net_price="12.00", weight_g=500, title=str(n))
        for n in range(CHANGES)
    )
    made = Variant.objects.bulk_create(rows, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute(_STOCK, [product.pk])
    return [variant.pk for variant in made]


def _connect(seller: Dropshipper, slug: str, served: shops.Served) -> Shop:
    shop = Shop(dropshipper=seller, platform=slug, name="Bench", address=served.url, stock_on=True, facts=served.facts)
    shop.webhook_secret, shop.credentials = shops.WEBHOOK_SECRET, json.dumps(served.credentials)
    shop.save()
    return shop


def _list(shop: Shop, variants: list[int], served: shops.Served) -> None:
    """Each of the shop's products is an article of ours, and shows another figure than it should."""
    rows = (
        Listing(shop=shop, variant_id=variant_id, external_id=external_id, stock_id=stock_id, shown=1, told=1)
        for variant_id, external_id, stock_id in zip(variants, served.products, served.stock_ids, strict=True)
    )
    Listing.objects.bulk_create(rows, batch_size=5000)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE connectors_listing, catalog_variant, catalog_stock")
