"""Parcels and their papers, short and as long as the fields allow."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw

from core.address import Address
from shipping.papers.ddt import TransportDocument
from shipping.papers.label import Label
from shipping.papers.manifest import Handed, Manifest
from shipping.papers.packing_slip import PackingSlip, SlipLine
from shipping.papers.pick_list import Pick, PickList
from shipping.papers.return_slip import ReturnSlip
from shipping.papers.words import Party

TODAY = dt.date(2026, 11, 30)
NOW = dt.datetime(2026, 11, 30, 16, 30, tzinfo=dt.UTC)  # 17:30 in Rome
SELLER = Party("Scontimania S.r.l.", ("Via dell'Artigianato 20", "20090 Assago (MI)"), "IT09876543210", "09876543210")
RESELLER = Party("Casa Bella di Luca Verdi", ("Via dell'Industria 5", "40127 Bologna (BO)"), "IT01234567890")
LUCIA = Address(
    name="Lucia Bianchi",
    street="Via dei Mille 12/A",
    street2="Scala B, interno 4",
    postcode="41122",
    city="Modena",
    province="MO",
    phone="+39 059 1110011",
)
ENDLESS = Address(
    name=("Ștefănescu Łukasz Dvořák-Żółć " * 5)[:120],
    company=("Società cooperativa agricola a responsabilità limitata " * 3)[:120],
    street=("Via dei Martiri della Libertà e della Resistenza partigiana " * 4)[:192] + " 124/bis",
    street2=("Palazzina C scala B interno 12 " * 7)[:200],
    postcode="00144",
    city=("Reggio nell'Emilia e Casalgrande d'Altopiano " * 2)[:80],
    province="RE",
    country="PL",
    phone="+40 21 123 4567 8901 2345 678",
)
LINES = (
    SlipLine("BICCH-6", "Set di 6 bicchieri in vetro soffiato", 2),
    SlipLine("LAMP-01", "Lampada da tavolo ricaricabile", 1, "colore: blu"),
)


def many_lines(count: int = 200) -> tuple[SlipLine, ...]:
    return tuple(
        SlipLine(
            f"SKU-{number:04d}" + "-LUNGHISSIMO" * (number % 4),
            "Lampada da tavolo ricaricabile con base in legno di faggio " * (1 + number % 9),
            1 + number % 4,
        )
        for number in range(count)
    )


def label(**changes: Any) -> Label:
    known = Label("MCI-000012", "MCI-000012", "BRT", "Espresso 24/48h", LUCIA, 1250, RESELLER)
    return replace(known, **changes)


def endless_label(**changes: Any) -> Label:
    known = label(
        order_number="#1042" * 12,
        courier="Corriere Espresso Nazionale e Internazionale S.p.A. in liquidazione",
        method="Consegna al piano su appuntamento telefonico entro 24/48 ore lavorative",
        recipient=ENDLESS,
        sender=Party("Emporio Felice di Davide e figli " * 4, ("Via dell'Industria 5 " * 9,)),
        piece=98,
        pieces=99,
        weight_g=1_234_567,
        cod=Decimal("4999.99"),
        tracking="BN00123456789ABCDEF12",
        note="Citofono rotto, telefonare " * 7,
    )
    return replace(known, **changes)


def slip(**changes: Any) -> PackingSlip:
    known = PackingSlip(
        "MCI-000012",
        "#1042",
        RESELLER,
        LUCIA,
        TODAY,
        LINES,
        "Grazie per il tuo acquisto!",
        b"",
        "BRT Espresso",
        "08412345678901",
    )
    return replace(known, **changes)


def ddt(**changes: Any) -> TransportDocument:
    known = TransportDocument(
        number="123",
        year=2026,
        date=TODAY,
        seller=SELLER,
        buyer=RESELLER,
        recipient=LUCIA,
        lines=LINES,
        reason="Vendita – consegna a terzi per conto del cessionario",
        appearance="Scatola di cartone",
        parcels=2,
        weight_g=3450,
        carrier=Party("BRT S.p.A.", ("Via E. Mattei 42, 40138 Bologna (BO)",)),
        start=NOW,
        carriage="Franco",
        reference="MCI-000012",
        order_number="MCI-000012",
        note="Ordine del cliente #1042",
    )
    return replace(known, **changes)


def return_slip(**changes: Any) -> ReturnSlip:
    send_to = Address("Casa Bella c/o Logistica", "Via dell'Artigianato 20", "20090", "Assago", "MI")
    known = ReturnSlip("RET-000077", "#1042", RESELLER, LUCIA, send_to, LINES, dt.date(2026, 12, 14), "Ci dispiace.")
    return replace(known, **changes)


def pick_list(picks: tuple[Pick, ...], **changes: Any) -> PickList:
    return replace(PickList("W-000031", "BRT 16:00", NOW, SELLER, picks), **changes)


def manifest(**changes: Any) -> Manifest:
    shipments = (
        Handed("MCI-000012", "08412345678901", LUCIA, 2, 3450, Decimal("39.90")),
        Handed("MCI-000013", "08412345678902", ENDLESS, 1, 550),
        Handed("MCI-000014", "", LUCIA, 1, 1000, Decimal("1234.50")),
    )
    return replace(Manifest("BRT-2026-0331", "BRT", NOW, SELLER, shipments, "1234567"), **changes)


def logo(form: str = "WEBP", size: tuple[int, int] = (800, 260)) -> bytes:
    """A red disc on nothing."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((10, 10, 240, 240), fill=(220, 20, 20, 255))
    out = io.BytesIO()
    (picture.convert("RGB") if form == "JPEG" else picture).save(out, form)
    return out.getvalue()
