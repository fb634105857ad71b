"""A booked parcel as JSON, so that whoever keeps it can name it to the courier again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shipping.couriers.base import BookedCollo, Known


def kept(known: Known) -> dict[str, Any]:
    """Plain values: what a JSON column takes."""
    return {
        "reference": known.reference,
        "number": known.number,
        "numeric": known.numeric,
        "colli": [[collo.number, collo.barcode, collo.tracking] for collo in known.colli],
        "extra": dict(known.extra),
    }


def known_again(values: Mapping[str, Any]) -> Known:
    """What `kept` gave. Raises KeyError, TypeError for anything else."""
    return Known(
        reference=str(values["reference"]),
        number=str(values["number"]),
        numeric=int(values["numeric"]),
        colli=tuple(BookedCollo(*map(str, collo)) for collo in values["colli"]),
        extra={str(name): str(value) for name, value in values["extra"].items()},
    )
