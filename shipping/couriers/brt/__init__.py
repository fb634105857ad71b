"""BRT (Bartolini): JSON over REST, always HTTP 200; created, confirmed, deleted by our references."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shipping.couriers import calls, checks
from shipping.couriers.about import About
from shipping.couriers.base import (
    Access,
    AddressCheck,
    Booked,
    Collo,
    Known,
    Manifested,
    ManifestResult,
    Meaning,
    ParcelToBook,
    PickUp,
    Setting,
    Tracked,
)
from shipping.couriers.brt import booking, client, finding, tracking
from shipping.couriers.brt.about import ABOUT, CREDENTIALS, SETTINGS
from shipping.couriers.codes import read_table
from shipping.couriers.contract import Defaults
from shipping.couriers.errors import (
    AddressNotRouted,
    CourierSettings,
    CourierUnreadable,
    GoneAtCourier,
    ManyOfThem,
    OutcomeUnknown,
    ParcelRefused,
    StillWorking,
)
from shipping.couriers.figures import kilos
from shipping.couriers.fitting import Limits

_AGAIN = dt.timedelta(minutes=5)  # a parcel that was just created is still being worked at


class Brt(Defaults):
    """See shipping.couriers.contract.Courier."""

    slug: ClassVar[str] = "brt"
    name: ClassVar[str] = client.NAME
    about: ClassVar[About] = ABOUT
    form: ClassVar[str | Promise] = _("Twelve digits: branch, series, number")
    reprints: ClassVar[bool] = False
    can_label: ClassVar[bool] = False  # with the answer of `book`, and never again
    can_manifest: ClassVar[bool] = True
    can_pick_up: ClassVar[bool] = True
    can_check_address: ClassVar[bool] = True
    addresses: ClassVar[Mapping[str, str]] = client.ADDRESSES
    credentials: ClassVar[Sequence[Setting]] = CREDENTIALS
    settings: ClassVar[Sequence[Setting]] = SETTINGS
    limits: ClassVar[Limits] = booking.LIMITS
    volumetric_kg_m3: ClassVar[int] = 250
    most_colli: ClassVar[int] = booking.MOST_COLLI
    table: ClassVar[Mapping[str, Meaning]] = read_table(Path(__file__).parent / "events.csv")

    def check(self, access: Access) -> None:
        """By the routing of our own address."""
        checks.settings(self, access)
        if access.sender is None:
            raise CourierSettings(courier=self.name, text=str(_("the sender’s address")))
        self.check_address(access, ParcelToBook("MCI", 1, access.sender, (Collo(1000),)))

    def plain_number(self, access: Access, text: str) -> str:
        digits = "".join(text.split())
        return digits.zfill(12) if digits.isascii() and digits.isdigit() else digits.upper()

    def book(self, access: Access, parcel: ParcelToBook) -> Booked:
        checks.parcel(self, access, parcel)
        body = {
            "createData": booking.create_data(access, parcel),
            "isLabelRequired": "1",
            "labelParameters": booking.label_parameters(access),
        }
        found = client.send(access, "POST", "/shipments/shipment", "createResponse", body, making=True)
        return booking.booked(access, parcel, found, client.judge(found, reference=parcel.reference))

    def find(self, access: Access, reference: str, number: int) -> Booked | None:
        checks.settings(self, access)
        return finding.find(access, reference, number)

    def cancel(self, access: Access, known: Known) -> None:
        checks.settings(self, access)
        body = {"deleteData": booking.references(access, known.reference, known.numeric)}
        found = client.send(access, "PUT", "/shipments/delete", "deleteResponse", body)
        try:
            client.judge(found, reference=known.reference)
        except GoneAtCourier:
            return
        except OutcomeUnknown as error:  # deleting twice harms nobody
            raise StillWorking(after=error.after) from None

    def manifest(self, access: Access, parcels: Sequence[Known]) -> ManifestResult:
        checks.settings(self, access)
        if access.said("confirmation", "explicit") == "auto":
            return ManifestResult([Manifested(known.number, done=True) for known in parcels])
        return ManifestResult([self._confirm(access, known) for known in parcels])

    def _confirm(self, access: Access, known: Known) -> Manifested:
        """A wrong login stops all of them; anything else is this parcel's own."""
        body = {"confirmData": booking.references(access, known.reference, known.numeric)}
        found = client.send(access, "PUT", "/shipments/shipment", "confirmResponse", body)
        if client.code_of(found) == client.CONFIRMED_ALREADY:
            return Manifested(known.number, done=True)
        try:
            client.judge(found, reference=known.reference)
        except (StillWorking, OutcomeUnknown):
            return Manifested(known.number, done=False, after=_AGAIN, text=client.words_of(found))
        except (GoneAtCourier, ManyOfThem, ParcelRefused) as error:
            return Manifested(known.number, done=False, text=str(error))
        return Manifested(known.number, done=True)

    def pick_up(self, access: Access, pick_up: PickUp) -> str:
        checks.settings(self, access)
        if not access.credentials.get("orm_key"):
            raise CourierSettings(courier=self.name, text=str(CREDENTIALS[2].label))
        asked = {
            "requestInfos": {"collectionDate": pick_up.on.isoformat(), "parcelCount": pick_up.colli},
            "customerInfos": {"custAccNumber": access.said("customer_code")},
            "stakeholders": [{"type": "RQ"}, {"type": "SE"}],
            "brtSpec": {
                "collectionTime": f"{pick_up.earliest:%H:%M}",
                "openingHours": [{"from": f"{pick_up.earliest:%H:%M}", "to": f"{pick_up.latest:%H:%M}"}],
                "payerType": "Ordering",
                "weightKG": kilos(pick_up.weight_g),
                "notes": pick_up.note[:70],
            },
        }
        answer = calls.ask(
            self.name,
            "POST",
            client.url(access, "orm", "/api/geodata/v410/colreqs"),
            headers={"Content-Type": "application/json", "X-API-Auth": access.credentials["orm_key"]},
            body=json.dumps([asked]).encode(),
            making=True,
            kept=frozenset({201, 400}),
            label="POST colreqs",
        )
        found = calls.json_of(self.name, answer, making=True)
        if answer.status == 400:
            raise ParcelRefused(text=calls.said(found.get("message")))
        number = calls.said(found.get("ormReservationNumber"))
        if not number:
            raise OutcomeUnknown(reason="number")
        return number

    def events(self, access: Access, parcels: Sequence[Known]) -> Sequence[Tracked]:
        headers = {
            "userID": access.credentials.get("user_id", ""),
            "password": access.credentials.get("password", ""),
            "Accept": "application/json",
        }
        found = []
        for known in parcels:
            # The piece's tracking id of 15 digits, not the 18 of its barcode.
            piece = next((collo.tracking for collo in known.colli if collo.tracking), "")
            if not piece:
                found.append(Tracked(known.number, reference=known.reference))
                continue
            path = f"/tracking/parcelID/{piece}"
            answer = calls.ask(
                self.name, "GET", client.url(access, "rest", path), headers=headers, label="GET tracking"
            )
            for one in self.read_events(access, answer.body):
                found.append(Tracked(known.number, one.events, known.reference, one.cod_due))
        return found

    def read_events(self, access: Access, answer: bytes) -> Sequence[Tracked]:
        return tracking.read(access, self.table, answer)

    def check_address(self, access: Access, parcel: ParcelToBook) -> AddressCheck:
        checks.settings(self, access)
        body = {"routingData": booking.create_data(access, parcel)}
        found = client.send(access, "PUT", "/shipments/routing", "routingResponse", body)
        try:
            client.judge(found)
        except AddressNotRouted:
            return AddressCheck(good=False)
        except OutcomeUnknown as error:
            raise StillWorking(after=error.after) from None
        except GoneAtCourier:
            raise CourierUnreadable(courier=self.name, text="routing") from None
        changed = {name: given for name, (_asked, given) in booking.changes(parcel.recipient, found).items()}
        routing = {name: calls.said(found.get(name)) for name in ("arrivalTerminal", "arrivalDepot", "deliveryZone")}
        return AddressCheck(good=not changed, changed=changed, routing=routing)


courier = Brt()
