"""Which of a reseller's orders would really go if all of them were synced now, and what keeps each of the others back.

One answer for the tab, its counter, the badge of a row, the overview and "Sync N ready": they name the same orders as
Sincronizza does, because they ask the same functions (orders/dispatch/plan.py, shipping/tariffs/quotes.py,
orders/dispatch/price.py). The pieces at hand are given to the oldest orders first, as Sincronizza gives them. The
balance is left aside: a top-up mends it for all at once, and the plan before the click says how far the money goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from core.money import ZERO
from orders.dispatch import plan
from orders.dispatch.price import Goods, lacking, weight, withdrawn
from orders.errors import MethodMissing, PiecesPromised
from orders.models import Order
from shipping.errors import (
    CodNotAllowed,
    CodOverCap,
    CountryNotServed,
    MethodGone,
    MethodUnavailable,
    NoRate,
    TooHeavy,
)
from shipping.tariffs.quotes import Tariff

# Another shipping method is the way out.
_UNAVAILABLE = (MethodUnavailable, MethodGone, NoRate, CountryNotServed, TooHeavy, CodNotAllowed, CodOverCap)
SHIPPING = frozenset({MethodMissing.code, *(kind.code for kind in _UNAVAILABLE)})
PROMISED = PiecesPromised.code

# All orders that their own particulars let go, oldest first, each with its articles and the pieces that there are.
_READY = """
SELECT o.id, o.source, o.state, o.payment, o.currency, o.to_collect, o.method_id, o.country, o.province, o.postcode,
       EXISTS (SELECT 1 FROM orders_problem p WHERE p.order_id = o.id AND p.blocking),
       (SELECT d.status = 'active' FROM accounts_dropshipper d WHERE d.id = o.dropshipper_id),
       (SELECT json_agg(json_build_array(l.variant_id, l.quantity, v.weight_g, v.active AND p.active,
                                         greatest(0, s.on_hand - s.reserved - s.buffer)))
          FROM orders_orderline l
          JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
          LEFT JOIN catalog_stock s ON s.variant_id = v.id
         WHERE l.order_id = o.id AND NOT l.ignored)::text
  FROM orders_order o
 WHERE o.dropshipper_id = %s AND o.state = 'ready'
 ORDER BY o.id
"""


class _Facts(NamedTuple):
    """What the decision needs of an order."""

    pk: int
    source: str
    state: str
    payment: str
    currency: str
    to_collect: Decimal | None
    method_id: int | None
    country: str
    province: str
    postcode: str
    blocked: bool
    active: bool
    goods: Sequence[Goods]


@dataclass(frozen=True, slots=True)
class Readiness:
    """`going`: id → source of the orders that would go, oldest first. `kept`: id → code of the error that keeps back
    one of state ready."""

    going: Mapping[int, str] = field(default_factory=dict)
    kept: Mapping[int, str] = field(default_factory=dict)

    @property
    def to_ship(self) -> list[int]:
        """Those that lack nothing but a shipping method that takes them."""
        return [pk for pk, code in self.kept.items() if code in SHIPPING]

    @property
    def to_fix(self) -> list[int]:
        return [pk for pk, code in self.kept.items() if code not in SHIPPING]

    def of_source(self, source: str) -> list[int]:
        """Those of a source ("" is all) that would go, oldest first."""
        return [pk for pk, where in self.going.items() if source in ("", where)]


# Where an open order stands, for the tabs of every list: together they are all that was received.
def going(known: Readiness) -> Q:
    return Q(state=Order.State.READY, pk__among=list(known.going))


def to_ship(known: Readiness) -> Q:
    return Q(state=Order.State.READY, pk__among=known.to_ship)


def to_fix(known: Readiness) -> Q:
    return Q(state=Order.State.RECEIVED) | Q(state=Order.State.READY, pk__among=known.to_fix)


def of(dropshipper_id: int, tariff: Tariff | None = None) -> Readiness:
    """As it is now. 1 query, and 1 for the tariff where it is not given and an order has a method."""
    stock: dict[int, int] = {}
    found = list(_read(dropshipper_id, stock))
    if tariff is None and any(facts.method_id for facts in found):
        tariff = Tariff.load()
    left, going_, kept = dict(stock), {}, {}
    for facts in found:
        code = _kept_back(facts, tariff, stock, left)
        if code:
            kept[facts.pk] = code
            continue
        going_[facts.pk] = facts.source
        for item in facts.goods:
            left[item.variant_id] -= item.quantity
    return Readiness(going_, kept)


def _read(dropshipper_id: int, stock: dict[int, int]) -> Iterator[_Facts]:
    """Also notes in `stock` the pieces of each article."""
    with connection.cursor() as cursor:
        cursor.execute(_READY, [dropshipper_id])
        rows = cursor.fetchall()
    for *columns, articles in rows:
        goods = []
        for variant_id, quantity, weight_g, on_sale, pieces in json.loads(articles) if articles else ():
            goods.append(Goods(variant_id, "", quantity, ZERO, ZERO, weight_g, on_sale))
            stock[variant_id] = pieces or 0
        yield _Facts._make([*columns, goods])


def _kept_back(facts: _Facts, tariff: Tariff | None, stock: Mapping[int, int], left: Mapping[int, int]) -> str:
    """The code of what keeps an order back, in the order in which Sincronizza asks; "" for nothing."""
    has_method = facts.method_id is not None and bool(facts.goods)
    refusal = plan.refusal_of(facts, facts.blocked, active=facts.active, has_method=has_method)
    if refusal is not None:
        return refusal.code
    assert facts.method_id is not None
    assert tariff is not None
    quote = tariff.quote(
        facts.method_id,
        country=facts.country,
        province=facts.province,
        postcode=facts.postcode,
        weight_g=weight(facts.goods),
        collect=plan.collect_of(facts),
    )
    refusal = quote.refusal or withdrawn(facts.goods) or lacking(facts.goods, stock)
    if refusal is not None:
        return refusal.code
    return PROMISED if lacking(facts.goods, left) else ""
