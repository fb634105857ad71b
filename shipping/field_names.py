"""What the administration calls the fields of parcels (core/administration/field_names.py)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.administration.field_names import give
from shipping.models import Rate, Shipment, ShipmentEvent


def say() -> None:
    give(Rate, {"method": _("shipping method")})
    give(
        Shipment,
        {
            "reference": _("booked for"),
            "created_at": _("created on"),
            "shipped_at": _("handed to the courier on"),
            "delivered_at": _("delivered on"),
        },
    )
    give(
        ShipmentEvent,
        {
            "shipment": _("shipment"),
            "axis": _("of the parcel or of its cash"),
            "from_value": _("from"),
            "to_value": _("to"),
            "note": _("note"),
            "by": _("who"),
            "at": _("at"),
        },
        one=_("step of a parcel"),
        many=_("steps of parcels"),
    )
