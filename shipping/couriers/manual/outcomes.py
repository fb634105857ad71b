"""A file of what happened to parcels: number or reference, date, hour, and a code or words. Codes are looked up as they
are written; what is in no table is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shipping.couriers.base import Access, Event, Meaning, Tracked
from shipping.couriers.codes import meaning
from shipping.couriers.columns import load, preview
from shipping.couriers.moments import moment
from shipping.couriers.numbers import SYNONYMS as NUMBERS
from shipping.couriers.ways import back_and_forth, in_order

SYNONYMS: Mapping[str, Sequence[str]] = {
    "number": NUMBERS["number"],
    "reference": NUMBERS["reference"],
    "date": ("data evento", "data esito", "data stato", "data", "date", "giorno"),
    "time": ("ora evento", "ora esito", "ora", "time"),
    "code": ("codice evento", "codice esito", "codice stato", "codice", "code", "causale"),
    "text": ("descrizione evento", "descrizione", "evento", "esito", "stato", "status", "nota", "description"),
    "place": ("filiale", "luogo", "sede", "localita", "place"),
}
_NEEDED = (("number", "reference"), ("code", "text"), ("date",))


def read(access: Access, table: Mapping[str, Meaning], data: bytes) -> tuple[Tracked, ...]:
    """By parcel, in the order in which the file names them; the same row twice is one event. A row without a date that
    can be read is left out. Raises FileUnreadable."""
    rows = load("", data)
    found = preview(rows, SYNONYMS, access.columns, _NEEDED)
    told: dict[tuple[str, str], dict[Event, None]] = {}
    for _line, cells in rows.rows[found.first :]:
        at = moment(found.cell(cells, "date"), found.cell(cells, "time"))
        number, reference = found.cell(cells, "number").upper()[:40], found.cell(cells, "reference")[:60]
        words = found.cell(cells, "text")[:160]
        code = found.cell(cells, "code")[:60] or " ".join(words.casefold().split())
        if at is None or not (number or reference) or not code:
            continue
        known = meaning(access, table, code) or meaning(access, table, " ".join(words.casefold().split()))
        state, flags = (known.state, known.flags) if known else (None, frozenset())
        event = Event(code, words, at, found.cell(cells, "place")[:60], state, flags)
        told.setdefault((number, reference), {})[event] = None
    return tuple(
        Tracked(number, back_and_forth(in_order(events)), reference) for (number, reference), events in told.items()
    )
