"""The manifest (borderò) that a driver signs: the parcels handed over to one courier, with their sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.lib.units import mm

from core.address import Address
from core.money import ZERO
from shipping.papers import barcodes, sheet
from shipping.papers.errors import BadPaper
from shipping.papers.fonts import Face
from shipping.papers.sheet import Box, Sheet
from shipping.papers.table import Column, Row
from shipping.papers.words import Party, count, euro, kilos, moment, town


@dataclass(frozen=True, slots=True)
class Handed:
    """A shipment that leaves: its pieces, their weight together (g), what the driver collects (EUR, VAT included; None
    for nothing)."""

    order_number: str
    tracking: str
    recipient: Address
    parcels: int
    weight_g: int
    cod: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """`reference` is its number and its barcode, `at` when it was closed (aware). Raises BadPaper, NoBarcode."""

    reference: str
    courier: str
    at: dt.datetime
    sender: Party
    shipments: tuple[Handed, ...]
    customer_code: str = ""

    def __post_init__(self) -> None:
        barcodes.plain(self.reference)
        wrong = any(
            one.parcels < 1 or one.weight_g < 0 or (one.cod is not None and not (one.cod.is_finite() and one.cod > 0))
            for one in self.shipments
        )
        if wrong or not self.shipments:
            raise BadPaper(reference=self.reference)

    @property
    def parcels(self) -> int:
        return sum(one.parcels for one in self.shipments)

    @property
    def weight_g(self) -> int:
        return sum(one.weight_g for one in self.shipments)

    @property
    def cod(self) -> Decimal:
        """What the drivers collect together (EUR)."""
        return sum((one.cod for one in self.shipments if one.cod is not None), ZERO)


def write_manifests(manifests: Iterable[Manifest], out: BinaryIO, *, language: str = "it") -> int:
    """A PDF of `manifests` into `out`, each from a page of its own; how many pages. Raises NothingToPrint."""
    return sheet.write_sheets((_sheet(one) for one in manifests), out, language)


def _sheet(one: Manifest) -> Sheet:
    with_cod = sum(shipment.cod is not None for shipment in one.shipments)
    code = _("Customer code %(code)s") % {"code": one.customer_code} if one.customer_code else ""
    sums = [
        Box(_("Shipments"), count(len(one.shipments))),
        Box(pgettext("paper", "Parcels"), count(one.parcels)),
        Box(_("Weight"), kilos(one.weight_g)),
        Box(_("Shipments with cash on delivery"), count(with_cod)),
        Box(_("To collect at the door"), euro(one.cod)),
    ]
    signatures = [
        Box(_("Driver: name in capitals")),
        Box(_("Driver: signature")),
        Box(_("Date, hour and number plate")),
        Box(_("Parcels taken over")),
    ]
    foot = sheet.stacked(sheet.words(_declared()), sheet.boxes(signatures, least=20 * mm, after=1 * mm))
    return Sheet(
        title=_("Manifest"),
        number=f"{one.courier} · {one.reference}",
        issuer=one.sender,
        about=tuple(filter(None, (moment(one.at), code))),
        code=one.reference,
        columns=[
            Column(pgettext("paper", "No."), 9, align="right", size=8.5),
            Column(_("Order"), 25, face=Face.SEMIBOLD, size=9, least=6.5, lines=2),
            Column(_("Tracking"), 37, size=9, least=6.5, lines=2),
            Column(_("Recipient"), 45, size=9, least=7, lines=2),
            Column(pgettext("paper", "Place"), 41, size=9, least=7, lines=2),
            Column(pgettext("paper", "Parcels"), 13, align="right", size=9),
            Column(_("Weight"), 18, align="right", size=9, least=6),
            Column(_("To collect"), 21, align="right", face=Face.BOLD, size=9, least=6),
        ],
        items=[_row(number, shipment) for number, shipment in enumerate(one.shipments, start=1)],
        closing=[sheet.boxes(sums)],
        foot=foot,
    )


def _row(number: int, one: Handed) -> Row:
    to = one.recipient
    place = town(to) if to.country in ("", "IT") else f"{town(to)} {to.country}"
    collect = euro(one.cod) if one.cod is not None else "–"
    name = f"{to.name} ({to.company})" if to.company else to.name
    return Row(
        (
            count(number),
            one.order_number,
            one.tracking or "–",
            name,
            place,
            count(one.parcels),
            kilos(one.weight_g),
            collect,
        )
    )


def _declared() -> str:
    return _("The driver has taken over the parcels of this list, counted and whole on the outside.")
