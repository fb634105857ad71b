"""Forgetting to whom a parcel went. Courier, weight, tracking and amounts stay."""

from __future__ import annotations

from collections.abc import Iterable

from shipping.models import Shipment, ShipmentEvent

_AMOUNTS = r"^COD [0-9.]+ → [0-9.]+$"  # what was noted by ourselves


def forget(shipment_ids: Iterable[int], *, name: str) -> None:
    """In the caller's transaction. `name` stands in the place of the receiver's. What was said of the way
    ("not at home, left with …") goes too."""
    ids = list(shipment_ids)
    ShipmentEvent.objects.filter(shipment_id__in=ids).exclude(note="").exclude(note__regex=_AMOUNTS).update(note="")
    gone = Shipment.objects.filter(pk__in=ids)
    gone.update(name=name, company="", street="", street2="", postcode="", city="", phone="", email="", note="")
