"""Where goods lie, and what a scanned code means: a shelf, or goods, never both."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import Q
from django.db.models.functions import Upper

from catalog.errors import BadShelf, ShelfIsGoods
from catalog.models import Location, Variant
from catalog.queries import code_key
from core import scans

_SHELF = re.compile(r"[A-Z0-9][A-Z0-9./-]{0,19}")


def put(variant_id: int, text: str, *, position: int = 0) -> Location:
    """The variant lies on that shelf too; twice is once. `position` 0 is picked from first. Raises BadShelf,
    ShelfIsGoods."""
    code = code_key(text)
    if not _SHELF.fullmatch(code):
        raise BadShelf
    if goods(code):
        raise ShelfIsGoods(text=code)
    found, _made = Location.objects.update_or_create(variant_id=variant_id, code=code, defaults={"position": position})
    return found


def take(variant_id: int, text: str) -> None:
    """It does not lie there any more; twice is once."""
    Location.objects.filter(variant_id=variant_id, code=code_key(text)).delete()


def is_shelf(text: str) -> bool:
    return Location.objects.filter(code=code_key(scans.bare(text))).exists()


def on(text: str) -> list[Location]:
    """What lies on a shelf, with the articles."""
    found = Location.objects.filter(code=code_key(scans.bare(text))).select_related("variant__product")
    return list(found.order_by("variant__sku"))


def goods(text: str) -> list[Variant]:
    """The articles that a scanned code may mean: the SKU (case does not count) or the EAN, whatever zeros stand before
    it (UPC, GTIN). More than one share an EAN: who scans knows which of them is wanted."""
    code = scans.bare(text)
    return _goods(code_key(code)) or _goods(code_key(scans.with_dashes(code)))


def _goods(code: str) -> list[Variant]:
    if not code or "\0" in code:
        return []
    found = Variant.objects.annotate(key=Upper("sku")).filter(Q(key=code) | Q(ean__in=scans.ean_writings(code)))
    return list(found.select_related("product").order_by("pk")[:20])


def of(variant_ids: Iterable[int]) -> dict[int, list[str]]:
    """The shelves of each variant, the first one to pick from first. One query."""
    found: dict[int, list[str]] = {}
    rows = Location.objects.filter(variant_id__in=list(variant_ids)).order_by("position", "code")
    for variant_id, code in rows.values_list("variant_id", "code"):
        found.setdefault(variant_id, []).append(code)
    return found
