"""Makes shipments: the parcels that the warehouse will pick. Called by the room that joins goods, money and parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import connection

from core.address import Address
from core.money import ZERO
from shipping.models import Shipment, ShipmentEvent


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel to book. `collect`: EUR to take at the door, all included; 0 when it is prepaid. `weight_g`: grams."""

    reference: str
    dropshipper_id: int
    method_id: int
    weight_g: int
    collect: Decimal
    address: Address
    note: str = ""


_COLUMNS: tuple[tuple[str, str], ...] = (
    ("reference", "text"),
    ("dropshipper_id", "bigint"),
    ("method_id", "bigint"),
    ("weight_g", "int"),
    ("cod_amount", "numeric"),
    ("cash", "text"),
    ("name", "text"),
    ("company", "text"),
    ("street", "text"),
    ("street2", "text"),
    ("postcode", "text"),
    ("city", "text"),
    ("province", "text"),
    ("country", "text"),
    ("phone", "text"),
    ("email", "text"),
    ("note", "text"),
)
_NAMES = ", ".join(name for name, _type in _COLUMNS)
_ARRAYS = ", ".join(f"%s::{kind}[]" for _name, kind in _COLUMNS)
# Only names and types of this module are put together here; every value is a parameter.
_BOOK = f"""
WITH made AS (
    INSERT INTO shipping_shipment ({_NAMES}, state, tracking, created_at)
    SELECT {_NAMES}, 'to_pick', '', now() FROM unnest({_ARRAYS}) AS parcel({_NAMES})
    RETURNING id, reference, cash
), told AS (
    INSERT INTO shipping_shipmentevent (shipment_id, axis, from_value, to_value, note, by_id, at)
    SELECT id, 'state', '', 'to_pick', '', %s::bigint, now() FROM made
    UNION ALL SELECT id, 'cash', '', 'booked', '', %s::bigint, now() FROM made WHERE cash = 'booked'
)
SELECT reference, id FROM made
"""  # noqa: S608


def book(parcels: Sequence[Parcel], *, by: int | None) -> dict[str, int]:
    """Shipment id by reference; all parcels in one statement, in the caller's transaction. The unique reference is the
    last fence against a second dispatch (IntegrityError): the caller has locked its orders before."""
    if not parcels:
        return {}
    rows = [
        (
            parcel.reference,
            parcel.dropshipper_id,
            parcel.method_id,
            parcel.weight_g,
            parcel.collect,
            "booked" if parcel.collect > ZERO else "",
            parcel.address.name,
            parcel.address.company,
            parcel.address.street,
            parcel.address.street2,
            parcel.address.postcode,
            parcel.address.city,
            parcel.address.province,
            parcel.address.country,
            parcel.address.phone,
            parcel.address.email,
            parcel.note,
        )
        for parcel in parcels
    ]
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, [*(list(column) for column in zip(*rows, strict=True)), by, by])
        return dict(cursor.fetchall())


def lower(shipment: Shipment, amount: Decimal, *, by: int | None) -> None:
    """Less to collect for a parcel whose order the caller has locked, and its event; 0.00: it is prepaid from now
    on."""
    before = shipment.cod_amount
    cash = shipment.cash if amount else Shipment.Cash.NONE
    note = f"{before} → {amount}"
    ShipmentEvent.objects.create(
        shipment=shipment, axis="cash", from_value=shipment.cash, to_value=cash, note=note, by_id=by
    )
    shipment.cod_amount, shipment.cash = amount, cash
    shipment.save(update_fields=["cod_amount", "cash"])


def readdress(shipment: Shipment, address: Address, note: str, *, method_id: int, by: int | None) -> None:
    """Another place for a parcel whose order the caller has locked and that is still to be picked, by `method_id`; its
    event names no place, for what it says outlives the customer's data."""
    for field in fields(address):
        setattr(shipment, field.name, getattr(address, field.name))
    shipment.note, shipment.method_id = note, method_id
    shipment.save(update_fields=[*(field.name for field in fields(address)), "note", "method"])
    ShipmentEvent.objects.create(shipment=shipment, axis="address", to_value="changed", by_id=by)
