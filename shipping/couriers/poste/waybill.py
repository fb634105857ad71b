"""A parcel as Poste's waybill. Weights in grams, sides in whole centimetres, money as "0.00"; `services` must be there
even when it is empty, and an optional e-mail that is none refuses the whole."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.address import Address
from core.postal.countries import country_name
from shipping.couriers import checks
from shipping.couriers.base import Access, BookedCollo, CodMode, Collo, Known, LabelFormat, ParcelToBook
from shipping.couriers.calls import blocks, said
from shipping.couriers.errors import CourierSettings, NotForThisCourier, OutcomeUnknown
from shipping.couriers.figures import centimetres, dot
from shipping.couriers.fitting import Limits, cut, door, fitted, limits_of
from shipping.couriers.poste import client

LIMITS = Limits(
    name=35,
    street=40,
    street_number=4,
    city=30,
    email=50,
    phone=16,
    note=30,
    reference=25,
    content=30,
    refused='\\"{}~',
)
MOST_COLLI = 10
_COD, _MANY = "APT000918", "APT000945"
COD_CODES = {CodMode.CASH: "CON", CodMode.CIRCULAR_CHEQUE: "ACM", CodMode.BANK_CHEQUE: "ABM"}
# Home delivery to private persons; the contract may say others (Access.limits has none of these: contract does).
_HEAVIEST_G, _LONGEST_MM, _SIDES_MM = 30_000, 1_500, 2_250


def request(access: Access, parcel: ParcelToBook, now: dt.datetime) -> dict[str, Any]:
    if access.sender is None:
        raise CourierSettings(courier=client.NAME, text=_("the sender’s address"))
    limits = limits_of(access, LIMITS)
    receiver, note = address(access, parcel.recipient, parcel.note)
    sender, _none = address(access, access.sender, "")
    services: dict[str, Any] = {code: {} for code in parcel.services}
    if parcel.cod is not None:
        mode = checks.cod_code(access, COD_CODES, parcel.cod_mode)
        services[_COD] = {"amount": dot(parcel.cod), "paymentMode": mode}
    if len(parcel.colli) > 1:
        services[_MANY] = {}
    data = {
        "declared": [declared(access, collo) for collo in parcel.colli],
        "content": cut(parcel.content, limits.content, limits),
        "note": note,
        "services": services,
        "sender": sender,
        "receiver": receiver,
    }
    zpl = access.label_format == LabelFormat.ZPL and parcel.recipient.country == "IT"
    row = {
        "clientReferenceId": parcel.reference[: limits.reference],
        "printFormat": "ZPL" if zpl else access.said("paper", "1011"),
        "product": access.said("product", "APT000902"),
        "data": data,
    }
    at = now.astimezone(dt.UTC)
    found = {
        "costCenterCode": access.said("cost_center"),
        "shipmentDate": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000",
        "paperless": "false",
        "waybills": [row],
    }
    return {**found, "partnerId": access.said("partner")} if access.said("partner") else found


def declared(access: Access, collo: Collo) -> dict[str, int]:
    """Sides of 0 are refused by Poste (100): a parcel that nobody measured has the contract's usual ones or stays."""
    sides = [centimetres(side) for side in (collo.height_mm, collo.length_mm, collo.width_mm)]
    if not all(sides):
        usual = re.fullmatch(r"(\d{1,3})\s*[x×]\s*(\d{1,3})\s*[x×]\s*(\d{1,3})", access.said("usual_sides"))
        if not usual:
            raise NotForThisCourier(text=_("the sides of the parcel are needed"))
        sides = [int(usual[3]), int(usual[1]), int(usual[2])]
    most = [int(access.said(name, str(least))) for name, least in _MOST]
    if collo.weight_g > most[0]:
        raise NotForThisCourier(text=_("a piece weighs more than %(most)s kg") % {"most": most[0] // 1000})
    if max(sides) * 10 > most[1] or sum(sides) * 10 > most[2]:
        raise NotForThisCourier(text=_("a piece is too long or its sides are too long together"))
    return dict(zip(("weight", "height", "length", "width"), (collo.weight_g, *sides), strict=True))


_MOST = (("heaviest_g", _HEAVIEST_G), ("longest_mm", _LONGEST_MM), ("sides_mm", _SIDES_MM))


def address(access: Access, given: Address, note: str) -> tuple[dict[str, Any], str]:
    """The address, and the note as it fits. The house number has four signs of its own; a longer one stays with its
    street."""
    limits = limits_of(access, LIMITS)
    put = fitted(given, note, limits)
    street, number = door(put.street, limits.street_number)
    italian = given.country.upper() in ("IT", "")
    found: dict[str, Any] = {
        "nameSurname": put.company or put.name,
        "contactName": put.name if put.company else "",
        "address": street,
        "streetNumber": number,
        "zipCode": given.postcode.strip()[: 5 if italian else 25],
        "city": put.city,
        "country": "ITA1" if italian else given.country.upper(),
        "countryName": "Italia" if italian else cut(country_name(given.country), 30, limits),
        "province": given.province.strip().upper()[:2],
        "email": put.email if is_email(put.email) else "",
        "cellphone": put.phone if len(put.phone) <= 16 else "",
        "note1": "",
        "note2": "",
    }
    needed = ("nameSurname", "address", "streetNumber", "zipCode", "city", "country", "countryName")
    return {name: value for name, value in found.items() if value or name in needed}, put.note


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def made(parcel: ParcelToBook, found: Mapping[str, Any]) -> Known:
    """Raises what either of the two levels says, OutcomeUnknown for a row without a number."""
    client.result(found, making=True)
    rows = blocks(found.get("waybills"))
    row = rows[0] if rows else {}
    code = said(row.get("code"), 40)
    if client.number(row.get("errorCode")) != 130 or not code:  # 130: made, and its PDF is not
        client.judge(row, making=True)
    if not code:
        raise OutcomeUnknown(reason="waybills")
    link = said(row.get("downloadURL"), 300)
    return Known(parcel.reference, code, parcel.number, (BookedCollo(code, code, code),), {"label": link})
