"""The prices that the shops show: what each rule makes of today's costs is reckoned, compared with what the shop was
told, and the difference is told in batches. A changed rule and a changed cost are the same news.

The formula is that of connectors/listings/prices/formula.py, in SQL, so that a shop of 100,000 listings is one
statement."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from connectors.listings import selling
from connectors.listings.prices.formula import MAX_PRICE
from connectors.models import PriceRule, Shop
from connectors.platforms import platform
from connectors.platforms.goods import PriceLevel
from core import leases
from core.errors import Refused

CHUNK = 5000
EVERY = dt.timedelta(minutes=1)  # how often the sweep reckons a shop's prices when nobody said that they changed
_RETRY_S = 3600
_SHOWN = 12
_FIELDS = ("category_id", "is_default", "base", "factor", "amount", "add_vat", "rounding", "margin", "compare_at")

# A rule that is being edited stands in for the stored one (or is added, as number 0).
_WANTED = """
WITH rules AS (
    SELECT id, category_id, is_default, base, factor, amount, add_vat, rounding, margin, compare_at
      FROM connectors_pricerule WHERE shop_id = %(shop)s AND id IS DISTINCT FROM %(rule_id)s
    UNION ALL
    SELECT coalesce(%(rule_id)s, 0), %(category_id)s::bigint, %(is_default)s::bool, %(base)s, %(factor)s::numeric,
           %(amount)s::numeric, %(add_vat)s::bool, %(rounding)s, %(margin)s::numeric, %(compare_at)s::bool
     WHERE %(base)s <> ''
), by_category AS MATERIALIZED (
    SELECT c.id, (SELECT rules.id FROM rules
                   WHERE rules.is_default OR rules.category_id IN (c.id, c.parent_id)
                   ORDER BY rules.category_id = c.id DESC NULLS LAST, rules.category_id = c.parent_id DESC NULLS LAST,
                            rules.id = coalesce(%(rule_id)s, 0) DESC
                   LIMIT 1) AS rule_id
      FROM catalog_category c
), priced AS MATERIALIZED (
    SELECT g.id, g.external_id, g.price_told, g.compare_told, g.price_try_after, g.price_asked, r.rounding,
           r.compare_at,
           v.retail_price * g.quantity AS retail,
           ceil((round(v.net_price * g.quantity, 2) + round(v.net_price * g.quantity * v.vat_rate / 100, 2))
                * (1 + r.margin / 100) * 100) / 100 AS floor,
           (CASE r.base WHEN 'retail' THEN v.retail_price ELSE v.net_price END * g.quantity * r.factor + r.amount)
           * CASE WHEN r.add_vat THEN 1 + v.vat_rate / 100 ELSE 1 END AS wished
      FROM connectors_listing g
      JOIN catalog_variant v ON v.id = g.variant_id AND v.active
      JOIN catalog_product p ON p.id = v.product_id AND p.active
      JOIN by_category c ON c.id = p.category_id
      JOIN rules r ON r.id = coalesce(g.rule_id, c.rule_id)
     WHERE g.shop_id = %(shop)s AND g.price_on AND g.off_at IS NULL
), rounded AS MATERIALIZED (
    SELECT *, greatest(floor, CASE rounding
                WHEN '90' THEN ceil(greatest(wished, floor) - 0.90) + 0.90
                WHEN '99' THEN ceil(greatest(wished, floor) - 0.99) + 0.99
                WHEN '50' THEN ceil(greatest(wished, floor) * 2) / 2
                ELSE round(greatest(wished, floor), 2) END)::numeric(12, 2) AS price
      FROM priced WHERE wished IS NOT NULL
), wanted AS (
    SELECT id, external_id, price_told, compare_told, price_try_after, price_asked, price,
           floor::numeric(12, 2) AS floor, wished < floor AS on_floor,
           CASE WHEN compare_at AND retail > price THEN retail END AS struck
      FROM rounded WHERE price > 0 AND price <= %(most)s
)
"""
_CHANGED = "(price_told IS DISTINCT FROM price OR compare_told IS DISTINCT FROM struck)"
_BEHIND = f" FROM wanted WHERE {_CHANGED} AND NOT price_asked AND price_try_after <= statement_timestamp()"
_ROWS = (
    _WANTED
    + "SELECT id, external_id, price, struck"
    + _BEHIND
    + " ORDER BY position('/' in external_id) > 0, external_id, id LIMIT %(limit)s"
)
_COUNT = _WANTED + "SELECT count(*)" + _BEHIND
_IDS = _WANTED + "SELECT id" + _BEHIND
_SOME = (
    _WANTED  # noqa: S608 - constants
    + "SELECT id, price, floor, on_floor, struck FROM wanted WHERE id = ANY(%(ids)s)"
)
_EFFECT = (
    _WANTED
    + """
SELECT count(*), count(*) FILTER (WHERE price > price_told), count(*) FILTER (WHERE price < price_told),
       count(*) FILTER (WHERE price_told IS NULL), count(*) FILTER (WHERE on_floor),
       coalesce(max(price - price_told), 0), coalesce(min(price - price_told), 0)
  FROM wanted"""
)
_BIGGEST = (
    _WANTED
    + """
SELECT v.sku, p.name || ' ' || v.title, w.price_told, w.price, w.floor, w.on_floor
  FROM wanted w JOIN connectors_listing g ON g.id = w.id JOIN catalog_variant v ON v.id = g.variant_id
  JOIN catalog_product p ON p.id = v.product_id
 WHERE w.price <> w.price_told ORDER BY abs(w.price - w.price_told) DESC, v.sku LIMIT %(limit)s"""
)
_TOLD = """
UPDATE connectors_listing g SET price_told = x.price, compare_told = x.struck,
    price_told_at = statement_timestamp(), price_error = ''
  FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS x(id, price, struck) WHERE g.id = x.id
"""
_REFUSED = """
UPDATE connectors_listing g SET price_error = x.error,
    price_try_after = statement_timestamp() + %s * interval '1 second'
  FROM unnest(%s::bigint[], %s::text[]) AS x(id, error) WHERE g.id = x.id
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listing should cost in the shop; EUR, VAT included."""

    price: Decimal
    floor: Decimal
    on_floor: bool
    struck: Decimal | None


@dataclass(frozen=True, slots=True)
class Behind:
    listing_id: int
    external_id: str
    price: Decimal
    struck: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """One listing under another rule."""

    sku: str
    name: str
    before: Decimal
    after: Decimal
    floor: Decimal
    on_floor: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of rule would do to a shop's prices. `most_up`, `most_down`: the largest steps (EUR)."""

    listings: int
    up: int
    down: int
    new: int
    on_floor: int
    most_up: Decimal
    most_down: Decimal
    changes: Sequence[Change] = field(default_factory=tuple)


def _params(shop: Shop, rule: PriceRule | None = None, **more: Any) -> dict[str, Any]:
    given = {name: getattr(rule, name) if rule else None for name in _FIELDS}
    if rule is None:
        given |= {"base": "", "rounding": ""}
    return {
        "shop": shop.pk,
        "rule_id": rule.pk if rule else None,
        "most": MAX_PRICE,
        "now": timezone.now(),
        **given,
        **more,
    }


def ask_now(shop_id: int) -> None:
    """A rule or a listing changed: the sweep reckons the shop's prices at once."""
    Shop.objects.filter(pk=shop_id).update(prices_after=leases.now())


DUE = Q(prices_after__lte=leases.now())  # shops whose prices are to be reckoned


def is_due(shop: Shop) -> bool:
    """Whether a shop of DUE must be told prices. Where none is wrong it is not reckoned again for a minute: a whole
    shop is some work, and its costs change seldom."""
    if behind(shop, limit=1):
        return True
    Shop.objects.filter(pk=shop.pk, prices_after=shop.prices_after).update(prices_after=leases.now() + EVERY)
    return False


def behind(shop: Shop, *, limit: int) -> list[Behind]:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, _params(shop, limit=limit))
        return [Behind(*row) for row in cursor.fetchall()]


def count_behind(shop: Shop) -> int:
    """Walks all priced listings of the shop: for pages, not for the sweep."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _params(shop))
        return int(cursor.fetchone()[0])


def ids_behind(shop: Shop) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_IDS, _params(shop))
        return [row[0] for row in cursor.fetchall()]


def wanted(shop: Shop, listing_ids: Collection[int]) -> dict[int, Wanted]:
    """By listing; those whose price MCI does not keep, or has no rule for, are absent. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SOME, _params(shop, ids=list(listing_ids)))
        return {row[0]: Wanted(*row[1:]) for row in cursor.fetchall()}


def effect(shop: Shop, rule: PriceRule) -> Effect:
    """What the shop's prices would be with `rule` as it stands in memory, stored or not, against what the shop shows
    now. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_EFFECT, _params(shop, rule))
        sums = cursor.fetchone()
        cursor.execute(_BIGGEST, _params(shop, rule, limit=_SHOWN))
        listings, up, down, new, on_floor, most_up, most_down = sums
        changes = [Change(*row) for row in cursor.fetchall()]
    return Effect(listings, up, down, new, on_floor, most_up, most_down, changes)


def tell(shop: Shop, *, until: float) -> int:
    """As stock.tell; how many prices were told. The shop is asked first whether it still sells in EUR and what
    it makes of tax: if our prices cannot stand there, none is told, and it is asked again in an hour."""
    if time.monotonic() >= until:
        return 0
    if selling.refusal(shop.facts) and not Shop.objects.filter(DUE, pk=shop.pk).exists():
        return 0
    rows = behind(shop, limit=CHUNK)
    if not rows:
        return 0
    try:
        access = selling.ask(shop, whole=False)
    except Refused:
        Shop.objects.filter(pk=shop.pk).update(prices_after=leases.now() + dt.timedelta(seconds=_RETRY_S))
        return 0
    api, told = platform(shop.platform), 0
    while rows:
        for start in range(0, len(rows), api.price_batch):
            batch = rows[start : start + api.price_batch]
            refused = api.tell_prices(access, [PriceLevel(row.external_id, row.price, row.struck) for row in batch])
            told += _note(batch, refused)
            if time.monotonic() >= until:
                return told
        rows = behind(shop, limit=CHUNK)
    return told


def _note(rows: Sequence[Behind], refused: Mapping[str, str]) -> int:
    done = [row for row in rows if row.external_id not in refused]
    wrong = [row for row in rows if row.external_id in refused]
    with connection.cursor() as cursor:
        if done:
            ids, prices = [row.listing_id for row in done], [row.price for row in done]
            cursor.execute(_TOLD, [ids, prices, [row.struck for row in done]])
        if wrong:
            words = [refused[row.external_id][:120] for row in wrong]
            cursor.execute(_REFUSED, [_RETRY_S, [row.listing_id for row in wrong], words])
    return len(done)
