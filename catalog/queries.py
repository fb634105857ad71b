"""What the catalogue's pages, and the rooms above, read with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Upper
from django.http import Http404

from catalog.models import Product, Stock, Variant


def code_key(code: str) -> str:
    """The form in which two writings of a SKU or EAN are the same."""
    return code.strip().upper()


def code_writings(text: str) -> list[str]:
    """What a code may be that somebody looks for, by `code_key`: SCN-00010 is also said “SCN 00010” and “scn00010”, an
    EAN is read aloud in groups. As it stands first; of what is no code alone that."""
    key = code_key(" ".join(text.split()))
    if not re.fullmatch(r"[A-Z0-9]+(?:[ ._/-]+[A-Z0-9]+)*", key):
        return [key]
    parts = re.findall(r"[A-Z0-9]+", key)
    apart = [run for part in parts for run in re.findall(r"[A-Z]+|\d+", part)]
    return list(dict.fromkeys([key, "-".join(parts), "-".join(apart), "".join(parts)]))


def find_skus(codes: Iterable[str]) -> dict[str, Variant]:
    """The variant that each code means, by `code_key(code)`; unknown codes are absent. The SKU first (case does not
    count), then the EAN exactly. An EAN that several variants on sale share means none of them: a wrong parcel is worse
    than a question. Variants that are no longer on sale are found too. One query, with product and stock."""
    keys = {key for code in codes if (key := code_key(code)) and "\0" not in key}
    if not keys:
        return {}
    variants = list(
        Variant.objects.annotate(sku_key=Upper("sku"))
        .filter(Q(sku_key__in=keys) | Q(ean__in=keys))
        .select_related("product", "stock")
        .order_by("id")
    )
    found: dict[str, Variant] = {}
    by_ean: dict[str, list[Variant]] = {}
    for variant in variants:
        found.setdefault(code_key(variant.sku), variant)
        if variant.ean:
            by_ean.setdefault(variant.ean, []).append(variant)
    found = {key: variant for key, variant in found.items() if key in keys}
    for ean, bearers in by_ean.items():
        if ean in keys and ean not in found:
            on_sale = [v for v in bearers if v.active and v.product.active]
            meant = on_sale if on_sale else bearers
            if len(meant) == 1:
                found[ean] = meant[0]
    return found


def availability(variant_ids: Iterable[int]) -> dict[int, int]:
    """Pieces available per variant, without locks: for plans and pages, never for a promise. One query."""
    rows = Stock.objects.filter(pk__in=list(variant_ids)).only("on_hand", "reserved", "buffer")
    return {row.pk: row.available for row in rows}


def products_for_programs(since: int | None) -> QuerySet[Product]:
    """All that is on sale with its variants on sale, pictures and category; `since` a version (catalog/changes.py):
    what changed, also what was taken off sale, with all its variants. 4 queries a page."""
    variants = Variant.objects.select_related("stock").order_by("net_price", "id")
    if since is None:
        on_sale = Exists(Variant.objects.filter(product=OuterRef("pk"), active=True))
        found, variants = Product.objects.filter(on_sale, active=True), variants.filter(active=True)
    else:
        inside = Exists(Variant.objects.filter(product=OuterRef("pk"), changed_in__gte=since))
        found = Product.objects.filter(Q(changed_in__gte=since) | inside)
    found = found.select_related("category")
    return found.prefetch_related("images", Prefetch("variants", variants))


def stock_for_programs(since: int | None) -> QuerySet[Stock]:
    """The stock of all that is on sale; `since` a version: of what changed, also off sale. 1 query a page."""
    rows = Stock.objects.select_related("variant__product")
    if since is None:
        return rows.filter(variant__active=True, variant__product__active=True)
    return rows.filter(
        Q(changed_in__gte=since) | Q(variant__changed_in__gte=since) | Q(variant__product__changed_in__gte=since)
    )


def access_product(slug: str) -> Product:
    """A product on sale with its category, pictures, and variants on sale with their stock (cheapest first); Http404
    otherwise. 3 queries. Every reseller sees the same catalogue."""
    on_sale = Variant.objects.filter(active=True).select_related("stock").order_by("net_price", "id")
    product = (
        Product.objects.filter(slug=slug, active=True)
        .select_related("category__parent", "maker")
        .prefetch_related("images", Prefetch("variants", on_sale))
        .first()
    )
    if product is None or not product.variants.all():
        raise Http404
    return product
