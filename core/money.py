"""Money is Decimal euro with two places, rounded half up. Never a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import Refused

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_AMOUNT = Decimal("999999999.99")
CASH_LIMIT = Decimal("4999.99")  # art. 49 D.Lgs. 231/2007, since 2023: cash of 5,000.00 and more is banned
_STRICT = re.compile(r"-?\d{1,9}(\.\d{1,12})?", re.ASCII)  # shops may show, and so send, six decimals and more
_TYPED = re.compile(r"-?\d{1,9}([.,]\d{1,2})?", re.ASCII)
# Thousands are set apart only where the cents follow by the other sign: then 1.234,56 and 1,234.56 can mean one thing.
_GROUPED = re.compile(r"-?\d{1,3}(?:(?:\.\d{3}){1,2},\d{1,2}|(?:,\d{3}){1,2}\.\d{1,2})", re.ASCII)

_CURRENCY = re.compile(r"^(?:€|eur|euro)(?![a-z])|(?<![a-z])(?:€|eur|euro)\.?$", re.IGNORECASE)
_ROUND = re.compile(r"[.,]\s?(?:-{1,2}|–|—|=)$")  # 12,-
_SPACED = re.compile(r"-?\d{1,3}(?: \d{3}){1,2}[.,]\d{2}", re.ASCII)
_APOSTROPHES = re.compile(r"-?\d{1,3}(?:['’]\d{3}){1,2}[.,]\d{2}", re.ASCII)
_TWO_WAYS = re.compile(r"-?\d{1,3}(?:[.,]\d{3}){1,2}", re.ASCII)


class BadAmount(Refused):
    code = "bad_amount"
    message = _("“%(text)s” is not an amount.")


class AmbiguousAmount(BadAmount):
    """Params: text, whole and part, as they may be meant: 1.234 is 1234,00 or 1,23(4)."""

    code = "ambiguous_amount"
    message = _("“%(text)s” can be read in two ways: write %(whole)s for thousands, or two figures for the cents.")


class UnreadAmount(BadAmount):
    """What a person typed, and how it is written."""

    message = _("“%(text)s” is not an amount: write it like 12,50 or 1.234,50.")


def cents(amount: Decimal) -> Decimal:
    """`amount` to two places, half up (EUR)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def vat_on(net: Decimal, rate: Decimal) -> Decimal:
    """VAT in EUR on a summed net amount; `rate` in percent (22.00)."""
    return cents(net * rate / 100)


def exact_from_shop(text: Any) -> Decimal:
    """A shop's amount with all its decimals, for a sum that is rounded once, at its end; by a strict rule on the
    *string* before any Decimal is made, BadAmount otherwise."""
    if not isinstance(text, str) or not _STRICT.fullmatch(text):
        raise BadAmount(text=str(text)[:40])
    return Decimal(text)


def from_shop(text: Any) -> Decimal:
    """A shop's amount to two places; BadAmount when it is not an amount."""
    return cents(exact_from_shop(text))


def from_person(text: str) -> Decimal:
    """An amount as an Italian types it: `12,50` and `12.50` are the same, and so are `1.234,50`, `1234,50`, `1 234,50`
    and `1,234.50`, `€ 12,50`, `12,50 euro` and `EUR 12,50`; `12,-` is 12. `1.234` is refused: it is two amounts. Raises
    BadAmount."""
    typed = " ".join(text.split())
    plain = _ROUND.sub("", _CURRENCY.sub("", typed.replace("−", "-")).strip())
    if _SPACED.fullmatch(plain) or _APOSTROPHES.fullmatch(plain):
        plain = re.sub(r"[ '’]", "", plain)
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[.,](?=\d{3})", "", plain)
    if not _TYPED.fullmatch(plain):
        if _TWO_WAYS.fullmatch(plain):
            raise AmbiguousAmount(text=typed[:40], whole=re.sub(r"[.,]", "", plain))
        raise UnreadAmount(text=typed[:40])
    return cents(Decimal(plain.replace(",", ".")))


class MoneyField(models.DecimalField):
    """EUR, numeric(12,2). Pair it with a CHECK on both sides of its range: that also refuses NaN."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


def in_range(field: str, *, low: Decimal = ZERO, high: Decimal = MAX_AMOUNT) -> models.Q:
    """The CHECK of a money column (or None); NaN is greater than every number, so the upper bound refuses it."""
    return models.Q(**{f"{field}__gte": low, f"{field}__lte": high}) | models.Q(**{f"{field}__isnull": True})
