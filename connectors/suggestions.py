"""Which of our products a shop's unknown SKU may be: by the beginning of the SKU and by the likeness of the names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from catalog.models import Variant
from connectors.matching import Unmatched

LIKELY = 0.55  # from here on the page says "probably", below "perhaps"

# The names' index answers `%` (pg_trgm's threshold, 0.3); SKUs are compared by their letters and digits alone.
_SUGGEST = """
SELECT s.i, best.id, best.score
  FROM unnest(%s::int[], %s::text[], %s::text[]) AS s(i, sku, name)
 CROSS JOIN LATERAL (
    SELECT v.id, max(c.score) AS score
      FROM (
        SELECT v.id, similarity(upper(p.name || ' ' || v.title), upper(s.name)) AS score
          FROM catalog_product p JOIN catalog_variant v ON v.product_id = p.id
         WHERE s.name <> '' AND upper(p.name) %% upper(s.name)
        UNION ALL
        SELECT v.id, 0.95 FROM catalog_variant v
         WHERE s.sku <> '' AND regexp_replace(upper(v.sku), '[^A-Z0-9]', '', 'g') = s.sku
        UNION ALL
        SELECT v.id, 0.6 FROM catalog_variant v
         WHERE length(s.sku) >= 5 AND left(s.sku, 5) = left(regexp_replace(upper(v.sku), '[^A-Z0-9]', '', 'g'), 5)
      ) c
      JOIN catalog_variant v ON v.id = c.id
      JOIN catalog_product p ON p.id = v.product_id
     WHERE v.active AND p.active
     GROUP BY v.id ORDER BY max(c.score) DESC, v.id LIMIT 1
 ) best
"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    variant: Variant
    score: float

    @property
    def is_likely(self) -> bool:
        return self.score >= LIKELY


def suggest(unknown: Sequence[Unmatched]) -> dict[tuple[int, str], Suggestion]:
    """The best guess for each, by (shop id, subject); what is like nothing of ours is absent. 2 queries."""
    if not unknown:
        return {}
    skus = ["".join(char for char in entry.sku.upper() if char.isalnum() and char.isascii()) for entry in unknown]
    with connection.cursor() as cursor:
        cursor.execute(_SUGGEST, [list(range(len(unknown))), skus, [entry.name for entry in unknown]])
        found = cursor.fetchall()
    variants = Variant.objects.select_related("product", "stock").prefetch_related("product__images")
    by_id = variants.in_bulk([variant_id for _i, variant_id, _score in found])
    return {
        (unknown[i].shop.pk, unknown[i].subject): Suggestion(by_id[variant_id], float(score))
        for i, variant_id, score in found
    }
