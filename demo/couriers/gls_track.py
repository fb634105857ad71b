"""What GLS's imitation tells of its parcels, in Latin-1 and newest first; and how it is told what to do with one that
is held."""

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from demo.couriers.parcels import FakeParcel, Happened
from demo.couriers.serving import as_xml
from demo.shops.web import Request, Response

if TYPE_CHECKING:
    from demo.couriers.gls import Gls

_FINAL = frozenset({"906", "29", "30", "39"})


def tracking(gls: "Gls", request: Request) -> Response:
    """By the bare number; with the branch before it nothing is found. No password is asked for."""
    parcel = gls.shelf.number(request.param("NumSped"))
    mine = request.param("locpartenza") == gls.sede and request.param("CodCli") == gls.client
    shown = parcel if parcel is not None and mine and parcel.state != "deleted" else None
    inner = _shipment(shown) if shown else ""
    return as_xml(f'<?xml version="1.0" encoding="ISO-8859-1"?><SPEDIZIONI>{inner}</SPEDIZIONI>', encoding="iso-8859-1")


def _shipment(parcel: FakeParcel) -> str:
    out = [one for one in parcel.events if not one.back]
    back = [one for one in parcel.events if one.back]
    delivered = next((one for one in out if one.code == "906"), None)
    fields = [
        ("NumSped", parcel.number),
        ("Bda", parcel.numeric),
        ("DataPartenza", f"{parcel.made_at:%d/%m/%y}"),
        ("StatoSpedizione", "Consegnato" if delivered else "Non consegnato"),
        ("DataConsegna", f"{delivered.at:%d/%m/%y}" if delivered else ""),
        ("NumeroColli", str(len(parcel.colli))),
        ("Contrassegno", f"{parcel.cod:.2f}".replace(".", ",") if parcel.cod else ""),
    ]
    head = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields)
    way_back = ""
    if back:
        way_back = f"<NumSped>{int(parcel.number) + 1}</NumSped>{_list(back)}"
    return (
        f"<SPEDIZIONE>{head}{_list(out)}<SPEDIZIONEDINOLTRO/>"
        f"<SPEDIZIONEDIRIENTRO>{way_back}</SPEDIZIONEDIRIENTRO></SPEDIZIONE>"
    )


def _list(events: list[Happened]) -> str:
    rows = [
        f"<Data>{one.at:%d/%m/%y}</Data><Ora>{one.at:%H:%M}</Ora><Luogo>{escape(one.place)}</Luogo>"
        f"<Stato>{escape(one.text)}</Stato><Note></Note><Codice>{escape(one.code)}</Codice>"
        for one in sorted(events, key=lambda one: one.at, reverse=True)
    ]
    return f"<TRACKING>{''.join(rows)}</TRACKING>"


def release(gls: "Gls", form: dict[str, str]) -> Response:
    """With the branch before the number; without it, "Spedizione non trovata"."""
    root = gls.info(form.get("XMLInfoReleaseShipmentStock", ""))
    if isinstance(root, Response):
        return root
    rows = []
    for asked in root.iter("Spedizione"):
        fields = {child.tag: (child.text or "").strip() for child in asked}
        number = fields.get("NumeroSpedizione", "")
        parcel = gls.shelf.number(number[2:]) if number.startswith(gls.sede) else None
        if parcel is None:
            said = "Spedizione non trovata"
        elif parcel.number in gls.release_closed:
            said = "Giacenza Scaduta"
        elif fields.get("TipoSvincolo") in ("1", "2") and "SpeseAdMittente" not in fields:
            said = "SpeseAdMittente obbligatorio"
        else:
            parcel.instructions.append(fields)
            said = "Ok"
        rows.append(
            f"<Spedizione><NumeroSpedizione>{escape(number)}</NumeroSpedizione><Svincolo>{said}</Svincolo></Spedizione>"
        )
    return as_xml(f"<Risultati>{''.join(rows)}</Risultati>")
