"""Which of our products a shop's unknown article may be, and how sure that is: by the letters and digits of the SKU, by
the EAN, by the likeness of the names. Of two that are as likely neither is sure: a wrong parcel is worse than a
question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from catalog.models import Variant
from connectors.matching.single import Unmatched

LIKELY = 0.55  # from here on a page says "probably", below "perhaps"
SURE = 90  # percent: may be accepted without looking at each

# Set by set, but for the names: their index answers `%` (pg_trgm's threshold, 0.3) for one at a time. Each of the three
# ways brings its two best, so that a twin is seen.
_SUGGEST = """
WITH s AS (
    SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS s (i, sku, ean, name)
), v AS MATERIALIZED (
    SELECT v.id, v.ean, regexp_replace(upper(v.sku), '[^A-Z0-9]', '', 'g') AS sku
      FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
     WHERE v.active AND p.active
), found AS (
    SELECT s.i, v.id, 0.95 AS score, 'sku' AS why FROM s JOIN v ON v.sku = s.sku WHERE s.sku <> ''
     UNION ALL
    SELECT s.i, v.id, 0.97, 'ean' FROM s JOIN v ON v.ean = s.ean OR v.ean = '0' || s.ean OR '0' || v.ean = s.ean
     WHERE s.ean <> '' AND v.ean <> ''
     UNION ALL
    SELECT s.i, named.id, least(named.score, 0.93), 'title'
      FROM s CROSS JOIN LATERAL (
        SELECT v.id, similarity(upper(trim(p.name || ' ' || v.title)), upper(s.name)) AS score
          FROM catalog_product p JOIN catalog_variant v ON v.product_id = p.id
         WHERE s.name <> '' AND upper(p.name) %% upper(s.name) AND v.active AND p.active
         ORDER BY score DESC, v.id LIMIT 2
      ) named
), best AS (
    SELECT i, id, max(score) AS score, (array_agg(why ORDER BY score DESC))[1] AS why FROM found GROUP BY i, id
), ranked AS (
    SELECT i, id, score, why, row_number() OVER w AS place, lead(score) OVER w AS next
      FROM best WINDOW w AS (PARTITION BY i ORDER BY score DESC, id)
)
SELECT i, id, CASE WHEN next >= score - 0.03 THEN score * 0.7 ELSE score END, why FROM ranked WHERE place = 1
"""


@dataclass(frozen=True, slots=True)
class Article:
    """A shop's article as it calls itself."""

    sku: str
    ean: str
    title: str


@dataclass(frozen=True, slots=True)
class Guess:
    """`score`: 0 to 1; `why`: sku | ean | title."""

    variant_id: int
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    variant: Variant
    score: float

    @property
    def is_likely(self) -> bool:
        return self.score >= LIKELY


def guess(articles: Sequence[Article]) -> dict[int, Guess]:
    """The best guess for each by its place; what is like nothing of ours is absent. One statement."""
    if not articles:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _SUGGEST,
            [
                list(range(len(articles))),
                [_letters(article.sku) for article in articles],
                [article.ean.strip() for article in articles],
                [article.title for article in articles],
            ],
        )
        return {i: Guess(variant_id, float(score), why) for i, variant_id, score, why in cursor.fetchall()}


def suggest(unknown: Sequence[Unmatched]) -> dict[tuple[int, str], Suggestion]:
    """For what open orders wait for, by (shop id, subject). 2 queries and what a page shows of a product."""
    found = guess([Article(entry.sku, "", entry.name) for entry in unknown])
    variants = Variant.objects.select_related("product", "stock").prefetch_related("product__images")
    by_id = variants.in_bulk([one.variant_id for one in found.values()]) if found else {}
    return {
        (unknown[i].shop.pk, unknown[i].subject): Suggestion(by_id[one.variant_id], one.score)
        for i, one in found.items()
    }


def _letters(sku: str) -> str:
    return "".join(char for char in sku.upper() if char.isalnum() and char.isascii())
