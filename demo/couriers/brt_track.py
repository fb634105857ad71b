"""What BRT's imitation tells of its parcels: tracking, newest first and padded with empty events; and the search by our
reference in SOAP."""

import re
from typing import TYPE_CHECKING, Any

from demo.couriers.parcels import FakeParcel
from demo.couriers.serving import as_json, as_xml
from demo.shops.web import Request, Response

if TYPE_CHECKING:
    from demo.couriers.brt import Brt

_EMPTY = {"data": "", "ora": "", "id": "", "descrizione": "", "filiale": ""}
_PADDED_TO = 8


def tracking(brt: "Brt", request: Request, piece: str) -> Response:
    if (request.header("userID"), request.header("password")) != (brt.user, brt.password):
        return Response(401)
    parcel = next((one for one in brt.shelf if any(collo[:15] == piece for collo in one.colli)), None)
    if parcel is None or parcel.state == "deleted" or (parcel.state == "open" and not parcel.events):
        return as_json({"ttParcelIdResponse": {**brt.message(0), "esito": -11, "bolla": {}, "lista_eventi": []}})
    return as_json({"ttParcelIdResponse": {**brt.message(0), "esito": 0, **_bill(parcel)}})


def _bill(parcel: FakeParcel) -> dict[str, Any]:
    told: list[dict[str, Any]] = [
        {
            "evento": {
                "data": f"{one.at:%d.%m.%Y}",
                "ora": f"{one.at:%H.%M}",
                "id": one.code,
                "descrizione": one.text.upper(),
                "filiale": one.place,
            }
        }
        for one in sorted(parcel.events, key=lambda one: one.at)[::-1]
    ]
    delivered = next((one for one in parcel.events if one.code in ("704", "724")), None)
    padding = [{"evento": dict(_EMPTY)} for _ in range(max(0, _PADDED_TO - len(told)))]
    return {
        "bolla": {
            "dati_spedizione": {"spedizione_id": parcel.number, "spedizione_data": f"{parcel.made_at:%d.%m.%Y}"},
            "dati_consegna": {
                "data_consegna_merce": f"{delivered.at:%d.%m.%Y}" if delivered else "",
                "firmatario_consegna": "",
                "data_teorica_consegna": "",
            },
            "riferimenti": {
                "riferimento_mittente_numerico": parcel.numeric,
                "riferimento_mittente_alfabetico": parcel.reference,
            },
            "merce": {"colli": len(parcel.colli), "peso_kg": f"{parcel.weight_g / 1000:.1f}"},
            "contrassegno": {
                "contrassegno_importo": f"{parcel.cod:.2f}" if parcel.cod else "",
                "contrassegno_divisa": "EUR" if parcel.cod else "",
                "contrassegno_incasso": "",
                "contrassegno_particolarita": "",
            },
        },
        "lista_eventi": told + padding,
        "lista_note": [],
        "contatore_eventi": len(told),
    }


def by_reference(brt: "Brt", request: Request) -> Response:
    text = request.body.decode("utf-8", "replace")

    def value(name: str) -> str:
        found = re.search(rf"<{name}>([^<]*)</{name}>", text)
        return found[1] if found else ""

    number, result = "", 0
    if value("CLIENTE_ID") not in brt.customers:
        result = -21
    else:
        found = [
            one for one in brt.shelf if one.numeric == value("RIFERIMENTO_MITTENTE_NUMERICO") and one.state != "deleted"
        ]
        result = 0 if len(found) == 1 else -22 if found else -11
        number = found[0].number if result == 0 else ""
    return as_xml(
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        '<soapenv:Body><a:getidspedizionebyrmnResponse xmlns:a="http://getidspedizionebyrmn.wsbeans.iseries/"><return>'
        f"<ESITO>{result}</ESITO><SPEDIZIONE_ANNO>{brt.now().year}</SPEDIZIONE_ANNO>"
        f"<SPEDIZIONE_ID>{number}</SPEDIZIONE_ID><VERSIONE>1</VERSIONE>"
        "</return></a:getidspedizionebyrmnResponse></soapenv:Body></soapenv:Envelope>"
    )
