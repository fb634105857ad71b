"""What it costs to send a parcel, and why a method can't take it. Amounts are EUR, VAT excluded; weights in grams."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.db import connection

from core.money import CASH_LIMIT, ZERO, cents
from core.places import abroad
from core.postal import provinces
from shipping.errors import (
    CodNotAllowed,
    CodOverCap,
    CodOverLaw,
    CountryNotServed,
    MethodGone,
    MethodUnavailable,
    NoRate,
    TooHeavy,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of one method for one parcel. With a `refusal` the amounts are 0 when no price is known. `return_net`
    is what a parcel that comes back costs besides the way out; `cod_fee_net` is 0 for a prepaid parcel."""

    method_id: int
    label: str
    days_min: int
    days_max: int
    net: Decimal
    vat_rate: Decimal
    cod_fee_net: Decimal
    return_net: Decimal
    refusal: MethodUnavailable | None = None

    @property
    def available(self) -> bool:
        return self.refusal is None


class _Method(NamedTuple):
    """What a price needs of a method and its courier."""

    pk: int
    label: str
    days_min: int
    days_max: int
    max_weight_g: int
    vat_rate: Decimal
    cod_allowed: bool
    cod_fee_fixed: Decimal
    cod_fee_percent: Decimal
    cod_fee_min: Decimal
    return_net: Decimal | None
    cod_cap: Decimal


class _Rate(NamedTuple):
    net: Decimal
    cod_allowed: bool


@dataclass(slots=True)
class _Brackets:
    """The rates of a method in a zone, by rising weight limit."""

    limits: list[int] = field(default_factory=list)
    rates: list[_Rate] = field(default_factory=list)


# The whole tariff in one statement: every click of Sincronizza asks for it, and a price must never be stale. As JSON,
# because rows of three statements cost more than what is in them; a numeric is its exact text there.
_TARIFF = """
WITH method AS (
    SELECT m.*, c.name || ' ' || m.name AS label, c.cod_cap
      FROM shipping_method m JOIN shipping_courier c ON c.id = m.courier_id WHERE m.active AND c.active
)
SELECT (SELECT json_agg(json_build_array(
                   id, label, days_min, days_max, max_weight_g, vat_rate, cod_allowed, cod_fee_fixed, cod_fee_percent,
                   cod_fee_min, return_net, cod_cap) ORDER BY position, id) FROM method)::text,
       (SELECT json_agg(json_build_array(r.method_id, r.zone_id, r.max_weight_g, r.net, r.cod_allowed)
                        ORDER BY r.max_weight_g)
          FROM shipping_rate r JOIN method ON method.id = r.method_id)::text,
       (SELECT json_agg(json_build_array(country, province, postcode_prefix, zone_id)) FROM shipping_zonearea)::text
"""


class Tariff:
    """All active methods with their rates and zones, read once (1 query) and then asked as often as needed."""

    def __init__(self, methods: list[list[Any]], rates: list[list[Any]], areas: list[list[Any]]) -> None:
        self._methods = {method.pk: method for method in (_Method(*row) for row in methods)}
        self._zone_of_area = {(country, province, prefix): zone for country, province, prefix, zone in areas}
        self._prefix_lengths = sorted({len(prefix) for _c, _p, prefix, _z in areas if prefix}, reverse=True)
        self._brackets: dict[tuple[int, int | None], _Brackets] = defaultdict(_Brackets)
        for method, zone, limit, net, cod_allowed in rates:  # by rising limit
            found = self._brackets[method, zone]
            found.limits.append(limit)
            found.rates.append(_Rate(net, cod_allowed))
        self._zones: dict[tuple[str, str, str], int | None] = {}
        self._prepaid: dict[tuple[int, int | None, int], Quote] = {}

    @classmethod
    def load(cls) -> Self:
        """The tariff as it is now; 1 query."""
        with connection.cursor() as cursor:
            cursor.execute(_TARIFF)
            methods, rates, areas = (
                json.loads(text, parse_float=Decimal) if text else [] for text in cursor.fetchone()
            )
        return cls(methods, rates, areas)

    def zone_id(self, *, country: str, province: str, postcode: str) -> int | None:
        """The zone of an address: the most precise area wins (postcode, longest first; then province; then country).
        What stands in Italy's numbering but not in Italy (47890, 00120) is not priced as Italy; former letters of a
        province (OT) are today's, and an island's postcode never gets the mainland's price."""
        key = (country.strip().upper() or "IT", province.strip().upper(), postcode.replace(" ", "").upper())
        if key not in self._zones:
            self._zones[key] = self._find_zone(*_priced_as(*key))
        return self._zones[key]

    def quotes(
        self, *, country: str, province: str, postcode: str, weight_g: int, collect: Decimal | None
    ) -> list[Quote]:
        """A quote of every active method, in the supplier's order."""
        return [
            self.quote(
                method_id, country=country, province=province, postcode=postcode, weight_g=weight_g, collect=collect
            )
            for method_id in self._methods
        ]

    def quote(
        self, method_id: int, *, country: str, province: str, postcode: str, weight_g: int, collect: Decimal | None
    ) -> Quote:
        """The price of one method. `collect` is the amount to take at the door (EUR, all included), None when prepaid.
        Never raises: why it is not possible is in `refusal`. COD fee = max(minimum, fixed + percent of the amount)."""
        method = self._methods.get(method_id)
        if method is None:
            return Quote(method_id, "", 0, 0, ZERO, ZERO, ZERO, ZERO, MethodGone())
        zone_id = self.zone_id(country=country, province=province, postcode=postcode)
        brackets = self._brackets.get((method_id, zone_id))
        if brackets is None:
            place = " ".join(part for part in (postcode, province) if part) if country in ("", "IT") else ""
            return _refused(method, NoRate(place=place) if place else CountryNotServed(country=country or "IT"))
        index = bisect_left(brackets.limits, weight_g)
        if index == len(brackets.limits) or weight_g > method.max_weight_g:
            limit = min(method.max_weight_g, brackets.limits[-1])
            return _refused(method, TooHeavy(weight=_kg(weight_g), limit=_kg(limit)))
        rate = brackets.rates[index]
        key = (method_id, zone_id, index)
        prepaid = self._prepaid.get(key)
        if prepaid is None:
            prepaid = self._prepaid[key] = _priced(method, rate)
        if collect is None:
            return prepaid
        fee = max(method.cod_fee_min, cents(method.cod_fee_fixed + collect * method.cod_fee_percent / 100))
        return replace(prepaid, cod_fee_net=fee, refusal=_cod_refusal(method, rate, collect))

    def _find_zone(self, country: str, province: str, postcode: str) -> int | None:
        for length in self._prefix_lengths:
            if len(postcode) >= length:
                for where in (province, ""):
                    zone_id = self._zone_of_area.get((country, where, postcode[:length]))
                    if zone_id:
                        return zone_id
        if province and (country, province, "") in self._zone_of_area:
            return self._zone_of_area[country, province, ""]
        return self._zone_of_area.get((country, "", ""))


def _priced_as(country: str, province: str, postcode: str) -> tuple[str, str, str]:
    if country != "IT":
        return country, province, postcode
    return abroad(postcode) or country, provinces.for_price(province, postcode) or province, postcode


def _cod_refusal(method: _Method, rate: _Rate, collect: Decimal) -> MethodUnavailable | None:
    if not (method.cod_allowed and rate.cod_allowed):
        return CodNotAllowed()
    if collect > CASH_LIMIT:
        return CodOverLaw(amount=f"{collect:.2f}")
    if collect > method.cod_cap:
        return CodOverCap(cap=f"{method.cod_cap:.2f}", amount=f"{collect:.2f}")
    return None


def _priced(method: _Method, rate: _Rate) -> Quote:
    return_net = rate.net if method.return_net is None else method.return_net
    return Quote(
        method.pk, method.label, method.days_min, method.days_max, rate.net, method.vat_rate, ZERO, return_net, None
    )


def _refused(method: _Method, refusal: MethodUnavailable) -> Quote:
    return Quote(method.pk, method.label, method.days_min, method.days_max, ZERO, method.vat_rate, ZERO, ZERO, refusal)


def _kg(grams: int) -> str:
    return f"{Decimal(grams) / 1000:f}"
