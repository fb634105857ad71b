"""What an order of a differing world must cost, reckoned anew in whole cents: none of our own code, so that a mistake
of one is not a mistake of both. The rules are those of the design: net prices; VAT by rate on what is summed of it,
half up; a COD guarantee of way out and way back, each with its VAT; at the door what the customer owes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tests.differing import ARTICLES, METHODS


def half_up(amount: Fraction) -> int:
    """Cents of an amount in cents."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def euro(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _cents(text: str) -> int:
    return int(Decimal(text) * 100)


@dataclass(frozen=True)
class Owed:
    """In cents."""

    goods: int
    shipping: int
    fee: int
    vat: int
    collect: int
    guarantee: int
    prepaid: bool

    @property
    def cost(self) -> int:
        return self.goods + self.shipping + self.fee + self.vat

    @property
    def leaves(self) -> int:
        """What leaves the wallet at the click."""
        return self.cost if self.prepaid else self.guarantee + max(0, self.cost - self.collect)

    @property
    def to_come(self) -> int:
        return 0 if self.prepaid else max(0, self.collect - self.cost)


def grams(lines: list[tuple[str, int]]) -> int:
    return sum(ARTICLES[sku][2] * pieces for sku, pieces in lines)


def bracket(method: str, zone: str, weight: int) -> int | None:
    """The way out in cents, or None when the method does not take it."""
    way = METHODS[method]
    if weight > way.most_g:
        return None
    return next((_cents(net) for limit, net in way.rates.get(zone, ()) if weight <= limit), None)


def is_collected(method: str, collect: str | None) -> bool:
    """Whether the courier takes that much at the door, and the law too."""
    return collect is None or 0 < _cents(collect) <= min(_cents(METHODS[method].cap), 499_999)


def owed(lines: list[tuple[str, int]], method: str, zone: str, collect: str | None) -> Owed | None:
    """What these lines cost; None when they cannot be sent so."""
    shipping, way = bracket(method, zone, grams(lines)), METHODS[method]
    if shipping is None or not lines or not is_collected(method, collect):
        return None
    fee = 0
    if collect is not None:
        fixed, percent, least = way.fee
        fee = max(_cents(least), half_up(_cents(fixed) + Fraction(percent) * _cents(collect) / 100))
    nets: dict[str, int] = defaultdict(int)
    for sku, pieces in lines:
        nets[ARTICLES[sku][1]] += _cents(ARTICLES[sku][0]) * pieces
    goods = sum(nets.values())
    nets[way.vat] += shipping + fee
    vat = sum(half_up(Fraction(rate) * net / 100) for rate, net in nets.items())
    guarantee = 0
    if collect is not None:
        guarantee = sum(half_up(net + Fraction(way.vat) * net / 100) for net in (shipping, _cents(way.back)))
    taken = 0 if collect is None else _cents(collect)
    return Owed(goods, shipping, fee, vat, taken, guarantee, collect is None)
