"""Whether BRT has a parcel with our reference: its VAS service, in SOAP, answers by the numeric reference. It knows the
parcel's number and gives no label."""

from __future__ import annotations

from shipping.couriers import calls, markup
from shipping.couriers.base import Access, Booked, Known
from shipping.couriers.brt.client import NAME, url
from shipping.couriers.errors import CourierAway, CourierSettings, CourierUnreadable, ManyOfThem

_PATH = "/GetIdSpedizioneByRMNService/GetIdSpedizioneByRMN"
_BODY = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:get="http://getidspedizionebyrmn.wsbeans.iseries/"><soapenv:Body><get:getidspedizionebyrmn><arg0>'
    "{fields}</arg0></get:getidspedizionebyrmn></soapenv:Body></soapenv:Envelope>"
)
_NONE = frozenset({"-11", "100"})


def find(access: Access, reference: str, number: int) -> Booked | None:
    """Raises ManyOfThem (-22), CourierSettings (-21: the customer code is not ours)."""
    customer = access.said("customer_code")
    fields = markup.tags([("CLIENTE_ID", customer), ("RIFERIMENTO_MITTENTE_NUMERICO", number)])
    answer = calls.ask(
        NAME,
        "POST",
        url(access, "vas", _PATH),  # always ours: the service's own description names an address without TLS
        headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'},
        body=_BODY.format(fields=fields).encode(),
        kept=frozenset({500}),
        label="VAS by reference",
    )
    try:
        root = markup.parse(answer.body)
    except markup.BadXml as error:
        raise CourierAway(reason=str(error)) from None
    found = root.find(".//return")
    result = markup.word(found, "ESITO")
    if answer.status == 500 or not result:
        raise CourierAway(reason=f"HTTP {answer.status}")
    if result == "0":
        identity = markup.word(found, "SPEDIZIONE_ID")
        if identity.isdigit():
            return Booked(known=Known(reference, identity.zfill(12), number))
    if result in _NONE:
        return None
    if result == "-22":
        raise ManyOfThem(courier=NAME, reference=reference)
    if result == "-21":
        raise CourierSettings(courier=NAME, text=customer)
    if result in ("-1", "-3"):
        raise CourierAway(reason=f"ESITO {result}")
    raise CourierUnreadable(courier=NAME, text=f"ESITO {result}")
