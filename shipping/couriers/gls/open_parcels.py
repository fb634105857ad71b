"""What stands at GLS: the list of the last 40 days, and what it says of one parcel: open, closed or not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shipping.couriers.base import Access, Booked, BookedCollo, Known
from shipping.couriers.errors import ManyOfThem
from shipping.couriers.gls.booking import counter
from shipping.couriers.gls.client import NAME, no, plain_account, post
from shipping.couriers.markup import word


@dataclass(frozen=True, slots=True)
class Listed:
    number: str
    reference: str
    bda: str
    closed: bool
    colli: int


def listed(access: Access) -> Sequence[Listed]:
    root = post(access, "ListSped", plain_account(access))
    rows = [row for row in root.iter("Parcel") if _number(row)]
    if not rows and (words := word(root, "DescrizioneErrore")) and words != "OK":
        if "nessun" in words.casefold():
            return []
        raise no(words)
    return [
        Listed(
            number=_number(row),
            reference=word(row, "RiferimentoCliente"),
            bda=word(row, "Bda"),
            closed=word(row, "StatoSpedizione").upper().startswith("CHIUSA"),
            colli=int(word(row, "TotaleColli")) if word(row, "TotaleColli").isdigit() else 1,
        )
        for row in rows
    ]


def _number(row: Element) -> str:
    return word(row, "NumeroSpedizione") or word(row, "NumSpedizione")


def find(access: Access, reference: str, number: int) -> Booked | None:
    """By our reference, else by the Bda, which is our number. Its labels are had by the counters of its pieces."""
    found = listed(access)
    rows = [row for row in found if row.reference == reference]
    # Somebody may have typed the same Bda on GLS's own pages: it counts where the list shows no reference.
    rows = rows or [row for row in found if not row.reference and row.bda == str(number)[-11:]]
    if len({row.number for row in rows}) > 1:
        raise ManyOfThem(courier=NAME, reference=reference)
    if not rows:
        return None
    pieces = max(rows[0].colli, len(rows))
    colli = tuple(BookedCollo(counter(number, at)) for at in range(1, pieces + 1))
    branch = access.credentials.get("sede", "")
    return Booked(known=Known(reference, rows[0].number, number, colli, {"sede": branch}), labels_later=True)
