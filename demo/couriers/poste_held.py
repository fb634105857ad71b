"""What Poste's imitation tells of its parcels, in words; its list of held parcels, two of whose fields are swapped; and
how they are released."""

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from demo.couriers.parcels import FakeParcel
from demo.couriers.serving import as_json
from demo.shops.web import Response

if TYPE_CHECKING:
    from demo.couriers.poste import Poste

REASONS = {"RIFDEST": "Rifiutato dal destinatario", "DESTNOTIND": "Sconosciuto", "INDERR": "Indirizzo errato"}
REASONS |= {"DESTASS": "Destinatario assente"}
_STATES = frozenset({"INGIACENZA", "SVINCOLATA", "SCADUTA", "RICHIESTO"})
_WITH_PLACE = frozenset({"AZ0004", "AZ0007", "AZ0008"})
_DAYS = 30  # a parcel is held


def tracking(poste: "Poste", body: dict[str, Any]) -> Response:
    found = []
    for asked in body["arg0"]["shipmentsData"]:
        parcel = poste.shelf.number(asked["waybillNumber"])
        if parcel is None:
            continue
        rows = [
            {
                "data": f"{one.at:%Y-%m-%d %H:%M:%S}",
                "officeDescription": one.place,
                "StatusDescription": one.text,
                "synthesisStatusDescription": one.text,
                "phase": "",
                "officeId": "00000",
                "status": one.code[:3],
            }
            for one in sorted(parcel.events, key=lambda one: one.at)
        ]
        if asked.get("lastTracingState") in ("S", "Y"):
            rows = rows[-1:]
        found.append({"waybillNumber": parcel.number, "product": "APT000902", "returnFlag": "N", "tracking": rows})
    if not found:
        return as_json({"return": {"outcome": "KO", "code": "1", "result": "Nessuna spedizione", "shipment": []}})
    return as_json({"return": {"outcome": "OK", "code": "0", "result": "", "shipment": found}})


def hold(poste: "Poste", number: str, reason: str = "RIFDEST", *, since: dt.date | None = None) -> FakeParcel:
    """A parcel comes into giacenza; for the tests."""
    parcel = poste.shelf.number(number)
    assert parcel is not None
    parcel.reason, parcel.held_since = reason, since or poste.now().date()
    parcel.dossier = f"GIA{number[2:11]}"
    poste.shelf.push(number, "NCP", f"In giacenza: {REASONS[reason].lower()}", place="ROMA")
    return parcel


def _day(text: str) -> dt.date | None:
    found = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", text)
    return dt.date(int(found[1]), int(found[2]), int(found[3])) if found else None


def held(poste: "Poste", body: dict[str, Any]) -> Response:
    first, last = _day(str(body.get("startDate"))), _day(str(body.get("endDate")))
    centers = body.get("costCenters") or []
    if not centers or any(one not in poste.cost_centers for one in centers):
        return as_json({"result": {"errorCode": "E0001"}})
    if first is None or last is None or last < first:
        return as_json({"result": {"errorCode": "E0002"}})
    if (last - first).days >= 10:
        return as_json({"result": {"errorCode": "E0004"}})
    # Swapped in the service itself: `status` takes the reason, `depositReason` the state.
    reason, state = str(body.get("status") or ""), str(body.get("depositReason") or "")
    if (reason and reason not in REASONS) or (state and state not in _STATES):
        return as_json({"result": {"errorCode": "E0002"}})
    rows = [
        one
        for one in poste.shelf
        if one.held_since
        and first <= one.held_since <= last
        and reason in ("", one.reason)
        and state in ("", _state(poste, one))
    ]
    if not rows:
        return as_json({"result": {"errorCode": "E0003"}})
    if len(rows) > poste.most_listed:
        return as_json({"result": {"errorCode": "E0018"}})
    return as_json({"result": {"errorCode": "0"}, "deposits": {"item": [_row(poste, one) for one in rows]}})


def _state(poste: "Poste", parcel: FakeParcel) -> str:
    if parcel.number in poste.release_closed:
        return "SCADUTA"
    return "RICHIESTO" if parcel.instructions else "INGIACENZA"


def _row(poste: "Poste", parcel: FakeParcel) -> dict[str, Any]:
    assert parcel.held_since
    return {
        "shipmentId": parcel.number,
        "customerShipmentId": parcel.reference,
        "depositDossier": parcel.dossier,
        "depositStatus": _state(poste, parcel),
        "motivationId": parcel.reason,
        "motivationDescription": REASONS[parcel.reason],
        "releasable": "N" if parcel.number in poste.release_forbidden else "S",
        "shipmentStardDate": f"{parcel.made_at:%Y%m%d}",
        "startDate": f"{parcel.held_since:%Y%m%d}",
        "endDate": f"{parcel.held_since + dt.timedelta(days=_DAYS):%Y%m%d}",
        "cdc": next(iter(poste.cost_centers)),
        "packagesNumber": "1",
        "multiplePackages": "",
        "releaseActionId": "",
    }


def release(poste: "Poste", body: dict[str, Any]) -> Response:
    action = str((body.get("releaseAct") or {}).get("releaseAction") or "")
    rows = []
    for item in (body.get("shipmentId") or {}).get("item") or []:
        number = str(item.get("barcode") or "")
        code = _refusal(poste, number, action, body)
        if code:
            rows.append({"barcode": number, "outcome": "KO", "errorCode": code, "errorDescription": _WORDS[code]})
            continue
        parcel = poste.shelf.number(number)
        assert parcel is not None
        parcel.instructions.append({"action": action, **body})
        rows.append({"barcode": number, "outcome": "OK", "errorCode": "", "errorDescription": ""})
    return as_json({"releaseOutcome": {"item": rows}})


_WORDS = {
    "E0005": "Barcode mancante",
    "E0006": "Svincolo non previsto dal contratto",
    "E0007": "Termini scaduti",
    "E0008": "Stato non compatibile",
    "E0009": "Già svincolata",
    "E0010": "Nessuna azione ammessa",
    "E0020": "Ufficio mancante",
    "E0024": "Indirizzo mancante",
}


def _refusal(poste: "Poste", number: str, action: str, body: dict[str, Any]) -> str:
    parcel = poste.shelf.number(number)
    if not number:
        return "E0005"
    if parcel is None or parcel.held_since is None:
        return "E0008"
    if number in poste.release_closed:
        return "E0007"
    if parcel.instructions:
        return "E0009"
    if number in poste.release_forbidden or not re.fullmatch(r"AZ000[1-8]", action):
        return "E0010"
    if action == "AZ0002" and not (body.get("address") or {}).get("item"):
        return "E0024"
    return "E0020" if action in _WITH_PLACE and not body.get("officeId") else ""
