"""Parcels for the tests of pages: rows as `shipping.parcels.booking` and `shipping.parcels.tracking` leave them."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from shipping.models import Method, Shipment
from tests.shipping import prices

_numbers = count(10**9)  # of no order that a test makes


def a_method(code: str = "standard", **fields: Any) -> Method:
    return Method.objects.filter(code=code).first() or prices.method(code, **fields)


def parcel(dropshipper: Any, *, cod: str = "", **fields: Any) -> Shipment:
    """A parcel to Rome, prepaid unless `cod` says how much to collect (EUR)."""
    fields = {
        "reference": f"order:{next(_numbers)}",
        "weight_g": 800,
        "name": "Lucia D'Angelo",
        "street": "Via Roma 1",
        "postcode": "00144",
        "city": "Roma",
        "province": "RM",
        "cash": "booked" if cod else "",
        "cod_amount": Decimal(cod or "0.00"),
        **fields,
    }
    if "method" not in fields:
        fields["method"] = a_method()
    return Shipment.objects.create(dropshipper=dropshipper, **fields)
