"""VAT of a shop's products, for the platforms on WooCommerce. Pure.

Facts: `taxed`, whether the shop reckons tax at all; `prices_with_tax`, whether what is written as a price is what the
customer pays; `tax_rates`, what a customer in Italy pays by tax class, in percent ("" is the standard class), without
the classes of which that cannot be said; None where the shop does not let us see them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from connectors.platforms.goods import STANDARD_VAT
from core.money import cents

COUNTRY = "IT"
_FINE = Decimal("0.000001")  # WooCommerce keeps prices as they are entered
_NUMBER = re.compile(r"\d{1,8}(?:\.\d{1,16})?", re.ASCII)


def number(text: Any) -> Decimal | None:
    """A price or a rate as a shop writes it, however many decimals; None for anything else."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    return Decimal(str(text)) if _NUMBER.fullmatch(str(text)) else None


def rates_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The rate in Italy by class, of the rows of a shop's tax table. A class with several (they add up), or with one
    for a part of the country alone, has no single rate and is left out. Empty: no tax is reckoned in Italy."""
    by_class: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if str(row.get("country") or "").upper() in ("", COUNTRY):
            name = str(row.get("class") or "")
            by_class.setdefault("" if name == "standard" else name, []).append(row)
    found = {name: _single(its) for name, its in by_class.items()}
    return {name: f"{rate.normalize():f}" for name, rate in found.items() if rate is not None}


def _single(rows: list[Mapping[str, Any]]) -> Decimal | None:
    """A rate of Italy goes before one of all countries, which is then not used."""
    if len({row.get("priority") for row in rows}) > 1:
        return None
    used = [row for row in rows if row.get("country")] or rows
    if len(used) != 1 or any(used[0].get(name) for name in ("state", "postcode", "city", "postcodes", "cities")):
        return None
    return number(used[0].get("rate"))


def class_for(facts: Mapping[str, Any], vat_rate: Decimal) -> str | None:
    """The tax class for goods of this rate, the standard one before others; None: the shop has none, or does not let us
    see. Where no tax is reckoned in Italy, and of the usual rate where we see nothing, it is the standard class."""
    rates = facts.get("tax_rates")
    if not facts.get("taxed", True) or rates == {}:
        return ""
    if rates is None:
        return "" if vat_rate == STANDARD_VAT else None
    fitting = sorted(name for name, rate in rates.items() if number(rate) == vat_rate)
    return fitting[0] if fitting else None


def gross_of(facts: Mapping[str, Any], entered: Decimal, tax_class: str) -> Decimal | None:
    """What the customer pays for a price that is written in the shop; None: nobody can say."""
    rate = _added(facts, tax_class)
    return None if rate is None else cents(entered * (1 + rate / 100))


def entered_for(facts: Mapping[str, Any], gross: Decimal, tax_class: str) -> Decimal | None:
    """What must be written in the shop for the customer to pay `gross`; None: nobody can say, or no figure does it
    (WooCommerce rounds the tax to the cent, then the sum)."""
    rate = _added(facts, tax_class)
    if rate is None:
        return None
    if not rate:
        return gross
    net = (gross / (1 + rate / 100)).quantize(_FINE)
    return net if cents(net + cents(net * rate / 100)) == gross else None


def _added(facts: Mapping[str, Any], tax_class: str) -> Decimal | None:
    """The percentage that the shop adds to what is written."""
    rates = facts.get("tax_rates")
    if facts.get("prices_with_tax", True) or not facts.get("taxed", True) or rates == {}:
        return Decimal(0)
    return None if rates is None else number(rates.get(tax_class))
