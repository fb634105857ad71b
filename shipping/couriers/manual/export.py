"""Parcels as a file for a courier's own program. Its columns are the staff's: a heading, and what stands under it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from shipping.couriers.base import Access, ParcelToBook
from shipping.couriers.errors import CourierSettings
from shipping.couriers.figures import comma, cubic_metres, dot, kilos
from shipping.couriers.fitting import Limits, cut, door, fitted, limits_of

# (heading, field); a field that begins with = is the same text in every row. The names are a program's.
USUAL: Sequence[tuple[str, str]] = tuple(
    (name, name)
    for name in (
        *("reference", "service", "name", "company", "address", "postcode", "city", "province", "country"),
        *("phone", "email", "note", "parcels", "weight_kg", "cod_amount", "cod_mode"),
    )
)
FIELDS = frozenset(
    [
        *("reference", "number", "service", "name", "company", "recipient", "address", "street", "street_number"),
        *("postcode", "city", "province", "country", "phone", "email", "note", "parcels", "weight_kg", "weight_g"),
        *("volume_m3", "cod_amount", "cod_cents", "cod_mode", "is_cod", "value", "content", "ship_on"),
    ]
)
_SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
_ENCODINGS = {"utf-8": "utf-8", "utf-8-bom": "utf-8-sig", "latin-1": "latin-1", "windows-1252": "cp1252"}
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def columns(access: Access) -> Sequence[tuple[str, str]]:
    """As staff saved them (contract `export`: pairs). Raises CourierSettings for a field that is none."""
    saved = access.contract.get("export")
    if not saved:
        return USUAL
    pairs = [(str(pair[0]), str(pair[1])) for pair in saved]
    wrong = [field for _heading, field in pairs if field not in FIELDS and not field.startswith("=")]
    if wrong:
        raise CourierSettings(
            courier=access.said("name"), text=_("no such field: %(names)s") % {"names": ", ".join(wrong)}
        )
    return pairs


def export(access: Access, parcels: Sequence[ParcelToBook], usual: Limits) -> bytes:
    """Amounts have a dot or a comma (contract `decimals`), nothing for a prepaid parcel; a postcode keeps its zeros."""
    wanted = columns(access)
    out = io.StringIO(newline="")
    separator = _SEPARATORS.get(access.said("separator", "semicolon"), ";")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    if access.said("heading", "yes") == "yes":
        writer.writerow([heading for heading, _field in wanted])
    for parcel in parcels:
        values = row(access, parcel, limits_of(access, usual))
        writer.writerow(
            [_BREAKS.sub(" ", field[1:] if field.startswith("=") else values[field]) for _heading, field in wanted]
        )
    encoding = _ENCODINGS.get(access.said("encoding", "utf-8"), "utf-8")
    return out.getvalue().encode(encoding, "replace")


def row(access: Access, parcel: ParcelToBook, limits: Limits) -> Mapping[str, str]:
    put = fitted(parcel.recipient, parcel.note, limits)
    street, number = door(put.street, 10)
    money = comma if access.said("decimals", "dot") == "comma" else dot
    sign = "," if money is comma else "."

    def amount(value: Decimal | None) -> str:
        return money(value) if value is not None else ""

    modes: Any = access.contract.get("cod_modes") or {}
    cents = str(int(parcel.cod * 100)) if parcel.cod is not None else ""
    return {
        "reference": parcel.reference,
        "number": str(parcel.number),
        "service": ",".join(parcel.services),
        "name": put.name,
        "company": put.company,
        "recipient": put.company or put.name,
        "address": ", ".join(filter(None, [put.street, put.street2])),
        "street": street,
        "street_number": number,
        "postcode": parcel.recipient.postcode,
        "city": put.city,
        "province": parcel.recipient.province,
        "country": parcel.recipient.country,
        "phone": put.phone,
        "email": put.email,
        "note": put.note,
        "parcels": str(len(parcel.colli)),
        "weight_kg": kilos(parcel.weight_g, sign=sign),
        "weight_g": str(parcel.weight_g),
        "volume_m3": cubic_metres(sum(collo.volume_cm3 for collo in parcel.colli)).replace(".", sign),
        "cod_amount": amount(parcel.cod),
        "cod_cents": cents,
        "cod_mode": str(modes.get(parcel.cod_mode, parcel.cod_mode)) if parcel.cod is not None else "",
        "is_cod": ("S" if parcel.cod is not None else "N"),
        "value": amount(parcel.value),
        "content": cut(parcel.content, limits.content, limits),
        "ship_on": f"{parcel.ship_on:%d/%m/%Y}" if parcel.ship_on else "",
    }
