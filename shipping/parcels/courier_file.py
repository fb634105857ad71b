"""The parcels that wait here, as the file that a courier's own program reads: its fields' lengths, its signs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.pagination import walk
from core.sheet import For, sheet
from shipping.models import Courier, Shipment
from shipping.parcels.texts import fit, signs

# The names are a program's, not a reader's: they are the same in every language.
HEAD = (
    *("reference", "service", "name", "company", "address", "address2", "postcode", "city", "province", "country"),
    *("phone", "email", "note", "parcels", "weight_kg", "cod_amount", "currency"),
)
WAITING = ("to_pick", "packed")
_ENCODINGS = {"": "utf-8", "latin1": "latin-1", "ascii": "ascii"}


def encoding(courier: Courier) -> str:
    return _ENCODINGS[courier.text_form]


def lines(courier: Courier) -> Iterator[bytes]:
    """The file line by line, oldest parcel first. Amounts as 49.90, empty for a prepaid parcel; a telephone as +39…,
    empty when what the customer gave is none; a postcode keeps its zeros."""
    waiting = Shipment.objects.filter(method__courier=courier, state__in=WAITING)
    found = walk(waiting.select_related("method"), by=("id",))
    for line in sheet(HEAD, (_row(shipment, courier) for shipment in found), to=For.MACHINES):
        yield line.encode(encoding(courier), "replace")


def _row(shipment: Shipment, courier: Courier) -> list[Any]:
    put = fit(shipment.address, shipment.note, courier)

    def plain(text: str) -> str:
        return signs(text, courier.text_form, courier.refused_signs)[0]

    return [
        shipment.number,
        plain(shipment.method.code),
        put.name,
        put.company,
        put.street,
        put.street2,
        plain(shipment.postcode),
        put.city,
        plain(shipment.province),
        shipment.country,
        put.phone,
        put.email,
        put.note,
        1,
        Decimal(max(shipment.weight_g, 10)) / 1000,
        shipment.cod_amount if shipment.cash else None,
        "EUR" if shipment.cash else "",
    ]
