"""A parcel as BRT's createData, and what its answer says was made of it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.address import Address
from shipping.couriers import checks
from shipping.couriers.base import Access, Booked, BookedCollo, CodMode, Known, Label, LabelFormat, ParcelToBook, Warned
from shipping.couriers.brt.client import WARNINGS, words_of
from shipping.couriers.calls import block, blocks, said
from shipping.couriers.errors import OutcomeUnknown
from shipping.couriers.figures import cubic_metres, dot, kilos
from shipping.couriers.fitting import Limits, cut, fitted, limits_of

LIMITS = Limits(
    name=70, street=35, city=35, email=70, phone=16, note=70, reference=15, text_form="ascii", refused='"\\'
)
MOST_COLLI = 30
_LEAST_STREET = 6
# Blank is cash; a cheque goes to the sender unless the contract says otherwise.
COD_CODES = {CodMode.CASH: "", CodMode.BANK_CHEQUE: "BM", CodMode.CIRCULAR_CHEQUE: "CM"}
_COMPARED = {
    "city": ("consigneeCity", "city"),
    "postcode": ("consigneeZIPCode", "postcode"),
    "province": ("consigneeProvinceAbbreviation", "province"),
}


def references(access: Access, reference: str, number: int) -> dict[str, Any]:
    """By which BRT confirms, deletes and finds; the alphanumeric one is case-sensitive."""
    return {
        "senderCustomerCode": access.said("customer_code"),
        "numericSenderReference": str(number),
        "alphanumericSenderReference": reference[:15],
    }


def consignee(access: Access, address: Address, note: str) -> dict[str, Any]:
    put = fitted(address, note, limits_of(access, LIMITS))
    street = put.street if len(put.street) >= _LEAST_STREET else f"{put.street} - {put.city}"[:35]
    found: dict[str, Any] = {
        "consigneeCompanyName": put.company or put.name,
        "consigneeAddress": street,
        "consigneeZIPCode": address.postcode.strip()[:9],
        "consigneeCity": put.city,
        "consigneeProvinceAbbreviation": address.province.strip().upper()[:2],
        "consigneeCountryAbbreviationISOAlpha2": address.country.strip().upper()[:2] or "IT",
        "consigneeEMail": put.email,
        "notes": put.note,
    }
    if put.company and put.name:
        found["consigneeContactName"] = put.name[:35].rstrip()
    if put.phone:
        found["consigneeMobilePhoneNumber"] = put.phone
    return {name: value for name, value in found.items() if value}


def create_data(access: Access, parcel: ParcelToBook) -> dict[str, Any]:
    """Weights and money as numbers with a dot. `alert` is asked for where there is a telephone or an e-mail."""
    limits = limits_of(access, LIMITS)
    to = consignee(access, parcel.recipient, parcel.note)
    data: dict[str, Any] = {
        **references(access, parcel.reference, parcel.number),
        "departureDepot": access.said("departure_depot"),
        "deliveryFreightTypeCode": access.said("freight", "DAP"),
        "pricingConditionCode": access.said("pricing_condition", "000"),
        **to,
        "isAlertRequired": "1" if to.get("consigneeEMail") or to.get("consigneeMobilePhoneNumber") else "0",
        "numberOfParcels": len(parcel.colli),
        "weightKG": Decimal(kilos(parcel.weight_g)),
        "senderParcelType": cut(parcel.content, 15, limits),
        "isCODMandatory": "0",
        "network": access.said("network"),
        "serviceType": access.said("service_type"),
        "parcelsHandlingCode": access.said("handling_code"),
        "particularitiesDeliveryManagementCode": access.said("delivery_code"),
        "particularitiesHoldOnStockManagementCode": access.said("stock_code"),
        "variousParticularitiesManagementCode": access.said("various_code"),
    }
    if volume := sum(collo.volume_cm3 for collo in parcel.colli):
        data["volumeM3"] = Decimal(cubic_metres(volume))
    if parcel.cod is not None:
        data |= {
            "isCODMandatory": "1",
            "cashOnDelivery": Decimal(dot(parcel.cod)),
            "codCurrency": "EUR",
            "codPaymentType": checks.cod_code(access, COD_CODES, parcel.cod_mode),
        }
    if parcel.value is not None:
        data |= {"insuranceAmount": Decimal(dot(parcel.value)), "insuranceAmountCurrency": "EUR"}
    if parcel.services:
        data["brtServiceCode"] = parcel.services[0]
    return {name: value for name, value in data.items() if value != "" or name == "codPaymentType"}


def label_parameters(access: Access) -> dict[str, str]:
    return {
        "outputType": "ZPL" if access.label_format == LabelFormat.ZPL else "PDF",
        "offsetX": "0",
        "offsetY": "0",
        "isBorderRequired": "0",
        "isLogoRequired": "0",
        "isBarcodeControlRowRequired": "0",
        "labelFormat": access.said("label_format"),
    }


def number_of(access: Access, found: Mapping[str, Any]) -> str:
    """Twelve digits: branch, series, number. By them the parcel is known on BRT's public page."""
    depot = said(found.get("departureDepot")) or access.said("departure_depot")
    parts = (depot, said(found.get("seriesNumber")), said(found.get("parcelNumberFrom")))
    if not all(re.fullmatch(rf"\d{{1,{most}}}", part, re.ASCII) for part, most in zip(parts, (3, 2, 7), strict=True)):
        raise OutcomeUnknown(reason="number")
    return f"{parts[0]:0>3}{parts[1]:0>2}{parts[2]:0>7}"


def booked(access: Access, parcel: ParcelToBook, found: Mapping[str, Any], code: int) -> Booked:
    """Raises OutcomeUnknown where the answer has no number: something was made, and nobody knows which."""
    labels: list[Label] = []
    colli: list[BookedCollo] = []
    for one in blocks(block(found.get("labels")).get("label")):
        barcode = said(one.get("parcelID"))
        colli.append(BookedCollo(barcode, barcode, said(one.get("trackingByParcelID"))))
        if stream := said_bytes(one.get("stream")):
            labels.append(Label(access.label_format, stream, barcode))
    number = number_of(access, found)
    told = list(warnings(parcel, found, code))
    if len(labels) != len(parcel.colli):  # and none is given again
        told.append(Warned("label_missing", asked=str(len(parcel.colli)), given=str(len(labels)), serious=True))
    return Booked(
        known=Known(parcel.reference, number, parcel.number, tuple(colli)),
        labels=tuple(labels) if len(labels) == len(parcel.colli) else (),
        routing={
            name: said(found.get(name))
            for name in ("arrivalTerminal", "arrivalDepot", "deliveryZone", "departureDepot", "seriesNumber")
            if said(found.get(name))
        },
        warnings=tuple(told),
    )


def warnings(parcel: ParcelToBook, found: Mapping[str, Any], code: int) -> Sequence[Warned]:
    """BRT says that it changed something; what, is seen by holding its address against ours."""
    if code not in WARNINGS:
        return [Warned("unknown_warning", text=words_of(found))] if code > 0 else []
    changed = changes(parcel.recipient, found) if code == 4 else {}
    told = [
        Warned(WARNINGS[code], name, asked, given, words_of(found), serious=name == "province")
        for name, (asked, given) in changed.items()
    ]
    return told or [Warned(WARNINGS[code], text=words_of(found))]


def changes(address: Address, found: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    pairs = {
        name: (str(getattr(address, ours)).strip(), said(found.get(theirs)))
        for name, (theirs, ours) in _COMPARED.items()
    }
    return {name: pair for name, pair in pairs.items() if pair[1] and pair[0].casefold() != pair[1].casefold()}


def said_bytes(value: object) -> bytes:
    """Base64; nothing where it is none."""
    if not isinstance(value, str) or not value:
        return b""
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
