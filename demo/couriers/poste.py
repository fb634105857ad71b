"""An imitation of Poste Delivery Business: a token that lasts an hour, waybills that no call cancels or finds."""

import datetime as dt
import json
import re
import secrets
import time
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from demo.couriers import poste_held
from demo.couriers.labels import pdf, zpl
from demo.couriers.parcels import FakeParcel, Shelf
from demo.couriers.serving import Service, as_json
from demo.shops.web import Request, Response

_BASE = "postalandlogistics/parcel/"
_WORDS = {
    0: "OK",
    100: "Campo obbligatorio mancante",
    101: "Campo non conforme",
    112: "Errore di sistema",
    114: "Contratto non valido",
    115: "Centro di costo non valido",
    116: "Prodotto non valido",
    130: "PDF non generato",
    141: "Accessori non compatibili",
    143: "Dati non compatibili con l'accessorio",
}
_LENGTHS = {"nameSurname": 35, "contactName": 35, "address": 40, "streetNumber": 4, "city": 30, "province": 2}
_NEEDED = ("nameSurname", "address", "zipCode", "city", "country", "countryName")
_REFUSED = re.compile(r'[\\"{}~\x00-\x1f]')
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PRODUCTS = frozenset({"APT000901", "APT000902", "APT000903", "APT000904"})
COD, LOCKER = "APT000918", "APT000948"


class Poste(Service):
    """Knobs: `client_id`, `secret`, `cost_centers`; `token_lasts_s` and `expire_tokens()`; `per_minute` (then 429);
    `row_error`: the next row's error while the request's own is 0; `label_lasts` calls that a label's address works;
    `ceilings` of COD by mode; `most_listed`: beyond it a range of held parcels is E0018; `release_closed`,
    `release_forbidden`: numbers."""

    slug = "poste"

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self.now = now
        self.shelf = Shelf(now)
        self.client_id, self.secret = "demo-client", "demo-poste"
        self.cost_centers = {"CDC-DEMO"}
        self.token_lasts_s = 3599.0
        self.per_minute = 100
        self.row_error = 0
        self.label_lasts = 3
        self.ceilings = {"CON": Decimal("2999.00"), "ACM": Decimal("12499.00"), "ABM": Decimal("12499.00")}
        self.most_listed = 50
        self.release_closed: set[str] = set()
        self.release_forbidden: set[str] = set()
        self.pick_ups: list[dict[str, Any]] = []
        self._tokens: dict[str, float] = {}
        self._labels: dict[str, tuple[str, int]] = {}
        self._calls: deque[float] = deque()
        self._last = 0

    def route(self, request: Request) -> str:
        return request.path.strip("/").removeprefix(_BASE)

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def answer(self, request: Request) -> Response:
        path = request.path.strip("/")
        if path == "user/sessions":
            return self._session(request)
        if path.startswith("label/"):
            return self._label(path.rpartition("/")[2])
        if not path.startswith(_BASE) or request.method != "POST":
            return Response(404)
        if self._too_fast():
            return Response(429, b"Too Many Requests", [("Retry-After", "60")])
        if not self._known(request):
            return as_json({"message": "Unauthorized"}, 401)
        try:
            body = json.loads(request.body)
        except ValueError:
            return Response(400)
        verb = {
            "waybill": self._waybill,
            "tracking": lambda asked: poste_held.tracking(self, asked),
            "depositsList": lambda asked: poste_held.held(self, asked),
            "depositsRelease": lambda asked: poste_held.release(self, asked),
            "pickup": self._pick_up,
        }.get(path.removeprefix(_BASE))
        return verb(body) if verb else Response(501)

    def _too_fast(self) -> bool:
        now = time.monotonic()
        while self._calls and self._calls[0] < now - 60:
            self._calls.popleft()
        self._calls.append(now)
        return len(self._calls) > self.per_minute

    def _session(self, request: Request) -> Response:
        body = json.loads(request.body)
        given = (body.get("clientId"), body.get("secretId"), request.header("POSTE_clientID"))
        if given != (self.client_id, self.secret, self.client_id):
            return as_json({"error": "invalid_client"}, 401)
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.monotonic() + self.token_lasts_s
        return as_json({"access_token": token, "token_type": "Bearer", "expires_in": int(self.token_lasts_s)})

    def _known(self, request: Request) -> bool:
        token = request.header("Authorization").removeprefix("Bearer ")
        return self._tokens.get(token, 0) > time.monotonic() and request.header("POSTE_clientID") == self.client_id

    # ---- waybills

    def said(self, code: int, text: str = "") -> dict[str, Any]:
        return {"errorCode": code, "errorDescription": text or _WORDS.get(code, "")}

    def _waybill(self, body: dict[str, Any]) -> Response:
        if body.get("costCenterCode") not in self.cost_centers:
            return as_json({"result": self.said(115), "waybills": []})
        asked = body.get("waybills") or [{}]
        if "services" not in (asked[0].get("data") or {}):
            return as_json({"result": self.said(100, "services"), "waybills": []})
        code, text = self._wrong(asked[0])
        code = code or self.row_error
        self.row_error = 0
        if code and code != 130:
            return as_json({"result": self.said(0), "waybills": [{"code": "", **self.said(code, text)}]})
        parcel = self._make(asked[0])
        return as_json(
            {
                "result": self.said(0),
                "waybills": [
                    {
                        "code": parcel.number,
                        "internationalCode": "",
                        "downloadURL": "" if code == 130 else self._link(parcel),
                        "downloadUrlImg": "",
                        **self.said(code),
                    }
                ],
            }
        )

    def _wrong(self, row: dict[str, Any]) -> tuple[int, str]:
        data = row["data"]
        if row.get("product") not in PRODUCTS:
            return 116, ""
        if len(str(row.get("clientReferenceId") or "")) > 25:
            return 101, "clientReferenceId"
        for piece in data.get("declared") or [{}]:
            for name in ("weight", "height", "length", "width"):
                if not isinstance(piece.get(name), int) or piece[name] <= 0:
                    return 100, name
        for side in ("sender", "receiver"):
            party = data.get(side) or {}
            for name in _NEEDED:
                if not party.get(name):
                    return 100, f"{side}.{name}"
            for name, most in _LENGTHS.items():
                if len(str(party.get(name) or "")) > most:
                    return 101, f"{side}.{name}"
            if any(_REFUSED.search(str(value)) for value in party.values()):
                return 101, f"{side}: caratteri"
            if party.get("email") and not _EMAIL.fullmatch(party["email"]):
                return 101, f"{side}.email"
            if party["country"] == "ITA1" and not re.fullmatch(r"\d{5}", str(party["zipCode"])):
                return 101, f"{side}.zipCode"
        return self._wrong_services(data["services"])

    def _wrong_services(self, services: dict[str, Any]) -> tuple[int, str]:
        if COD not in services:
            return 0, ""
        if LOCKER in services:
            return 141, ""
        amount, mode = str(services[COD].get("amount")), services[COD].get("paymentMode")
        if not re.fullmatch(r"\d{1,6}\.\d{2}", amount) or mode not in self.ceilings:
            return 101, COD
        return (143, "amount") if Decimal(amount) > self.ceilings[mode] else (0, "")

    def _make(self, row: dict[str, Any]) -> FakeParcel:
        data, to = row["data"], row["data"]["receiver"]
        with self.shelf.lock:
            self._last += 1
            number = f"ZA{self._last:09d}IT"
        cod = data["services"].get(COD) or {}
        return self.shelf.add(
            FakeParcel(
                number=number,
                reference=str(row.get("clientReferenceId") or ""),
                colli=[number],
                name=to["nameSurname"],
                street=f"{to['address']} {to.get('streetNumber', '')}".strip(),
                postcode=to["zipCode"],
                city=to["city"],
                province=str(to.get("province") or ""),
                weight_g=sum(piece["weight"] for piece in data["declared"]),
                cod=Decimal(cod.get("amount", "0.00")),
                cod_mode=cod.get("paymentMode", ""),
                state="closed",
                asked=row,
                made_at=self.now(),
            )
        )

    def _link(self, parcel: FakeParcel) -> str:
        token = secrets.token_urlsafe(16)
        self._labels[token] = (parcel.number, self.label_lasts)
        return f"{self.url}/label/{token}"

    def expire_labels(self) -> None:
        self._labels.clear()

    def _label(self, token: str) -> Response:
        number, left = self._labels.get(token, ("", 0))
        parcel = self.shelf.number(number)
        if parcel is None or left <= 0:
            return Response(403, b"Token expired")
        self._labels[token] = (number, left - 1)
        lines = ["Poste Italiane", number, parcel.reference, parcel.name, f"{parcel.postcode} {parcel.city}"]
        if parcel.cod:
            lines.append(f"C/ASS {parcel.cod:.2f}")
        if parcel.asked.get("printFormat") == "ZPL":
            return Response(200, zpl(lines, number), [("Content-Type", "text/plain")])
        return Response(200, pdf(lines), [("Content-Type", "application/pdf")])

    def _pick_up(self, body: dict[str, Any]) -> Response:
        if str(body.get("pickupDate", "")) < self.now().date().isoformat():
            return as_json({"result": self.said(101, "pickupDate")})
        self.pick_ups.append(body)
        return as_json({"result": self.said(0), "bookingId": f"RIT{len(self.pick_ups):07d}"})
