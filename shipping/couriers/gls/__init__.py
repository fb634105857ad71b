"""GLS Italy: a parcel is open until the day is closed; labels now or later; held parcels are released from here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shipping.couriers import calls, checks, markup
from shipping.couriers.about import About
from shipping.couriers.base import (
    Access,
    Act,
    Booked,
    Instruction,
    Known,
    Label,
    LabelFormat,
    Manifested,
    ManifestResult,
    Meaning,
    ParcelToBook,
    PickUp,
    Setting,
    Tracked,
)
from shipping.couriers.codes import read_table
from shipping.couriers.contract import Defaults
from shipping.couriers.errors import (
    CourierSettings,
    GoneAtCourier,
    LabelLater,
    NotCancelled,
    OutcomeUnknown,
    ParcelRefused,
)
from shipping.couriers.figures import kilos
from shipping.couriers.fitting import Limits, fitted
from shipping.couriers.gls import booking, client, open_parcels, release, tracking
from shipping.couriers.gls.about import ABOUT, CREDENTIALS, SETTINGS
from shipping.couriers.markup import word

_AGAIN = dt.timedelta(minutes=5)
_PRINTED_IN = dt.timedelta(seconds=15)
_GONE = re.compile(r"inesistente|non presente|non trovat|già", re.IGNORECASE)


class Gls(Defaults):
    """See shipping.couriers.contract.Courier."""

    slug: ClassVar[str] = "gls"
    name: ClassVar[str] = client.NAME
    about: ClassVar[About] = ABOUT
    form: ClassVar[str | Promise] = _("Nine digits; with the two signs of the branch before them on GLS’s pages")
    can_manifest: ClassVar[bool] = True
    can_pick_up: ClassVar[bool] = True
    instructions: ClassVar[frozenset[Act]] = frozenset(release.KINDS)
    addresses: ClassVar[Mapping[str, str]] = client.ADDRESSES
    credentials: ClassVar[Sequence[Setting]] = CREDENTIALS
    settings: ClassVar[Sequence[Setting]] = SETTINGS
    limits: ClassVar[Limits] = booking.LIMITS
    volumetric_kg_m3: ClassVar[int] = 200
    most_colli: ClassVar[int] = booking.MOST_COLLI
    table: ClassVar[Mapping[str, Meaning]] = read_table(Path(__file__).parent / "events.csv")

    def check(self, access: Access) -> None:
        checks.settings(self, access)
        open_parcels.listed(access)

    def plain_number(self, access: Access, text: str) -> str:
        return self._bare(access, "".join(text.split()).upper())

    def book(self, access: Access, parcel: ParcelToBook) -> Booked:
        checks.parcel(self, access, parcel)
        xml = booking.add_parcel(access, parcel)
        root = client.post(access, "AddParcel", {"XMLInfoParcel": xml}, making=True)
        return booking.booked(access, parcel, root)

    def find(self, access: Access, reference: str, number: int) -> Booked | None:
        checks.settings(self, access)
        return open_parcels.find(access, reference, number)

    def label(self, access: Access, known: Known) -> Sequence[Label]:
        """Each piece by its counter: an empty piece number gives nothing."""
        checks.settings(self, access)
        kind = access.label_format
        method = "GetZpl" if kind == LabelFormat.ZPL else "GetPdf"
        labels = []
        for collo in known.colli:
            fields = {
                **client.plain_account(access, short=True),
                "CodiceContratto": access.said("contract"),
                "ContatoreProgressivo": collo.number,
            }
            root = client.post(access, method, fields)
            if words := word(root, "DescrizioneErrore"):
                if _GONE.search(words):
                    raise GoneAtCourier
                raise client.no(words)
            data = booking.unpacked((root.text or "").strip())
            if not data:
                raise LabelLater(after=_PRINTED_IN)
            labels.append(Label(kind, data, collo.number))
        return labels

    def cancel(self, access: Access, known: Known) -> None:
        """GLS deletes the record of a closed parcel and carries it all the same: so it is looked at first."""
        checks.settings(self, access)
        rows = [row for row in open_parcels.listed(access) if row.number == known.number]
        if not rows:
            return
        if any(row.closed for row in rows):
            raise NotCancelled(text=str(_("it is closed and travels")))
        fields = {**client.plain_account(access), "NumSpedizione": known.number}
        root = client.post(access, "DeleteSped", fields)
        words = word(root, "DescrizioneErrore") or (root.text or "").strip()
        if not (re.search(r"avvenut|\bOK\b", words, re.IGNORECASE) or _GONE.search(words)):
            raise NotCancelled(text=words[:200])

    def manifest(self, access: Access, parcels: Sequence[Known]) -> ManifestResult:
        """By bare number: with the branch before it GLS says "inesistente", and nothing is ever transmitted. Who is not
        taken is looked up: closed before is closed."""
        checks.settings(self, access)
        if not parcels:
            return ManifestResult(())
        rows = "".join(
            f"<Parcel>{markup.tags([('NumeroDiSpedizioneGLSDaConfermare', self._bare(access, known.number))])}</Parcel>"
            for known in parcels
        )
        xml = f"<Info>{client.account(access)}{rows}</Info>"
        root = client.post(access, "CloseWorkDayByShipmentNumber", {"_xmlRequest": xml})
        words = word(root, "DescrizioneErrore")
        said = {word(row, "NumeroDiSpedizioneGLSDaConfermare"): word(row, "esito") for row in root.iter("Parcel")}
        if not said and words != "OK":
            raise client.no(words or "CloseWorkDay")
        missed = [known for known in parcels if said.get(self._bare(access, known.number), "").upper() != "OK"]
        closed = {row.number for row in open_parcels.listed(access) if row.closed} if missed else set()
        results = []
        for known in parcels:
            number = self._bare(access, known.number)
            answer = said.get(number, "")
            if answer.upper() == "OK" or number in closed:
                results.append(Manifested(known.number, done=True))
            else:
                later = None if _GONE.search(answer) else _AGAIN
                results.append(Manifested(known.number, done=False, after=later, text=answer))
        paper = booking.unpacked(word(root, "DistintaPDF"))
        return ManifestResult(results, Label(LabelFormat.PDF, paper) if paper else None)

    @staticmethod
    def _bare(access: Access, number: str) -> str:
        branch = access.credentials.get("sede", "")
        return number[len(branch) :] if branch and len(number) == 11 and number.startswith(branch) else number

    def pick_up(self, access: Access, pick_up: PickUp) -> str:
        checks.settings(self, access)
        first, last = pick_up.earliest, pick_up.latest
        fields: list[tuple[str, object]] = [
            ("NomeRichiedente", access.said("applicant")[:30]),
            ("Colli", pick_up.colli),
            ("PesoReale", kilos(pick_up.weight_g, sign=",")),
            ("DataRitiro", f"{pick_up.on:%d/%m/%Y}"),
            ("Note", pick_up.note[:40]),
        ]
        if first.hour < 13:
            fields += [("Dalle1", f"{max(first.hour, 8):02d}"), ("Alle1", f"{min(last.hour, 13):02d}")]
        if last.hour > 13:
            fields += [("Dalle2", f"{max(first.hour, 13):02d}"), ("Alle2", f"{min(last.hour, 19):02d}")]
        if access.sender is not None:
            put = fitted(access.sender, "", self.limits, before=booking.signs)
            fields += [
                ("RagioneSociale", put.company or put.name),
                ("Indirizzo", put.street),
                ("Localita", put.city),
                ("Zipcode", access.sender.postcode),
                ("Provincia", access.sender.province),
            ]
        xml = f"<Info>{client.account(access)}{markup.tags(fields)}</Info>"
        root = client.post(access, "PickUpRequest", {"XMLInfo": xml}, making=True)
        made, refused = root.find(".//RitiroCreato"), root.find(".//RitiroErrato")
        if number := word(made, "NumeroRitiro"):
            return number
        if refused is not None:
            raise ParcelRefused(text=word(refused, "Errore"))
        if words := word(root, "DescrizioneErrore"):
            raise client.no(words)
        raise OutcomeUnknown(reason="NumeroRitiro")

    def events(self, access: Access, parcels: Sequence[Known]) -> Sequence[Tracked]:
        found = []
        for known in parcels:
            number = self._bare(access, known.number)
            if not number.isdigit():
                raise CourierSettings(courier=self.name, text=known.number)
            answer = calls.ask(
                self.name,
                "GET",
                client.address(access, "track"),
                params={
                    "locpartenza": known.extra.get("sede") or access.credentials.get("sede", ""),
                    "NumSped": number,
                    "CodCli": access.credentials.get("client", ""),
                },
                label="GET tracking",
            )
            told = [one for one in self.read_events(access, answer.body) if one.number in (number, "")]
            events, due = (told[0].events, told[0].cod_due) if told else ((), None)
            found.append(Tracked(known.number, events, known.reference, due))
        return found

    def read_events(self, access: Access, answer: bytes) -> Sequence[Tracked]:
        return tracking.read(access, self.table, answer)

    def instruct(self, access: Access, known: Known, instruction: Instruction) -> str:
        checks.settings(self, access)
        return release.release(access, known, instruction)


courier = Gls()
