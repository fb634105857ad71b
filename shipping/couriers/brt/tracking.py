"""BRT's tracking: newest first, padded with empty events, and "704 consegnata" also for a parcel that went back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.money import BadAmount
from core.strict import BadJson, load_json
from shipping.couriers.base import Access, Event, Meaning, State, Tracked
from shipping.couriers.brt.client import NAME
from shipping.couriers.calls import block, blocks, said
from shipping.couriers.codes import meaning
from shipping.couriers.errors import CourierUnreadable
from shipping.couriers.figures import from_comma, from_dot
from shipping.couriers.moments import moment
from shipping.couriers.ways import back_and_forth, in_order

# The disposition of a giacenza, as it stands among the events; "rientro in filiale" is no return.
_BACK = re.compile(r"^\s*(?:disposizione\s*:?\s*)?rientro(?:\s+al\s+mittente)?\s*$", re.IGNORECASE)
_NOTHING = frozenset({"-11", "-30"})


def read(access: Access, table: Mapping[str, Meaning], answer: bytes) -> tuple[Tracked, ...]:
    """One parcel. A parcel that BRT does not know (yet) has no events. Raises CourierUnreadable."""
    try:
        data = load_json(answer)
    except BadJson as error:
        raise CourierUnreadable(courier=NAME, text=str(error)) from None
    found = block(block(data).get("ttParcelIdResponse"))
    if not found:
        raise CourierUnreadable(courier=NAME, text="ttParcelIdResponse")
    result = said(found.get("esito")) or "0"
    bill = block(found.get("bolla"))
    number = said(block(bill.get("dati_spedizione")).get("spedizione_id"))
    if result in _NOTHING:
        return (Tracked(number),)
    if result not in ("0", "2"):
        raise CourierUnreadable(courier=NAME, text=f"ESITO {result}")
    told = [block(one.get("evento")) for one in blocks(found.get("lista_eventi"))]
    events = [event for one in reversed(told) if (event := _event(access, table, one))]
    return (
        Tracked(
            number=number,
            events=back_and_forth(in_order(events)),
            reference=said(block(bill.get("riferimenti")).get("riferimento_mittente_alfabetico")),
            cod_due=_amount(said(block(bill.get("contrassegno")).get("contrassegno_importo"))),
        ),
    )


def _event(access: Access, table: Mapping[str, Meaning], one: Mapping[str, Any]) -> Event | None:
    """None for the empty ones that fill up the list."""
    code, words = said(one.get("id"), 10).upper(), said(one.get("descrizione"), 120)
    at = moment(said(one.get("data")), said(one.get("ora")))
    if at is None or not (code or words):
        return None
    known = meaning(access, table, code)
    if known is None and code.startswith("Z") and len(code) > 1:  # weather and strikes, each with a number
        known = meaning(access, table, "034")
    event = Event(code, words, at, said(one.get("filiale"), 60), returning=bool(_BACK.match(words)))
    if known is None and event.returning:  # ordered; 708 says that it goes
        return replace(event, state=State.INFO)
    return event if known is None else replace(event, state=known.state, flags=known.flags)


def _amount(text: str) -> Decimal | None:
    for read_as in (from_dot, from_comma):
        try:
            return read_as(text) or None if text else None
        except BadAmount:
            continue
    return None
