"""What a reseller's accounting does not see of customers: street, phone, e-mail, what they wrote. The row is emptied
before a page or a file is made of it, so that no template can show it; a veiled row is for display, never saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db.models import Model

from shipping.models import Shipment

FIELDS = ("street", "street2", "phone", "email", "note")
Row = TypeVar("Row", bound=Model)


def veil(row: Row) -> Row:
    """The order or parcel without what leads to the customer; `veiled` tells the page to say so."""
    for name in FIELDS:
        setattr(row, name, "")
    row.veiled = True  # type: ignore[attr-defined]
    return row


def parcels(rows: Iterable[Shipment], *, veiled: bool) -> Iterator[Shipment]:
    """The same rows, emptied if `veiled`."""
    return (veil(row) for row in rows) if veiled else iter(rows)
