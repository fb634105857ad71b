"""An imitation of GLS Italy's label service: form fields with XML in them, parcels that are open until the day is
closed."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

from demo.couriers import gls_track
from demo.couriers.labels import packed, pdf, zpl
from demo.couriers.parcels import FakeParcel, Shelf
from demo.couriers.serving import Service, as_xml
from demo.shops.web import Request, Response

_AMOUNT = re.compile(r"\d{1,7},\d{2}")
_WEIGHT = re.compile(r"-?\d{1,4}(?:,\d)?")
_FAULT = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>'
    "soap:Server</faultcode><faultstring>Object reference not set to an instance of an object.</faultstring>"
    "</soap:Fault></soap:Body></soap:Envelope>"
)
_LENGTHS = {
    "RagioneSociale": 35,
    "Indirizzo": 35,
    "Localita": 30,
    "NoteSpedizione": 40,
    "NoteAggiuntive": 40,
    "Bda": 11,
}


def words(element: Element | None, name: str) -> str:
    found = element.find(name) if element is not None else None
    return (found.text or "").strip() if found is not None else ""


class Gls(Service):
    """Knobs: `sede`, `client`, `password`, `contract`; `unknown_streets`: postcodes where an address is taken as "GLS
    Check"; `sentinel`: postcodes that get number 999999999; `merge`: "same" (name, place, address: GLS's usual),
    "bda" (those with the same Bda) or "" (never); `late`: how often a label that comes later is still not there;
    `fault_next`: HTTP 500; `release_closed`: numbers whose days of giacenza are over."""

    slug = "gls"

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self.now = now
        self.shelf = Shelf(now)
        self.sede, self.client, self.password, self.contract = "V1", "123456", "demo-gls", "0001"
        self.unknown_streets: set[str] = {"99999"}
        self.sentinel: set[str] = {"99998"}
        self.merge = "bda"
        self.late = 1
        self.fault_next = False
        self.release_closed: set[str] = set()
        self.pick_ups: list[dict[str, str]] = []
        self._last = 660_000_000

    def route(self, request: Request) -> str:
        return request.path.strip("/").removeprefix("label/")

    def answer(self, request: Request) -> Response:
        path = request.path.strip("/")
        if path == "track":
            return gls_track.tracking(self, request)
        if self.fault_next:
            self.fault_next = False
            return as_xml(_FAULT, 500)
        verb = {
            "label/AddParcel": self._add,
            "label/ListSped": self._list,
            "label/DeleteSped": self._delete,
            "label/GetPdf": self._pdf,
            "label/GetZpl": self._zpl,
            "label/CloseWorkDayByShipmentNumber": self._close,
            "label/PickUpRequest": self._pick_up,
            "label/ReleaseShipmentStock": lambda form: gls_track.release(self, form),
        }.get(path)
        return verb(request.form()) if verb else Response(404, b"Not Found")

    # ---- who asks

    def info(self, text: str) -> Element | Response:
        """The `Info` of a request, or the answer that refuses it."""
        try:
            root = fromstring(text)  # noqa: S314 - what MCI itself sent
        except ParseError:
            return self.no("XML non valido")
        if root.find("SedeGls") is None:
            return as_xml(_FAULT, 500)  # credentials that stand within a Parcel
        if not self.known(words(root, "SedeGls"), words(root, "CodiceClienteGls"), words(root, "PasswordClienteGls")):
            return self.no("Utente o password non validi")
        return root

    def known(self, sede: str, client: str, password: str) -> bool:
        return (sede, client, password) == (self.sede, self.client, self.password)

    def no(self, text: str, root: str = "InfoLabel") -> Response:
        return as_xml(f"<{root}><DescrizioneErrore>{escape(text)}</DescrizioneErrore></{root}>")

    # ---- AddParcel

    def _add(self, form: dict[str, str]) -> Response:
        root = self.info(form.get("XMLInfoParcel", ""))
        if isinstance(root, Response):
            return root
        if any(words(piece, "CodiceContrattoGls") != self.contract for piece in root.iter("Parcel")):
            return self.no("Contratto non valido")
        answers: list[str] = []
        made: dict[tuple[str, ...], FakeParcel] = {}
        for piece in root.iter("Parcel"):
            fields = {child.tag: (child.text or "").strip() for child in piece}  # unknown tags: silently nothing
            wrong = self._wrong(fields)
            if wrong:
                answers.append(f"<Parcel><NoteSpedizione>{escape(wrong)}</NoteSpedizione></Parcel>")
                continue
            key = tuple(fields.get(name, "") for name in ("RagioneSociale", "Localita", "Indirizzo", "Bda"))
            parcel = made[key] = self._piece(fields, made.get(key))
            answers.append(self._answer(parcel, fields))
        return as_xml(f'<?xml version="1.0" encoding="utf-8"?><InfoLabel>{"".join(answers)}</InfoLabel>')

    def _wrong(self, fields: dict[str, str]) -> str:
        for name, most in _LENGTHS.items():
            if len(fields.get(name, "")) > most:
                return f"{name} troppo lungo"
        for name in ("RagioneSociale", "Indirizzo", "Localita", "Zipcode", "Provincia"):
            if not fields.get(name):
                return f"{name} obbligatorio"
        weight = fields.get("PesoReale", "")
        if not _WEIGHT.fullmatch(weight) or Decimal(weight.replace(",", ".")) <= 0:
            return "Peso non valido"
        if not fields.get("Colli", "").isdigit() or int(fields["Colli"]) <= 0:
            return "Numero colli non valido"
        cod = fields.get("ImportoContrassegno", "")
        if cod and not _AMOUNT.fullmatch(cod):
            return "Importo contrassegno non valido"
        if cod and not fields.get("ModalitaIncasso"):
            return "Modalita incasso obbligatoria"
        return "Contrassegno non ammesso" if cod and fields.get("SHOP_ID") else ""

    def _same(self, fields: dict[str, str]) -> FakeParcel | None:
        """An open shipment to the same door, as the rule of the branch has it; beyond 99 pieces none is merged."""
        names = ("RagioneSociale", "Localita", "Indirizzo", "TipoPorto", *(("Bda",) if self.merge == "bda" else ()))
        for one in self.shelf:
            alike = all(one.asked.get(name, "") == fields.get(name, "") for name in names)
            if self.merge and one.state == "open" and alike and len(one.colli) < 99:
                return one
        return None

    def _piece(self, fields: dict[str, str], of_this_call: FakeParcel | None) -> FakeParcel:
        cod = Decimal(fields.get("ImportoContrassegno", "0").replace(",", ".") or 0)
        grams = int(Decimal(fields["PesoReale"].replace(",", ".")) * 1000)
        counter = fields.get("ContatoreProgressivo", "")
        parcel = of_this_call or self._same(fields)
        with self.shelf.lock:
            if parcel is not None:  # each piece brings its own amount: one on every piece is collected as many times
                parcel.colli.append(counter)
                parcel.cod += cod
                parcel.weight_g += grams
                return parcel
            self._last += 1
            number = "999999999" if fields["Zipcode"] in self.sentinel else str(self._last)
        return self.shelf.add(
            FakeParcel(
                number=number,
                reference=fields.get("RiferimentoCliente", ""),
                numeric=fields.get("Bda", ""),
                colli=[counter],
                name=fields["RagioneSociale"],
                street=fields["Indirizzo"],
                postcode=fields["Zipcode"],
                city=fields["Localita"],
                province=fields["Provincia"],
                weight_g=grams,
                cod=cod,
                cod_mode=fields.get("ModalitaIncasso", ""),
                asked=fields,
                made_at=self.now(),
                late_label=self.late,
            )
        )

    def _answer(self, parcel: FakeParcel, fields: dict[str, str]) -> str:
        lost = parcel.postcode in self.unknown_streets
        kind = fields.get("GeneraPdf", "0")
        label = {"4": "PdfLabel", "6": "Zpl"}.get(kind, "")
        pairs = [
            ("SiglaMittente", self.sede),
            ("NumeroSpedizione", parcel.number),
            ("TotaleColli", str(len(parcel.colli))),
            ("ProgressivoCollo", str(len(parcel.colli))),
            ("SiglaSedeDestino", "" if lost else "M1"),
            ("DescrizioneSedeDestino", "GLS Check" if lost else "MILANO"),
            ("CodiceZona", "12"),
            ("DataSpedizione", f"{parcel.made_at:%d/%m/%y}"),
            ("PesoSpedizione", f"{parcel.weight_g / 1000:.1f}"),
            ("TotaleImportodaIncassare", f"{parcel.cod:.2f}"),
            ("NoteSpedizione", "Indirizzo non presente nello stradario" if lost else fields.get("NoteSpedizione", "")),
            ("ContatoreProgressivo", fields.get("ContatoreProgressivo", "")),
            ("Bda", fields.get("Bda", "")),
            (label or "PdfLabel", packed(self.paper(parcel, label == "Zpl")) if label else ""),
            ("Barcode2D", f"{self.sede}{parcel.number}{len(parcel.colli):02d}"),
        ]
        return f"<Parcel>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in pairs)}</Parcel>"

    def paper(self, parcel: FakeParcel, as_zpl: bool) -> bytes:
        lines = ["GLS", f"{self.sede} {parcel.number}", parcel.numeric, parcel.name, f"{parcel.postcode} {parcel.city}"]
        if parcel.cod:
            lines.append(f"C/ASS {parcel.cod:.2f}")
        return zpl(lines, f"{self.sede}{parcel.number}") if as_zpl else pdf(lines)

    # ---- afterwards

    def _account(self, form: dict[str, str], short: bool = False) -> bool:
        tail = "" if short else "Gls"
        password = form.get("Password" if short else "PasswordClienteGls", "")
        return self.known(form.get("SedeGls", ""), form.get(f"CodiceCliente{tail}", ""), password)

    def _list(self, form: dict[str, str]) -> Response:
        """40 days back, a row for each shipment."""
        if not self._account(form):
            return self.no("Utente o password non validi", "ListParcel")
        since = self.now() - dt.timedelta(days=40)
        rows = []
        for one in self.shelf:
            if one.state == "deleted" or one.made_at < since:
                continue
            state = "IN ATTESA DI CHIUSURA" if one.state == "open" else "CHIUSA"
            rows.append(
                f"<Parcel><NumSpedizione>{one.number}</NumSpedizione><Bda>{escape(one.numeric)}</Bda>"
                f"<RiferimentoCliente>{escape(one.reference)}</RiferimentoCliente>"
                f"<TotaleColli>{len(one.colli)}</TotaleColli><StatoSpedizione>{state}</StatoSpedizione></Parcel>"
            )
        return as_xml(f"<ListParcel>{''.join(rows)}</ListParcel>")

    def _delete(self, form: dict[str, str]) -> Response:
        """Of a closed one too: the record goes, the parcel travels."""
        if not self._account(form):
            return self.no("Utente o password non validi")
        parcel = self.shelf.number(form.get("NumSpedizione", ""))
        if parcel is None or parcel.state == "deleted":
            return self.no("Spedizione non presente")
        if parcel.state == "open":
            parcel.state = "deleted"
        return self.no(f"Eliminazione della spedizione {self.sede}{parcel.number} avvenuta.")

    def _pdf(self, form: dict[str, str]) -> Response:
        return self._printed(form, as_zpl=False)

    def _zpl(self, form: dict[str, str]) -> Response:
        return self._printed(form, as_zpl=True)

    def _printed(self, form: dict[str, str], *, as_zpl: bool) -> Response:
        if not self._account(form, short=True) or form.get("CodiceContratto") != self.contract:
            return self.no("Utente o password non validi")
        parcel = self.shelf.number(form.get("ContatoreProgressivo", "")) if form.get("ContatoreProgressivo") else None
        if parcel is None or parcel.state == "deleted":
            return self.no("Spedizione non presente")
        if parcel.late_label > 0:
            parcel.late_label -= 1
            return as_xml('<base64Binary xmlns="https://labelservice.gls-italy.com/" />')
        return as_xml(f"<base64Binary>{packed(self.paper(parcel, as_zpl))}</base64Binary>")

    def _close(self, form: dict[str, str]) -> Response:
        root = self.info(form.get("_xmlRequest", ""))
        if isinstance(root, Response):
            return root
        rows = []
        for asked in root.iter("Parcel"):
            number = words(asked, "NumeroDiSpedizioneGLSDaConfermare")
            parcel = self.shelf.number(number)
            good = parcel is not None and parcel.state == "open"
            if parcel is not None and good:
                parcel.state = "closed"
            said = "OK" if good else "Spedizione inesistente o precedentemente cancellata"
            rows.append(
                f"<Parcel><NumeroDiSpedizioneGLSDaConfermare>{escape(number)}</NumeroDiSpedizioneGLSDaConfermare>"
                f"<esito>{said}</esito></Parcel>"
            )
        paper = packed(pdf(["GLS", "DISTINTA", f"{self.now():%d/%m/%Y}", f"{len(rows)}"]))
        return as_xml(
            "<CloseWorkDayByShipmentNumberResult><DescrizioneErrore>OK</DescrizioneErrore>"
            f"{''.join(rows)}<DistintaPDF>{paper}</DistintaPDF></CloseWorkDayByShipmentNumberResult>"
        )

    def _pick_up(self, form: dict[str, str]) -> Response:
        root = self.info(form.get("XMLInfo", ""))
        if isinstance(root, Response):
            return root
        asked: dict[str, Any] = {child.tag: (child.text or "").strip() for child in root}
        on = dt.date(*map(int, reversed(asked["DataRitiro"].split("/"))))
        if on < self.now().date():
            return as_xml("<Info><RitiroErrato><Errore>Data ritiro non valida</Errore></RitiroErrato></Info>")
        self.pick_ups.append(asked)
        number = f"{len(self.pick_ups):07d}"
        return as_xml(f"<Info><RitiroCreato><NumeroRitiro>{number}</NumeroRitiro></RitiroCreato></Info>")
