"""GLS's tracking: a flat list, newest first, of groups that begin with a date; the way back in a block of its own. What
`StatoSpedizione` says is not read: it is "Non consegnato" from the first day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from xml.etree.ElementTree import Element

from core.money import BadAmount
from shipping.couriers import markup
from shipping.couriers.base import Access, Event, Meaning, State, Tracked
from shipping.couriers.codes import meaning
from shipping.couriers.errors import CourierUnreadable
from shipping.couriers.figures import from_comma, from_dot
from shipping.couriers.gls.client import NAME
from shipping.couriers.markup import word
from shipping.couriers.moments import moment
from shipping.couriers.ways import back_and_forth, in_order

_BACK = "SPEDIZIONEDIRIENTRO"
_ON = "SPEDIZIONEDINOLTRO"


def read(access: Access, table: Mapping[str, Meaning], answer: bytes) -> tuple[Tracked, ...]:
    """Raises CourierUnreadable."""
    try:
        # Its letters are Latin-1, also where the document does not say so.
        declared = b"encoding" in answer[:100]
        root = markup.parse(answer, encoding=None if declared else "iso-8859-1")
    except markup.BadXml as error:
        raise CourierUnreadable(courier=NAME, text=str(error)) from None
    found = [root] if root.tag == "SPEDIZIONE" else root.findall("SPEDIZIONE")
    return tuple(_parcel(access, table, one) for one in found)


def _parcel(access: Access, table: Mapping[str, Meaning], one: Element) -> Tracked:
    out = [*_events(access, table, one.find("TRACKING"))]
    for further in one.findall(_ON):
        out += _events(access, table, further.find(".//TRACKING"))
    events = list(in_order(out))
    for block in one.findall(_BACK):
        if len(block) or (block.text or "").strip():
            events += _way_back(access, table, block, events)
    return Tracked(
        number=word(one, "NumSped"),
        events=back_and_forth(events),
        reference=word(one, "Bda"),
        cod_due=_amount(word(one, "Contrassegno")),
    )


def _way_back(access: Access, table: Mapping[str, Meaning], block: Element, before: list[Event]) -> Iterator[Event]:
    """That the block is there says that it goes back; 906 in it, that it is back."""
    told = in_order(_events(access, table, block.find(".//TRACKING")))
    began = told[0].at if told else None
    began = began or moment(word(block, "DataPartenza") or word(block.find("SPEDIZIONE"), "DataPartenza"))
    began = began or (before[-1].at if before else None)
    if began is None:
        return
    yield Event("RIENTRO", "RIENTRO", began, state=State.RETURNING, returning=True)
    yield from told  # ways.py marks what comes after


def _events(access: Access, table: Mapping[str, Meaning], block: Element | None) -> Iterator[Event]:
    if block is None:
        return
    groups: list[dict[str, str]] = []
    for child in block:
        if child.tag == "Data" or not groups:
            groups.append({})
        groups[-1][child.tag] = (child.text or "").strip()
    for group in reversed(groups):
        at = moment(group.get("Data", ""), group.get("Ora", ""))
        code = group.get("Codice", "").lstrip("0")
        words = " – ".join(filter(None, [group.get("Stato", ""), group.get("Note", "")]))[:160]
        if at is None or not (code or words):
            continue
        known = meaning(access, table, code)
        event = Event(code, words, at, group.get("Luogo", "")[:60])
        yield event if known is None else replace(event, state=known.state, flags=known.flags)


def _amount(text: str) -> Decimal | None:
    for read_as in (from_comma, from_dot):
        try:
            return read_as(text) or None if text else None
        except BadAmount:
            continue
    return None
