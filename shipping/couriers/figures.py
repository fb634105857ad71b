"""Money and weights as couriers write them. Each has a form of its own (a dot, a comma, padded cents): an amount is
turned into integer cents first, and formatted by exactly one function. Rounding never makes a parcel lighter."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal

from core.money import BadAmount

_DOT = re.compile(r"-?\d{1,9}(?:\.\d{1,4})?", re.ASCII)
_COMMA = re.compile(r"-?\d{1,9}(?:,\d{1,4})?", re.ASCII)


def in_cents(amount: Decimal) -> int:
    """EUR as integer cents. An amount with more than two places is a mistake of ours, and no courier is told it."""
    scaled = amount.scaleb(2)
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise BadAmount(text=str(amount))
    return int(scaled)


def dot(amount: Decimal) -> str:
    """1234.50 (BRT, Poste)."""
    return _split(in_cents(amount), ".")


def comma(amount: Decimal) -> str:
    """1234,50 (GLS, on the way out)."""
    return _split(in_cents(amount), ",")


def padded(amount: Decimal, digits: int) -> str:
    """0000000123450: padded cents without a sign (TNT). Raises BadAmount below zero, or too long."""
    text = f"{in_cents(amount):0{digits}d}"
    if len(text) > digits or amount < 0:
        raise BadAmount(text=str(amount))
    return text


def _split(cents: int, sign: str) -> str:
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}{sign}{rest:02d}"


def from_dot(text: str) -> Decimal:
    return _read(text, _DOT)


def from_comma(text: str) -> Decimal:
    return _read(text, _COMMA)


def _read(text: str, shape: re.Pattern[str]) -> Decimal:
    """By a strict rule on the text before any Decimal is made; a part of a cent is refused. Raises BadAmount."""
    plain = text.strip()
    if not shape.fullmatch(plain):
        raise BadAmount(text=text[:40])
    return Decimal(in_cents(Decimal(plain.replace(",", ".")))).scaleb(-2)


def kilos(grams: int, *, sign: str = ".") -> str:
    """Kilograms with one decimal, rounded up, at least 0.1: what BRT (dot) and GLS (comma) take."""
    tenths = max(1, int((Decimal(grams) / 100).to_integral_value(rounding=ROUND_CEILING)))
    return f"{tenths // 10}{sign}{tenths % 10}"


def cubic_metres(cm3: int) -> str:
    """m³ with three decimals, rounded up."""
    litres = int((Decimal(cm3) / 1000).to_integral_value(rounding=ROUND_CEILING))
    return f"{litres // 1000}.{litres % 1000:03d}"


def centimetres(mm: int) -> int:
    """Whole centimetres, rounded up."""
    return -(-mm // 10)
