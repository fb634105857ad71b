"""The list of shipments as CSV, for people. What a courier's program reads is shipping/parcels/courier_file.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.pagination import walk
from core.sheet import For, dialled, sheet
from shipping import veil
from shipping.models import Method, Shipment


def shipments(found: QuerySet[Shipment], *, veiled: bool = False) -> Iterator[str]:
    """The parcels of a list, all of them, newest first. `veiled`: without streets, phones and e-mails
    (shipping/veil.py)."""
    head = [
        _("Order"), _("Date"), _("State"), _("Courier"), _("Service"), _("Tracking number"), _("Tracking address"),
        _("Name"), _("Company"), _("Address"), _("Postcode"), _("City"), _("Province"), _("Country"), _("Phone"),
        _("E-mail"), _("Weight (g)"), _("To collect"), _("COD cash"), _("Shipped"), _("Delivered"),
    ]  # fmt: skip
    # Couriers and words are few: they are read and translated once, not with each parcel.
    states = {value: str(label) for value, label in Shipment.State.choices}
    cash = {value: str(label) for value, label in Shipment.Cash.choices}
    methods = Method.objects.select_related("courier").in_bulk()
    rows = (
        _row(shipment, methods[shipment.method_id], states[shipment.state], cash[shipment.cash])
        for shipment in veil.parcels(walk(found.select_related(None)), veiled=veiled)
    )
    return sheet(head, rows, to=For.PEOPLE)


def _row(shipment: Shipment, method: Method, state: str, cash: str) -> list[Any]:
    shipment.method = method
    return [
        shipment.number, _when(shipment.created_at), state, method.courier.name,
        method.name, shipment.tracking, shipment.tracking_link, shipment.name, shipment.company,
        " ".join(filter(None, [shipment.street, shipment.street2])), shipment.postcode, shipment.city,
        shipment.province, shipment.country, dialled(shipment.phone), shipment.email, shipment.weight_g,
        shipment.at_the_door, cash, _when(shipment.shipped_at),
        _when(shipment.delivered_at),
    ]  # fmt: skip


def _when(at: dt.datetime | None) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else ""
