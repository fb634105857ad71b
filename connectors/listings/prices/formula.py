"""What a price rule makes of a product. Pure; amounts are EUR, and `price`, `floor` and `compare_at` include VAT.

connectors/listings/prices/levels.py reckons the same in SQL for whole shops; a test holds the two together."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from core.money import CENT, ZERO, cents, vat_on

MAX_PRICE = Decimal("999999.99")
_ENDINGS = {"90": Decimal("0.90"), "99": Decimal("0.99")}
_HALF = Decimal("0.50")


@dataclass(frozen=True, slots=True)
class Rule:
    """`base`: retail (suggested, VAT included) or cost (net). The price is base × factor + amount, with the product's
    VAT added if `add_vat`, rounded upwards. It is never below the cost with VAT plus `margin` percent."""

    base: str = "retail"
    factor: Decimal = Decimal(1)
    amount: Decimal = ZERO
    add_vat: bool = False
    rounding: str = "none"  # none | 90 | 99 | 50
    margin: Decimal = ZERO
    compare_at: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a variant costs us (net) and its suggested retail price (VAT included), if it has one."""

    net: Decimal
    vat_rate: Decimal  # percent
    retail: Decimal | None


@dataclass(frozen=True, slots=True)
class Priced:
    """`on_floor`: the rule alone would have been cheaper than allowed."""

    price: Decimal
    floor: Decimal
    compare_at: Decimal | None = None
    on_floor: bool = False


def price(rule: Rule, cost: Cost) -> Priced | None:
    """None: there is nothing to reckon from (no suggested retail price), or the price is out of all bounds."""
    start = cost.retail if rule.base == "retail" else cost.net
    if start is None:
        return None
    wished = start * rule.factor + rule.amount
    if rule.add_vat:
        wished *= 1 + cost.vat_rate / 100
    floor = floor_of(cost, rule.margin)
    found = rounded(max(wished, floor), rule.rounding)
    if found < floor:  # half a cent below, by rounding to the cent
        found = floor
    if not ZERO < found <= MAX_PRICE:
        return None
    struck = cost.retail if rule.compare_at and cost.retail is not None and cost.retail > found else None
    return Priced(found, floor, struck, on_floor=wished < floor)


def floor_of(cost: Cost, margin: Decimal) -> Decimal:
    """The lowest price allowed: cost with VAT and the margin, up to the next cent."""
    gross = cents(cost.net) + vat_on(cost.net, cost.vat_rate)
    return (gross * (1 + margin / 100)).quantize(CENT, ROUND_CEILING)


def rounded(amount: Decimal, how: str) -> Decimal:
    """Upwards to the ending that was chosen; without one, half up to the cent."""
    if how in _ENDINGS:
        ending = _ENDINGS[how]
        return (amount - ending).quantize(Decimal(1), ROUND_CEILING) + ending
    if how == "50":
        return ((amount / _HALF).quantize(Decimal(1), ROUND_CEILING) * _HALF).quantize(CENT)
    return amount.quantize(CENT, ROUND_HALF_UP)
