"""GLS Italy's services: form fields with XML in them, XML back, faults as HTTP 500."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from shipping.couriers import calls, markup
from shipping.couriers.base import Access
from shipping.couriers.errors import CourierAway, CourierLogin, CourierSettings, OutcomeUnknown

NAME = "GLS"
ADDRESSES = {
    "label": "https://labelservice.gls-italy.com/ilswebservice.asmx",
    "track": "https://infoweb.gls-italy.com/XML/get_xml_track.php",
}
_LOGIN = re.compile(r"password|login|utente|credenzial|autent|codice cliente", re.IGNORECASE)


def address(access: Access, service: str) -> str:
    return access.addresses.get(service, ADDRESSES[service]).rstrip("/")


def account(access: Access) -> str:
    """First in `Info` and never within a Parcel, where GLS answers with a null reference."""
    return markup.tags(
        [
            ("SedeGls", access.credentials.get("sede", "")),
            ("CodiceClienteGls", access.credentials.get("client", "")),
            ("PasswordClienteGls", access.credentials.get("password", "")),
        ]
    )


def plain_account(access: Access, *, short: bool = False) -> dict[str, str]:
    """For the calls that take fields. `short`: those of GetPdf and GetZpl, whose names have no "Gls" behind them."""
    tail = "" if short else "Gls"
    return {
        "SedeGls": access.credentials.get("sede", ""),
        f"CodiceCliente{tail}": access.credentials.get("client", ""),
        f"Password{tail if short else 'ClienteGls'}": access.credentials.get("password", ""),
    }


def post(access: Access, method: str, fields: Mapping[str, str], *, making: bool = False) -> Element:
    """The root of the answer; what is packed as text within `string` is unpacked. Raises OutcomeUnknown for a fault or
    something unreadable where a parcel was to be made, CourierAway otherwise."""
    answer = calls.ask(
        NAME,
        "POST",
        f"{address(access, 'label')}/{method}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(fields).encode(),
        making=making,
        kept=frozenset({500}),
        label=method,
    )
    reason = f"HTTP {answer.status}"
    if answer.status == 200:
        try:
            root = markup.parse(answer.body)
            inner = (root.text or "").strip()
            return markup.parse(inner.encode()) if not len(root) and inner.startswith("<") else root
        except markup.BadXml as error:
            reason = str(error)
    if making:
        raise OutcomeUnknown(reason=reason)
    raise CourierAway(reason=reason)


def no(words: str) -> CourierLogin | CourierSettings:
    """What a lone DescrizioneErrore is: something of the contract, which stops all parcels."""
    kind = CourierLogin if _LOGIN.search(words) else CourierSettings
    return kind(courier=NAME, text=words[:200])
