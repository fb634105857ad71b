"""An imitation of BRT's REST services: always HTTP 200 with the result inside."""

import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from demo.couriers import brt_track
from demo.couriers.labels import packed, pdf, zpl
from demo.couriers.parcels import FakeParcel, Shelf
from demo.couriers.serving import Service, as_json
from demo.shops.web import Request, Response

_WORDS = {
    0: "OK",
    4: "DATI DESTINATARIO VARIATI",
    5: "SHOP SOSTITUITO",
    6: "FILIALE RESI SOSTITUITA",
    7: "QR CODE NON GENERATO",
    -1: "ERRORE GENERICO",
    -5: "PARAMETRO NON VALIDO",
    -7: "LOGIN FALLITA",
    -57: "LOGIN MANCANTE",
    -63: "INSTRADAMENTO NON CALCOLABILE",
    -64: "NUMERAZIONE NON ASSEGNATA",
    -65: "STAMPA ETICHETTA FALLITA",
    -67: "CODICE CLIENTE NON COLLEGATO ALL'UTENTE",
    -68: "DATI INCONGRUENTI",
    -102: "SPEDIZIONE GIA' CONFERMATA",
    -151: "SPEDIZIONE NON TROVATA",
    -152: "SPEDIZIONE GIA' PRESA IN CARICO DALLA FILIALE",
    -153: "SPEDIZIONE IN CORSO DI ELABORAZIONE",
    -154: "PIU' SPEDIZIONI CON GLI STESSI RIFERIMENTI",
    -155: "RECORD BLOCCATO",
}
_LENGTHS = {
    "consigneeCompanyName": 70,
    "consigneeAddress": 35,
    "consigneeZIPCode": 9,
    "consigneeCity": 35,
    "consigneeProvinceAbbreviation": 2,
    "consigneeContactName": 35,
    "consigneeMobilePhoneNumber": 16,
    "consigneeTelephone": 16,
    "consigneeEMail": 70,
    "notes": 70,
    "alphanumericSenderReference": 15,
    "genericReference": 35,
    "senderParcelType": 15,
    "codPaymentType": 2,
}
_NEEDED = (
    *("departureDepot", "senderCustomerCode", "deliveryFreightTypeCode", "consigneeCompanyName", "consigneeAddress"),
    *("consigneeZIPCode", "consigneeCity", "consigneeCountryAbbreviationISOAlpha2", "numericSenderReference"),
)
_COD = frozenset({"", "BM", "CM", "BB", "OM", "OC"})


class Brt(Service):
    """Knobs: `user`, `password`, `customers`; `unroutable` postcodes (−63); `corrections`, city by postcode (warning
    4); `warn_next` (5, 6, 7) and `fail_next` (−1, −64, −65 …) for the next creation; `busy`: how many confirmations
    and deletions are answered −153; `auto_confirm`; `taken`: numbers that the branch has in hand (−152)."""

    slug = "brt"

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self.now = now
        self.shelf = Shelf(now)
        self.user, self.password, self.orm_key = "1020999", "demo-brt", "demo-orm"
        self.customers = {"1020999"}
        self.depot = "020"
        self.unroutable: set[str] = {"99999"}
        self.corrections: dict[str, str] = {}
        self.warn_next = self.fail_next = 0
        self.made_and_failed = False  # with fail_next: the parcel is made all the same
        self.busy = 0
        self.auto_confirm = False
        self.taken: set[str] = set()
        self.pick_ups: list[dict[str, Any]] = []
        self._last = 1_000_000

    def answer(self, request: Request) -> Response:
        path = request.path.strip("/")
        if path.startswith("vas/"):
            return brt_track.by_reference(self, request)
        if path.startswith("rest/v1/tracking/parcelID/"):
            return brt_track.tracking(self, request, path.rpartition("/")[2])
        if path.startswith("orm/"):
            return self._pick_up(request)
        try:
            body = json.loads(request.body, parse_float=Decimal)
        except ValueError:
            return Response(400, b"Bad Request")
        verb = {
            ("POST", "rest/v1/shipments/shipment"): self._create,
            ("PUT", "rest/v1/shipments/shipment"): self._confirm,
            ("PUT", "rest/v1/shipments/delete"): self._delete,
            ("PUT", "rest/v1/shipments/routing"): self._routing,
        }.get((request.method, path))
        return verb(body) if verb else Response(404, b"Not Found")

    def message(self, code: int, text: str = "") -> dict[str, Any]:
        return {
            "currentTimeUTC": self.now().astimezone(dt.UTC).isoformat(),
            "executionMessage": {
                "code": code,
                "severity": "ERROR" if code < 0 else "WARNING" if code else "INFO",
                "codeDesc": _WORDS.get(code, ""),
                "message": text or _WORDS.get(code, ""),
            },
        }

    def login(self, body: dict[str, Any], data: dict[str, Any]) -> int:
        account = body.get("account") or {}
        if not account.get("userID") or not account.get("password"):
            return -57
        if (account["userID"], account["password"]) != (self.user, self.password):
            return -7
        return 0 if str(data.get("senderCustomerCode")) in self.customers else -67

    def wrong(self, data: dict[str, Any]) -> str:
        """The first field that is not as BRT's document wants it."""
        for name in _NEEDED:
            if not str(data.get(name) or "").strip():
                return f"{name} obbligatorio"
        for name, most in _LENGTHS.items():
            if len(str(data.get(name) or "")) > most:
                return f"{name} troppo lungo"
        if len(str(data["consigneeAddress"])) < 6:
            return "consigneeAddress troppo corto"
        if not re.fullmatch(r"\d{1,15}", str(data["numericSenderReference"])):
            return "numericSenderReference non numerico"
        if data.get("isCODMandatory") not in ("0", "1"):
            return "isCODMandatory"
        for name in ("weightKG", "cashOnDelivery", "volumeM3"):
            if name in data and not isinstance(data[name], int | Decimal):
                return f"{name} non numerico"
        pieces = data.get("numberOfParcels")
        if not isinstance(pieces, int) or not 1 <= pieces <= 30 or Decimal(data.get("weightKG") or 0) <= 0:
            return "numberOfParcels o weightKG"
        if (data["isCODMandatory"] == "1") != bool(data.get("cashOnDelivery")):
            return "cashOnDelivery"
        return "codPaymentType" if str(data.get("codPaymentType") or "") not in _COD else ""

    def _address(self, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        postcode = str(data["consigneeZIPCode"])
        if postcode in self.unroutable:
            return -63, {}
        city = self.corrections.get(postcode, str(data["consigneeCity"]).upper())
        changed = postcode in self.corrections and city.upper() != str(data["consigneeCity"]).upper()
        found = {
            "arrivalTerminal": "088",
            "arrivalDepot": "88",
            "deliveryZone": "12",
            "departureDepot": self.depot,
            "consigneeCompanyName": str(data["consigneeCompanyName"]).upper(),
            "consigneeAddress": str(data["consigneeAddress"]).upper(),
            "consigneeZIPCode": postcode,
            "consigneeCity": city.upper(),
            "consigneeProvinceAbbreviation": str(data.get("consigneeProvinceAbbreviation") or ""),
            "consigneeCountryAbbreviationBRT": "",
        }
        return (4 if changed else 0), found

    def _create(self, body: dict[str, Any]) -> Response:
        data = body.get("createData") or {}
        code = self.login(body, data)
        wrong = "" if code else self.wrong(data)
        if code or wrong:
            return as_json({"createResponse": self.message(code or -5, wrong)})
        code, address = self._address(data)
        if code < 0:
            return as_json({"createResponse": self.message(code)})
        failed, self.fail_next = self.fail_next, 0
        if failed and not self.made_and_failed:
            return as_json({"createResponse": self.message(failed)})
        parcel = self._make(data)
        if failed:
            return as_json({"createResponse": self.message(failed)})
        code, self.warn_next = code or self.warn_next, 0
        wanted = body.get("labelParameters") or {}
        labels = [self._label(parcel, piece, str(wanted.get("outputType"))) for piece in parcel.colli]
        first = int(parcel.number[5:])
        found = {
            **self.message(code),
            **address,
            "seriesNumber": parcel.number[3:5],
            "serviceType": str(data.get("serviceType") or "C"),
            "parcelNumberFrom": f"{first:07d}",
            "parcelNumberTo": f"{first + len(parcel.colli) - 1:07d}",
            "numberOfParcels": len(parcel.colli),
            "weightKG": data["weightKG"],
            "alphanumericSenderReference": parcel.reference,
            "disclaimer": "",
            "labels": {"label": labels} if body.get("isLabelRequired") == "1" else {},
        }
        found = {name: str(value) if isinstance(value, Decimal) else value for name, value in found.items()}
        return as_json({"createResponse": found})

    def _make(self, data: dict[str, Any]) -> FakeParcel:
        """A second creation with the same references makes a second parcel."""
        with self.shelf.lock:
            first = self._last + 1
            self._last += data["numberOfParcels"]
        colli = [f"{self.depot}01{first + at:07d}{'000001'}" for at in range(data["numberOfParcels"])]
        return self.shelf.add(
            FakeParcel(
                number=f"{self.depot}01{first:07d}",
                reference=str(data.get("alphanumericSenderReference") or ""),
                numeric=str(data["numericSenderReference"]),
                colli=colli,
                name=str(data["consigneeCompanyName"]),
                street=str(data["consigneeAddress"]),
                postcode=str(data["consigneeZIPCode"]),
                city=str(data["consigneeCity"]),
                province=str(data.get("consigneeProvinceAbbreviation") or ""),
                weight_g=int(Decimal(data["weightKG"]) * 1000),
                cod=Decimal(data.get("cashOnDelivery") or 0).quantize(Decimal("0.01")),
                cod_mode=str(data.get("codPaymentType") or ""),
                state="closed" if self.auto_confirm else "open",
                asked=data,
                made_at=self.now(),
            )
        )

    def _label(self, parcel: FakeParcel, piece: str, kind: str) -> dict[str, Any]:
        lines = ["BRT", piece, parcel.reference, parcel.name, f"{parcel.postcode} {parcel.city}"]
        if parcel.cod:
            lines.append(f"C/ASS {parcel.cod:.2f}")
        data = zpl(lines, piece) if kind == "ZPL" else pdf(lines)
        return {
            "dataLength": len(data),
            "parcelID": piece,
            "trackingByParcelID": piece[:15],
            "parcelNumberGeoPost": "",
            "stream": packed(data),
            "streamDigitalLabel": "",
        }

    def _one(self, body: dict[str, Any], name: str) -> tuple[int, FakeParcel | None]:
        """By both references, the alphanumeric one in its own letters."""
        data = body.get(name) or {}
        if code := self.login(body, data):
            return code, None
        found = [
            one
            for one in self.shelf.of(str(data.get("alphanumericSenderReference") or ""))
            if one.numeric == str(data.get("numericSenderReference"))
        ]
        if not found:
            return -151, None
        if len(found) > 1:
            return -154, None
        if self.busy > 0:
            self.busy -= 1
            return -153, None
        return 0, found[0]

    def _confirm(self, body: dict[str, Any]) -> Response:
        code, parcel = self._one(body, "confirmData")
        if parcel is not None:
            code = -102 if parcel.state != "open" else 0
            parcel.state = "closed" if parcel.state == "open" else parcel.state
        return as_json({"confirmResponse": self.message(code)})

    def _delete(self, body: dict[str, Any]) -> Response:
        code, parcel = self._one(body, "deleteData")
        if parcel is not None:
            code = -152 if parcel.number in self.taken or parcel.events else 0
            if code == 0:
                parcel.state = "deleted"
        return as_json({"deleteResponse": self.message(code)})

    def _routing(self, body: dict[str, Any]) -> Response:
        data = body.get("routingData") or {}
        code = self.login(body, data)
        wrong = "" if code else self.wrong(data)
        if code or wrong:
            return as_json({"routingResponse": self.message(code or -5, wrong)})
        code, address = self._address(data)
        return as_json({"routingResponse": {**self.message(code), **address}})

    def _pick_up(self, request: Request) -> Response:
        if request.header("X-API-Auth") != self.orm_key:
            return Response(401)
        asked = json.loads(request.body)[0]
        if asked["requestInfos"]["collectionDate"] < self.now().date().isoformat():
            return as_json({"message": "Data ritiro non valida"}, 400)
        self.pick_ups.append(asked)
        return as_json({"ormReservationNumber": f"{len(self.pick_ups):09d}"}, 201)
