"""Held parcels at Poste: listed, and released. Two names of the list are swapped in the service itself: `status` takes
the reason, `depositReason` the state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from shipping.couriers.base import Access, Act, Held, Instruction, Known
from shipping.couriers.calls import block, blocks, said
from shipping.couriers.errors import (
    AlreadyInstructed,
    CourierAway,
    CourierSettings,
    CourierUnreadable,
    NotInstructed,
    OutcomeUnknown,
    TooLate,
)
from shipping.couriers.fitting import Limits, door, fitted
from shipping.couriers.moments import day
from shipping.couriers.poste import client

ACTIONS = {
    Act.REDELIVER: "AZ0001",
    Act.OTHER_ADDRESS: "AZ0002",
    Act.ABANDON: "AZ0003",
    Act.TO_POST_OFFICE: "AZ0004",
    Act.BACK: "AZ0005",
    Act.TO_DEPOT: "AZ0006",
    Act.TO_LOCKER: "AZ0007",
    Act.TO_SHOP: "AZ0008",
}
_WITH_PLACE = frozenset({Act.TO_POST_OFFICE, Act.TO_LOCKER, Act.TO_SHOP})
_DAYS = 10  # a range may have; E0004 otherwise
_LIMITS = Limits(name=40, street=60, street_number=10, city=40, phone=30)
_OPEN = "INGIACENZA"
_REASONS = {"RIFDEST": "refused", "DESTNOTIND": "unknown", "INDERR": "bad_address", "DESTASS": "absent"}


def held(access: Access, since: dt.date, until: dt.date) -> list[Held]:
    """All of the days, in ranges that Poste takes; a range with too many in it (E0018) is halved."""
    found: dict[str, Held] = {}
    first = since
    while first <= until:
        last = min(first + dt.timedelta(days=_DAYS - 1), until)
        found |= {one.dossier or one.number: one for one in _range(access, first, last)}
        first = last + dt.timedelta(days=1)
    return list(found.values())


def _range(access: Access, first: dt.date, last: dt.date) -> Iterator[Held]:
    shape = "%Y%m%d" if access.said("deposit_dates", "dashes") == "plain" else "%Y-%m-%d"
    body = {
        "costCenters": [access.said("cost_center")],
        "startDate": first.strftime(shape),
        "endDate": last.strftime(shape),
        "status": "",  # the reason: all of them
        "depositReason": _OPEN,  # the state
    }
    answer = client.send(access, "depositsList", body)
    code = said(block(answer.get("result")).get("errorCode") or answer.get("errorCode"))
    if code == "E0003":
        return
    if code == "E0018" and first < last:
        half = first + (last - first) // 2
        yield from _range(access, first, half)
        yield from _range(access, half + dt.timedelta(days=1), last)
        return
    if code in ("E0001", "E0002", "E0004"):
        raise CourierSettings(courier=client.NAME, text=code)
    if code not in ("", "0"):
        raise CourierUnreadable(courier=client.NAME, text=code)
    for item in blocks(block(answer.get("deposits")).get("item")):
        yield _held(item)


def _held(item: Mapping[str, Any]) -> Held:
    reason = said(item.get("motivationId"))
    return Held(
        number=said(item.get("shipmentId"), 40),
        reference=said(item.get("customerShipmentId"), 60),
        dossier=said(item.get("depositDossier"), 40),
        reason=_REASONS.get(reason, reason),
        reason_text=said(item.get("motivationDescription")),
        since=day(said(item.get("startDate"))),
        until=day(said(item.get("endDate"))),
        open=said(item.get("depositStatus")).upper() in (_OPEN, ""),
        can_instruct=said(item.get("releasable")).upper() in ("S", "Y"),
    )


def release(access: Access, known: Known, instruction: Instruction) -> str:
    """Raises NotInstructed, TooLate, AlreadyInstructed, OutcomeUnknown. The amount to collect cannot be changed."""
    act = instruction.act
    if act not in ACTIONS or instruction.cod is not None:
        raise NotInstructed(text=_("Poste does not change the amount, the date or the parts of a held parcel"))
    body: dict[str, Any] = {
        "releaseAct": {"shipmentId": known.number, "releaseAction": ACTIONS[act]},
        "shipmentId": {"item": [{"barcode": known.number}]},
    }
    if act == Act.OTHER_ADDRESS:
        body["address"] = {"item": [_address(instruction)]}
    if act in _WITH_PLACE:
        if not instruction.place:
            raise NotInstructed(text=_("the office, locker or shop is needed"))
        body["officeId"] = instruction.place
    answer = client.send(access, "depositsRelease", body, making=True)
    rows = blocks(block(answer.get("releaseOutcome")).get("item")) or blocks(answer.get("result"))
    row = next((one for one in rows if said(one.get("barcode")) in (known.number, "")), None)
    if row is None:
        raise OutcomeUnknown(reason="releaseOutcome")
    if said(row.get("outcome")).upper() == "OK":
        return said(row.get("description")) or "OK"
    raise _no(said(row.get("errorCode")), said(row.get("errorDescription")))


def _no(code: str, words: str) -> Exception:
    text = f"{words} ({code})" if words else code
    if code == "E0007":
        return TooLate(text=text)
    if code == "E0009":
        return AlreadyInstructed(text=text)
    if code == "E0006":
        return CourierSettings(courier=client.NAME, text=text)
    if not code:
        return CourierAway(reason="KO")
    return NotInstructed(text=text)


def _address(instruction: Instruction) -> dict[str, str]:
    given = instruction.address
    if given is None:
        raise NotInstructed(text=_("the new address is needed"))
    put = fitted(given, "", _LIMITS)
    first, _blank, last = (put.company or put.name).partition(" ")
    street, number = door(put.street, _LIMITS.street_number)
    return {
        "givenName": first,
        "surname": last or first,
        "streetName": street,
        "streetNumber": number,
        "town": put.city,
        "postCode": given.postcode.strip()[:10],
        "region": given.province.strip().upper()[:3],
        "phone": (put.phone or instruction.phone)[:30],
    }
