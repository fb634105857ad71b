"""A small tariff for tests: two couriers, Italy with the islands and one postcode apart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shipping.models import Courier, Method, Rate, Zone, ZoneArea


def zone(code: str, *areas: tuple[str, str, str]) -> Zone:
    made = Zone.objects.get_or_create(code=code, defaults={"name": code})[0]
    for country, province, prefix in areas:
        ZoneArea.objects.get_or_create(zone=made, country=country, province=province, postcode_prefix=prefix)
    return made


def method(code: str = "standard", *, rates: dict[str, dict[int, str]] | None = None, **fields: Any) -> Method:
    """A method with rates `{zone: {up to grams: net}}`; 5.00 EUR to the mainland up to 30 kg when none are given."""
    courier_fields = {"name": fields.pop("courier_name", "Corriere Uno"), "cod_cap": fields.pop("cod_cap", "999.00")}
    courier = Courier.objects.get_or_create(code=f"{code}-courier", defaults=courier_fields)[0]
    fields = {
        "name": code.title(),
        "cod_fee_fixed": Decimal("2.00"),
        "courier": courier,
        **fields,
    }
    made = Method.objects.create(code=code, **fields)
    for zone_code, brackets in (rates or {"mainland": {30_000: "5.00"}}).items():
        for limit, net in brackets.items():
            Rate.objects.create(method=made, zone=zone(zone_code), max_weight_g=limit, net=net)
    return made


def italy() -> None:
    zone("mainland", ("IT", "", ""))
    zone("islands", ("IT", "PA", ""), ("IT", "CA", ""))
    zone("minor", ("IT", "", "9001"), ("IT", "TP", "9101"))
