"""Poste Delivery Business: waybills that no call cancels or finds, tracking in words, held parcels listed, released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import TryLater
from shipping.couriers import calls, checks
from shipping.couriers.about import About
from shipping.couriers.base import (
    Access,
    Act,
    Booked,
    Held,
    Instruction,
    Known,
    Label,
    LabelFormat,
    Meaning,
    ParcelToBook,
    PickUp,
    Setting,
    Tracked,
)
from shipping.couriers.contract import Defaults
from shipping.couriers.errors import GoneAtCourier, LabelLater, OutcomeUnknown
from shipping.couriers.fitting import Limits
from shipping.couriers.poste import client, deposits, tracking, waybill
from shipping.couriers.poste.about import ABOUT, CREDENTIALS, SETTINGS

_TOGETHER = 10  # waybills in one call of tracking
_EXPIRED = frozenset({401, 403, 404, 410})


class Poste(Defaults):
    """See shipping.couriers.contract.Courier."""

    slug: ClassVar[str] = "poste"
    name: ClassVar[str] = client.NAME
    about: ClassVar[About] = ABOUT
    form: ClassVar[str | Promise] = _("As Poste’s label has it (LDV)")
    can_find: ClassVar[bool] = False
    can_cancel: ClassVar[bool] = False
    reprints: ClassVar[bool] = False  # its address expires
    can_list_held: ClassVar[bool] = True
    can_pick_up: ClassVar[bool] = True
    instructions: ClassVar[frozenset[Act]] = frozenset(deposits.ACTIONS)
    addresses: ClassVar[Mapping[str, str]] = client.ADDRESSES
    credentials: ClassVar[Sequence[Setting]] = CREDENTIALS
    settings: ClassVar[Sequence[Setting]] = SETTINGS
    limits: ClassVar[Limits] = waybill.LIMITS
    volumetric_kg_m3: ClassVar[int] = 200
    most_colli: ClassVar[int] = waybill.MOST_COLLI
    table: ClassVar[Mapping[str, Meaning]] = tracking.TABLE

    def check(self, access: Access) -> None:
        """With a new token; that the contract is right is seen at the first waybill alone."""
        checks.settings(self, access)
        client.forget(access)
        client.token(access)

    def book(self, access: Access, parcel: ParcelToBook) -> Booked:
        """The label is saved at once, for its address expires; if that stumbles the parcel is booked all the same, and
        the label comes by `label`."""
        checks.parcel(self, access, parcel)
        body = waybill.request(access, parcel, timezone.now())
        known = waybill.made(parcel, client.send(access, "waybill", body, making=True))
        try:
            return Booked(known=known, labels=tuple(self.label(access, known)))
        except (TryLater, GoneAtCourier):
            return Booked(known=known, labels_later=True)

    def label(self, access: Access, known: Known) -> Sequence[Label]:
        link = known.extra.get("label", "")
        if not link:
            raise GoneAtCourier
        answer = calls.ask(self.name, "GET", link, kept=_EXPIRED, label="GET label")
        if answer.status in _EXPIRED:
            raise GoneAtCourier
        if answer.body.startswith(b"%PDF"):
            return [Label(LabelFormat.PDF, answer.body, known.number)]
        if b"^XA" in answer.body[:200]:
            return [Label(LabelFormat.ZPL, answer.body, known.number)]
        raise LabelLater(after=dt.timedelta(minutes=1))

    def pick_up(self, access: Access, pick_up: PickUp) -> str:
        """Kilograms here, grams everywhere else."""
        checks.settings(self, access)
        morning, afternoon = pick_up.earliest.hour < 13, pick_up.latest.hour > 13
        body = {
            "operation": "I",
            "bookingType": "RIT0001",
            "costCenterCode": access.said("cost_center"),
            "pickupDate": pick_up.on.isoformat(),
            "timeSlot": "AMPM" if morning and afternoon else "AM" if morning else "PM",
            "containerType": "B",
            "weight": -(-pick_up.weight_g // 1000),
            "pieces": pick_up.colli,
            "note": pick_up.note[:30],
            "sender": waybill.address(access, access.sender, "")[0] if access.sender else {},
        }
        found = client.send(access, "pickup", body, making=True)
        client.result(found, making=True)
        number = calls.said(found.get("bookingId"))
        if not number:
            raise OutcomeUnknown(reason="bookingId")
        return number

    def events(self, access: Access, parcels: Sequence[Known]) -> Sequence[Tracked]:
        found: dict[str, Tracked] = {}
        for first in range(0, len(parcels), _TOGETHER):
            some = parcels[first : first + _TOGETHER]
            answer = client.send(access, "tracking", tracking.request(access, [known.number for known in some]))
            found |= {one.number: one for one in tracking.read_object(access, answer)}
        return [replace(found.get(known.number, Tracked(known.number)), reference=known.reference) for known in parcels]

    def read_events(self, access: Access, answer: bytes) -> Sequence[Tracked]:
        return tracking.read(access, answer)

    def held(self, access: Access, since: dt.date, until: dt.date) -> Sequence[Held]:
        checks.settings(self, access)
        return deposits.held(access, since, until)

    def instruct(self, access: Access, known: Known, instruction: Instruction) -> str:
        checks.settings(self, access)
        return deposits.release(access, known, instruction)


courier = Poste()
